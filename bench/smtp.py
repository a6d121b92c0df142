"""Sending the letters of a day by SMTP: claim, re-check, mark before each dot, settle, through `delivery.due.send`.

- smtp: 8 lanes, as the application's role, with the re-check of reminders and durable marks, to a sink in a process of its own.
- Yardstick: one smtplib connection that sends the same bytes to the same sink, one letter after the other.
- A slow server: the same with 4 lanes against a sink that takes 20 ms to answer.
- commits: marks and outcomes are made durable together, counted a letter.
"""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import book, house
from bench.day import NOW, vendors
from bench.measure import Row, Turns, in_turns

NAME = "bench_smtp"


def run(small: bool) -> Iterator[Row]:
    book.make(NAME, book.Shape(10_000 if small else 60_000))
    house.move_in(NAME)
    letters = _letters()
    slow = letters[:100]
    rounds = 2 if small else 5
    for few, lanes, delay, aim in ((letters, 8, 0.0, 0.7), (slow, 4, 0.02, 3.0)):
        commits: list[float] = []
        with _sink(delay) as port:
            turns = _turns(few, port, lanes, rounds, commits)
        rate, bare = len(few) / turns.seconds, len(few) / turns.bare_seconds
        sink = f"sink that takes {delay * 1000:.0f} ms" if delay else "sink"
        yield Row(
            "smtp", f"{lanes} lanes, {sink}", f"{rate:,.0f} letters/s", f"smtplib {bare:,.0f}/s",
            f"{turns.ratio:.2f} ({turns.spread})", f"at least {aim:g}", turns.ratio >= aim,
        )  # fmt: skip
        yield Row(
            "smtp",
            f"commits a letter, {lanes} lanes, {sink}",
            f"{max(commits):.2f}",
            "",
            "",
            "0.6 at most",
            max(commits) <= 0.6,
        )
    house.drop_books(NAME)


def _letters() -> list[tuple[Any, str, bytes]]:
    """Post the reminders of the day; id, recipient and bytes of those that go by e-mail."""
    from goodterms.database.isolation import acting_for
    from goodterms.delivery.actions import bytes_of
    from goodterms.delivery.models import Letter
    from goodterms.reminders.due import nominate

    named = vendors()
    nominate(vendors=named, on=book.ON, now=NOW)
    with acting_for(named):
        found = Letter.objects.filter(channel="email").order_by("not_before", "id").values_list("id", "recipient")
        return [(id, recipient, bytes_of(letter_id=id)) for id, recipient in found]


def _turns(letters: list[tuple[Any, str, bytes]], port: int, lanes: int, rounds: int, commits: list[float]) -> Turns:
    turns = Turns([], [])
    for _ in range(rounds):
        _make_ready(letters)
        one = in_turns(lambda: commits.append(_send(letters, port, lanes)), lambda: _bare(letters, port), 1)
        turns.form.extend(one.form)
        turns.yardstick.extend(one.yardstick)
    return turns


def _send(letters: list[tuple[Any, str, bytes]], port: int, lanes: int) -> float:
    """All that is ready leaves; commits a letter."""
    from goodterms.delivery.actions import Sender
    from goodterms.delivery.channels.carrier import by_smtp
    from goodterms.delivery.channels.smtp import Relay
    from goodterms.delivery.due import send
    from goodterms.reminders.actions import still_due

    made, commit = [0], Sender.commit

    def counted(*args: Any) -> Any:
        made[0] += 1
        return commit(*args)

    Sender.commit = counted  # type: ignore[method-assign, assignment]
    try:
        carrier = by_smtp(Relay("127.0.0.1", port), lanes=lanes)
        tally = send(vendors=vendors(), carrier=carrier, clock=lambda: NOW, recheck=still_due)
    finally:
        Sender.commit = commit  # type: ignore[method-assign]
    assert tally["accepted"] == len(letters), tally
    return made[0] / len(letters)


def _bare(letters: list[tuple[Any, str, bytes]], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for _, recipient, message in letters:
            line.sendmail("bounces@goodterms.example", recipient, message)


def _make_ready(letters: list[tuple[Any, str, bytes]]) -> None:
    with house.superuser(NAME) as rows:
        rows.execute("update delivery_letter set state = 'held' where channel = 'email'")
        rows.execute(_READY, [[id for id, _, _ in letters]])
        rows.execute("vacuum (analyze) delivery_letter")


@contextmanager
def _sink(delay: float) -> Iterator[int]:
    command = [sys.executable, "-m", "goodterms.delivery.tests.sink", "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.terminate()


_READY = """
update delivery_letter set state = 'ready', fence = 0, attempts = 0, worker = null, committing_at = null, settled_at = null,
  answer = '', not_before = created_at
where id = any(%s)
"""
