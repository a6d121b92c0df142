"""Decides how many letters travel at once: lanes, each a connection that carries letter after letter."""

import asyncio
from collections import Counter

from goodterms.delivery.channels.commit import Committer, Outgoing
from goodterms.delivery.channels.smtp.relay import Relay
from goodterms.delivery.channels.smtp.session import Session, Stop, open_session
from goodterms.delivery.channels.smtp.wire import TIMEOUTS, Timeouts
from goodterms.delivery.channels.supply import Letters, Supply
from goodterms.delivery.rules import Fault, Outcome, Phase, Verdict, outcome_of

FAILURES_MOST = 3  # connections that fail one after the other before the rest of the letters wait for another time


async def send_all(
    letters: Letters,
    relay: Relay,
    committer: Committer,
    lanes: int = 4,
    timeouts: Timeouts = TIMEOUTS,
) -> Counter[Verdict]:
    """Send each letter once and settle each with the committer; how many of each verdict.

    A letter whose mark is not allowed is neither sent nor settled: the committer knows why. When the committer raises,
    no further letter is begun, answers under way are still heard, and its error is raised at the end. The number of
    lanes is also the number of letters that a kill can leave in doubt.
    """
    async with Supply(letters, low=lanes) as supply:
        run = _Run(supply, relay, committer, timeouts)
        ends = await asyncio.gather(*(_Lane(run).carry_all() for _ in range(lanes)), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return run.tally


class _Run:
    """What the lanes share: the letters, and what is known about the relay."""

    def __init__(self, supply: Supply, relay: Relay, committer: Committer, timeouts: Timeouts) -> None:
        self.supply = supply
        self.relay = relay
        self.committer = committer
        self.timeouts = timeouts
        self.tally: Counter[Verdict] = Counter()
        self.connected = 0  # lanes with a connection, or on the way to one
        self.failures = 0  # connections in a row that failed
        self.refusal: Outcome | None = None  # how the last of them did

    async def settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        self.tally[outcome.verdict] += 1
        await self.committer.settle(outgoing, outcome)


class _Lane:
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._session: Session | None = None
        self._ahead: Outgoing | None = None  # the letter whose envelope went along with the last dot
        self._is_over = False

    async def carry_all(self) -> None:
        try:
            while not self._is_over and (outgoing := await self._next()) is not None:
                await self._carry(outgoing)
        except BaseException:
            self._run.supply.stop()
            self._drop()
            raise
        session = self._let_go()
        if session:
            await session.quit()

    async def _next(self) -> Outgoing | None:
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return await self._run.supply.next()
        return None if self._run.supply.is_stopped else ahead

    async def _carry(self, outgoing: Outgoing) -> None:
        try:
            outcome = await self._attempt(outgoing)
        except Stop as stop:
            if not stop.is_usable:
                self._drop()
            outcome = stop.outcome
        except BaseException:
            # We stop, or the books failed. A dot that is out leaves a doubt; without one nothing was sent.
            is_out = self._session is not None and self._session.phase == Phase.DOT
            words = Fault("We stopped while the letter was on its way.")
            await self._run.settle(outgoing, outcome_of(Phase.DOT if is_out else Phase.BODY, words))
            raise
        if outcome is not None:
            await self._run.settle(outgoing, outcome)

    async def _attempt(self, outgoing: Outgoing) -> Outcome | None:
        """Carry one letter; None when it was given back or withheld. Raises Stop while no dot is out."""
        if not await self._connect():
            self._run.supply.give_back(outgoing)
            self._is_over = True
            return None
        assert self._session is not None
        try:
            await self._session.stream(outgoing)
        except Stop as stop:
            if not stop.is_stale:
                raise
            self._drop()
            await self._open()
            await self._session.stream(outgoing)
        if not await self._run.committer.mark(outgoing):
            self._drop()
            return None
        self._ahead = self._run.supply.at_hand()
        return await self._session.dot(self._ahead)

    async def _connect(self) -> bool:
        """A usable connection; False: the relay takes no more of them, so the lanes that have one carry the rest.

        Raises Stop when no lane has a connection; after some failures in a row without asking the relay again.
        """
        if self._session and self._session.is_usable:
            return True
        if session := self._let_go():
            await session.quit()
        if self._run.refusal and self._run.failures >= FAILURES_MOST:
            raise Stop(self._run.refusal)
        try:
            await self._open()
        except Stop as stop:
            if self._run.connected:
                return False
            self._run.failures += 1
            self._run.refusal = stop.outcome
            raise
        self._run.failures = 0
        return True

    async def _open(self) -> None:
        self._run.connected += 1
        try:
            self._session = await open_session(self._run.relay, self._run.timeouts)
        except BaseException:
            self._run.connected -= 1
            raise

    def _let_go(self) -> Session | None:
        session, self._session = self._session, None
        self._run.connected -= session is not None
        return session

    def _drop(self) -> None:
        if session := self._let_go():
            session.abort()
