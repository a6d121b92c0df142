"""Decides that nobody is asked for money in silence about money of theirs that lies with us."""

from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.words import LANGUAGES, TONES
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.reminders import due
from goodterms.reminders.tests.test_day import FIRST, a_customer, a_vendor, an_invoice, at
from goodterms.reminders.tests.test_letter import AT, JORY, write
from goodterms.reminders.writing import preview
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db


def kept(customer: Customer, minor: int, currency: str, key: str) -> None:
    """Money that came for nothing that is open."""
    said: dict[str, Any] = {"received_on": FIRST, "method": "card", "by": "Tom", "role": "owner", "now": at(FIRST)}
    with acting_for([customer.vendor_id]):
        record(
            vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, currency), idempotency_key=key,
            only_named=True, **said,
        )  # fmt: skip


def told(vendor: Vendor) -> str:
    [decision] = due.rehearse(vendors=[vendor.id], start=FIRST, days=1, at=at)
    with acting_for([vendor.id]):
        seen = preview(decision, FIRST)
    assert seen
    return seen.text


def test_a_reminder_says_what_they_have_to_their_credit_in_every_currency() -> None:
    vendor = a_vendor()
    customer = a_customer(vendor)
    an_invoice(vendor, customer)
    assert "to your credit" not in told(vendor)
    kept(customer, 200_00, "EUR", "a")
    kept(customer, 50_00, "EUR", "b")
    kept(customer, 5_00, "USD", "c")
    kept(a_customer(vendor, "bo@other.example", "2"), 9_00, "GBP", "d")
    assert "€250.00 and $5.00 to your credit with Penhale Print that settles nothing yet: " in told(vendor)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", TONES)
def test_it_stands_before_the_button_in_every_language_and_tone(language: str, tone: str) -> None:
    seen = write(kept=[(JORY, [Money(200_00, "EUR")])], language=language, tone=tone)
    before, _, after = seen.text.partition("€200")
    assert "PP-4471" in before
    assert f"\n{AT}\n" in after
    assert "€200" in seen.html
