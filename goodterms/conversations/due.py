"""Decides what time sets off about words that were given: promises whose day has passed are judged."""

from datetime import date, datetime
from uuid import UUID

from goodterms.conversations import actions

BATCHES_MAX = 1_000


def judge_promises(*, vendor_id: UUID, today: date, now: datetime) -> dict[str, int]:
    """Judge all promises that are over by `today`; returns how many were kept, in part, broken. Again: none."""
    whole = {"kept": 0, "part": 0, "broken": 0}
    for _ in range(BATCHES_MAX):
        judged = actions.judge_promises(vendor_id=vendor_id, today=today, now=now)
        for word, count in judged.items():
            whole[word] += count
        if not any(judged.values()):
            break
    return whole
