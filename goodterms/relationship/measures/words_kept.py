"""Decides how many of the promises to pay were kept."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.relationship.rules import share

DEFINITION = (
    "Of the promises for a day in the period that were judged, the share that was kept: what was promised was no longer open "
    "one day after its day, by the date of the payment. In part is not kept. What was taken back or replaced is left out."
)


class PromisesKept(NamedTuple):
    """Promises by how they ended, those that still run, and the share kept in per cent of those that ended."""

    kept: int
    part: int
    broken: int
    running: int
    share: Decimal | None


class Word(NamedTuple):
    """One promise: for which day, by whose customer, how it ended (kept, part, broken; empty: it runs), and the day on
    which its invoice was settled, where it was."""

    promised_on: date
    customer: str
    outcome: str
    paid_on: date | None


def promises_made(*, vendor_id: UUID, first_on: date, last_on: date, most: int) -> list[Word]:
    """Up to `most` promises for the days `first_on` to `last_on`, in their order; what was taken back is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [vendor_id, first_on, last_on, most])
        return [Word(*row) for row in cursor.fetchall()]


def promises_kept(*, vendor_id: UUID, first_on: date, last_on: date, customer_id: UUID | None = None) -> PromisesKept:
    """Promises for the days `first_on` to `last_on`, to a vendor, by all or one of its customers."""
    given: dict[str, UUID | date | None] = {
        "vendor": vendor_id, "first": first_on, "last": last_on, "customer": customer_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ENDED + (_BY if customer_id else "") + " group by p.outcome", given)
        ended = dict(cursor.fetchall())
    kept, part, broken = (ended.get(outcome, 0) for outcome in ("kept", "part", "broken"))
    return PromisesKept(kept, part, broken, ended.get("", 0), share(kept, kept + part + broken))


# An invoice that was settled tells by when it was paid; one in parts that is open still does not.
_MADE = """
select p.promised_on, c.name, p.outcome, case when i.settled_on < date '9999-12-31' then i.settled_on end
from (select * from conversations_promise
      where vendor_id = %s and promised_on between %s::date and %s::date and ended_at is null
      order by promised_on, id limit %s) p
join invoicing_invoice i on i.id = p.invoice_id join parties_customer c on c.id = i.customer_id
order by p.promised_on, p.id
"""
_ENDED = """
select p.outcome, count(*) from conversations_promise p
where p.vendor_id = %(vendor)s and p.promised_on between %(first)s::date and %(last)s::date and p.ended_at is null
"""
_BY = "and p.invoice_id in (select i.id from invoicing_invoice i where i.customer_id = %(customer)s)"
