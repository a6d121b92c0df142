"""Decides what the clock does with the log: seals what is committed, and forgets answers nobody will ask for again."""

from datetime import datetime, timedelta
from uuid import UUID

from goodterms.interactions import actions

BATCH = 20_000
ANSWERS_KEPT = timedelta(days=90)


def seal(*, vendor_id: UUID) -> int:
    """Seal all committed rows of the vendor's log; returns their number. Again: none."""
    whole = 0
    while (count := actions.seal(vendor_id=vendor_id, most=BATCH)) > 0:
        whole += count
        if count < BATCH:
            break
    return whole


def forget_answers(*, vendor_id: UUID, now: datetime) -> int:
    """Drop stored answers that are older than 90 days."""
    return actions.forget_answers(vendor_id=vendor_id, before=now - ANSWERS_KEPT)
