"""Decides how one connection to a mail server goes: hello, TLS, sign-in, and letters up to the dot and its answer."""

import asyncio
import re
from collections.abc import Iterable
from typing import NamedTuple

from goodterms.delivery import failpoint
from goodterms.delivery.channels.commit import Outgoing
from goodterms.delivery.channels.smtp.relay import Relay
from goodterms.delivery.channels.smtp.signing_in import way_of
from goodterms.delivery.channels.smtp.wire import Timeouts, Wire, WireError
from goodterms.delivery.mime import dot_stuffed
from goodterms.delivery.rules import Fault, Outcome, Phase, Reply, Verdict, outcome_of

MOST_LETTERS = 100  # then a new connection: servers tire of long ones
BLOCK = 65_536
PATH = re.compile(r"[^\x00-\x20\x7f<>\u0080-\u00a0]+@[^\x00-\x20\x7f<>@\u0080-\u00a0]+")


class Stop(Exception):  # noqa: N818  (an answer that ends a letter's way, not a fault of the program)
    """The letter goes no further on this connection, and nothing with a dot has left."""

    def __init__(self, outcome: Outcome, *, is_usable: bool = False, is_stale: bool = False) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome
        self.is_usable = is_usable  # the connection may carry another letter
        self.is_stale = is_stale  # the server had grown tired of the connection: a new one may carry this very letter


class Command(NamedTuple):
    phase: Phase
    line: bytes
    wanted: int  # first digit of the reply


OPEN = Command(Phase.DATA, b"DATA\r\n", 3)


class Envelope(NamedTuple):
    """What is said of a letter, and its body as DATA carries it."""

    commands: list[Command]
    body: bytes

    @property
    def said(self) -> bytes:
        return b"".join(command.line for command in self.commands)


class Session:
    """One open connection. A letter is streamed, then either aborted or given its dot."""

    def __init__(self, wire: Wire, timeouts: Timeouts) -> None:
        self.phase = Phase.GREETING
        self._wire = wire
        self._timeouts = timeouts
        self._offers: dict[str, str] = {}
        self._letters = 0
        self._ahead: Envelope | None = None  # said with the dot of the letter before it, and not yet answered

    @property
    def is_usable(self) -> bool:
        if self._ahead:
            return self._wire.is_open
        return self._wire.is_quiet and self._letters < MOST_LETTERS

    async def begin(self, relay: Relay) -> None:
        """Greeting, hello, TLS and sign-in; raises Stop."""
        await self._expect(Phase.GREETING, 2, self._timeouts.greeting)
        await self._say_hello(relay)
        if relay.is_starttls:
            await self._start_tls(relay)
            await self._say_hello(relay)
        if relay.user:
            await self._sign_in(relay)

    async def stream(self, outgoing: Outgoing) -> None:
        """The envelope, where it was not said with the dot before it, and the whole body without its dot; raises Stop."""
        self.phase = Phase.MAIL
        envelope, self._ahead = self._ahead, None
        is_said, is_first = envelope is not None, self._letters == 0
        if envelope is None:
            envelope = self._prepared(outgoing)
            self._letters += 1
        try:
            await self._introduce(envelope, is_said=is_said)
        except Stop as stop:
            tired = stop.outcome.code in (0, 421) and stop.outcome.verdict == Verdict.RETRY
            stop.is_stale = tired and not is_first and self.phase == Phase.MAIL
            if stop.is_usable:
                stop.is_usable = await self._reset()
            raise
        self.phase = Phase.BODY
        try:
            for start in range(0, len(envelope.body), BLOCK):
                self._wire.write(envelope.body[start : start + BLOCK])
                await self._wire.drain(self._timeouts.block)
        except WireError as cut:
            raise Stop(outcome_of(Phase.BODY, await self._last_words(cut.fault))) from cut
        await asyncio.sleep(0)  # let the loop see what has come meanwhile
        await self._check_quiet()

    async def dot(self, ahead: Outgoing | None = None) -> Outcome:
        """The final dot and what the server makes of it; raises Stop while no byte of the dot has left.

        `ahead` is the letter that this connection is to carry next: where the server takes commands in groups, its envelope
        goes along with the dot (RFC 2920, 3.1), so that it is answered when the dot is."""
        await self._check_quiet()
        self._ahead = self._to_say_ahead(ahead) if ahead else None
        self.phase = Phase.DOT
        self._wire.write(b".\r\n" + (self._ahead.said if self._ahead else b""))
        failpoint.passed("dotted")
        try:
            reply = await self._wire.reply(self._timeouts.dot)
        except WireError as cut:
            self._wire.abort()
            return outcome_of(Phase.DOT, cut.fault)
        failpoint.passed("answered")
        outcome = outcome_of(Phase.DOT, reply)
        if reply.code == 421 or outcome.verdict == Verdict.AMBIGUOUS:
            self._wire.abort()
        return outcome

    def abort(self) -> None:
        """Close without a dot: the server must forget the letter (RFC 5321, 4.1.1.10)."""
        self._wire.abort()

    async def quit(self) -> None:
        """Say goodbye; how that ends concerns no letter."""
        try:
            if self._wire.is_quiet and not self._ahead:
                self._wire.write(b"QUIT\r\n")
                await self._wire.reply(self._timeouts.quit)
        except WireError:
            pass
        finally:
            self._wire.abort()

    async def _say_hello(self, relay: Relay) -> None:
        name = relay.hello or _own_name(self._wire)
        try:
            reply = await self._ask(Command(Phase.HELLO, f"EHLO {name}\r\n".encode(), 2))
        except Stop as stop:
            if not (stop.is_usable and stop.outcome.code // 100 == 5):
                raise
            await self._ask(Command(Phase.HELLO, f"HELO {name}\r\n".encode(), 2))
            self._offers = {}
            return
        words = (line.upper().partition(" ") for line in reply.text.split("\n")[1:])
        self._offers = {name: values for name, _, values in words}

    async def _start_tls(self, relay: Relay) -> None:
        if "STARTTLS" not in self._offers:
            raise _stop(Phase.TLS, "The server does not offer STARTTLS.")
        await self._ask(Command(Phase.TLS, b"STARTTLS\r\n", 2))
        if not self._wire.is_quiet or self._wire.transport is None:
            raise _stop(Phase.TLS, "The server said something in clear after STARTTLS.")  # would be read as encrypted
        try:
            self._wire.transport = await asyncio.get_running_loop().start_tls(
                self._wire.transport,
                self._wire,
                relay.tls(),
                server_hostname=relay.host,
                ssl_handshake_timeout=self._timeouts.connect,
            )
        except (OSError, TimeoutError) as failure:
            raise _stop(Phase.TLS, f"No TLS with the server: {failure}") from failure
        if self._wire.transport is None:
            raise _stop(Phase.TLS, "The server closed the connection during the TLS handshake.")

    async def _sign_in(self, relay: Relay) -> None:
        is_clear = not (relay.is_tls or relay.is_starttls)
        if is_clear and not relay.is_loopback:
            raise _stop(Phase.AUTH, "A password must not travel in clear.")
        way = way_of(self._offers.get("AUTH", ""), is_clear=is_clear)
        if way is None:
            raise _stop(Phase.AUTH, "The server offers no way to sign in that we know (PLAIN, LOGIN, CRAM-MD5).")
        talk = way(relay.user.encode(), relay.password.encode())
        line, wanted = next(talk)
        while True:
            reply = await self._ask(Command(Phase.AUTH, line, wanted))
            try:
                line, wanted = talk.send(reply.text)
            except StopIteration:
                return
            except ValueError as wrong:
                raise _stop(Phase.AUTH, "The server's challenge cannot be read.") from wrong

    def _to_say_ahead(self, outgoing: Outgoing) -> Envelope | None:
        if "PIPELINING" not in self._offers or self._letters >= MOST_LETTERS:
            return None
        try:
            envelope = self._prepared(outgoing)
        except Stop:
            return None  # what this server can never take is told when its turn comes
        self._letters += 1
        return envelope

    def _prepared(self, outgoing: Outgoing) -> Envelope:
        """The commands and the stuffed body; a letter that this server can never take is rejected before a word."""
        for address in filter(None, (outgoing.envelope_from, outgoing.recipient)):
            if not PATH.fullmatch(address):
                raise _never("This is not an address that a mail server takes.")
        try:
            body = dot_stuffed(outgoing.message)
        except ValueError as wrong:
            raise _never(str(wrong)) from wrong
        limit = self._offers.get("SIZE", "")
        if limit.isdigit() and 0 < int(limit) < len(outgoing.message):
            raise _never(f"The letter has {len(outgoing.message)} bytes; the server takes {limit}.")
        mail = f"MAIL FROM:<{outgoing.envelope_from}>{self._parameters(outgoing)}\r\n"
        rcpt = f"RCPT TO:<{outgoing.recipient}>\r\n"
        commands = [Command(Phase.MAIL, mail.encode(), 2), Command(Phase.RCPT, rcpt.encode(), 2), OPEN]
        return Envelope(commands, body)

    def _parameters(self, outgoing: Outgoing) -> str:
        words = f" SIZE={len(outgoing.message)}" if "SIZE" in self._offers else ""
        if not outgoing.message.isascii():
            if "8BITMIME" not in self._offers:
                raise _never("The server takes no 8-bit letters (8BITMIME).")
            words += " BODY=8BITMIME"
        head = outgoing.message.partition(b"\r\n\r\n")[0]
        if not (head.isascii() and outgoing.envelope_from.isascii() and outgoing.recipient.isascii()):
            if "SMTPUTF8" not in self._offers:
                raise _never("The server takes no addresses in this script (SMTPUTF8).")
            words += " SMTPUTF8"
        return words

    async def _introduce(self, envelope: Envelope, *, is_said: bool) -> None:
        """MAIL, RCPT, DATA: in one group where the server offers that, DATA last in it (RFC 2920)."""
        if "PIPELINING" not in self._offers:
            for command in envelope.commands:
                await self._ask(command)
            return
        if not is_said:
            self._send(envelope.commands)
        first, is_open = None, False
        for command in envelope.commands:
            try:
                await self._hear(command)
                is_open = command.phase == Phase.DATA
            except Stop as stop:
                first = first or stop
                if not stop.is_usable:
                    first.is_usable = False
                    break
        if first:
            first.is_usable = first.is_usable and not is_open  # DATA was opened all the same: only closing helps
            raise first

    async def _ask(self, command: Command) -> Reply:
        self._send([command])
        return await self._hear(command)

    def _send(self, commands: Iterable[Command]) -> None:
        commands = list(commands)
        self.phase = commands[0].phase
        try:
            self._wire.write(b"".join(command.line for command in commands))
        except WireError as cut:
            raise Stop(outcome_of(self.phase, cut.fault)) from cut

    async def _hear(self, command: Command) -> Reply:
        seconds = self._timeouts.data if command.phase == Phase.DATA else self._timeouts.command
        return await self._expect(command.phase, command.wanted, seconds)

    async def _expect(self, phase: Phase, wanted: int, seconds: float) -> Reply:
        self.phase = phase
        try:
            reply = await self._wire.reply(seconds)
        except WireError as cut:
            raise Stop(outcome_of(phase, cut.fault)) from cut
        if reply.code // 100 != wanted:
            raise Stop(outcome_of(phase, reply), is_usable=reply.code >= 400 and reply.code != 421)
        return reply

    async def _reset(self) -> bool:
        """Clear a refused envelope; whether the connection may carry another letter."""
        try:
            await self._ask(Command(Phase.MAIL, b"RSET\r\n", 2))
        except Stop:
            return False
        return True

    async def _check_quiet(self) -> None:
        """Before the dot the server has nothing to say; what it says all the same ends this letter, without a dot."""
        if not self._wire.is_quiet:
            raise Stop(outcome_of(Phase.BODY, await self._last_words()))

    async def _last_words(self, cut: Fault | None = None) -> Reply | Fault:
        try:
            return await self._wire.reply(0.1)
        except WireError as end:
            return cut or end.fault


async def open_session(relay: Relay, timeouts: Timeouts) -> Session:
    """Connect and sign in; raises Stop. NODELAY is what asyncio sets on every TCP socket."""
    wire = Wire()
    try:
        async with asyncio.timeout(timeouts.connect):
            await asyncio.get_running_loop().create_connection(
                lambda: wire, relay.host, relay.port, ssl=relay.tls() if relay.is_tls else None
            )
    except (OSError, TimeoutError) as failure:
        raise _stop(Phase.CONNECT, f"No connection to {relay.host}:{relay.port}: {str(failure) or 'no answer'}") from failure
    session = Session(wire, timeouts)
    try:
        await session.begin(relay)
    except BaseException:
        session.abort()
        raise
    return session


def _stop(phase: Phase, text: str) -> Stop:
    return Stop(outcome_of(phase, Fault(text)))


def _never(reason: str) -> Stop:
    return Stop(Outcome(Verdict.REJECTED, reason), is_usable=True)


def _own_name(wire: Wire) -> str:
    """Our end of the connection as an address literal (RFC 5321, 4.1.3): always true, and needs no name service."""
    address = wire.transport.get_extra_info("sockname")[0] if wire.transport else "127.0.0.1"
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"
