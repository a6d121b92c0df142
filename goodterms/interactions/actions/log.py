"""Decides how a contact or deed gets into the log: in the transaction that does it, and never twice for one letter."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.interactions.models import Interaction
from goodterms.values.keys import new_key, new_keys


class Deed(NamedTuple):
    """One interaction about to be recorded; `kind` is noun.past, `by` a name, "customer" or "the clock"."""

    vendor_id: UUID
    kind: str
    by: str
    customer_id: UUID | None = None
    invoice_id: UUID | None = None
    payer_id: UUID | None = None
    subject_id: UUID | None = None
    channel: str = ""
    inbound: bool = False
    data: dict[str, Any] = {}


def record(*, at: datetime, deed: Deed) -> Interaction:
    """Add one deed to the log. Call it inside the transaction that does what it says."""
    return Interaction.objects.create(id=new_key(at), at=at, **deed._asdict())


def record_all(*, at: datetime, deeds: Sequence[Deed]) -> None:
    """Add many deeds of one instant with one statement."""
    if not deeds:
        return
    rows = [{"id": key, **deed._asdict()} for key, deed in zip(new_keys(at, len(deeds)), deeds, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, json.dumps(rows, default=str)])


def reach(*, at: datetime, channel: str, reached: Iterable[tuple[UUID, UUID]]) -> None:
    """Count (letter or call id, payer id) pairs as contacts of their payers; a pair counted already stays as it is."""
    ids, payers = zip(*reached, strict=True) if (reached := list(reached)) else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into interactions_outreach (id, payer_id, at, channel)"
            " select id, payer, %s, %s from unnest(%s::uuid[], %s::uuid[]) as t (id, payer) on conflict (id) do nothing",
            [at, channel, list(ids), list(payers)],
        )


_INSERT = """
insert into interactions_interaction
  (id, vendor_id, kind, by, customer_id, invoice_id, payer_id, subject_id, channel, inbound, data, at)
select *, %s::timestamptz
from jsonb_to_recordset(%s::jsonb) as deed (id uuid, vendor_id uuid, kind text, by text, customer_id uuid, invoice_id uuid,
  payer_id uuid, subject_id uuid, channel text, inbound boolean, data jsonb)
"""
