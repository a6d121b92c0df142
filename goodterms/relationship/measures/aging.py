"""Decides how old is what is owed, as of any day.

What is owed follows the effective days in the ledger: a payment dated tomorrow does not count today, one that was booked
late counts from its own day. The open amount kept on an invoice (`open_minor`) knows all that is booked, whenever it is
dated; so it is right, and read, only as of a day after which nothing is booked. For any other day an invoice that was
settled at once, or not at all, is open with its total until `settled_on`, and only those in parts are replayed.
"""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.relationship.measures.in_one import InOne, in_one
from goodterms.relationship.rules import BUCKETS

DEFINITION = (
    "What is open at the end of the day, by days past the agreed due date: not yet due (or due that day), 1 to 30, 31 to 60, "
    "61 to 90, and more. Payments and credits count from their own dates. More time that was granted does not make an "
    "invoice younger, and disputed invoices stay in. What customers have to their credit is told beside "
    "it and not taken off. Each currency stands for itself; customers are counted once in each."
)


class Owed(NamedTuple):
    """What is owed in one currency, or in one bucket of it (`bucket` is empty for the whole). No `customers` where they were
    not asked for."""

    currency: str
    bucket: str
    invoices: int
    minor: int
    customers: int


def aging(*, vendor_id: UUID, slug: str, as_of: date, today: date, currency: str = "") -> dict[str, Any]:
    """The answer of `goodterms aging`: open invoices of a vendor by currency and bucket. Amounts are minor units. With a
    `currency` all are told in it, at the rates of the day, which are told as well."""
    rows = owed(vendor_id=vendor_id, as_of=as_of, today=today)
    free = unapplied(vendor_id=vendor_id, as_of=as_of, today=today)
    if currency:
        codes = {row.currency for row in rows} | set(free)
        one = in_one(vendor_id=vendor_id, currency=currency, currencies=codes, on=as_of)
        rows = owed(vendor_id=vendor_id, as_of=as_of, today=today, one=one)
        together = {currency: sum(one.worth(minor, code) for code, minor in free.items())} if free else {}
        return _told(rows, together, slug, as_of) | {"rates": one.as_json()}
    return _told(rows, free, slug, as_of)


def unapplied(*, vendor_id: UUID, as_of: date, today: date) -> dict[str, int]:
    """By currency what customers have to their credit at the end of a day, of payments and of credit notes: minor units."""
    past = as_of < today or _is_booked_ahead(vendor_id, as_of)
    with connection.cursor() as cursor:
        cursor.execute(_UNAPPLIED_THEN if past else _UNAPPLIED, {"vendor": vendor_id, "on": as_of})
        return dict(cursor.fetchall())


def _told(rows: list[Owed], free: dict[str, int], slug: str, as_of: date) -> dict[str, Any]:
    wholes = [row for row in rows if not row.bucket]
    wholes += [Owed(code, "", 0, 0, 0) for code in sorted(set(free) - {row.currency for row in wholes})]
    parts = {(row.currency, row.bucket): row for row in rows if row.bucket}
    return {
        "as_of": as_of.isoformat(),
        "vendor": slug,
        "currencies": [
            {
                "currency": whole.currency,
                "invoices": whole.invoices,
                "customers": whole.customers,
                "total_minor": whole.minor,
                "unapplied_minor": free.get(whole.currency, 0),
                "buckets": {name: _part(parts.get((whole.currency, name))) for name in BUCKETS},
            }
            for whole in wholes
        ],
    }


def owed(
    *, vendor_id: UUID, as_of: date, today: date, one: InOne | None = None, with_customers: bool = True
) -> list[Owed]:  # fmt: skip
    """What is owed as of a day, each currency with its buckets; currencies in order. Nothing is owed: no row. With `one`
    currency for all, each invoice is turned into it. To count customers costs more than all the rest."""
    past = as_of < today or _is_booked_ahead(vendor_id, as_of)
    values: dict[str, Any] = {"vendor": vendor_id, "on": as_of}
    if one:
        values |= {"one": one.currency} | dict(zip(("codes", "factors"), one.factors, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(query(past, in_one=one is not None, with_customers=with_customers), values)
        return [Owed(*row) for row in cursor.fetchall()]


def query(past: bool, *, in_one: bool = False, with_customers: bool = True) -> str:
    """The statement with %(vendor)s and %(on)s: over the caches, or of a day on whose evening they were different."""
    each = _ON_A_DAY if past else _NOW
    told = _BY_AGE if with_customers else _BY_AGE_ALONE
    return f"with each as ({each}), owed as ({_IN_ONE}) {told}" if in_one else f"with owed as ({each}) {told}"


def _is_booked_ahead(vendor_id: UUID, as_of: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from ledger_entry where vendor_id = %s and effective_on > %s::date)", [vendor_id, as_of]
        )
        return bool(cursor.fetchone()[0])


def _part(row: Owed | None) -> dict[str, int]:
    return {"invoices": row.invoices if row else 0, "open_minor": row.minor if row else 0}


_UNAPPLIED = """
select currency, sum(minor)::bigint from (
  select currency, unapplied_minor as minor from payments_payment where vendor_id = %(vendor)s and unapplied_minor > 0
  union all
  select currency, -minor from ledger_posting
  where vendor_id = %(vendor)s and account = 'unapplied' and invoice_id is not null) each
group by currency having sum(minor) <> 0 order by currency
"""
_UNAPPLIED_THEN = """
select currency, -sum(minor)::bigint from ledger_posting
where vendor_id = %(vendor)s and account = 'unapplied' and effective_on <= %(on)s::date
group by currency having sum(minor) <> 0 order by currency
"""
_NOW = """
  select currency, due_on, customer_id, open_minor as left_minor from invoicing_invoice
  where vendor_id = %(vendor)s and open_minor > 0
"""
_ON_A_DAY = """
  select currency, due_on, customer_id, total_minor as left_minor from invoicing_invoice
  where vendor_id = %(vendor)s and settled_on > %(on)s::date and issued_on <= %(on)s::date and not in_parts
    and total_minor <> 0
  union all
  select i.currency, i.due_on, i.customer_id, replay.minor from invoicing_invoice i, lateral (
    select sum(p.minor)::bigint as minor from ledger_posting p
    where p.account = 'receivable' and p.invoice_id = i.id and p.effective_on <= %(on)s::date) as replay
  where i.vendor_id = %(vendor)s and i.settled_on > %(on)s::date and i.issued_on <= %(on)s::date and i.in_parts
    and replay.minor <> 0
"""
_IN_ONE = """
  select %(one)s::text as currency, due_on, customer_id, round(left_minor * factor)::bigint as left_minor
  from each join unnest(%(codes)s::text[], %(factors)s::numeric[]) as rate (code, factor) on code = currency
"""
_BUCKET = """case when due_on >= %(on)s::date then 'current' when due_on >= %(on)s::date - 30 then '1_30'
         when due_on >= %(on)s::date - 60 then '31_60' when due_on >= %(on)s::date - 90 then '61_90'
         else 'over_90' end as bucket"""
# Customers are grouped first: counting them apart over all invoices costs five times the sums.
_BY_AGE = f""",
by_customer as (
  select currency, customer_id, count(*) as invoices, sum(left_minor) as minor,
    {_BUCKET}
  from owed group by currency, bucket, customer_id
)
select currency, coalesce(bucket, ''), sum(invoices)::bigint, sum(minor)::bigint, count(distinct customer_id)
from by_customer group by grouping sets ((currency, bucket), (currency)) order by currency, bucket nulls first
"""
_BY_AGE_ALONE = f"""
select currency, coalesce(bucket, ''), count(*), sum(left_minor)::bigint, 0
from (select currency, left_minor, {_BUCKET} from owed) aged
group by grouping sets ((currency, bucket), (currency)) order by currency, bucket nulls first
"""
