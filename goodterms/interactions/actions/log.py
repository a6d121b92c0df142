"""Decides how a contact or deed gets into the log: in the transaction that does it, and never twice for one letter."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.arrays import array
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
    *columns, data = zip(*deeds, strict=True)
    told = [array(new_keys(at, len(deeds))), *map(array, columns), array(map(_JSON, data))]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, *told])


class Contact(NamedTuple):
    """A letter or call about to be made; `day` is the payer's own."""

    id: UUID
    payer_id: UUID
    at: datetime
    channel: str
    day: date


def take_turns(payers: Iterable[object]) -> None:
    """Wait for whoever decides about contacts with some of these payers at this moment, and keep others waiting until the end
    of this transaction: the contacts that are counted from here on are all there are, so no two pass a limit together.

    One lock for each beginning of a key, taken in one order: few however many payers, and shares of the payers seldom meet."""
    beginnings = sorted({int(str(payer)[:2], 16) for payer in payers})
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, b) from unnest(%s::int[]) b", [_TURNS, beginnings])


def reach(contacts: Iterable[Contact]) -> set[UUID]:
    """Claim these contacts, one a day for each payer over all vendors, and count them; returns the ids of those that may be
    made. Who claims the same payer at the same moment waits here for the other's commit."""
    if not (rows := sorted(contacts, key=lambda one: str(one.payer_id))):  # in one order, or two would wait for each other
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_REACH, list(map(list, zip(*rows, strict=True))))
        return {id for (id,) in cursor.fetchall()}


def unreach(ids: Iterable[UUID]) -> None:
    """Give back claims of contacts that are not made after all."""
    if ids := list(ids):
        with connection.cursor() as cursor:
            cursor.execute("delete from interactions_outreach where id = any(%s::uuid[])", [ids])


_TURNS = 1_954_047_348  # of these locks; no other has this number
_JSON = json.JSONEncoder(default=str).encode  # `dumps` makes such an encoder for each deed
_REACH = """
insert into interactions_outreach (id, payer_id, at, channel, day)
select * from unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::date[]) on conflict do nothing returning id
"""
_INSERT = """
insert into interactions_interaction
  (id, vendor_id, kind, by, customer_id, invoice_id, payer_id, subject_id, channel, inbound, data, at)
select id, vendor, kind, by, customer, invoice, payer, subject, channel, inbound, data::jsonb, %s::timestamptz
from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[],
            %s::boolean[], %s::text[])
  as deed (id, vendor, kind, by, customer, invoice, payer, subject, channel, inbound, data)
"""
