"""Decides when letters leave: whatever is ready and due, after those whose sender died are cleared up. Safe to run twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.delivery import actions
from goodterms.delivery.actions.sending import BATCH, Recheck, Sender
from goodterms.delivery.channels.carrier import Carrier
from goodterms.delivery.channels.commit import GroupCommitter, Outgoing
from goodterms.delivery.rules import Verdict


def send(
    *,
    vendors: Collection[UUID],
    carrier: Carrier,
    clock: Callable[[], datetime],
    recheck: Recheck,
    kinds: Collection[str] | None = None,
) -> Counter[str]:
    """Send what is ready on the carrier's channel until nothing is; with `kinds`, letters of these alone. Counts by verdict;
    `recovered` counts the doubts that workers left who died, `resolved` those that are proved by what the carrier holds."""
    sender = Sender(vendors, carrier.channel, clock, recheck, carrier.server, kinds)
    tally: Counter[str] = Counter(recovered=sender.recover())
    if carrier.holds:
        with acting_for(vendors):
            tally["resolved"] = actions.resolve_found(channel=carrier.channel, holds=carrier.holds, now=clock())
    if sender.finds_any():  # or nobody need take a connection and a lock, which costs more than to look
        tally.update(asyncio.run(_send(sender, carrier)))
    return tally


def close_doubts(*, vendors: Collection[UUID], now: datetime) -> int:
    """Doubts that nobody could resolve in 72 hours. Returns how many."""
    with acting_for(vendors):
        return actions.close_doubts(now=now)


async def _send(sender: Sender, carrier: Carrier) -> Counter[Verdict]:
    async with GroupCommitter(sender.commit, lanes=carrier.lanes, close=sender.close) as committer:
        return await carrier.carry(_claimed(sender, committer), committer)


async def _claimed(sender: Sender, committer: GroupCommitter) -> AsyncIterator[Sequence[Outgoing]]:
    """Letters in batches, each claimed when the one before it is under way, on the committer's own connection."""
    while batch := await committer.beside(partial(sender.claim, BATCH)):
        yield batch
        if len(batch) < BATCH:
            return
