"""A paid invoice is not reminded of: a payment races the worker at each point on the letter's way.

GOODTERMS_RACES sets how many races and GOODTERMS_SEED repeats a run.
"""

import os
import threading
from datetime import date, time
from pathlib import Path
from random import Random, SystemRandom
from time import monotonic, sleep

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery import failpoint
from goodterms.delivery.channels.carrier import into_folder
from goodterms.delivery.due import send
from goodterms.delivery.models import Letter
from goodterms.reminders import due as reminders
from goodterms.reminders.actions import still_due
from goodterms.values.days import instant
from stories.world import BEGIN, World, a_line

RACES = int(os.environ.get("GOODTERMS_RACES", "50"))
SEED = int(os.environ.get("GOODTERMS_SEED") or SystemRandom().randrange(1 << 32))
TUESDAY = date(2026, 10, 6)  # past the due day of what is issued when the world begins
NOW = instant(TUESDAY, time(10), "Europe/London")
PATIENCE = 0.15  # how long the worker is held at its point; a payment that takes no lock is through long before
BEFORE_THE_MARK = {"recovering", "recovered", "claiming", "claimed"}
pytestmark = pytest.mark.django_db(transaction=True)


class Race:
    """One invoice, one letter, one payment. The payment begins at a failpoint, or after so many seconds."""

    def __init__(self, world: World, name: str, point: str = "", after: float = 0) -> None:
        world.now = BEGIN
        self.world = world
        self.customer = world.a_customer(name)
        self.invoice = world.bill(self.customer, a_line("100"), has_paper=False)
        self.point = point
        self.after = after
        self.paid_at: float | None = None  # the payment was committed, at the latest
        self.marking_at: float | None = None  # the mark was not committed yet
        self._payment = threading.Thread(target=self._pay)

    def run(self, folder: Path, patch: pytest.MonkeyPatch) -> Letter:
        self.world.now = NOW
        ours = [self.world.vendor.id]
        assert reminders.nominate(vendors=ours, on=TUESDAY, now=NOW).notices == 1
        patch.setattr(failpoint, "passed", self._passed)
        if not self.point:
            self._payment.start()
        send(vendors=ours, carrier=into_folder("email", folder, ".eml"), clock=lambda: NOW, recheck=still_due)
        self._payment.join()
        with acting_for(ours):
            return Letter.objects.get(notice__nominations__invoice_id=self.invoice.id)

    def _passed(self, point: str) -> None:
        if point == self.point and self._payment.ident is None:
            self._payment.start()
            self._payment.join(PATIENCE)
        if point == "marking":
            self.marking_at = monotonic()

    def _pay(self) -> None:
        sleep(self.after)
        self.world.pay(self.customer, self.invoice.open_minor, key=str(self.customer.id), named=[self.invoice.id])
        self.paid_at = monotonic()
        connection.close()


def test_no_mark_is_made_after_the_payment_is_in_the_books(tmp_path: Path) -> None:
    print(f"GOODTERMS_SEED={SEED}", flush=True)
    random, world, ends = Random(SEED), World(), set[tuple[str, str]]()
    points = [point for point in failpoint.POINTS if point != "answered"]  # a folder gives no answer
    for number in range(RACES):
        point = points[number // 2 % len(points)] if number % 2 else ""
        race = Race(world, f"R{number} Foods", point, 0 if point else random.uniform(0, 0.03))
        with pytest.MonkeyPatch.context() as patch:
            letter = race.run(tmp_path, patch)
        assert race.paid_at is not None, "the payment failed"
        assert letter.state in ("accepted", "superseded")
        is_marked = letter.committing_at is not None
        assert is_marked == (letter.state == "accepted")
        if is_marked:
            assert race.marking_at is not None
            assert race.marking_at < race.paid_at, f"marked after the payment, which came at {point or race.after}"
        if point:
            assert is_marked != (point in BEFORE_THE_MARK), point
        ends.add((point, letter.state))
    print(sorted(ends))
    assert {state for _, state in ends} == {"accepted", "superseded"}
