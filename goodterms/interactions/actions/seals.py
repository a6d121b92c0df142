"""Decides how the log is sealed (I20): its committed rows in order, each hash over the one before."""

from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.database.staging import insert, stage
from goodterms.interactions.rules import START, Logged, sealed


def seal(*, vendor_id: UUID, most: int) -> int:
    """Chain up to `most` committed rows of the vendor's log that are not sealed yet; returns their number.

    Writers never wait for it. Two that seal at once: the second does nothing, for the first holds the vendor's chain.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended('seal ' || %s::text, 0))", [vendor_id])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("select seq, hash from interactions_seal where vendor_id = %s order by seq desc limit 1", [vendor_id])
        seq, head = cursor.fetchone() or (0, START)
        cursor.execute(_UNSEALED, [vendor_id, most])
        rows = list(map(Logged._make, cursor.fetchall()))
    _keep(_chained(rows, seq, bytes(head)))
    return len(rows)


def _chained(rows: list[Logged], seq: int, head: bytes) -> list[tuple[Any, ...]]:
    chained: list[tuple[Any, ...]] = []
    for place, row in enumerate(rows, seq + 1):
        head = sealed(head, row)
        chained.append((row.vendor_id, place, row.id, head))
    return chained


def _keep(chained: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.new_seals")
    stage("new_seals", "interactions_seal", _COLUMNS, chained)
    insert("interactions_seal", "new_seals", _COLUMNS)


_COLUMNS = ["vendor_id", "seq", "interaction_id", "hash"]
_UNSEALED = """
select id, vendor_id, at, kind, by, inbound, channel, customer_id, invoice_id, payer_id, subject_id, data::text
from interactions_interaction i
where vendor_id = %s and not exists (select from interactions_seal s where s.interaction_id = i.id)
order by id limit %s
"""
