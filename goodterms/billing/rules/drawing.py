"""Decides what a retainer still holds, until when, and how much of some work it pays: oldest first, and never below nothing."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple
from uuid import UUID

from dateutil.relativedelta import relativedelta

from goodterms.invoicing import credits
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.days import NEVER
from goodterms.values.money import Money

_PLACES = Decimal("0.000001")


class Lot(NamedTuple):
    """What one top-up has left: by tax rate, until a day."""

    invoice_id: UUID
    number: str
    issued_on: date
    expires_on: date | None
    groups: Sequence[TaxGroup]

    @property
    def net(self) -> Money:
        return Money.total((group.taxable for group in self.groups), self.groups[0].taxable.currency)

    def is_gone(self, on: date) -> bool:
        """Its days are over."""
        return self.expires_on is not None and self.expires_on < on


class Taken(NamedTuple):
    """So much of a lot under one tax rate."""

    lot: Lot
    group: TaxGroup


class Split(NamedTuple):
    """Work as it stands on the invoice: what the hours paid ahead cover, at their price, and what goes beyond them."""

    covered: list[Line]
    beyond: list[Line]


def expires_on(paid_for: date, keeps_months: int | None) -> date | None:
    """The last day of the month it is paid for, or of so many months after it."""
    if keeps_months is None:
        return None
    month = paid_for.replace(day=1) + relativedelta(months=keeps_months)
    return month.replace(day=monthrange(month.year, month.month)[1])


def usable(lots: Iterable[Lot], on: date) -> list[Lot]:
    """What work of a day may be taken out of: what expires first, first."""
    there = [lot for lot in lots if lot.groups and lot.net.minor > 0 and not lot.is_gone(on)]
    return sorted(there, key=lambda lot: (lot.expires_on or NEVER, lot.issued_on, lot.number))


def hours_in(net: Money, unit_price: Decimal) -> Decimal:
    """How many hours a sum is worth, rounded down to what a line can say."""
    return (net.major / unit_price).quantize(_PLACES, ROUND_DOWN)


def split(lines: Sequence[tuple[Line, bool]], hours: Decimal, unit_price: Decimal, tax: Tax) -> Split:
    """Each line with whether it is hours: `hours` of them, in order, at the retainer's own price and tax; all else as it is."""
    covered, beyond = [], []
    for line, is_hours in lines:
        here = min(line.quantity, hours) if is_hours and line.quantity > 0 else Decimal(0)
        if here:
            covered.append(Line(line.description, here, unit_price, tax, line.unit, project=line.project))
            hours -= here
        if line.quantity != here:
            beyond.append(_rest(line, line.quantity - here) if here else line)
    return Split(covered, beyond)


def cover(work: Sequence[TaxGroup], lots: Sequence[Lot]) -> list[Taken]:
    """What these lots, in order, pay of the work: first under the same tax rate, by the sum before tax; then, where the rate is
    another by now, by what is to be paid. What is left of the work is never below nothing."""
    left = {_key(group): group for group in work}
    taken: list[Taken] = []
    lots = [_paid_at_its_rate(lot, left, taken) for lot in lots]
    for lot in lots:
        owed = Money.total((max(group.taxable + group.tax, _zero(group)) for group in left.values()), _currency(work))
        there = [group for group in lot.groups if group.taxable.minor > 0]
        worth = Money.total((group.taxable + group.tax for group in there), owed.currency)
        amount = min(owed, worth)
        if amount:
            for group in credits.by_amount(there, amount):
                taken.append(Taken(lot, group))
                _spend(left, amount)
    return taken


def _paid_at_its_rate(lot: Lot, left: dict[tuple[str, Decimal], TaxGroup], taken: list[Taken]) -> Lot:
    """Move what this lot pays of work under its own rates from `left` to `taken`; the lot as it is then."""
    rest = []
    for group in lot.groups:
        same = left.get(_key(group))
        net = min(group.taxable, same.taxable) if same else _zero(group)
        if same is None or net.minor <= 0:
            rest.append(group)
            continue
        [part] = credits.by_net([group], {(group.category, group.rate): net})
        part = part._replace(tax=min(part.tax, same.tax))
        taken.append(Taken(lot, part))
        left[_key(group)] = same._replace(taxable=same.taxable - net, tax=same.tax - part.tax)
        rest.append(group._replace(taxable=group.taxable - net, tax=group.tax - part.tax))
    return lot._replace(groups=rest)


def _spend(left: dict[tuple[str, Decimal], TaxGroup], amount: Money) -> None:
    """So much of what is owed is paid, wherever it stands."""
    for key, group in left.items():
        here = min(max(group.taxable + group.tax, _zero(group)), amount)
        left[key] = group._replace(taxable=group.taxable - here)
        amount -= here


def _rest(line: Line, quantity: Decimal) -> Line:
    return Line(
        line.description, quantity, line.unit_price, line.tax, line.unit, line.discount_percent, Decimal(0),
        line.includes_tax, line.project,
    )  # fmt: skip


def _key(group: TaxGroup) -> tuple[str, Decimal]:
    return group.category, group.rate.normalize()


def _zero(group: TaxGroup) -> Money:
    return Money(0, group.taxable.currency)


def _currency(groups: Sequence[TaxGroup]) -> str:
    return groups[0].taxable.currency
