"""Decides what was issued on each day: how many invoices, and how much was billed, of each currency of a vendor."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection


class Issued(NamedTuple):
    """Of one day and currency: invoices, the void ones with them, and what they and credit notes came to without the void."""

    on: date
    currency: str
    invoices: int
    billed_minor: int


def issued_by_day(*, vendor_id: UUID) -> list[Issued]:
    """All days of the book, in no order: one walk along an index, from which several figures are made."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, [vendor_id])
        return [Issued(*row) for row in cursor.fetchall()]


_BY_DAY = """
select issued_on, currency, count(*) filter (where kind = 'invoice'),
       coalesce(sum(case kind when 'credit_note' then -total_minor else total_minor end)
                filter (where voided_at is null), 0)::bigint
from invoicing_invoice where vendor_id = %s and issued_on is not null group by issued_on, currency
"""
