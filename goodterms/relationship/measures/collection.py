"""Decides how long our money takes: days sales outstanding in its forms, and how much of what could be collected was."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.relationship import rules
from goodterms.relationship.measures.aging import Owed, owed
from goodterms.relationship.measures.in_one import InOne, in_one
from goodterms.values.days import end_of_month

DEFINITION = (
    "Days sales outstanding: what is owed at the end of the period, over what was billed in it less credit notes, times its "
    "days. Best possible: the same of what is not yet due. Average days delinquent: the difference. Countback: whole months "
    "of billing that what is owed now stands for, counted backwards. Collection effectiveness: of what stood at the begin "
    "or was billed in the period, less what is not yet due, the share that was collected. Disputed invoices stay in. Each "
    "currency stands for itself; where nothing was billed there is no figure."
)
MONTHS_BACK = 24


class Collection(NamedTuple):
    """The figures of one currency; days, and per cent for effectiveness; None where there is nothing to divide by."""

    currency: str
    owed_minor: int
    billed_minor: int
    dso: Decimal | None
    best_possible_dso: Decimal | None
    average_days_delinquent: Decimal | None
    countback_dso: Decimal | None
    collection_effectiveness: Decimal | None


def collection(*, vendor_id: UUID, as_of: date, today: date, days: int = 90) -> list[Collection]:
    """The figures of each currency over the `days` up to and including `as_of`."""
    begin = _sums(owed(vendor_id=vendor_id, as_of=as_of - timedelta(days=days), today=today))
    end = _sums(owed(vendor_id=vendor_id, as_of=as_of, today=today))
    billed = _billed(vendor_id, as_of)
    return [
        _figures(currency, begin[currency][0], *end[currency], billed[currency], as_of, days)
        for currency in sorted({*begin, *end, *billed})
    ]


def collection_in(
    *, vendor_id: UUID, currency: str, as_of: date, today: date, days: int = 90
) -> tuple[Collection, InOne]:  # fmt: skip
    """The figures of all currencies together in one of them, all at the rates of the last day, and these rates."""
    begin = _sums(owed(vendor_id=vendor_id, as_of=as_of - timedelta(days=days), today=today))
    end = _sums(owed(vendor_id=vendor_id, as_of=as_of, today=today))
    billed = _billed(vendor_id, as_of)
    one = in_one(vendor_id=vendor_id, currency=currency, currencies={*begin, *end, *billed}, on=as_of)
    by_day: dict[date, int] = defaultdict(int)
    for code, of_days in billed.items():
        for on, minor in of_days.items():
            by_day[on] += one.worth(minor, code)
    first_on = as_of - timedelta(days=days)
    at_begin, _ = _sums(owed(vendor_id=vendor_id, as_of=first_on, today=today, one=one))[currency]
    total, current = _sums(owed(vendor_id=vendor_id, as_of=as_of, today=today, one=one))[currency]
    return _figures(currency, at_begin, total, current, by_day, as_of, days), one


def _figures(
    currency: str, begin: int, total: int, current: int, billed: Mapping[date, int], as_of: date, days: int
) -> Collection:
    sales = sum(minor for on, minor in billed.items() if on > as_of - timedelta(days=days))
    return Collection(
        currency,
        total,
        sales,
        rules.dso(total, sales, days),
        rules.best_possible_dso(current, sales, days),
        rules.average_days_delinquent(total, current, sales, days),
        rules.countback_dso(total, _months(billed, as_of)),
        rules.collection_effectiveness(begin=begin, sales=sales, end_total=total, end_current=current, months=1),
    )


def _sums(rows: list[Owed]) -> dict[str, tuple[int, int]]:
    """(owed, of it not yet due) by currency."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if not row.bucket:
            found[row.currency] = (row.minor, 0)
        elif row.bucket == "current":
            found[row.currency] = (found[row.currency][0], row.minor)
    return found


def _billed(vendor_id: UUID, as_of: date) -> dict[str, dict[date, int]]:
    """What was billed on each day of the last MONTHS_BACK, less credit notes, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, [vendor_id, as_of - timedelta(days=31 * MONTHS_BACK), as_of])
        found: dict[str, dict[date, int]] = defaultdict(dict)
        for currency, on, minor in cursor.fetchall():
            found[currency][on] = minor
    return found


def _months(billed: Mapping[date, int], as_of: date) -> list[tuple[int, int]]:
    """(billed, days) of each month that we know of, newest first; the first one only up to `as_of`."""
    by_month: dict[date, int] = defaultdict(int)
    for on, minor in billed.items():
        by_month[on.replace(day=1)] += minor
    months, start = [], as_of.replace(day=1)
    while by_month and start >= min(by_month):
        months.append((by_month.get(start, 0), (min(end_of_month(start), as_of) - start).days + 1))
        start = (start - timedelta(days=1)).replace(day=1)
    return months


_BILLED = """
select currency, issued_on, sum(case kind when 'credit_note' then -total_minor else total_minor end)::bigint
from invoicing_invoice
where vendor_id = %s and issued_on between %s::date and %s::date and voided_at is null
group by currency, issued_on
"""
