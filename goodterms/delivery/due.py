"""Decides when letters leave: whatever is ready and due, after those whose sender died are cleared up. Safe to run twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions.sending import BATCH, Recheck, Sender
from goodterms.delivery.channels.commit import Committer, GroupCommitter, Outgoing
from goodterms.delivery.models import Letter
from goodterms.delivery.rules import DOUBT, DOUBT_LASTS, Event, State, Verdict, after


class Transport(Protocol):
    """A channel: carries each letter, asks the committer for the mark, and settles each."""

    async def __call__(self, letters: AsyncIterator[Outgoing], committer: Committer) -> Counter[Verdict]: ...


def send(
    *,
    vendors: Collection[UUID],
    channel: str,
    clock: Callable[[], datetime],
    recheck: Recheck,
    transport: Transport,
    lanes: int = 4,
) -> Counter[str]:
    """Send what is ready on `channel` until nothing is; counts by verdict, and `recovered` doubts of workers that died."""
    sender = Sender(vendors, channel, clock, recheck)
    tally: Counter[str] = Counter(recovered=sender.recover())
    tally.update(asyncio.run(_send(sender, transport, lanes)))
    return tally


def close_doubts(*, vendors: Collection[UUID], now: datetime) -> int:
    """Doubts that nobody could resolve in 72 hours are closed as unknown, and count as sent. Returns how many."""
    with acting_for(vendors):
        old = Letter.objects.filter(state=DOUBT, settled_at__lte=now - DOUBT_LASTS)
        return old.update(state=after(State.AMBIGUOUS, Event.GIVEN_UP), settled_at=now)


async def _send(sender: Sender, transport: Transport, lanes: int) -> Counter[Verdict]:
    async with GroupCommitter(sender.commit, lanes=lanes, close=sender.close) as committer:
        return await transport(_claimed(sender, committer), committer)


async def _claimed(sender: Sender, committer: GroupCommitter) -> AsyncIterator[Outgoing]:
    """Letters in batches, each claimed when the one before it is under way, on the committer's own connection."""
    while batch := await committer.beside(sender.claim):
        for outgoing in batch:
            yield outgoing
        if len(batch) < BATCH:
            return
