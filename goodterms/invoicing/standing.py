"""Decides what an invoice's caches say after something moved on it: open amount, settled day, in parts, chase day."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from goodterms.terms.rules import Instalment, next_due
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
    moved_on: date | None  # the latest day on which anything was booked on it
    fees_minor: int
    discounted_minor: int  # early discounts taken and not taken back
    instalments: tuple[tuple[date, int], ...]
    extended_until: date | None

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

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
    latest = max(effective_on, before.moved_on or effective_on, before.issued_on)
    in_parts = before.in_parts or again or change_minor > 0 or (change_minor < 0 and left != 0)
    after = before._replace(open_minor=left, moved_on=latest, settled_on=NEVER if left else latest, in_parts=in_parts)
    return after._replace(chase_on=chase_on(after))


def chase_on(standing: Standing) -> date:
    """The day reminders count from: when the oldest open part is due, or the day more time was granted until."""
    parts = standing.open_parts
    due = parts[0].due_on if parts else standing.due_on
    return max(due, standing.extended_until or due)
