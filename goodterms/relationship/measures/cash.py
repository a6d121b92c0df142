"""Decides what came in without an invoice to settle, and what was given up."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

UNAPPLIED = (
    "Money received that settles no invoice yet and was not given back, with the number of payments and the day of the oldest."
)
WRITTEN_OFF = "What was given up in the period, less what came in after all, by the ledger; each currency for itself."


class Unapplied(NamedTuple):
    """Minor units of one currency that wait for an invoice."""

    currency: str
    payments: int
    minor: int
    oldest_on: date


def unapplied_cash(*, vendor_id: UUID, customer_id: UUID | None = None) -> list[Unapplied]:
    """What waits now, of all customers of a vendor or of one; each currency for itself."""
    with connection.cursor() as cursor:
        cursor.execute(_UNAPPLIED, [vendor_id, customer_id, customer_id])
        return [Unapplied(*row) for row in cursor.fetchall()]


def written_off(*, vendor_id: UUID, first_on: date, last_on: date) -> dict[str, int]:
    """Minor units by currency, with effective days `first_on` to `last_on`."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN_OFF, [vendor_id, first_on, last_on])
        return dict(cursor.fetchall())


_UNAPPLIED = """
select currency, count(*), sum(unapplied_minor)::bigint, min(received_on) from payments_payment
where vendor_id = %s and unapplied_minor > 0 and (%s::uuid is null or customer_id = %s::uuid)
group by currency order by currency
"""
_WRITTEN_OFF = """
select currency, sum(minor)::bigint from ledger_posting
where vendor_id = %s and account = 'write_off' and effective_on between %s::date and %s::date
group by currency order by currency
"""
