"""Decides whether the log is still as it was sealed (I20), for `goodterms prove`."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import Cursor
from psycopg.types.string import TextLoader

from goodterms.interactions.rules import START, Break, Logged, SealedRow, breaks

BATCH = 5_000


class Proof(NamedTuple):
    """`unsealed` rows came since the last seal: no fault, but not proven either."""

    checked: int
    broken: list[Break]
    unsealed: int


def prove_seals(vendor_id: UUID) -> Proof:
    """Recompute the vendor's chain from its rows."""
    broken: list[Break] = []
    checked, before = 0, START
    for chunk in _chunks(vendor_id):
        broken += (one._replace(interaction_id=UUID(str(one.interaction_id))) for one in breaks(chunk, before, checked))
        checked, before = chunk[-1].seq, chunk[-1].hash
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, [vendor_id])
        return Proof(checked, broken, cursor.fetchone()[0])


def _chunks(vendor_id: UUID) -> Iterator[list[SealedRow]]:
    after = 0
    while True:
        with connection.cursor() as wrapped:
            cursor: Cursor[Any] = wrapped.cursor
            cursor.adapters.register_loader("uuid", TextLoader)  # written down as text, and six to a row
            cursor.execute(_CHAIN, [vendor_id, after, BATCH])
            rows = cursor.fetchall()
        if not rows:
            return
        chunk = [SealedRow(row[0], row[1], bytes(row[2]), Logged._make(row[3:]) if row[3] else None) for row in rows]
        yield chunk
        after = chunk[-1].seq


_CHAIN = """
select s.seq, s.interaction_id, s.hash, i.id, i.vendor_id, i.at, i.kind, i.by, i.inbound, i.channel, i.customer_id,
       i.invoice_id, i.payer_id, i.subject_id, i.data::text
from interactions_seal s left join interactions_interaction i on i.id = s.interaction_id
where s.vendor_id = %s and s.seq > %s order by s.seq limit %s
"""
_UNSEALED = """
select count(*) from interactions_interaction i
where i.vendor_id = %s and not exists (select from interactions_seal s where s.interaction_id = i.id)
"""
