"""Decides what an invoice's caches say after something moved on it: open, to be withheld, settled day, in parts, chase day."""

import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from goodterms.terms.rules import Instalment, Withholding, next_due
from goodterms.values.days import NEVER
from goodterms.values.money import Money


class Standing(NamedTuple):
    """What is known of one issued invoice, read under its lock. Amounts are minor units of `currency`."""

    invoice_id: UUID
    customer_id: UUID
    number: str
    currency: str
    issued_on: date
    due_on: date
    total_minor: int
    net_minor: int
    tax_minor: int
    terms: str  # as JSON text
    open_minor: int
    settled_on: date
    in_parts: bool
    chase_on: date
    booked: tuple[tuple[date, int], ...]  # what was booked on it, by day in order
    fees_minor: int
    discounted_minor: int  # early discounts taken and not taken back
    instalments: tuple[tuple[date, int], ...]
    extended_until: date | None
    credited_minor: int = 0  # by credit notes that correct it, spent on it or not
    credited_net_minor: int = 0
    withheld_minor: int = 0  # kept back for the tax office, booked and not taken back

    @property
    def withholding(self) -> Withholding | None:
        """What its terms have the payer keep back."""
        return _withholding_in(self.terms)

    @property
    def to_withhold_minor(self) -> int:
        """Of what is open, what they will keep back: of what credit notes left before tax, less what they kept back already."""
        agreed = self.withholding
        if agreed is None or not self.open_minor:
            return 0
        whole = agreed.of(Money(self.net_minor - self.credited_net_minor, self.currency)).minor
        return min(max(0, whole - self.withheld_minor), self.open_minor)

    @property
    def to_withhold(self) -> Money:
        return Money(self.to_withhold_minor, self.currency)

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

    @property
    def moved_on(self) -> date:
        """The latest day on which anything was booked on it."""
        return self.booked[-1][0] if self.booked else self.issued_on

    @property
    def open_parts(self) -> tuple[Instalment, ...]:
        """What is open, each part with its due day: instalments first, late fees last, for principal is paid before fees."""
        covered = Money(max(0, self.total_minor + self.fees_minor - self.open_minor), self.currency)
        parts = [Instalment(on, Money(minor, self.currency)) for on, minor in self.instalments]
        parts = parts or [Instalment(self.due_on, Money(self.total_minor, self.currency))]
        found: list[Instalment] = []
        for part in [*parts, Instalment(self.due_on, Money(self.fees_minor, self.currency))]:
            if left := next_due([part], covered):
                found.append(left)
            covered = max(Money(0, self.currency), covered - part.amount)
        return tuple(found)


def moved(before: Standing, change_minor: int, effective_on: date, *, again: bool = False) -> Standing:
    """The standing after `change_minor` was booked on `effective_on` (less than zero: paid, credited, given up).

    in_parts stays False only while the one thing that ever happened settled all of it at once; then the open amount on any
    past day follows from the total and `settled_on` alone. `again`: something was taken back.
    """
    left = before.open_minor + change_minor
    booked = tuple(sorted([*before.booked, (effective_on, change_minor)], key=_day))
    after = before._replace(open_minor=left, booked=booked)
    return after._replace(
        settled_on=NEVER if left else max(after.moved_on, before.issued_on),
        in_parts=before.in_parts or again or change_minor > 0 or (change_minor < 0 and left != 0),
        chase_on=chase_on(after),
    )


@lru_cache(maxsize=1_000)
def _withholding_in(terms: str) -> Withholding | None:
    """Many invoices share the same words."""
    said = json.loads(terms).get("withholding") if '"withholding"' in terms else None
    return Withholding(said["name"], Decimal(said["percent"])) if said else None


def settles_from(standing: Standing, minor: int, wish: date) -> date:
    """The first day, `wish` at the earliest, from which `minor` was open ever since: a settlement counts by its value date,
    but no invoice is paid before it was issued, no late fee before it was charged, nothing while it was settled already."""
    day = max(wish, standing.issued_on)
    open_then = standing.open_minor
    for booked_on, group in groupby(reversed(standing.booked), key=_day):
        if booked_on <= day:
            break
        open_then -= sum(change for _, change in group)
        if open_then < minor:
            return booked_on
    return day


def chase_on(standing: Standing) -> date:
    """The day reminders count from: when the oldest open part is due, or the day more time was granted until."""
    parts = standing.open_parts
    due = parts[0].due_on if parts else standing.due_on
    return max(due, standing.extended_until or due)


def _day(booked: tuple[date, int]) -> date:
    return booked[0]
