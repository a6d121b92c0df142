"""Decides what a mail server of the tests answers: as it should, or with any fault at any point, and what it stored.

As a process, `python -m goodterms.delivery.tests.sink --port 0 --log FILE` prints its port, then appends a line for each
stored message (Message-ID, recipient, SHA-256 of its bytes, separated by tabs) before it answers 250.
"""

import argparse
import asyncio
import hashlib
import os
import re
import socket
import ssl
import struct
from pathlib import Path
from typing import NamedTuple, cast

VERBS = ("EHLO", "MAIL", "RCPT", "DATA", "DOT")
MODES = (
    "refuse",
    "421:GREETING",
    "451:RCPT",  # greylisting
    *(f"450:{verb}" for verb in VERBS),
    *(f"550:{verb}" for verb in VERBS),
    *(f"drop:{phase}" for phase in ("GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY")),
    "rst:BODY",
    "drop:DOT:stored",
    "drop:DOT:lost",
    "hang:DOT:stored",
    "hang:DOT:lost",
    "hang:MAIL",
    "nonsense:DOT:stored",
    "421:DOT",
    "drop:QUIT",
    "cut:TLS",
)
AFTER_DOT = tuple(mode for mode in MODES if mode.endswith((":stored", ":lost")))


CERTIFICATE = Path(__file__).with_name("localhost.pem")  # with its key, of the tests only


def own_certificate() -> tuple[ssl.SSLContext, Path]:
    """What a server on the loopback shows, and the file in which a client finds it to be trusted."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context, CERTIFICATE


class Stored(NamedTuple):
    message_id: str
    recipient: str
    sha256: str


class Sink:
    """A mail server with what it stored. A fault `what:where[:stored]` befalls every `every`-th time it comes there."""

    def __init__(
        self,
        *,
        fault: str = "",
        every: int = 1,
        delay: float = 0,
        offers: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10485760"),
        log: Path | None = None,
        tls: ssl.SSLContext | None = None,
        is_lax: bool = False,
    ) -> None:
        self.what, self.where, self.then = (*fault.split(":"), "", "", "")[:3]
        self.every = every
        self.delay = delay
        self.offers = offers
        self.tls = tls  # offered by STARTTLS
        self.is_lax = is_lax  # opens DATA even without a recipient
        self.stored: list[Stored] = []
        self.unfinished: list[bytes] = []  # what came after DATA on connections that ended without a dot
        self.seen: list[str] = []  # every command line
        self.connections = 0
        self.behind_dots = 0  # how often the envelope of the next letter came along with a dot
        self._times = 0
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0, *, implicit_tls: ssl.SSLContext | None = None) -> int:
        """Listen on the loopback; the port. In the mode `refuse` nobody listens there."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Talk(self), "127.0.0.1", port, ssl=implicit_tls, backlog=200)
        port = int(self._server.sockets[0].getsockname()[1])
        if self.what == "refuse":
            self._server.close()
        return port

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        if self._log is not None:
            os.close(self._log)

    def befalls(self, where: str) -> bool:
        """Whether the fault strikes at this point, this time."""
        if where != self.where:
            return False
        self._times += 1
        return self._times % self.every == 0

    def keep(self, message: bytes, recipients: list[str]) -> None:
        found = re.search(rb"^message-id:\s*(<[^>]*>)", message, re.IGNORECASE | re.MULTILINE)
        name = found[1].decode() if found else "-"
        for recipient in recipients:
            stored = Stored(name, recipient, hashlib.sha256(message).hexdigest())
            self.stored.append(stored)
            if self._log is not None:
                os.write(self._log, ("\t".join(stored) + "\n").encode())

    def spawn(self, work: asyncio.Task[None]) -> None:
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)


class _Talk(asyncio.Protocol):
    """One connection, from the server's side."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._in_data = False
        self._is_silent = False
        self._is_busy = False  # with a message: what was sent behind its dot is read when that is answered
        self._answers: list[str] = []  # to a group of commands, which go together (RFC 2920, 3.2)
        self._recipients: list[str] = []
        self._is_body_seen = False
        self._searched = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._sink.connections += 1
        if not self._struck("GREETING"):
            self._say("220 sink.example ESMTP")
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._read()

    def _read(self) -> None:
        """All that came, as far as it can be answered."""
        while self._buffer and not (self._is_silent or self._is_busy) and (self._message() if self._in_data else self._line()):
            pass
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._in_data:
            self._sink.unfinished.append(bytes(self._buffer))

    def _line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = self._buffer[:end].decode()
        del self._buffer[: end + 2]
        self._sink.seen.append(line)
        verb = line[:4].upper()
        if not self._struck(verb):
            self._answer(verb, line)
        return True

    def _answer(self, verb: str, line: str) -> None:
        match verb:
            case "EHLO" | "HELO":
                offers = (*self._sink.offers, *(["STARTTLS"] if self._sink.tls else []))
                lines = ["sink.example", *(offers if verb == "EHLO" else ())]
                for word in lines[:-1]:
                    self._say(f"250-{word}")
                self._say(f"250 {lines[-1]}")
            case "MAIL" | "RSET":
                self._recipients = []
                self._say("250 fine")
            case "RCPT":
                self._recipients.append(line.partition("<")[2].partition(">")[0])
                self._say("250 fine")
            case "DATA" if not self._recipients and not self._sink.is_lax:
                self._say("503 no recipient")
            case "DATA":
                self._in_data, self._is_body_seen, self._searched = True, False, 0
                self._say("354 go on")
            case "STAR":
                self._say("220 go on")
                self._sink.spawn(asyncio.ensure_future(self._start_tls()))
            case "QUIT":
                self._say("221 goodbye")
                self._close()
            case _:
                self._say("502 unknown")

    def _message(self) -> bool:
        if not self._is_body_seen:
            self._is_body_seen = True
            if self._struck("BODY"):
                return False
        end = 0 if self._buffer.startswith(b".\r\n") else self._buffer.find(b"\r\n.\r\n", max(0, self._searched - 4)) + 2
        if end == 1:
            self._searched = len(self._buffer)
            return False
        message = bytes(self._buffer[:end])
        del self._buffer[: end + 3]
        self._sink.behind_dots += self._buffer.startswith(b"MAIL")
        self._in_data = False
        plain = (b"\r\n" + message).replace(b"\r\n.", b"\r\n")[2:]
        strikes = self._sink.befalls("DOT")
        if not strikes or self._sink.then == "stored":
            self._sink.keep(plain, self._recipients)
        self._recipients = []
        if strikes:
            self._fault("DOT")
        elif self._sink.delay:
            self._is_busy = True
            asyncio.get_running_loop().call_later(self._sink.delay, self._done, f"250 queued as {len(self._sink.stored)}")
        else:
            self._say(f"250 queued as {len(self._sink.stored)}")
        return True

    def _struck(self, where: str) -> bool:
        if not self._sink.befalls(where):
            return False
        self._fault(where)
        return True

    def _fault(self, where: str) -> None:
        what = self._sink.what
        if what.isdigit():
            self._say(f"{what} {where} is not for you")
            if what == "421":
                self._close()
            return
        if what == "nonsense":
            self._say("hello world")
            return
        self._is_silent = True
        if what == "rst":
            self._reset()
        elif what in ("drop", "cut"):
            self._close()

    def _reset(self) -> None:
        self._send()
        assert self._transport is not None
        peer: socket.socket = self._transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _close(self) -> None:
        self._is_silent = True
        self._send()
        if self._transport:
            self._transport.close()

    def _done(self, line: str) -> None:
        self._is_busy = False
        self._say(line)
        self._read()

    def _say(self, line: str) -> None:
        self._answers.append(f"{line}\r\n")

    def _send(self) -> None:
        if self._answers and self._transport and not self._transport.is_closing():
            self._transport.write("".join(self._answers).encode())
        self._answers.clear()

    async def _start_tls(self) -> None:
        if self._struck("TLS") or self._sink.tls is None or self._transport is None:
            return
        loop = asyncio.get_running_loop()
        try:
            self._transport = await loop.start_tls(self._transport, self, self._sink.tls, server_side=True)
        except OSError:  # a client that does not trust us
            self._is_silent = True


async def _serve(arguments: argparse.Namespace) -> None:
    sink = Sink(fault=arguments.fault, every=arguments.every, delay=arguments.delay, log=arguments.log)
    print(await sink.start(arguments.port), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="sink", description="A mail server that stores nothing but a line for each message.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--delay", type=float, default=0, help="seconds before the 250")
    parser.add_argument("--fault", default="", choices=["", *MODES])
    parser.add_argument("--every", type=int, default=1, help="the fault befalls every n-th time")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
