"""Decides how our SMTP client behaves with servers that work: TLS, sign-in, lanes, reuse, limits, and being stopped."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Hashable, Sequence
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult

from goodterms.delivery.channels import commit as commits
from goodterms.delivery.channels.commit import GroupCommitter, Outgoing, Settlement
from goodterms.delivery.channels.smtp import Relay, Timeouts, send_all
from goodterms.delivery.channels.smtp.signing_in import cram_md5, way_of
from goodterms.delivery.mime import dot_stuffed
from goodterms.delivery.rules import Outcome, Verdict
from goodterms.delivery.tests.sink import Sink, own_certificate
from goodterms.delivery.tests.test_smtp_faults import QUICK, Books, letter, send
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def run(sink: Sink, letters: list[Outgoing], **more: Any) -> Books:
    return asyncio.run(send(sink, letters, **more))[0]


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [
        ("smtp://localhost", "localhost", 25, "", ""),
        ("smtp://mail.firm.example?starttls=1", "mail.firm.example", 587, "", ""),
        ("smtps://a%40b.example:p%3Aa%2Fs%20s@mail.firm.example", "mail.firm.example", 465, "a@b.example", "p:a/s s"),
        ("smtp://jory:s3cret@[::1]:2525", "::1", 2525, "jory", "s3cret"),
        ("smtp://jory:s3cret@127.0.0.1:2525/", "127.0.0.1", 2525, "jory", "s3cret"),
    ],
)
def test_the_address_of_a_relay_is_read(url: str, host: str, port: int, user: str, password: str) -> None:
    relay = Relay.from_url(url)
    assert (relay.host, relay.port, relay.user, relay.password) == (host, port, user, password)
    assert relay.is_tls == url.startswith("smtps")
    assert not password or password not in repr(relay)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with smtp://"),
        ("mail.firm.example", "begins with smtp://"),
        ("http://mail.firm.example", "begins with smtp://"),
        ("smtp://", "names no host"),
        ("smtp://mail.firm.example:0", "names no host, or port 0"),
        ("smtp://mail.firm.example:99999", "port or host that cannot be read"),
        ("smtp://mail.firm.example:abc", "port or host that cannot be read"),
        ("smtp://user:secret@mail.firm.example", "must not travel in clear"),
        ("smtp://user:secret@mail.firm.example?starttls=0", "must not travel in clear"),
        ("smtp://user@localhost", "user without a password"),
        ("smtp://mail.firm.example?startls=1", "unknown setting: startls"),
        ("smtp://mail.firm.example?starttls=yes", "is 1 or 0"),
        ("smtps://mail.firm.example?starttls=1", "encrypted from the start"),
        ("smtps://user:se/cret@mail.firm.example", "cannot be read|something after the port"),
        ("smtps://user:%0d%0aQUIT@mail.firm.example", "control character"),
        ("smtp://localhost?hello=a%0d%0aQUIT", "control character"),
    ],
)
def test_an_address_that_is_not_clear_is_refused_without_telling_the_password(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refusal:
        Relay.from_url(url)
    assert "secret" not in str(refusal.value)
    assert "smtp://user:password@" in str(refusal.value)


class Postbox(Message):
    """A real server's memory of what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []

    def handle_message(self, message: Any) -> None:
        self.taken.append(message["Message-ID"])


class Server(Controller):
    def __init__(self, **settings: Any) -> None:
        self.postbox = Postbox()
        self.signed_in: list[tuple[str, bytes, bytes]] = []
        super().__init__(
            self.postbox,
            hostname="localhost",
            port=0,
            authenticator=self.check,
            auth_require_tls=False,
            auth_required=True,
            **settings,
        )

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.signed_in.append((mechanism, data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (b"jory", b"p:w d"), handled=False)

    def _trigger_server(self) -> None:
        """Learn the port that the system gave; the parent would connect to port 0."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def through(server: Server, url: str, timeouts: Timeouts = QUICK) -> Books:
    """Send three letters to the real server, whose port goes into the address."""
    books = Books()

    async def go() -> None:
        async with GroupCommitter(books.commit) as committer:
            letters = [letter(number) for number in range(3)]
            await send_all(letters, Relay.from_url(url.format(port=server.port)), committer, timeouts=timeouts)

    server.start()
    try:
        asyncio.run(go())
    finally:
        server.stop()
    return books


@pytest.mark.parametrize(
    ("url", "settings", "mechanism"),
    [
        ("smtp://jory:p%3Aw%20d@localhost:{port}", {}, "PLAIN"),
        ("smtp://jory:p%3Aw%20d@localhost:{port}", {"auth_exclude_mechanism": ["PLAIN"]}, "LOGIN"),
        ("smtp://jory:p%3Aw%20d@localhost:{port}?starttls=1&ca={ca}", {"tls_context": True}, "PLAIN"),
        ("smtps://jory:p%3Aw%20d@localhost:{port}?ca={ca}", {"ssl_context": True}, "PLAIN"),
    ],
    ids=["plain on loopback", "login", "starttls", "tls"],
)
def test_a_real_server_takes_letters_over_tls_and_sign_in(url: str, settings: dict[str, Any], mechanism: str) -> None:
    tls, ca = own_certificate()
    settings = {name: tls if value is True else value for name, value in settings.items()}
    server = Server(**settings)
    books = through(server, url.replace("{ca}", str(ca)), QUICK._replace(dot=5, command=5, greeting=5))
    assert books.settled == dict.fromkeys(range(3), Verdict.ACCEPTED)
    assert sorted(server.postbox.taken) == [letter(number).message_id for number in range(3)]
    assert set(server.signed_in) == {(mechanism, b"jory", b"p:w d")}


def test_a_wrong_password_sends_nothing_and_loses_nothing() -> None:
    server = Server()
    books = through(server, "smtp://jory:wrong@localhost:{port}", QUICK._replace(command=5))
    assert books.settled == dict.fromkeys(range(3), Verdict.RETRY)
    assert not server.postbox.taken
    assert not any("wrong" in reason for reason in books.reasons)


@pytest.mark.parametrize("url", ["smtp://u:p@localhost:{port}?starttls=1", "smtps://u:p@localhost:{port}"])
def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_letter(url: str) -> None:
    tls, _ = own_certificate()
    server = Server(**({"tls_context": tls} if "starttls" in url else {"ssl_context": tls}))
    books = through(server, url, QUICK._replace(command=5))
    assert books.settled == dict.fromkeys(range(3), Verdict.RETRY)
    assert "certificate" in books.reasons[0].lower()
    assert not server.signed_in


def test_a_server_under_another_name_is_not_trusted() -> None:
    tls, ca = own_certificate()
    server = Server(ssl_context=tls)
    context = Relay.from_url(f"smtps://localhost?ca={ca}").tls()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    books = through(server, f"smtps://u:p@ip6-localhost:{{port}}?ca={ca}".replace("ip6-localhost", "127.0.0.2"))
    assert set(books.settled.values()) == {Verdict.RETRY}


def test_what_is_said_in_clear_after_starttls_is_not_believed() -> None:
    async def go() -> Books:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 hi\r\n")
            await reader.readline()
            writer.write(b"250-hi\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n")

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        books = Books()
        async with GroupCommitter(books.commit) as committer:
            await send_all([letter(1)], Relay.from_url(f"smtp://u:p@127.0.0.1:{port}?starttls=1"), committer, 1, QUICK)
        server.close()
        return books

    books = asyncio.run(go())
    assert books.settled == {1: Verdict.RETRY}
    assert "in clear after STARTTLS" in books.reasons[0]


def test_cram_md5_answers_as_the_rfc_does() -> None:
    talk = cram_md5(b"tim", b"tanstaaftanstaaf")
    assert next(talk) == (b"AUTH CRAM-MD5\r\n", 3)
    line, _ = talk.send("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+")
    assert line == b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n"  # RFC 2195, 2


def test_in_clear_the_way_that_hides_the_password_comes_first() -> None:
    assert way_of("LOGIN PLAIN CRAM-MD5", is_clear=True) is cram_md5
    assert way_of("XOAUTH2", is_clear=False) is None


def test_letters_share_a_connection_until_it_has_carried_a_hundred() -> None:
    sink = Sink()
    books = run(sink, [letter(number) for number in range(201)], lanes=1, books=Books(seconds=0))
    assert set(books.settled.values()) == {Verdict.ACCEPTED}
    assert sink.connections == 3


def test_a_refused_payer_does_not_cost_the_next_one_the_connection() -> None:
    for offers in (("PIPELINING",), ()):
        sink = Sink(fault="550:RCPT", every=2, offers=offers)
        books = run(sink, [letter(number) for number in range(6)], lanes=1)
        assert list(books.settled.values()) == [Verdict.ACCEPTED, Verdict.REJECTED] * 3
        assert sink.connections == 1
        assert sink.seen.count("RSET") == 3


def test_a_server_that_tires_of_a_connection_gets_the_letter_on_a_new_one() -> None:
    sink = Sink(fault="421:MAIL", every=3)
    books = run(sink, [letter(number) for number in range(4)], lanes=1)
    assert set(books.settled.values()) == {Verdict.ACCEPTED}
    assert sink.connections == 2


def test_a_relay_that_allows_one_connection_gets_all_letters_on_it() -> None:
    class OneAtATime(Sink):
        def befalls(self, where: str) -> bool:
            return where == "GREETING" and self.connections > 1

    sink = OneAtATime(fault="421:GREETING")
    books = run(sink, [letter(number) for number in range(9)], lanes=4)
    assert set(books.settled.values()) == {Verdict.ACCEPTED}


def test_a_relay_that_is_down_is_asked_a_few_times_only() -> None:
    sink = Sink(fault="421:GREETING")
    books = run(sink, [letter(number) for number in range(500)], books=Books(seconds=0))
    assert set(books.settled.values()) == {Verdict.RETRY}
    assert sink.connections <= 7


def test_a_letter_that_is_no_longer_due_is_streamed_but_gets_no_dot() -> None:
    sink = Sink()
    books = run(sink, [letter(number) for number in range(5)], books=Books(withheld={1, 3}))
    assert books.settled == dict.fromkeys([0, 2, 4], Verdict.ACCEPTED)
    assert sorted(found.message_id for found in sink.stored) == [letter(number).message_id for number in (0, 2, 4)]
    assert sorted(sink.unfinished) == [dot_stuffed(letter(number).message) for number in (1, 3)]  # and not a byte more


def test_a_server_that_opens_data_for_nobody_gets_no_further_letter_on_that_connection() -> None:
    sink = Sink(fault="550:RCPT", every=2, is_lax=True)
    books = run(sink, [letter(number) for number in range(4)], lanes=1)
    assert list(books.settled.values()) == [Verdict.ACCEPTED, Verdict.REJECTED] * 2
    assert sink.unfinished == [b"", b""]
    assert sink.connections == 2


def test_a_letter_that_the_server_can_never_take_is_rejected_before_a_word() -> None:
    whole = letter(1)
    never = {
        "bytes; the server takes 1000": whole._replace(message=b"a: b\r\n\r\n" + b"x" * 2000 + b"\r\n"),
        "8BITMIME": whole._replace(message="a: b\r\n\r\nGrüße\r\n".encode()),
        "SMTPUTF8": whole._replace(recipient="jürgen@firm.example"),
        "not an address": whole._replace(recipient="a@b.example>\r\nRCPT TO:<c@d.example"),
        "CR LF": whole._replace(message=b"a: b\r\n\r\nx\n.\nMAIL FROM:<evil@firm.example>\r\n"),
    }
    for reason, one in never.items():
        sink = Sink(offers=("SIZE 1000",))
        books = run(sink, [one])
        assert books.settled == {1: Verdict.REJECTED}
        assert reason in books.reasons[0]
        assert not any(line.startswith("MAIL") for line in sink.seen)


def test_what_a_letter_needs_is_asked_for() -> None:
    sink = Sink()
    run(sink, [letter(1)._replace(recipient="jürgen@firm.example", message="Subject: ü\r\n\r\nGrüße\r\n".encode())])
    (mail,) = (line for line in sink.seen if line.startswith("MAIL"))
    assert mail == "MAIL FROM:<bounces@penhale.example> SIZE=24 BODY=8BITMIME SMTPUTF8"


def test_when_the_books_fail_no_dot_follows_and_the_error_is_told() -> None:
    class Broken(Books):
        def commit(self, marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
            if len(self.marked) >= 3 and marks:
                raise OSError("the disk is full")
            return super().commit(marks, settlements)

    sink, books = Sink(), Broken()
    with pytest.raises(OSError, match="disk is full"):
        run(sink, [letter(number) for number in range(20)], lanes=2, books=books)
    stored = {found.message_id for found in sink.stored}
    assert stored == {letter(number).message_id for number in range(20) if number in books.marked}
    assert all((verdict == Verdict.ACCEPTED) == (number in books.marked) for number, verdict in books.settled.items())


def test_a_stop_leaves_a_doubt_only_where_the_dot_was_out() -> None:
    async def go() -> tuple[Sink, Books]:
        sink, books = Sink(delay=30), Books()
        port = await sink.start()

        async def endless() -> AsyncIterator[Sequence[Outgoing]]:
            for number in range(2):
                yield [letter(number)]
            await asyncio.sleep(30)

        async with GroupCommitter(books.commit) as committer:
            work = asyncio.create_task(
                send_all(endless(), Relay.from_url(f"smtp://127.0.0.1:{port}"), committer, 4, QUICK._replace(dot=30))
            )
            while len(sink.stored) < 2:
                await asyncio.sleep(0.01)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
        await sink.stop()
        return sink, books

    sink, books = asyncio.run(go())
    assert len(sink.stored) == 2
    assert books.settled == dict.fromkeys(range(2), Verdict.AMBIGUOUS)


def test_the_next_envelope_goes_along_with_the_dot_where_the_server_takes_groups() -> None:
    for offers, along in ((("PIPELINING",), 148), ((), 0)):
        sink = Sink(offers=offers)
        books = run(sink, [letter(number) for number in range(150)], lanes=1, books=Books(seconds=0))
        assert set(books.settled.values()) == {Verdict.ACCEPTED}
        assert sink.behind_dots == along  # not behind the last, nor the hundredth of a connection
        assert books.commits == 300


def test_a_letter_that_was_said_ahead_of_its_turn_has_no_part_in_what_befalls_the_one_before() -> None:
    odd, even = Verdict.ACCEPTED, Verdict.AMBIGUOUS
    for fault, second in (("drop:DOT:lost", even), ("hang:DOT:stored", even), ("421:DOT", Verdict.RETRY)):
        sink = Sink(fault=fault, every=2)
        books = run(sink, [letter(number) for number in range(6)], lanes=1)
        assert books.settled == {number: second if number % 2 else odd for number in range(6)}
        assert sink.connections == 3
    sink = Sink(fault="550:DOT", every=2)
    books = run(sink, [letter(number) for number in range(6)], lanes=1)
    assert list(books.settled.values()) == [odd, Verdict.REJECTED] * 3
    assert sink.connections == 1


def test_a_letter_that_was_said_ahead_and_is_no_longer_due_gets_no_dot() -> None:
    sink = Sink()
    books = run(sink, [letter(number) for number in range(5)], lanes=1, books=Books(withheld={1, 3}))
    assert books.settled == dict.fromkeys([0, 2, 4], Verdict.ACCEPTED)
    assert sink.behind_dots == 2
    assert sorted(sink.unfinished) == [dot_stuffed(letter(number).message) for number in (1, 3)]


def test_what_a_server_can_never_take_is_not_said_ahead() -> None:
    sink = Sink(offers=("PIPELINING", "SIZE 1000"))
    books = run(sink, [letter(0), letter(1, size=5_000), letter(2)], lanes=1)
    assert list(books.settled.values()) == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.ACCEPTED]
    assert sink.connections == 1


@pytest.mark.parametrize(("is_slow", "groups"), [(True, [4, 2, 2]), (False, [4, 4])])
def test_half_of_the_lanes_go_first_where_the_server_is_slow(
    monkeypatch: pytest.MonkeyPatch, is_slow: bool, groups: list[int]
) -> None:
    monkeypatch.setattr(commits, "PROMPT_SECONDS", 0.0 if is_slow else 60.0)
    monkeypatch.setattr(commits, "LINGER_SECONDS", 60.0)
    monkeypatch.setattr(commits, "OUTCOME_SECONDS", 60.0)
    found: list[int] = []

    def commit(marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
        found.append(len(marks))
        return {one.id for one in marks}

    async def go() -> None:
        async with GroupCommitter(commit, lanes=4) as committer, asyncio.timeout(5):
            await asyncio.gather(*(committer.mark(letter(number)) for number in range(4)))
            coming = []
            for half in ((0, 1), (2, 3)):  # their server answers, and their lanes bring the next
                for number in half:
                    await committer.settle(letter(number), Outcome(Verdict.ACCEPTED, "fine"))
                    coming.append(asyncio.create_task(committer.mark(letter(number + 4))))
                await asyncio.sleep(0.05)
            await asyncio.gather(*coming)

    asyncio.run(go())
    assert found == groups


def test_lanes_share_their_commits_and_a_lone_lane_does_not_wait() -> None:
    sink = Sink(delay=0.01)
    many = run(sink, [letter(number) for number in range(80)], lanes=8)
    assert len(many.settled) == 80
    assert many.commits <= 0.6 * 80
    lone = run(Sink(), [letter(number) for number in range(10)], lanes=1)
    assert lone.commits == 20  # each outcome at once, not with a mark that may be long in coming
