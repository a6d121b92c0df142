"""Decides what time sets off about words that were given: promises whose day has passed, and plans, are judged."""

from datetime import date, datetime
from uuid import UUID

from goodterms.conversations import actions
from goodterms.conversations.actions.judging_plans import START

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


def judge_plans(*, vendor_id: UUID, today: date, now: datetime) -> dict[str, int]:
    """Judge all plans that run; returns how many are kept and over, and how many broke. Again: none."""
    whole = {"kept": 0, "broken": 0}
    after: UUID | None = START
    while after is not None:
        judged, after = actions.judge_plans(vendor_id=vendor_id, today=today, now=now, after=after)
        for word, count in judged.items():
            whole[word] += count
    return whole
