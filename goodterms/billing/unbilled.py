"""Reads what is to be billed: by project, how much of it is ready and comes to what, since when, and whose word is missing.

What it comes to is worked out by the database, or two thousand items would have to be read for four hundred rows. It is what
`invoicing.totals` makes of them (BT-106): each line is rounded and the rounded ones add up; prices that hold their tax are
taken out of it together for each rate. A test holds the two against each other.
"""

from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from babel.numbers import list_currencies
from django.db import connection

from goodterms.values.money import Money, exponent

USUAL_DIGITS = 2


class Unbilled(NamedTuple):
    """Finished work of one project that is on no invoice: how much before tax, and since when the oldest of it waits."""

    project_id: UUID
    project: str
    customer_id: UUID
    customer: str
    items: int
    net: Money
    oldest_on: date | None
    waiting: int  # items that wait for somebody's word, or for the project's end
    whose: list[str]  # the words that are missing
    is_finished: bool

    def age_days(self, today: date) -> int:
        return 0 if self.oldest_on is None else (today - self.oldest_on).days


def unbilled(*, vendor_id: UUID, customer_id: UUID | None = None, most: int | None = None) -> list[Unbilled]:
    """By project, the one that waits longest first; of a vendor or of one customer, over up to `most` items, the oldest. One
    statement."""
    digits = _digits()
    given: dict[str, Any] = {
        "vendor": vendor_id, "customer": customer_id, "most": most, "codes": list(digits), "digits": list(digits.values()),
        "usual": USUAL_DIGITS,
    }  # fmt: skip
    of = _OF_CUSTOMER if customer_id else _OF_VENDOR
    with connection.cursor() as cursor:
        cursor.execute(_BY_PROJECT.format(items=of), given)
        found = [_unbilled(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.oldest_on is None, one.oldest_on, one.customer, one.project))


def count_unbilled(*, vendor_id: UUID, most: int) -> int:
    """How many items are on no invoice, up to `most`: one statement on two indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select from ({_OF_VENDOR}) i limit %(most)s) n", {"vendor": vendor_id, "most": most}
        )
        return int(cursor.fetchone()[0])


def _unbilled(
    project_id: UUID, project: str, customer_id: UUID, customer: str, currency: str, is_finished: bool, items: int, net: int,
    oldest_on: date | None, waiting: int, whose: list[str] | None,
) -> Unbilled:  # fmt: skip
    money = Money(net, currency)
    return Unbilled(project_id, project, customer_id, customer, items, money, oldest_on, waiting, whose or [], is_finished)


@cache
def _digits() -> dict[str, int]:
    """Currencies whose smallest unit is not a hundredth, as ISO 4217 has them."""
    return {code: digits for code in sorted(list_currencies()) if (digits := exponent(code)) != USUAL_DIGITS}


_COLUMNS = """b.id, b.project_id, b.finished_on, b.waits_for, b.quantity, b.unit_price, b.discount_percent, b.includes_tax,
    b.tax_category, b.tax_percent"""
# On no invoice, or on one that was discarded or void.
_OF_VENDOR = f"""
  select {_COLUMNS} from billing_item b
  where b.vendor_id = %(vendor)s and b.invoice_id is null and b.dropped_at is null
  union all
  select {_COLUMNS} from invoicing_invoice i join billing_item b on b.invoice_id = i.id
  where i.vendor_id = %(vendor)s and i.voided_at is not null and b.dropped_at is null
"""
_OF_CUSTOMER = f"""
  select {_COLUMNS} from billing_project p join billing_item b on b.project_id = p.id
  left join invoicing_invoice i on i.id = b.invoice_id
  where p.customer_id = %(customer)s and p.vendor_id = %(vendor)s and b.dropped_at is null
    and (b.invoice_id is null or i.voided_at is not null)
"""
# What is taken off is rounded by itself, since a document shows it. The hundredth is a factor, not a divisor: a product is
# exact. Of a quotient so many digits are asked for that none of it can fall on a half by being cut.
_BY_PROJECT = """
with looked_at as (
  select * from ({items}) i order by finished_on nulls last, id limit %(most)s
), priced as (
  select l.*, p.name, p.customer_id, p.currency, p.finished_on is not null as is_over, coalesce(d.digits, %(usual)s) as digits,
         l.finished_on is not null and l.waits_for = '' as is_ready, l.quantity * l.unit_price as whole
  from looked_at l join billing_project p on p.id = l.project_id
  left join unnest(%(codes)s::text[], %(digits)s::int[]) as d (code, digits) on d.code = p.currency
), rated as (
  select project_id, name, customer_id, currency, is_over, digits, includes_tax, tax_percent,
         count(*) filter (where is_ready) as items, min(finished_on) filter (where is_ready) as oldest_on,
         count(*) as looked_at,
         sum(round(whole, digits) - round(whole * discount_percent * 0.01, digits)) filter (where is_ready) as amount
  from priced group by project_id, name, customer_id, currency, is_over, digits, includes_tax, tax_category, tax_percent
), summed as (
  select project_id, name, customer_id, currency, is_over, sum(items)::bigint as items, min(oldest_on) as oldest_on,
         (sum(looked_at) - sum(items))::bigint as waiting,
         coalesce(sum(case when includes_tax then round(amount * 100.0000000000000000 / (100 + tax_percent), digits)
                           else amount end * 10::numeric ^ digits), 0)::bigint as net
  from rated group by project_id, name, customer_id, currency, is_over
), worded as (
  select project_id, array_agg(distinct waits_for) as whose from priced where waits_for <> '' group by project_id
)
select s.project_id, s.name, s.customer_id, c.name, s.currency, s.is_over, s.items, s.net, s.oldest_on, s.waiting, w.whose
from summed s join parties_customer c on c.id = s.customer_id left join worded w on w.project_id = s.project_id
"""
