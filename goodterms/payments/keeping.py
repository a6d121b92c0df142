"""Decides what customers have to their credit: what is free of what they paid, and what is left of their credit notes."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.asked import Later, asked
from goodterms.values.money import Money


class Credit(NamedTuple):
    """Money or a credit of a customer that settles nothing yet; `number` is that of a credit note, empty of a payment."""

    id: UUID
    vendor_id: UUID
    customer_id: UUID
    number: str
    since_on: date
    free: Money

    @property
    def is_note(self) -> bool:
        return bool(self.number)


def kept_for(*, customer_ids: Collection[UUID], most: int = 100) -> list[Credit]:
    """The oldest first, with one statement."""
    return kept_asked(customer_ids=customer_ids, most=most)()


def kept_asked(*, customer_ids: Collection[UUID], most: int = 100) -> Later[list[Credit]]:
    """The same, asked for and to be read later."""
    found = asked(_KEPT, [list(customer_ids), list(customer_ids), most])
    return lambda: [
        Credit(key, vendor, customer, number, since_on, Money(minor, currency))
        for key, vendor, customer, number, since_on, currency, minor in found.fetchall()
    ]


def left_of_notes(note_ids: Collection[UUID]) -> dict[UUID, int]:
    """What is left of these credit notes, in minor units; those that are spent are not in it."""
    if not note_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [list(note_ids)])
        return dict(cursor.fetchall())


def summed(credits: Iterable[Credit]) -> list[Money]:
    """One sum for each currency, in their order."""
    sums: dict[str, Money] = {}
    for one in credits:
        code = one.free.currency
        sums[code] = sums[code] + one.free if code in sums else one.free
    return [sums[code] for code in sorted(sums)]


_KEPT = """
select id, vendor_id, customer_id, '', received_on, currency, unapplied_minor
from payments_payment where customer_id = any(%s::uuid[]) and unapplied_minor > 0
union all
select i.id, i.vendor_id, i.customer_id, i.number, i.issued_on, i.currency, given.minor
from (
  select invoice_id, -sum(minor)::bigint as minor from ledger_posting
  where account = 'unapplied' and invoice_id is not null and customer_id = any(%s::uuid[])
  group by invoice_id having sum(minor) < 0
) given join invoicing_invoice i on i.id = given.invoice_id
order by 5, 1 limit %s
"""
_LEFT = """
select invoice_id, -sum(minor)::bigint from ledger_posting
where account = 'unapplied' and invoice_id = any(%s::uuid[]) group by invoice_id having sum(minor) < 0
"""
