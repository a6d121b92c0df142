"""Two vendors whose days run at the same moment: their payer hears from one of them that day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Outreach
from goodterms.parties.models import Vendor
from goodterms.payments.actions import record
from goodterms.relationship import due
from goodterms.relationship.actions import thanks
from goodterms.relationship.models import Asked, Feedback
from goodterms.reminders.actions import nominate
from goodterms.reminders.due import _decisions
from goodterms.reminders.gathering import START, gather, next_payers, vendor_facts
from goodterms.reminders.rules import Moment
from goodterms.reminders.tests.test_day import FIRST, a_customer, a_vendor, an_invoice
from goodterms.values.money import Money

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["ask", "remind", "neither"])
def test_a_payer_gets_the_question_or_a_reminder_whoever_is_first(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paid, owed = a_vendor(), a_vendor("vermeer", "Vermeer Packaging")
    both, race = [paid.id, owed.id], Race(first)
    thanked(paid, both)
    an_invoice(owed, a_customer(owed))
    claim_turns = thanks._claim_turns

    def waiting(*args: Any) -> Any:
        race.wait("ask")
        return claim_turns(*args)

    def ask() -> None:
        due.ask(vendor_id=paid.id, vendors=both, now=NOW)

    def remind() -> None:
        with acting_for(both):
            moment = Moment(FIRST, NOW)
            known = vendor_facts(moment)
            gathered = gather(next_payers(START), moment.on, moment.now, moment.days(known))
            decisions = _decisions(gathered, known, moment)
            race.wait("remind")
            nominate(decisions=decisions, on=FIRST, now=NOW)

    monkeypatch.setattr(thanks, "_claim_turns", waiting)
    race.run(ask, remind)
    with acting_for(both):
        assert Outreach.objects.count() == 1
        [letter] = Letter.objects.exclude(kind="receipt")
        assert letter.kind in {"ask": ["satisfaction"], "remind": ["notice"], "neither": ["satisfaction", "notice"]}[first]
        assert Feedback.objects.count() == Asked.objects.count() == (letter.kind == "satisfaction")


def thanked(vendor: Vendor, vendors: list[UUID]) -> None:
    """Sandra Whitlock has paid this vendor and was thanked for it yesterday."""
    customer = a_customer(vendor)
    with acting_for(vendors):
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(10_000, "GBP"), received_on=YESTERDAY.date(),
            method="bank_transfer", idempotency_key="1", by="owner", role="owner", now=YESTERDAY,
            named=[an_invoice(vendor, customer)],
        )  # fmt: skip
    due.thank(vendor_id=vendor.id, vendors=vendors, now=YESTERDAY)


class Race:
    """Two that have both decided before either claims; the one called `first` claims before the other, or neither does."""

    def __init__(self, first: str) -> None:
        self.first = first
        self.both_have_decided, self.the_first_is_done = Barrier(2), Barrier(2)
        self.failures: list[BaseException] = []

    def wait(self, who: str) -> None:
        self.both_have_decided.wait(30)
        if self.first not in (who, "neither"):
            self.the_first_is_done.wait(30)

    def run(self, *works: Callable[[], None]) -> None:
        runners = [Thread(target=self._run, args=[work]) for work in works]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        assert self.failures == []

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
            if self.first == work.__name__:
                self.the_first_is_done.wait(30)
        except BaseException as failure:  # noqa: BLE001  (told by the test)
            self.failures.append(failure)
        finally:
            connection.close()
