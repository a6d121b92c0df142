"""Decides that every fault of a mail server is told apart: sent, not sent, or a doubt on record, and never a guess.

GOODTERMS_LETTERS sets the number of letters for each fault (1,000 for a release).
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from goodterms.delivery.channels.commit import GroupCommitter, Outgoing, Settlement
from goodterms.delivery.channels.smtp import Relay, Timeouts, send_all
from goodterms.delivery.rules import Verdict
from goodterms.delivery.tests.sink import AFTER_DOT, MODES, Sink, own_certificate

LETTERS = int(os.environ.get("GOODTERMS_LETTERS", "8"))
QUICK = Timeouts(connect=5, greeting=5, command=0.8, data=0.8, block=5, dot=0.5, quit=0.5)
PATIENT = Timeouts(connect=60, greeting=60, command=60, data=60, block=60, dot=60, quit=5)
EXPECTED = {
    **dict.fromkeys(MODES, Verdict.RETRY),
    **dict.fromkeys(["550:MAIL", "550:RCPT", "550:DATA", "550:DOT"], Verdict.REJECTED),
    **dict.fromkeys(AFTER_DOT, Verdict.AMBIGUOUS),
    "550:EHLO": Verdict.ACCEPTED,  # by HELO
    "drop:QUIT": Verdict.ACCEPTED,
}


@dataclass
class Books:
    """The durable side, in memory: what was marked, and how each letter ended."""

    withheld: set[Hashable] = field(default_factory=set)
    marked: list[Hashable] = field(default_factory=list)
    settled: dict[Hashable, Verdict] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    commits: int = 0
    seconds: float = 0.005  # what a durable commit takes; a server that cuts the body is heard before the mark is made

    def commit(self, marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
        time.sleep(self.seconds)
        self.commits += 1
        for settlement in settlements:
            assert settlement.outgoing.id not in self.settled, "settled twice"
            self.settled[settlement.outgoing.id] = settlement.outcome.verdict
            self.reasons.append(settlement.outcome.reason)
        allowed = {letter.id for letter in marks} - self.withheld
        self.marked.extend(allowed)
        return allowed


def letter(number: int, size: int = 200) -> Outgoing:
    name = f"<letter-{number}@mail.penhale.example>"
    body = b"Subject: %d\r\nMessage-ID: %s\r\n\r\n.dot\r\n" % (number, name.encode()) + b"x" * 70 + b"\r\n"
    whole = body + (b"y" * 76 + b"\r\n") * (size // 78)
    return Outgoing(number, whole, "bounces@penhale.example", f"payer-{number}@bellwether.example", name)


async def send(
    sink: Sink,
    letters: list[Outgoing],
    *,
    lanes: int = 4,
    books: Books | None = None,
    query: str = "",
    timeouts: Timeouts = QUICK,
) -> tuple[Books, Counter[Verdict]]:
    books = books or Books()
    port = await sink.start()
    try:
        async with GroupCommitter(books.commit, lanes=lanes) as committer:
            relay = Relay.from_url(f"smtp://127.0.0.1:{port}{query}")
            tally = await send_all(letters, relay, committer, lanes=lanes, timeouts=timeouts)
    finally:
        await sink.stop()
    return books, tally


def assert_told_apart(sink: Sink, books: Books, letters: list[Outgoing], mode: str) -> None:
    """The server's own count against ours."""
    stored = Counter(found.message_id for found in sink.stored)
    for one in letters:
        copies, verdict = stored[one.message_id], books.settled[one.id]
        assert copies <= 1, mode
        if verdict == Verdict.ACCEPTED:
            assert copies == 1, mode
        elif verdict == Verdict.AMBIGUOUS:
            assert mode in AFTER_DOT
        else:
            assert copies == 0, mode
        assert copies <= (one.id in books.marked), "sent without a mark"


@pytest.mark.parametrize("offers", [("PIPELINING", "SIZE 10485760"), ()], ids=["grouped", "one by one"])
@pytest.mark.parametrize("mode", MODES)
def test_each_fault_is_what_it_is(mode: str, offers: tuple[str, ...]) -> None:
    tls = own_certificate()[0] if mode == "cut:TLS" else None
    sink = Sink(fault=mode, offers=offers, tls=tls)
    query = f"?starttls=1&ca={own_certificate()[1]}" if tls else ""
    letters = [letter(number) for number in range(LETTERS)]
    books, tally = asyncio.run(send(sink, letters, query=query))
    assert tally == Counter({EXPECTED[mode]: LETTERS}), books.reasons[:3]
    assert_told_apart(sink, books, letters, mode)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in ("refuse", "cut:TLS")])
def test_faults_among_good_answers_are_told_apart_letter_by_letter(mode: str) -> None:
    sink = Sink(fault=mode, every=3)
    letters = [letter(number) for number in range(LETTERS)]
    books, _ = asyncio.run(send(sink, letters))
    assert set(books.settled) == {one.id for one in letters}
    assert_told_apart(sink, books, letters, mode)
    assert Verdict.ACCEPTED in books.settled.values()


@pytest.mark.parametrize("mode", ["rst:BODY", "drop:BODY"])
def test_a_large_letter_that_is_cut_in_its_middle_is_not_sent(mode: str) -> None:
    sink = Sink(fault=mode)
    letters = [letter(number, size=3_000_000) for number in range(3)]
    books, tally = asyncio.run(send(sink, letters))
    assert tally == {Verdict.RETRY: 3}
    assert_told_apart(sink, books, letters, mode)


def test_a_large_letter_arrives_whole() -> None:
    sink = Sink()
    letters = [letter(number, size=3_000_000) for number in range(3)]
    _, tally = asyncio.run(send(sink, letters, timeouts=PATIENT))
    assert tally == {Verdict.ACCEPTED: 3}
    assert sorted(found.sha256 for found in sink.stored) == sorted(sha256(one) for one in letters)


def sha256(one: Outgoing) -> str:
    return hashlib.sha256(one.message).hexdigest()


def test_the_server_process_logs_what_it_stored(tmp_path: Path) -> None:
    log = tmp_path / "stored.tsv"
    command = [sys.executable, "-m", "goodterms.delivery.tests.sink", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()

        async def go() -> None:
            async with GroupCommitter(Books().commit) as committer:
                await send_all([letter(1), letter(2)], Relay.from_url(f"smtp://127.0.0.1:{port}"), committer, 1, QUICK)

        try:
            asyncio.run(go())
        finally:
            process.terminate()
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    assert lines == [[one.message_id, one.recipient, sha256(one)] for one in (letter(1), letter(2))]
