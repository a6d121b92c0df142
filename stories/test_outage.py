"""The mail server is down for a day and a half: nothing is lost, nothing stale leaves, nobody hears from us at night.

GOODTERMS_QUEUED sets how many payers.
"""

import os
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from goodterms.clock.tick import Run, run_day
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.reminders.models import Notice
from goodterms.values.days import day_in, instant
from stories.dying import a_mail_server
from stories.world import World, a_line

QUEUED = int(os.environ.get("GOODTERMS_QUEUED", "30"))
ZONE = "Europe/London"
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 9, 28) + timedelta(days=n) for n in range(3))  # three to five days before they are due
OPENS, CLOSES = time(9), time(19)  # the hours of payers who did not say
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def nobody_listens() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"smtp://127.0.0.1:{taken.getsockname()[1]}"


class Days:
    """The clock of the installation, which looks when the story says; each reading of it is a little later."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.patch = patch
        self.now = world.now
        self.step = timedelta()

    def look(self, on: date, at: time, server: str) -> Counter[str]:
        self.patch.setattr(settings, "SMTP_URL", server)
        self.now = self.world.now = instant(on, at, ZONE)
        ours = [self.world.vendor.id]
        return run_day(Run(ours[0], ours, on, self.now, self._read))

    def _read(self) -> datetime:
        self.now += self.step
        return self.now


def test_after_a_day_without_a_mail_server_what_is_still_true_leaves_in_its_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    customers = [world.a_customer(f"Q{number} Foods") for number in range(QUEUED)]
    invoices = [world.bill(customer, a_line("100")) for customer in customers]
    days = Days(world, monkeypatch)

    with nobody_listens() as down:
        for hour in range(9, 20):
            found = days.look(MONDAY, time(hour), down)
            if hour == 14:  # one pays while its letter waits
                world.pay(customers[0], invoices[0].open_minor, key="monday", named=[invoices[0].id])
        assert found["sent"] == 0
        assert states(world) == Counter(expired=QUEUED - 1, superseded=1)
        days.look(TUESDAY, time(9), down)
        world.pay(customers[1], invoices[1].open_minor, key="tuesday", named=[invoices[1].id])
    with a_mail_server(tmp_path) as server:
        days.step = timedelta(seconds=max(1, 240 // QUEUED))  # the hours of the day end while letters leave
        days.look(TUESDAY, time(18, 59, 0), server.url)
        on_tuesday = states(world)["accepted"]
        days.look(TUESDAY, time(20), server.url)
        assert states(world)["accepted"] == on_tuesday
        days.step = timedelta()
        days.look(WEDNESDAY, time(9), server.url)
        days.look(WEDNESDAY, time(12), server.url)
        stored = server.stored()

    assert 0 < on_tuesday < QUEUED - 2
    with acting_for([world.vendor.id]):
        left = {one.message_id: one for one in Letter.objects.filter(kind="notice").exclude(committing_at=None)}
        receipts = set(Letter.objects.filter(kind="receipt").values_list("message_id", flat=True))
        said_on = dict(Notice.objects.values_list("letter_id", "on"))
    reminded = Counter(one.recipient for one in stored if one.message_id in left)
    thanked = {one.recipient for one in stored if one.message_id in receipts}
    assert reminded == Counter(address(world, n) for n in range(2, QUEUED))
    assert thanked == {address(world, n) for n in range(2)}, "who paid meanwhile is thanked and not reminded"
    assert {one.state for one in left.values()} == {"accepted"}
    for letter in left.values():
        assert letter.committing_at is not None
        assert said_on[letter.id] == day_in(ZONE, letter.committing_at), "a stale letter"
        assert instant(said_on[letter.id], OPENS, ZONE) <= letter.committing_at < instant(said_on[letter.id], CLOSES, ZONE)
    print(f"{on_tuesday} left on Tuesday evening, {len(left) - on_tuesday} on Wednesday;", dict(states(world)))


def address(world: World, number: int) -> str:
    return f"accounts@q{number}-{world.slug}.example"


def states(world: World) -> Counter[str]:
    """Where the reminders stand; thanks are another matter."""
    with acting_for([world.vendor.id]):
        return Counter(Letter.objects.filter(kind="notice").values_list("state", flat=True))
