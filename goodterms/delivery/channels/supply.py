"""Decides which letter is next: batches are asked for early, so that nobody waits for one while others are under way."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence

from goodterms.delivery.channels.commit import Outgoing

Letters = AsyncIterator[Sequence[Outgoing]] | Iterable[Outgoing]  # as they are claimed, or all at once


class Supply:
    """The letters of one run, for all of its lanes. A batch is asked for when fewer than `low` are left; use as
    `async with`, so that nobody asks any more at its end."""

    def __init__(self, letters: Letters, *, low: int) -> None:
        self._ready: deque[Outgoing] = deque()
        self._given_back: list[Outgoing] = []
        self._batches: AsyncIterator[Sequence[Outgoing]] | None = None
        if isinstance(letters, AsyncIterator):
            self._batches = letters
        else:
            self._ready.extend(letters)
        self._low = low
        self._asked: asyncio.Task[Sequence[Outgoing] | None] | None = None
        self._is_stopped = False

    @property
    def is_stopped(self) -> bool:
        return self._is_stopped

    def stop(self) -> None:
        """No further letter is begun."""
        self._is_stopped = True

    def give_back(self, outgoing: Outgoing) -> None:
        self._given_back.append(outgoing)

    def at_hand(self) -> Outgoing | None:
        """The next letter, where nobody has to wait for it."""
        if self._is_stopped:
            return None
        if self._given_back:
            return self._given_back.pop()
        if len(self._ready) <= self._low:
            self._ask()
        return self._ready.popleft() if self._ready else None

    async def next(self) -> Outgoing | None:
        """The next letter; None: there are no more."""
        while (outgoing := self.at_hand()) is None and not self._is_stopped and self._asked:
            await asyncio.shield(self._asked)
            self._take_in()
        return outgoing

    async def __aenter__(self) -> "Supply":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._asked:
            self._asked.cancel()
            await asyncio.gather(self._asked, return_exceptions=True)

    def _ask(self) -> None:
        self._take_in()
        if self._batches and not self._asked:
            self._asked = asyncio.ensure_future(anext(self._batches, None))

    def _take_in(self) -> None:
        """What came since it was asked for. A failure stays, for each who waits for a letter."""
        if self._asked and self._asked.done() and not self._asked.cancelled() and not self._asked.exception():
            batch, self._asked = self._asked.result(), None
            if batch is None:
                self._batches = None
            else:
                self._ready.extend(batch)
