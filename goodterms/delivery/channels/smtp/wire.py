"""Decides what bytes on a connection to a mail server mean: replies, silence, or the end of it."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

from goodterms.delivery.rules import Fault, Reply

REPLY_LINE = re.compile(rb"[2-5][0-9][0-9](?:[ -].*)?", re.DOTALL)
LONGEST_REPLY = 65_536


class Timeouts(NamedTuple):
    """Seconds to wait, as RFC 5321, 4.5.3.2, asks at least; connecting and QUIT are ours."""

    connect: float = 60
    greeting: float = 300
    command: float = 300  # EHLO, STARTTLS, AUTH, MAIL, RCPT
    data: float = 120
    block: float = 180
    dot: float = 600
    quit: float = 5


TIMEOUTS = Timeouts()


class WireError(Exception):
    """The connection gives no usable answer any more."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(text)


class Wire(asyncio.Protocol):
    """One connection. Our own protocol, not a stream: it can say whether something unread waits before the dot goes."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._cut = ""
        self._is_paused = False
        self._news: asyncio.Future[None] | None = None  # somebody waits for them

    @property
    def is_quiet(self) -> bool:
        """Whether the connection stands and the server has said nothing that we have not read."""
        return not self._cut and not self._unread

    @property
    def is_open(self) -> bool:
        """Whether the connection stands, as far as we have heard."""
        return not self._cut

    @property
    def _is_full(self) -> bool:
        return self._is_paused and not self._cut

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._tell()

    def eof_received(self) -> None:
        self._cut = self._cut or "The server closed the connection."
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cut = self._cut or (f"The connection was cut: {exc}" if exc else "The connection is closed.")
        self._tell()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._tell()

    def write(self, data: bytes) -> None:
        if self._cut or self.transport is None:
            raise WireError(self._cut or "There is no connection.")
        self.transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until the system took what was written, up to its buffer."""
        if self._is_full:
            with self._limit(seconds, "The server took nothing"):
                while self._is_full:
                    await self._wait()
        if self._cut:
            raise WireError(self._cut)

    async def reply(self, seconds: float) -> Reply:
        """The next whole reply; its lines are joined by newlines. Raises WireError on an end, silence or nonsense."""
        if reply := self._take():  # in a group the next one has often come already: no timer is set up for it
            return reply
        with self._limit(seconds, "No reply"):
            while (reply := self._take()) is None:
                if self._cut:
                    raise WireError(self._cut)
                await self._wait()
        return reply

    def abort(self) -> None:
        """Close at once, unsent bytes thrown away."""
        self._cut = self._cut or "We closed the connection."
        if self.transport:
            self.transport.abort()

    @contextmanager
    def _limit(self, seconds: float, what: str) -> Iterator[None]:
        """Whoever waits within has a WireError when the time is over. A timer alone: asyncio.timeout costs five times that."""
        timer = asyncio.get_running_loop().call_later(seconds, self._tell, WireError(f"{what} in {seconds:g} s."))
        try:
            yield
        finally:
            timer.cancel()

    async def _wait(self) -> None:
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self, fault: WireError | None = None) -> None:
        news, self._news = self._news, None
        if news is None or news.done():
            return
        if fault:
            news.set_exception(fault)
        else:
            news.set_result(None)

    def _take(self) -> Reply | None:
        texts, start = [], 0
        while (end := self._unread.find(b"\n", start)) >= 0:
            line = bytes(self._unread[start:end]).rstrip(b"\r")
            if not REPLY_LINE.fullmatch(line):
                raise WireError("The server sent something that is not a reply.")
            texts.append(line[4:].decode(errors="replace").strip())
            start = end + 1
            if line[3:4] != b"-":
                del self._unread[:start]
                return Reply(int(line[:3]), "\n".join(texts))
        if len(self._unread) > LONGEST_REPLY:
            raise WireError("The server sent a reply without end.")
        return None
