"""A day that is killed anywhere sends each letter once, or says that it does not know; and touches no money.

GOODTERMS_KILLS sets how many kills and GOODTERMS_SEED repeats the plan of a run.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import time, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random, SystemRandom
from uuid import UUID

import pytest
from django.conf import settings

from goodterms.clock.tick import Run, run_day
from goodterms.database.isolation import acting_for
from goodterms.delivery import due, failpoint
from goodterms.delivery.channels.carrier import LANES
from goodterms.delivery.channels.outbox import BATCH
from goodterms.delivery.models import Body, Letter
from goodterms.interactions.models import Interaction
from goodterms.reminders.models import Notice
from goodterms.values.days import instant, is_working_day
from stories.dying import Death, a_mail_server, begins, deaths, dies, digest_of_the_books, ends, marked
from stories.world import World, a_line

KILLS = int(os.environ.get("GOODTERMS_KILLS", "24"))
SEED = int(os.environ.get("GOODTERMS_SEED") or SystemRandom().randrange(1 << 32))
PAYERS = 40
FIRST_DAY, LAST_DAY = 25, 34  # after the day of issue, of invoices that are due after 30
DAY_SECONDS = 0.25
DOUBTS = ("ambiguous", "resolved_sent", "closed_unknown")  # the last three days later, on the day of the next step
Work = Callable[[], object]
pytestmark = pytest.mark.django_db(transaction=True)


def a_book() -> World:
    """A vendor whose forty payers owe one invoice each, from the same day."""
    world = World()
    for number in range(PAYERS):
        world.bill(world.a_customer(f"C{number} Foods"), a_line("100"), has_paper=False)
    world.make_papers()
    return world


def days_of(world: World) -> Iterator[Run]:
    """The days on which its payers may hear from it: a heads-up, the due day, a first reminder."""
    for n in range(FIRST_DAY, LAST_DAY):
        if is_working_day(on := world.today + timedelta(days=n), "GB"):
            now = instant(on, time(10), "Europe/London")
            yield Run(world.vendor.id, [world.vendor.id], on, now, lambda now=now: now)  # type: ignore[misc]


class Killed:
    """Days that were killed so many times, in all; with a rival, a second worker does the same day and lives."""

    def __init__(self, kills: int, at_once: int, *, points: Sequence[str] = failpoint.POINTS, has_rival: bool = False) -> None:
        print(f"GOODTERMS_SEED={SEED}", flush=True)
        self.vendors: list[UUID] = []
        self.by_point: Counter[str] = Counter()
        self.in_doubt: set[str] = set()  # marked without an answer when their worker had just died
        self.kill = self._kill_one_of_two if has_rival else self._kill
        plan = deaths(Random(SEED), DAY_SECONDS, points)
        while self.by_point.total() < kills:
            world = a_book()
            self.vendors.append(world.vendor.id)
            books = digest_of_the_books()
            for run in days_of(world):
                while self.kill(partial(run_day, run), death := next(plan), at_once):
                    self.by_point[death.point or "any moment"] += 1
                dies(partial(run_day, run))
            assert digest_of_the_books() == books

    def _kill(self, work: Work, death: Death, at_once: int) -> bool:
        is_dead = dies(work, death)
        if is_dead:
            fresh = marked(self.vendors) - self.in_doubt
            assert death.least_in_doubt <= len(fresh) <= death.most_in_doubt(at_once), (death, len(fresh))
            self.in_doubt |= fresh
        return is_dead

    def _kill_one_of_two(self, work: Work, death: Death, at_once: int) -> bool:
        rival = begins(work)
        is_dead = dies(work, death)
        ends(rival)
        fresh = marked(self.vendors, *DOUBTS) - self.in_doubt  # the rival may have found them already
        assert len(fresh) <= at_once * is_dead, (death, len(fresh))
        self.in_doubt |= fresh
        return is_dead


def test_wherever_the_day_is_killed_each_letter_leaves_once_or_is_a_doubt_on_record(tmp_path: Path) -> None:
    with a_mail_server(tmp_path, "--delay", "0.002") as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SMTP_URL", server.url)
        killed = Killed(KILLS, LANES)
        stored = server.stored()
    found = check(killed, {one.message_id: one.sha256 for one in stored})
    assert len({one.message_id for one in stored}) == len(stored), "two copies"
    assert all(found[one.message_id].recipient == one.recipient for one in stored)
    assert not any(letter.state == "resolved_sent" for letter in found.values())  # nobody can look into that server


def test_a_second_worker_clears_up_after_the_killed_one_and_nothing_leaves_twice(tmp_path: Path) -> None:
    with a_mail_server(tmp_path, "--delay", "0.002") as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SMTP_URL", server.url)
        patch.setattr(due, "BATCH", 5)  # so that both have a share
        killed = Killed(max(8, KILLS // 6), LANES, points=("marked", "dotted", "answered", "settling"), has_rival=True)
        stored = server.stored()
    check(killed, {one.message_id: one.sha256 for one in stored})
    assert len({one.message_id for one in stored}) == len(stored), "two copies"


def test_what_lies_in_the_outbox_after_a_kill_is_known_to_have_been_put_there(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SMTP_URL", "")
        patch.setattr(settings, "HOME", tmp_path)
        killed = Killed(max(8, KILLS // 4), BATCH, points=("dotted", "marked", "settled", "claimed"))
    names = {f"<{path.stem}>": sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "outbox").glob("*.eml")}
    found = check(killed, names)
    lying = {name for name, letter in found.items() if letter.state in ("accepted", "resolved_sent")}
    assert lying == set(names), "a doubt whose letter lies there is none"


def check(killed: Killed, seen: dict[str, str]) -> dict[str, Letter]:
    """What the world has seen (hashes by Message-ID) agrees with the books; returns the letters by Message-ID."""
    with acting_for(killed.vendors):
        letters = {one.message_id: one for one in Letter.objects.all()}
        hashes = {one.letter_id: bytes(one.sha256).hex() for one in Body.objects.all()}
        notices = list(Notice.objects.all())
        said = Counter(Interaction.objects.filter(kind__startswith="letter.").values_list("kind", flat=True))
    states = Counter(letter.state for letter in letters.values())
    sent = {name for name, letter in letters.items() if letter.state == "accepted"}
    doubts = {name for name, letter in letters.items() if letter.state in DOUBTS}

    assert set(Counter((notice.payer_id, notice.step) for notice in notices).values()) == {1}, "a step twice"
    assert set(Counter((one.vendors[0], one.on) for one in notices).values()) == {PAYERS}, "a payer was left out"
    assert {notice.letter_id for notice in notices} == {letter.id for letter in letters.values() if letter.kind == "notice"}
    assert sent | doubts == set(letters), f"a letter was lost: {states}"
    assert sent <= set(seen) <= sent | doubts
    assert {name: hashes[letters[name].id] for name in seen} == seen
    assert doubts == killed.in_doubt, "each doubt comes from a kill between mark and stored answer, and each such is one"
    assert said == +Counter(
        {
            "letter.sent": len(sent),
            "letter.doubted": len(doubts),
            "letter.resolved": states["resolved_sent"],
            "letter.closed": states["closed_unknown"],
        }
    )
    print(dict(killed.by_point), len(seen), "seen,", len(doubts), "doubts, of those seen:", len(doubts & set(seen)))
    return letters
