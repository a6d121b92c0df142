"""The day on a real database: who is written to, once, in one letter for all vendors, and what stops it at the last moment."""

import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body, Letter
from goodterms.interactions.models import Interaction, Outreach
from goodterms.invoicing.actions import approve, draft, hold, issue_many
from goodterms.invoicing.line import Line, Tax
from goodterms.parties.actions import add_contact, add_customer, add_vendor
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import reading, record
from goodterms.reminders import due
from goodterms.reminders.actions import still_due, withdraw
from goodterms.reminders.models import Nomination, Notice
from goodterms.reminders.rules import items
from goodterms.terms.actions import agree
from goodterms.terms.rules import parse
from goodterms.values.days import instant
from goodterms.values.money import Money

ISSUED = date(2026, 10, 1)
DUE = date(2026, 10, 31)  # a Saturday
FIRST = date(2026, 11, 3)  # a Tuesday: the first reminder, on day 3
pytestmark = pytest.mark.django_db


def at(on: date, hour: int = 9) -> datetime:
    return instant(on, time(hour), "Europe/London")


def a_vendor(slug: str = "penhale", name: str = "Penhale Print", timezone: str = "Europe/London") -> Vendor:
    now = at(ISSUED)
    vendor = add_vendor(
        slug=slug, name=name, currency="GBP", country="GB", timezone=timezone, email=f"office@{slug}.example",
        sender="Jory Penhale", by="owner", now=now,
    )  # fmt: skip
    with acting_for([vendor.id]):
        agree(vendor_id=vendor.id, terms=parse("net 30"), from_on=ISSUED, by="owner", now=now)
    return vendor


def a_customer(vendor: Vendor, email: str = "sandra@bellwether.example", number: str = "1", **more: Any) -> Customer:
    now = at(ISSUED)
    with acting_for([vendor.id]):
        customer = add_customer(
            vendor_id=vendor.id, number=number, name="Bellwether Foods", currency="GBP", by="owner", now=now, **more
        )
        if email:
            add_contact(
                vendor_id=vendor.id,
                customer_id=customer.id,
                name="Sandra Whitlock",
                email=email,
                pays=True,
                by="owner",
                now=now,
            )
    return customer


def an_invoice(vendor: Vendor, customer: Customer, pounds: str = "100", work: str = "Labels", issued_on: date = ISSUED) -> UUID:
    """Issued as the billing run does it, which leaves its paper to the clock."""
    now = at(max(ISSUED, issued_on))
    tax = Tax("Z", Decimal(0))
    line = Line(description=work, quantity=Decimal(1), unit_price=Decimal(pounds), tax=tax)
    with acting_for([vendor.id]):
        invoice = draft(
            vendor_id=vendor.id, customer_id=customer.id, lines=[line], work=work, by="owner", role="owner", now=now
        )
        approve(invoice_id=invoice.id, by="owner", role="owner", now=now)
        issue_many(vendor_id=vendor.id, invoice_ids=[invoice.id], issued_on=issued_on, by="owner", role="owner", now=now)
        return invoice.id


def the_day(vendors: Sequence[Vendor], on: date = FIRST, hour: int = 9, vendor: Vendor | None = None) -> due.Outcome:
    return due.nominate(vendors=[one.id for one in vendors], on=on, now=at(on, hour), vendor=vendor.id if vendor else None)


def test_a_payer_gets_one_letter_for_all_vendors() -> None:
    penhale, vermeer = a_vendor(), a_vendor("vermeer", "Vermeer Packaging")
    for vendor in (penhale, vermeer):
        an_invoice(vendor, a_customer(vendor), work=f"Work of {vendor.slug}")
    outcome = the_day([penhale, vermeer])
    assert (outcome.nominated, outcome.notices) == (2, 1)
    with acting_for([penhale.id, vermeer.id]):
        letter = Letter.objects.get()
        words = zlib.decompress(Body.objects.get().packed).decode()
        assert letter.recipient == "sandra@bellwether.example"
        assert letter.state == "ready"
        assert "Penhale Print" in words
        assert "Vermeer Packaging" in words
        assert Notice.objects.get().letter_id == letter.id
        assert Outreach.objects.count() == 1
        assert Interaction.objects.filter(kind="reminder.planned").count() == 2


def test_neither_vendor_sees_the_words_of_a_letter_that_both_speak_in() -> None:
    penhale, vermeer = a_vendor(), a_vendor("vermeer", "Vermeer Packaging")
    for vendor in (penhale, vermeer):
        an_invoice(vendor, a_customer(vendor))
    the_day([penhale, vermeer])
    for vendor in (penhale, vermeer):
        with acting_for([vendor.id]):
            assert Letter.objects.count() == 1
            assert Body.objects.count() == 0
            assert Nomination.objects.count() == 1


def test_the_day_of_one_vendor_bundles_the_same() -> None:
    penhale, vermeer = a_vendor(), a_vendor("vermeer", "Vermeer Packaging")
    for vendor in (penhale, vermeer):
        an_invoice(vendor, a_customer(vendor))
    outcome = the_day([penhale, vermeer], vendor=penhale)
    assert (outcome.nominated, outcome.notices) == (2, 1)


def test_the_same_day_again_says_nothing() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor))
    assert the_day([vendor]).notices == 1
    again = the_day([vendor])
    assert (again.nominated, again.notices) == (0, 0)
    assert again.held == {"not_due": 1}


def test_a_paid_invoice_takes_its_reminder_back_before_it_leaves() -> None:
    vendor = a_vendor()
    customer = a_customer(vendor)
    paid, other = an_invoice(vendor, customer, "100"), an_invoice(vendor, customer, "250")
    the_day([vendor])
    with acting_for([vendor.id]):
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(10_000, "GBP"), received_on=FIRST, method="cash",
            idempotency_key="one", named=[paid], by="owner", role="owner", now=at(FIRST, 10),
        )  # fmt: skip
        assert withdraw(on=FIRST, now=at(FIRST, 11)) == 1
        assert Letter.objects.get().state == "superseded"
        assert Outreach.objects.count() == 0
    outcome = the_day([vendor], hour=11)
    assert (outcome.nominated, outcome.notices) == (1, 1)
    with acting_for([vendor.id]):
        assert Nomination.objects.get(withdrawn_at=None).invoice_id == other


def test_a_hold_stops_a_letter_at_the_dot() -> None:
    vendor = a_vendor()
    invoice = an_invoice(vendor, a_customer(vendor))
    the_day([vendor])
    with acting_for([vendor.id]):
        letter = Letter.objects.get().id
        assert still_due([letter], at(FIRST, 10)) == {}
        hold(invoice_ids=[invoice], reason="disputed", from_on=FIRST, by="owner", role="owner", now=at(FIRST, 10))
        assert {why.reason for why in still_due([letter], at(FIRST, 10)).values()} == {"disputed"}


def test_a_letter_of_yesterday_does_not_leave_today() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor))
    the_day([vendor])
    tomorrow = FIRST + timedelta(days=1)
    with acting_for([vendor.id]):
        assert withdraw(on=tomorrow, now=at(tomorrow)) == 1
        assert Letter.objects.get().state == "expired"
    assert the_day([vendor], on=tomorrow).notices == 1


def test_a_customer_on_paper_is_written_to_by_post() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, channel="post"))
    the_day([vendor])
    with acting_for([vendor.id]):
        assert Letter.objects.get().channel == "post"


def test_a_customer_without_an_address_is_held_for_that() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, email=""))
    assert the_day([vendor]).held == {"no_address": 1}


def test_payments_read_too_long_ago_stop_all_reminders() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor))
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(feed_days_max=3)
        reading(vendor_id=vendor.id, source="bank", known_until_on=FIRST - timedelta(days=4), by="owner", now=at(FIRST))
    assert the_day([vendor]).held == {"stale_feed": 1}


def test_a_rehearsal_equals_the_days_that_follow() -> None:
    penhale, vermeer = a_vendor(), a_vendor("vermeer", "Vermeer Packaging")
    for vendor in (penhale, vermeer):
        shared = a_customer(vendor)
        an_invoice(vendor, shared, "100")
        an_invoice(vendor, shared, "250")
        an_invoice(vendor, a_customer(vendor, f"other@{vendor.slug}.example", number="2"), "70")
    vendors = [penhale.id, vermeer.id]
    start, days = date(2026, 10, 24), 30
    rehearsed = [item for decision in due.rehearse(vendors=vendors, start=start, days=days, at=at) for item in items(decision)]
    real = []
    for n in range(days):
        on = start + timedelta(days=n)
        real += [item for decision in due.rehearse(vendors=vendors, start=on, days=1, at=at) for item in items(decision)]
        the_day([penhale, vermeer], on=on)
        with acting_for(vendors):  # the letters leave
            Letter.objects.filter(state="ready").update(state="accepted")
    assert sum(item.outcome == "goes_out" for item in real) > 8
    assert sorted(rehearsed) == sorted(real)


def test_the_contacts_of_a_payer_are_found_by_their_index() -> None:
    from goodterms.reminders.gathering import _CONTACTS

    vendor = a_vendor()
    with acting_for([vendor.id]), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain {_CONTACTS}", {"payers": [str(vendor.id)], "since": datetime(2026, 1, 1, tzinfo=UTC)})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "outreach_of_payer" in plan
    assert '"at" >=' in plan.split("Index Cond", 1)[1].replace("at >=", '"at" >=')


def test_a_letter_waits_for_the_payers_own_hours() -> None:
    vendor = a_vendor()
    an_invoice(vendor, a_customer(vendor, hours_from=time(9, 30), hours_to=time(15)))
    assert the_day([vendor]).held == {"hours": 1}
    outcome = due.nominate(vendors=[vendor.id], on=FIRST, now=at(FIRST), until=at(FIRST, 17))
    assert outcome.notices == 1
    with acting_for([vendor.id]):
        letter = Letter.objects.get()
    assert letter.not_before == instant(FIRST, time(9, 30), "Europe/London")
    assert letter.expires_at == at(FIRST, 15)
