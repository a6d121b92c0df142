"""Decides who writes to whom in the tests of the verbs: two vendors, a payer, and letters that differ in a number."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import Draft, Sender, Why, post
from goodterms.delivery.channels.commit import Outgoing, Settlement
from goodterms.delivery.models import Letter
from goodterms.delivery.rules import Outcome, Verdict

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
PENHALE = UUID("0193a000-0000-7000-8000-000000000001")
VERMEER = UUID("0193a000-0000-7000-8000-000000000002")
SANDRA = UUID("0193a000-0000-7000-8000-00000000000a")
BOTH = (PENHALE, VERMEER)


def a_draft(number: int = 1, **changes: Any) -> Draft:
    plain = Draft(
        vendors=(PENHALE,),
        payer_id=SANDRA,
        kind="notice",
        channel="email",
        recipient=f"payer-{number}@bellwether.example",
        dedupe_key=f"notice|email|{number}|2026-11-17",
        not_before=NOW,
        subject="About PP-4471",
        text=f"Dear Sandra, this is letter {number}.",
        html=f"<p>Dear Sandra, this is letter {number}.</p>",
        sender_name="Penhale Print",
    )
    return plain._replace(**changes)


def posted(number: int = 1, now: datetime = NOW, **changes: Any) -> list[UUID]:
    """So many letters that are ready."""
    with acting_for(BOTH):
        return list(post(letters=[a_draft(n, **changes) for n in range(number)], now=now).values())


def still_true(letters: Sequence[UUID], now: datetime) -> Mapping[UUID, Why]:
    return {}


def a_sender(now: datetime = NOW, recheck: Any = still_true, channel: str = "email") -> Sender:
    return Sender(BOTH, channel, lambda: now, recheck, "mail.relay.example")


def claimed(number: int = 1, sender: Sender | None = None) -> tuple[Sender, list[Outgoing]]:
    """So many letters in the hands of a worker."""
    posted(number)
    sender = sender or a_sender()
    return sender, sender.claim()


def heard(outgoing: Outgoing, verdict: Verdict, reason: str = "250 queued") -> Settlement:
    return Settlement(outgoing, Outcome(verdict, reason))


def states() -> list[str]:
    """Where all letters stand, oldest first."""
    with acting_for(BOTH):
        return list(Letter.objects.order_by("id").values_list("state", flat=True))


def the_letter() -> Letter:
    with acting_for(BOTH):
        return Letter.objects.get()
