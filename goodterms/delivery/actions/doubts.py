"""Decides how a doubt ends: by evidence, by a person's word, or unknown after 72 hours. It never makes a letter ready again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connection

from goodterms.delivery.actions.ends import RETURNING, remember
from goodterms.delivery.models import Letter
from goodterms.delivery.rules import DOUBT, DOUBT_LASTS, Event, State, after
from goodterms.values.refusal import Refused


def resolve(*, letter_id: UUID, was_sent: bool, by: str, now: datetime) -> Letter:
    """A person, or evidence, settles a doubt. Who wants it sent again writes a new letter."""
    letter = Letter.objects.select_for_update().filter(id=letter_id).first()
    if letter is None:
        raise Refused("There is no such letter.", code="unknown")
    letter.state = after(State(letter.state), Event.PROVED_SENT if was_sent else Event.PROVED_NOT_SENT)
    letter.settled_at = now
    letter.save(update_fields=["state", "settled_at"])
    remember([(letter.state, letter.id, letter.vendors, letter.payer_id, letter.channel)], now=now, by=by)
    return letter


def resolve_found(*, channel: str, holds: Callable[[str], bool], now: datetime) -> int:
    """Doubts whose letter lies where it should, by its Message-ID, were sent. Returns how many.

    One that does not lie there stays a doubt: somebody may have taken it out, or its sender may live without its session.
    """
    with connection.cursor() as cursor:
        cursor.execute("select id, message_id from delivery_letter where is_in_doubt and channel = %s", [channel])
        found = [id for id, message_id in cursor.fetchall() if holds(message_id)]
        if not found:
            return 0
        cursor.execute(
            f"update delivery_letter l set state = %s, settled_at = %s where id = any(%s::uuid[]) and state = %s {RETURNING}",
            [after(State.AMBIGUOUS, Event.PROVED_SENT), now, found, DOUBT],
        )
        ends = cursor.fetchall()
    remember(ends, now=now)
    return len(ends)


def close_doubts(*, now: datetime) -> int:
    """Doubts that nobody could resolve in 72 hours are closed as unknown, and count as sent. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"update delivery_letter l set state = %s, settled_at = %s where is_in_doubt and settled_at <= %s {RETURNING}",
            [after(State.AMBIGUOUS, Event.GIVEN_UP), now, now - DOUBT_LASTS],
        )
        ends = cursor.fetchall()
    remember(ends, now=now)
    return len(ends)
