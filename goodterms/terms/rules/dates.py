"""Decides on which day an invoice, or each of its instalments, is due, and from which day it is late."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from goodterms.terms.rules.agreed import DayOfMonth, Days, MonthEnd, Ops, Terms
from goodterms.values.days import end_of_month, is_working_day, next_day_of_month
from goodterms.values.money import Money


class Instalment(NamedTuple):
    """One part of a total, the day it is due, and the share of the total that was agreed."""

    due_on: date
    amount: Money
    percent: Decimal = Decimal(100)


def due_on(terms: Terms, issued_on: date, country: str) -> date:
    """The day by which all is to be paid: with instalments, the last of them. `country` (ISO 3166-1 alpha-2) is whose
    public holidays count when terms move a due day to the next working day."""
    rules = [part.due for part in terms.instalments] or [terms.due]
    return max(_due(terms, rule, issued_on, country) for rule in rules)


def instalments(terms: Terms, issued_on: date, total: Money, country: str) -> list[Instalment]:
    """Each part with its day, in order of day; the parts add up to `total` exactly, what rounding leaves is in the last
    (invariant I10). Without instalments, one part: all."""
    days = sorted((_due(terms, part.due, issued_on, country), part.percent) for part in terms.instalments)
    days = days or [(due_on(terms, issued_on, country), Decimal(100))]
    amounts = [total.percent(percent, "down") for _, percent in days[:-1]]
    amounts.append(total - Money.total(amounts, total.currency))
    return [Instalment(on, amount, percent) for (on, percent), amount in zip(days, amounts, strict=True)]


def next_due(parts: Sequence[Instalment], settled: Money) -> Instalment | None:
    """The first instalment that `settled` money does not cover, with what is still open of it; None when all is paid."""
    for part in parts:
        if settled < part.amount:
            return part._replace(amount=part.amount - settled)
        settled = settled - part.amount
    return None


def is_late(due_on: date, today: date) -> bool:
    """The due day itself is still in time."""
    return today > due_on


def late_after(terms: Terms, due_on: date) -> date:
    """The last day of grace: a late fee counts from the day after it."""
    return due_on + timedelta(days=terms.grace_days)


def until(ops: Ops, issued_on: date) -> date:
    """The day that `ops` lead to, one after the other; never before the invoice date."""
    on = issued_on
    for op in ops:
        match op:
            case Days(count):
                on += timedelta(days=count)
            case MonthEnd():
                on = end_of_month(on)
            case DayOfMonth(day):
                on = next_day_of_month(on, day)
    return max(on, issued_on)


def _due(terms: Terms, ops: Ops, issued_on: date, country: str) -> date:
    on = until(ops, issued_on)
    while terms.non_working == "next_working_day" and not is_working_day(on, country):
        on += timedelta(days=1)
    return on
