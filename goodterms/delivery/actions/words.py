"""Keeps the words that vendors write for their own letters; what is said of several vendors at once stays the house's."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.delivery.models import OwnWording
from goodterms.delivery.wording import Kind
from goodterms.delivery.words import LANGUAGES, TONES, Wording, check_pieces
from goodterms.interactions.actions import Deed, record
from goodterms.parties.rules.voice import checked_voice
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

_INSTRUCTIONS = re.compile(r"\{[{%].*?[%}]\}", re.S)  # what is filled in, and `work != ''`, is nobody's voice


@transaction.atomic
def word(
    *, vendor_id: UUID, kind: Kind, tone: str, language: str, wording: Wording, by: str, now: datetime
) -> OwnWording:  # fmt: skip
    """From now on letters of this kind, voice and language that are the vendor's alone say this. Refuses what could not be
    written out for some invoice, and words that our voice never uses; the same words again change nothing."""
    _known(tone, language)
    check_pieces(wording, kind)
    for piece in wording:
        checked_voice(_INSTRUCTIONS.sub(" ", piece), kind.of)
    running = _running(vendor_id, kind, tone, language)
    if running and Wording(**running.pieces) == wording:
        return running
    if running:
        running.ended_at = now
        running.save(update_fields=["ended_at"])
    row = OwnWording(
        id=new_key(now),
        vendor_id=vendor_id,
        kind=kind.name,
        tone=tone,
        language=language,
        pieces=wording._asdict(),
        by=by,
        since_at=now,
    )
    row.save(force_insert=True)
    _tell(row, "wording.changed", by, now)
    return row


@transaction.atomic
def word_as_the_house(*, vendor_id: UUID, kind: Kind, tone: str, language: str, by: str, now: datetime) -> None:
    """The house's words again. Nothing happens where they are in use."""
    running = _running(vendor_id, kind, tone, language)
    if running:
        running.ended_at = now
        running.save(update_fields=["ended_at"])
        _tell(running, "wording.ended", by, now)


def _running(vendor_id: UUID, kind: Kind, tone: str, language: str) -> OwnWording | None:
    rows = OwnWording.objects.select_for_update().filter(vendor_id=vendor_id, kind=kind.name, tone=tone, language=language)
    return rows.filter(ended_at=None).first()


def _known(tone: str, language: str) -> None:
    for said, known in ((tone, TONES), (language, LANGUAGES)):
        if said not in known:
            raise Refused(f"{said!r} has no words of its own; there are {', '.join(known)}.", code="wording")


def _tell(row: OwnWording, kind: str, by: str, now: datetime) -> None:
    data = {"kind": row.kind, "tone": row.tone, "language": row.language, "pieces": row.pieces}
    record(at=now, deed=Deed(row.vendor_id, kind, by, subject_id=row.id, data=data))
