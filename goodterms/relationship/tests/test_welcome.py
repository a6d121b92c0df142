"""The welcome packet says what was agreed with this customer, in their language, and nothing that is not so."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import change_letterhead
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor
from goodterms.papers.tests.reading import text
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.welcome import welcome_pdf
from goodterms.reminders.actions import change_cadence
from goodterms.reminders.rules import Cadence, Step
from goodterms.terms.actions import agree
from goodterms.terms.rules import Days, Discount, LateFee, Terms, Withholding

pytestmark = pytest.mark.django_db
BANK = {"name": "Bank of Severn", "iban": "GB96SEVN30187700418203"}


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(sender="Tom Okafor", bank=BANK, address="14 Welsh Back")
    with acting_for([vendor.id]):
        one = a_customer(vendor.id, name="Bellwether Foods", address="Aire Mills\nLeeds")
        person(one, "Sandra Whitlock", pays=True)
        yield one


def person(customer: Customer, name: str, **roles: Any) -> None:
    add_contact(
        vendor_id=customer.vendor_id, customer_id=customer.id, name=name, email=f"{name[:2].lower()}@bw.example", now=NOW,
        by="Tom", **roles,
    )  # fmt: skip


def packet(customer: Customer, **changes: Any) -> str:
    Customer.objects.filter(id=customer.id).update(**changes)
    now = Customer.objects.get(id=customer.id)
    return text(welcome_pdf(vendor=Vendor.objects.get(id=customer.vendor_id), customer=now, today=TODAY, now=NOW))


def test_it_says_when_how_and_whom(customer: Customer) -> None:
    change_letterhead(vendor_id=customer.vendor_id, texts={"phone": "0117 496 0143"}, by="Tom", now=NOW)
    fee = LateFee(kind="monthly", agreed=True, percent=Decimal("1.5"), between_businesses=True)
    discount = Discount(Decimal(2), (Days(10),))
    terms = Terms(
        due=(Days(30),), discounts=(discount,), late_fee=fee, grace_days=7, withholding=Withholding("IRPF", Decimal(15))
    )
    agree(vendor_id=customer.vendor_id, terms=terms, from_on=date(2026, 1, 1), now=NOW, by="Tom")
    said = packet(customer, bill_days=[1, 9], cut_off_day=20, order_required=True)
    for sentence in (
        "Welcome to Halden Print",
        "Dear Sandra Whitlock,",
        "Invoices come by e-mail to Sandra Whitlock, with the PDF attached.",
        "You take invoices on day 1 and 9 of the month, and we keep to that. After day 20 of a month we wait for the next one.",
        "Each invoice names your purchase order; without one we ask you first.",
        "30 days from invoice date. 2% off within 10 days.",
        "Kept back for the tax office: 15% of the sum before tax (IRPF), against a certificate.",
        "Account 30-18-77, 0041 8203, IBAN GB96 SEVN 3018 7700 4182 03.",
        "Late fee: 1.5% a month, after 7 days of grace.",
        "Ask Tom Okafor: 0117 496 0143 and halden@vendor.example.",
        "You hear within 4 working hours.",
        "Another day, up to 14 days later, is granted at once",
    ):
        assert sentence in said
    assert said.endswith("1 of 1")


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [("post", "Invoices come by post."), ("portal", "Invoices wait on your page; we send no letter.")],
)
def test_each_way_is_said_as_it_is(customer: Customer, channel: str, sentence: str) -> None:
    said = packet(customer, channel=channel)
    assert sentence in said
    assert "by e-mail" not in said
    assert "There is no late fee." in said


def test_the_steps_of_their_own_cadence_are_said_and_what_only_we_hear_is_not(customer: Customer) -> None:
    steps = [
        Step(-5, "heads_up"), Step(0, "due_day"), Step(3, "first"), Step(14, "call", "call", automatic=False),
        Step(30, "owner", "call", automatic=False),
    ]  # fmt: skip
    own = Cadence("Gentle", tuple(steps))
    change_cadence(vendor_id=customer.vendor_id, cadence=own, usual=False, by="Tom", now=NOW)
    said = packet(customer, cadence="Gentle")
    assert "We write a note 5 days before, a note on the day, a reminder after 3 days and a call after 14 days." in said
    assert "30 days before" not in said


def test_it_is_said_in_their_language(customer: Customer) -> None:
    said = packet(customer, language="id")
    assert "Selamat datang di Halden Print" in said
    assert "Faktur datang lewat email kepada Sandra Whitlock" in said


def test_many_people_cost_no_more_than_one(customer: Customer) -> None:
    counts = []
    for many in (0, 5):
        for n in range(many):
            person(customer, f"P{n} Person", receives_copies=True)
        with CaptureQueriesContext(connection) as asked:
            packet(customer)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert "A copy goes to P0 Person, P1 Person" in packet(customer)
