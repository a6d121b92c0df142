"""Decides how a day dies in the stories: a worker of its own that is killed at a point, and a mail server that lives on."""

import hashlib
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

from django.db import connection, connections

from goodterms.database.isolation import acting_for
from goodterms.delivery.failpoint import POINTS
from goodterms.delivery.models import Letter

ROOT = Path(__file__).parents[1]


class Stored(NamedTuple):
    message_id: str
    recipient: str
    sha256: str


@dataclass
class MailServer:
    """The sink in a process of its own: what it has stored is what the world outside has seen."""

    url: str
    log: Path

    def stored(self) -> list[Stored]:
        return [Stored(*line.split("\t")) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@contextmanager
def a_mail_server(folder: Path, *options: str) -> Iterator[MailServer]:
    log = folder / "stored.log"
    command = [sys.executable, "-m", "goodterms.delivery.tests.sink", "--log", str(log), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield MailServer(f"smtp://127.0.0.1:{process.stdout.readline().strip()}", log)
        finally:
            process.kill()


@dataclass(frozen=True)
class Death:
    """How one worker dies: at a failpoint passed so many times, or after so many seconds."""

    point: str = ""
    times: int = 0
    seconds: float = 0

    def most_in_doubt(self, at_once: int) -> int:
        """How many letters it can leave marked without an answer, at most."""
        nothing_marked = self.point in {"recovering", "recovered", "claiming", "claimed"} and self.times == 1
        return 0 if nothing_marked or (self.point == "marking" and self.times == 1) else at_once

    @property
    def least_in_doubt(self) -> int:
        return int(self.point in {"marked", "dotted", "answered", "settling"})


def deaths(random: Random, seconds: float, points: Sequence[str] = POINTS) -> Iterator[Death]:
    """Half of them at each failpoint in turn, early or late; half at any moment of a day that takes so many seconds."""
    while True:
        for point in points:
            yield Death(point, times=1 if point in {"recovering", "recovered", "claiming"} else random.choice((1, 1, 2, 3)))
            yield Death(seconds=random.uniform(0, seconds))


def dies(work: Callable[[], object], death: Death | None = None) -> bool:
    """Run this in a child of ours, which starts warm; whether it died before it was done. What it raises, we raise."""
    child = begins(work, death)
    if death and death.seconds:
        time.sleep(death.seconds)
        os.kill(child, signal.SIGKILL)
    is_dead = ends(child)
    wait_until(lambda: sessions() == 0)  # what it had begun to commit is committed now
    return is_dead


def begins(work: Callable[[], object], death: Death | None = None) -> int:
    """The number of a child of ours that does this."""
    if not _children:
        _strangers[:] = _sessions()
    connections.close_all()
    child = os.fork()
    if child == 0:
        _live(work, death)
    _children.add(child)
    return child


def ends(child: int) -> bool:
    """Wait for a child of ours; whether it was killed."""
    _, status = os.waitpid(child, 0)
    _children.discard(child)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the worker failed; its words are above"
    return os.WIFSIGNALED(status)


_children: set[int] = set()
_strangers: list[int] = []  # sessions that another test left in this database, such as those of a web server's threads


def sessions() -> int:
    """Those of our children that the server has not let go of yet."""
    return len(set(_sessions()) - set(_strangers))


def _sessions() -> list[int]:
    """Every session of ours in this database but this one."""
    with connection.cursor() as cursor:
        cursor.execute("""
            select pid from pg_stat_activity
            where (datname, usename) = (current_database(), current_user) and pid <> pg_backend_pid()""")
        return [pid for (pid,) in cursor.fetchall()]


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "this did not come to pass"
        time.sleep(0.005)


def marked(vendors: Sequence[UUID], *others: str) -> set[str]:
    """Letters between their mark and a stored answer; and those in other states."""
    with acting_for(vendors):
        return set(Letter.objects.filter(state__in=["committing", *others]).values_list("message_id", flat=True))


def digest_of_the_books() -> str:
    """One hash over the ledger and what is open; seen by all vendors of the story."""
    with connection.cursor() as cursor:
        cursor.execute("""
            select coalesce(string_agg(line, E'\\n' order by line), '') from (
              select e::text as line from ledger_entry e union all select p::text from ledger_posting p
              union all select format('%s %s %s', id, open_minor, settled_on) from invoicing_invoice) rows""")
        return hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()


def _live(work: Callable[[], object], death: Death | None) -> None:
    try:
        if death and death.point:
            os.environ["GOODTERMS_FAILPOINT"] = f"{death.point}:{death.times}"
        work()
    except BaseException:  # noqa: BLE001  (a child must never return into the test)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
