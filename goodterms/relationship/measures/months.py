"""Decides how the figures of collection went from month to month: at the end of each of the last months, and today.

What is owed on many days is found in one pass. Each invoice, or each posting of one that was paid in parts, counts from a
day until a day; what is summed are the changes between the days asked for, and their running sums are what was owed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.relationship import rules
from goodterms.relationship.measures.issued import Issued, issued_by_day
from goodterms.values.days import NEVER

DAYS = 90  # over which the figures of each month are computed


class MonthEnd(NamedTuple):
    """The figures of one currency over the DAYS up to and including `on`, as `collection` defines them."""

    on: date
    owed_minor: int
    current_minor: int
    billed_minor: int
    dso: Decimal | None
    best_possible_dso: Decimal | None
    average_days_delinquent: Decimal | None
    collection_effectiveness: Decimal | None


def month_ends(
    *, vendor_id: UUID, currency: str, today: date, months: int = 12, issued: Sequence[Issued] | None = None
) -> list[MonthEnd]:
    """The ends of the months before this one, and today: `months` rows, oldest first. `issued`: as read already."""
    ends = _ends(today, months)
    days = sorted({*ends, *(end - timedelta(days=DAYS) for end in ends)})
    totals, currents = _standing(vendor_id, currency, days)
    days_of = issued_by_day(vendor_id=vendor_id) if issued is None else issued
    billed = {one.on: one.billed_minor for one in days_of if one.currency == currency}
    return [
        _figures(end, totals[end - timedelta(days=DAYS)], totals[end], currents[end], _between(billed, end)) for end in ends
    ]


def _ends(today: date, months: int) -> list[date]:
    ends = [today]
    while len(ends) < months:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]


def _figures(on: date, begin: int, total: int, current: int, sales: int) -> MonthEnd:
    return MonthEnd(
        on,
        total,
        current,
        sales,
        rules.dso(total, sales, DAYS),
        rules.best_possible_dso(current, sales, DAYS),
        rules.average_days_delinquent(total, current, sales, DAYS),
        rules.collection_effectiveness(begin=begin, sales=sales, end_total=total, end_current=current, months=1),
    )


def _standing(vendor_id: UUID, currency: str, days: Sequence[date]) -> tuple[dict[date, int], dict[date, int]]:
    """What was owed, and what of it was not yet due, at the end of each day; minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGES, {"vendor": vendor_id, "currency": currency, "days": list(days), "first": days[0], "never": NEVER}
        )
        changes = {place: (owed, current) for place, owed, current in cursor.fetchall()}
    steps = [changes.get(place, (0, 0)) for place in range(len(days))]
    totals = accumulate(owed for owed, _ in steps)
    currents = accumulate(current for _, current in steps)
    return dict(zip(days, totals, strict=True)), dict(zip(days, currents, strict=True))


def _between(billed: dict[date, int], end: date) -> int:
    return sum(minor for on, minor in billed.items() if end - timedelta(days=DAYS) < on <= end)


# A place is the first of the days that is not before a date: width_bucket counts the days before it. Beyond the last: none.
# Days are turned into places before anything is summed: of a hundred thousand invoices a few hundred sums are left.
_CHANGES = """
with counted as (
  select width_bucket(issued_on - 1, %(days)s::date[]) as since, width_bucket(settled_on - 1, %(days)s::date[]) as until,
    width_bucket(greatest(issued_on, least(settled_on, coalesce(due_on + 1, issued_on))) - 1, %(days)s::date[]) as late,
    sum(total_minor)::bigint as minor
  from invoicing_invoice
  where vendor_id = %(vendor)s and currency = %(currency)s and settled_on > %(first)s::date and not in_parts
    and issued_on is not null
  group by 1, 2, 3
  union all
  select width_bucket(since - 1, %(days)s::date[]), width_bucket(%(never)s::date - 1, %(days)s::date[]),
    width_bucket(greatest(since, coalesce(due_on + 1, issued_on)) - 1, %(days)s::date[]), sum(minor)::bigint
  from (
    select greatest(p.effective_on, i.issued_on) as since, i.due_on, i.issued_on, p.minor
    from invoicing_invoice i join ledger_posting p on p.invoice_id = i.id and p.account = 'receivable'
    where i.vendor_id = %(vendor)s and i.currency = %(currency)s and i.settled_on > %(first)s::date and i.in_parts) parts
  group by 1, 2, 3
)
select place, sum(owed)::bigint, sum(current)::bigint
from counted, lateral (values (since, minor, minor), (until, -minor, 0), (late, 0, -minor)) as change (place, owed, current)
group by place
"""
