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


def promises_kept(*, vendor_id: UUID, first_on: date, last_on: date, customer_id: UUID | None = None) -> PromisesKept:
    """Promises for the days `first_on` to `last_on`, to a vendor, by all or one of its customers."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [vendor_id, first_on, last_on, customer_id, customer_id])
        ended = dict(cursor.fetchall())
    kept, part, broken = (ended.get(outcome, 0) for outcome in ("kept", "part", "broken"))
    return PromisesKept(kept, part, broken, ended.get("", 0), share(kept, kept + part + broken))


_ENDED = """
select p.outcome, count(*) from conversations_promise p join invoicing_invoice i on i.id = p.invoice_id
where p.vendor_id = %s and p.promised_on between %s::date and %s::date and p.ended_at is null
  and (%s::uuid is null or i.customer_id = %s::uuid)
group by p.outcome
"""
