"""Decides which ends of a letter are remembered: one interaction for each vendor that speaks in it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from goodterms.delivery.rules import State
from goodterms.interactions.actions import Deed, record_all

SAID = {
    State.ACCEPTED: "letter.sent",
    State.AMBIGUOUS: "letter.doubted",
    State.REJECTED: "letter.rejected",
    State.EXPIRED: "letter.expired",
    State.RESOLVED_SENT: "letter.resolved",
    State.RESOLVED_NOT_SENT: "letter.resolved",
    State.CLOSED_UNKNOWN: "letter.closed",
}
RETURNING = "returning l.state, l.id, l.vendors, l.payer_id, l.channel"
End = tuple[str, UUID, list[UUID], UUID | None, str]


def remember(ends: Sequence[End], *, now: datetime, by: str = "the clock") -> None:
    """Record what rows of `RETURNING` have come to, with one statement; letters on their way are passed over."""
    deeds = [
        Deed(vendor, kind, by, payer_id=payer, subject_id=letter, channel=channel, data=_data(state))
        for state, letter, vendors, payer, channel in ends
        if (kind := SAID.get(State(state)))
        for vendor in vendors
    ]
    record_all(at=now, deeds=deeds)


def _data(state: str) -> dict[str, bool]:
    sent = {State.RESOLVED_SENT: True, State.RESOLVED_NOT_SENT: False}
    return {"sent": sent[State(state)]} if state in sent else {}
