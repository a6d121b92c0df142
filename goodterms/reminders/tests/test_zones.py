"""Payers in other places than their vendors: their own day and hours count, and they hear from us once in a day of theirs."""

import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body, Letter
from goodterms.interactions.models import Outreach
from goodterms.invoicing.actions import hold
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Vendor
from goodterms.payments.actions import reading
from goodterms.reminders import due
from goodterms.reminders.actions import nominate, withdraw
from goodterms.reminders.gathering import START, gather, next_payers, vendor_facts
from goodterms.reminders.models import Nomination, Notice
from goodterms.reminders.rules import Item, Moment, items
from goodterms.reminders.tests.test_day import FIRST, ISSUED, a_customer, a_vendor, an_invoice
from goodterms.values.days import instant

NEXT = FIRST + timedelta(days=1)
pytestmark = pytest.mark.django_db


def the_letter(vendor: Vendor) -> Letter:
    with acting_for([vendor.id]):
        return Letter.objects.get()


def test_a_letter_to_where_it_is_tomorrow_already_may_leave_until_their_evening() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, timezone="Pacific/Auckland", country="NZ"))
    now = datetime(2026, 11, 3, 21, 0, tzinfo=UTC)  # ten in the morning of the 4th there
    assert due.nominate(vendors=[vendor.id], on=FIRST, now=now).notices == 1
    assert the_letter(vendor).expires_at == datetime(2026, 11, 4, 6, 0, tzinfo=UTC)  # their seven in the evening


def test_a_letter_to_where_it_is_still_yesterday_does_not_wait_through_their_night() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, timezone="America/Los_Angeles", country="US"))
    now = datetime(2026, 11, 4, 2, 0, tzinfo=UTC)  # six in the evening of the 3rd there
    assert due.nominate(vendors=[vendor.id], on=NEXT, now=now).notices == 1
    assert the_letter(vendor).expires_at == datetime(2026, 11, 4, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "leaves_at"),
    [
        ("America/Los_Angeles", datetime(2026, 11, 3, 17, 0, tzinfo=UTC)),  # when London closes
        ("Pacific/Auckland", datetime(2026, 11, 3, 20, 0, tzinfo=UTC)),  # their nine of the next day
    ],
)
def test_a_day_goes_on_until_payers_on_the_other_side_of_the_earth_wake(timezone: str, leaves_at: datetime) -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, timezone=timezone))
    vendors, opens = [vendor.id], datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    until = opens + timedelta(days=1)
    [rehearsed] = due.rehearse(vendors=vendors, start=FIRST, days=1, at=lambda on: opens, until=lambda on: until)
    assert (rehearsed.at, rehearsed.notice is not None) == (leaves_at, True)
    assert due.nominate(vendors=vendors, on=FIRST, now=opens, until=until).notices == 1
    assert due.nominate(vendors=vendors, on=FIRST, now=leaves_at).notices == 0
    assert the_letter(vendor).not_before == leaves_at
    assert the_letter(vendor).expires_at == leaves_at + timedelta(hours=10)
    with acting_for(vendors):
        assert Outreach.objects.get().at == leaves_at


def test_a_vendor_whose_day_is_ahead_leaves_a_letter_alone_that_is_still_in_time() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, timezone="America/New_York", country="US"))
    now = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)  # three in the afternoon there, the 4th in Auckland
    due.nominate(vendors=[vendor.id], on=FIRST, now=now)
    with acting_for([vendor.id]):
        assert withdraw(on=NEXT, now=now + timedelta(minutes=15)) == 0
        assert withdraw(on=NEXT, now=now + timedelta(hours=5)) == 1


def test_two_vendors_on_two_sides_of_the_date_line_each_count_from_their_own_day() -> None:
    kauri, sequoia = on_two_sides()
    both = [kauri.id, sequoia.id]
    now = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)  # nine on the 3rd in Auckland, noon on the 2nd in Los Angeles
    assert due.nominate(vendors=both, vendor=kauri.id, on=FIRST, now=now).nominated == 2
    with acting_for(both):
        named = {one.vendor.slug: (one.on, one.step) for one in Nomination.objects.select_related("vendor")}
        words = zlib.decompress(Body.objects.get().packed).decode()
    assert named == {"kauri": (FIRST, "first"), "sequoia": (FIRST - timedelta(days=1), "due_day")}
    assert "3 days ago" in words
    assert "2 days ago" in words


def test_a_hold_and_a_feed_count_by_the_day_of_their_vendor() -> None:
    kauri, sequoia = on_two_sides()
    both, yesterday = [kauri.id, sequoia.id], FIRST - timedelta(days=1)
    now = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
    with acting_for(both):
        invoice = Invoice.objects.get(vendor=sequoia).id
        hold(invoice_ids=[invoice], reason="manual", from_on=ISSUED, until_on=yesterday, by="owner", role="owner", now=now)
        Vendor.objects.filter(id=kauri.id).update(feed_days_max=0)
        reading(vendor_id=kauri.id, source="bank", known_until_on=yesterday, by="owner", now=now)
    # In Los Angeles it is the last day of the hold still, in Auckland nobody has read today's payments.
    assert due.nominate(vendors=both, vendor=kauri.id, on=FIRST, now=now).held == {"manual": 1, "stale_feed": 1}
    with acting_for(both):
        Vendor.objects.update(feed_days_max=0)
        Hold.objects.update(ended_at=now)
        reading(vendor_id=sequoia.id, source="bank", known_until_on=yesterday, by="owner", now=now)
    assert due.nominate(vendors=both, vendor=kauri.id, on=FIRST, now=now).held == {"stale_feed": 1}


@pytest.mark.parametrize("whose", ["kauri", "sequoia"])
def test_a_rehearsal_over_the_date_line_equals_the_days_that_follow(whose: str) -> None:
    vendors = {vendor.slug: vendor for vendor in on_two_sides()}
    for vendor in vendors.values():
        an_invoice(vendor, a_customer(vendor, f"other@{vendor.slug}.example", number="2"), "70")
    own, both = vendors[whose], [vendor.id for vendor in vendors.values()]
    days = [date(2026, 10, 24) + timedelta(days=n) for n in range(24)]

    def at(on: date) -> datetime:
        return instant(on, own.opens_at, own.timezone)

    def until(on: date) -> datetime:
        return at(on + timedelta(days=1))

    def rehearsed(start: date, count: int) -> list[Item]:
        found = due.rehearse(vendors=both, vendor=own.id, start=start, days=count, at=at, until=until)
        return [item for decision in found for item in items(decision)]

    told, real = rehearsed(days[0], len(days)), []
    for on in days:
        real += rehearsed(on, 1)
        due.nominate(vendors=both, vendor=own.id, on=on, now=at(on), until=until(on))
        with acting_for(both):  # the letters leave
            Letter.objects.filter(state="ready").update(state="accepted")
    assert sum(item.outcome == "goes_out" for item in real) > 6
    assert sorted(told) == sorted(real)


def on_two_sides() -> tuple[Vendor, Vendor]:
    """A vendor in Auckland and one in Los Angeles, who both wait for the same payer in Auckland."""
    kauri = a_vendor("kauri", "Kauri Timber", "Pacific/Auckland")
    sequoia = a_vendor("sequoia", "Sequoia Mills", "America/Los_Angeles")
    for vendor in (kauri, sequoia):
        an_invoice(vendor, a_customer(vendor, timezone="Pacific/Auckland"))
    return kauri, sequoia


@pytest.mark.django_db(transaction=True)
def test_two_vendors_whose_days_run_at_once_write_to_their_payer_once() -> None:
    london, auckland = a_vendor(), a_vendor("kauri", "Kauri Timber")
    for vendor in (london, auckland):
        an_invoice(vendor, a_customer(vendor))
    now = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
    both = [london.id, auckland.id]
    at_once(both, [FIRST, NEXT], now)
    with acting_for(both):
        assert Notice.objects.count() == 1
        assert Letter.objects.count() == 1
        assert Outreach.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_day_say_each_notice_once() -> None:
    vendor = a_vendor()
    for number in range(20):
        an_invoice(vendor, a_customer(vendor, f"p{number}@payer.example", number=str(number)))
    now = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
    at_once([vendor.id], [FIRST, FIRST, FIRST], now)
    with acting_for([vendor.id]):
        assert Notice.objects.count() == Letter.objects.count() == Outreach.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_days_that_run_at_once_pass_no_limit_of_contacts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in a week is welcome, and each of the two would send one; whoever comes later counts what the other has just made."""
    vendor = a_vendor()
    customer = a_customer(vendor, contacts_max=1, contacts_days=7)
    an_invoice(vendor, customer)
    an_invoice(vendor, customer, issued_on=ISSUED + timedelta(days=1))  # its first reminder is due on the next day
    decide_slowly(monkeypatch)
    failures: list[BaseException] = []

    def run(on: date) -> None:
        try:
            due.nominate(vendors=[vendor.id], on=on, now=instant(on, time(10), "Europe/London"))
        except BaseException as failure:  # noqa: BLE001  (told by the test)
            failures.append(failure)
        finally:
            connection.close()

    workers = [Thread(target=run, args=[on]) for on in (FIRST, NEXT)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    with acting_for([vendor.id]):
        assert Outreach.objects.count() == Notice.objects.count() == 1


def decide_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have begun before one of them has claimed, and neither is done before the other would have decided."""
    decide = due._decisions

    def slowly(*given: Any) -> Any:
        found = decide(*given)
        sleep(1)
        return found

    monkeypatch.setattr(due, "_decisions", slowly)


def at_once(vendors: Sequence[UUID], days: Sequence[date], now: datetime) -> None:
    """A worker for each of these days; all have decided before the first of them claims anything."""
    all_have_decided = Barrier(len(days))
    failures: list[BaseException] = []

    def run(on: date) -> None:
        try:
            with acting_for(vendors):
                moment = Moment(on, now)
                known = vendor_facts(moment)
                decisions = due._decisions(gather(next_payers(START), on, now, moment.days(known)), known, moment)
                all_have_decided.wait(30)
                nominate(decisions=decisions, on=on, now=now)
        except BaseException as failure:  # noqa: BLE001  (told by the test)
            failures.append(failure)
        finally:
            connection.close()

    workers = [Thread(target=run, args=[on]) for on in days]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
