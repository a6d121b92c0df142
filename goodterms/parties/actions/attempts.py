"""Decides what is kept of a sign-in that failed: at whose desks, from where, and never so many that they hide the rest."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record_all
from goodterms.parties.directory import everyone, workplaces
from goodterms.parties.models import Person
from goodterms.parties.rules.attempts import WITHIN, is_last_told, told_of


class _Room(NamedTuple):
    """What a vendor heard of in the last hour, by its own clock."""

    at: datetime
    vendor_id: UUID
    of_all: int
    of_one: int


def turn_away(*, person: Person | None, way: str, address: str, now: datetime) -> int:
    """Somebody was not let in by `way` (password, code, passkey, link) from an address: it stands in the log of every vendor
    for whom `person` works, or of all where nobody knows who was meant. Returns how many were told."""
    vendors = workplaces(person.id) if person else [one.id for one in everyone()]
    with acting_for(vendors):
        room = [one for one in _room(vendors, person, now) if told_of(one.of_one, one.of_all)]
        for at, same in groupby(room, key=lambda one: one.at):
            record_all(at=at, deeds=[_deed(one, person, way, address) for one in same])
    return len(room)


def _deed(room: _Room, person: Person | None, way: str, address: str) -> Deed:
    data = {"with": way, "from": address, "as": person.name if person else "", "last": is_last_told(room.of_one, room.of_all)}
    return Deed(
        room.vendor_id,
        "person.turned_away",
        "somebody" if person else "somebody unknown",
        subject_id=person.id if person else None,
        data=data,
    )


def _room(vendors: Iterable[UUID], person: Person | None, now: datetime) -> list[_Room]:
    """One statement, and one such at a time: two tries at once are counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('goodterms turned away', 0))")
        cursor.execute(_COUNTED, [now, person.id if person else None, now, WITHIN.total_seconds(), list(vendors)])
        return [_Room(*row) for row in cursor.fetchall()]


_COUNTED = """
select coalesce(v.sandbox_now, %s) as at, v.id, count(i.id), count(i.id) filter (where i.subject_id is not distinct from %s)
from parties_vendor v left join interactions_interaction i
  on i.vendor_id = v.id and i.kind = 'person.turned_away' and i.at > coalesce(v.sandbox_now, %s) - make_interval(secs => %s)
where v.id = any(%s) group by v.id, v.sandbox_now order by 1, 2
"""
