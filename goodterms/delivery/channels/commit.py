"""Decides when marks and outcomes of letters become durable: together, many letters in one commit."""

import asyncio
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple, Protocol, Self, TypeVar

from goodterms.delivery.rules import Outcome

T = TypeVar("T")
LINGER_SECONDS = 0.003  # how long a mark waits for company to share its commit with
OUTCOME_SECONDS = 0.015  # how long outcomes alone do: the next mark of their lane takes them along
PROMPT_SECONDS = 0.01  # where the server takes longer to answer, half of the lanes go first


class Outgoing(NamedTuple):
    """One letter as a channel sees it. The addresses are those of the envelope, one recipient, nothing around them."""

    id: Hashable
    message: bytes
    envelope_from: str
    recipient: str
    message_id: str


class Settlement(NamedTuple):
    outgoing: Outgoing
    outcome: Outcome


class Committer(Protocol):
    """What a channel asks of the books."""

    async def mark(self, outgoing: Outgoing) -> bool:
        """Make the mark before the dot durable; False: no longer ours or no longer due, so nothing may be sent."""

    async def settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Take note of how it ended; may return before that is durable, since a lost note is a doubt on record."""


class GroupCommitter:
    """A committer that gathers what all lanes want and calls `commit(marks, settlements)` once for it, in one thread.

    `commit` writes both in one durable transaction and returns the ids whose mark it allowed. When it raises, no letter
    of that group is sent, and its settlements go into the next commit; the last failure is raised on leaving. `close`
    runs at the end in the same thread, for its database connection. Use as `async with GroupCommitter(commit) as c:`.
    """

    def __init__(
        self,
        commit: Callable[[list[Outgoing], list[Settlement]], Collection[Hashable]],
        *,
        lanes: int = 4,
        close: Callable[[], None] | None = None,
    ) -> None:
        self._commit = commit
        self._close = close
        self._linger = LINGER_SECONDS if lanes > 1 else 0.0  # a lone lane has nobody to wait for
        self._lanes = lanes
        self._least = max(1, lanes // 2)
        self._out: dict[Hashable, float] = {}  # letters whose server is to answer, and since when
        self._answers_in = 0.0  # seconds, as it did lately
        self._thread = ThreadPoolExecutor(1, "committer")
        self._marks: list[tuple[Outgoing, asyncio.Future[bool]]] = []
        self._settlements: list[Settlement] = []
        self._company: asyncio.Future[None] | None = None  # somebody waits for it
        self._over: asyncio.TimerHandle | None = None  # and until then
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    async def mark(self, outgoing: Outgoing) -> bool:
        allowed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._marks.append((outgoing, allowed))
        if self._is_enough:
            self._stop_waiting()
        elif len(self._marks) == 1:
            self._wait_until(self._linger)
        self._wake()
        return await allowed

    async def settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        if (since := self._out.pop(outgoing.id, None)) is not None:
            self._answers_in = (self._answers_in + asyncio.get_running_loop().time() - since) / 2
        self._settlements.append(Settlement(outgoing, outcome))
        self._wake()

    async def beside(self, work: Callable[[], T]) -> T:
        """Do other work with the books in the committer's own thread, and so on its connection, between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def flush(self) -> None:
        """Return when everything settled so far is durable; raises what `commit` raised."""
        self._linger = 0.0
        self._stop_waiting()
        if self._task:
            await asyncio.shield(self._task)
        while self._settlements:
            self._failure = None
            await asyncio.shield(self._wake())
            if self._failure:
                raise self._failure

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.flush()
        finally:
            if self._close:
                self._thread.submit(self._close)
            await asyncio.to_thread(self._thread.shutdown)

    @property
    def _most(self) -> int:
        """How many marks share a commit. One for all lanes costs less than two for halves of them; but where the server takes
        long to answer, all lanes would wait for it at once, and while one half waits the other can be marked."""
        return self._least if self._answers_in > PROMPT_SECONDS else self._lanes

    @property
    def _is_enough(self) -> bool:
        return len(self._marks) >= self._most

    def _wake(self) -> asyncio.Task[None]:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        return self._task

    async def _run(self) -> None:
        """Commit group after group while anything waits; what comes during a commit makes the next group."""
        while self._marks or self._settlements:
            if self._linger and not self._is_enough:
                await self._wait_for_company()
            most = self._most if self._linger else len(self._marks)
            marks, self._marks = self._marks[:most], self._marks[most:]
            settlements, self._settlements = self._settlements, []
            if not await self._commit_group(marks, settlements):
                return  # the next mark or the flush tries again

    async def _wait_for_company(self) -> None:
        self._company = asyncio.get_running_loop().create_future()
        self._wait_until(self._linger if self._marks else OUTCOME_SECONDS)
        await self._company

    def _wait_until(self, seconds: float) -> None:
        """Who waits for company, waits so long from now on."""
        if self._company:
            if self._over:
                self._over.cancel()
            self._over = asyncio.get_running_loop().call_later(seconds, self._stop_waiting)

    def _stop_waiting(self) -> None:
        company, self._company = self._company, None
        if self._over:
            self._over.cancel()
        if company:
            company.set_result(None)

    async def _commit_group(self, marks: list[tuple[Outgoing, asyncio.Future[bool]]], settlements: list[Settlement]) -> bool:
        loop = asyncio.get_running_loop()
        wanted = [outgoing for outgoing, _ in marks]
        try:
            allowed = await loop.run_in_executor(self._thread, self._commit, wanted, settlements)
        except Exception as failure:  # noqa: BLE001  (whatever the books raise, no dot may follow)
            self._failure = failure
            self._settlements = settlements + self._settlements
            for _, future in marks:
                if not future.done():
                    future.set_exception(failure)
            return False
        self._out.update(dict.fromkeys(allowed, loop.time()))
        for outgoing, future in marks:
            if not future.done():
                future.set_result(outgoing.id in allowed)
        return True
