"""Money recorded by hand: what it would settle is shown by the rule that settles it, and it is booked once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, TODAY, a_customer, a_draft, an_invoice, late
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.invoicing.actions import approve, issue
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import must_be_true
from goodterms.parties.models import Customer, Member, Vendor
from goodterms.payments.models import Payment
from goodterms.terms.actions import agree
from goodterms.terms.rules import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def elin(vendor: Vendor) -> Member:
    return a_member(vendor)


@pytest.fixture
def desk(elin: Member) -> Client:
    return as_member(elin)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


def where(customer: Customer, slug: str = "tom-and-co") -> str:
    return f"/at/{slug}/customers/{customer.id}/payment/"


def form(amount: str, deed: str = "record", **more: Any) -> dict[str, Any]:
    day = TODAY.isoformat()
    return {
        "key": "one", "amount": amount, "received_on": day, "method": "bank_transfer", "deed": deed, "currency": "GBP",
    } | more  # fmt: skip


def payments(vendor: Vendor) -> list[Payment]:
    with acting_for([vendor.id]):
        return list(Payment.objects.all())


def open_of(*invoices: Invoice) -> list[int]:
    with acting_for([invoices[0].vendor_id]):
        known = Invoice.objects.in_bulk([one.id for one in invoices])
        return [known[one.id].open_minor for one in invoices]


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def test_one_comes_from_an_invoice_with_its_sum_in_the_form(desk: Client, customer: Customer) -> None:
    one, other = late(customer, "100", by=9), late(customer, "200", by=3)
    page = desk.get(f"{where(customer)}?invoice={other.id}").content.decode()
    assert 'value="240.00"' in page
    assert re.search(rf'value="{other.id}"[^>]* checked', page)
    assert not re.search(rf'value="{one.id}"[^>]* checked', page)


def test_the_oldest_is_settled_first_when_none_is_chosen(desk: Client, vendor: Vendor, customer: Customer) -> None:
    older, newer = late(customer, "100", by=9), late(customer, "200", by=3)
    said = text(desk.post(where(customer), form("150"), follow=True).content)
    assert "£150.00 is recorded. It settles 2 invoices." in said
    assert open_of(older, newer) == [0, 21_000]
    with acting_for([vendor.id]):
        must_be_true(vendor.id)


def test_the_chosen_are_settled_as_much_as_was_said(desk: Client, vendor: Vendor, customer: Customer) -> None:
    older, newer = late(customer, "100", by=9), late(customer, "200", by=3)
    desk.post(where(customer), form("240", invoice=[str(newer.id)], **{f"sum-{newer.id}": "200"}))
    assert open_of(older, newer) == [8_000, 4_000]


def test_looking_first_shows_what_would_happen_and_books_nothing(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer, "100", by=9)
    page = text(desk.post(where(customer), form("170", deed="look")).content)
    assert re.search(r"£120 ?.00 paid", page)
    assert re.search(r"£50 ?.00 is more than that , and is kept as their credit", page)
    assert payments(vendor) == []


def test_money_in_our_own_currency_can_be_recorded_of_a_customer_abroad(desk: Client, vendor: Vendor) -> None:
    moreau = a_customer(vendor, "Atelier Moreau", currency="EUR")
    assert '<b>EUR</b>, <a href="?currency=GBP">GBP</a>, or</span> <label' in desk.get(where(moreau)).text
    page = text(desk.post(where(moreau), form("3000", deed="look", currency="GBP")).content)
    assert re.search(r"Nothing is open in GBP: all of it, £3,000 ?.00 ?, is kept as their credit", page)
    assert "more than that" not in page


def test_money_in_a_third_currency_is_asked_for_on_the_form(desk: Client, vendor: Vendor) -> None:
    moreau = a_customer(vendor, "Atelier Moreau", currency="EUR")
    assert "Amount in USD" in desk.get(where(moreau) + "?currency=usd").text
    odd = desk.get(where(moreau) + "?currency=ZZZ")
    assert (odd.status_code, "Amount in EUR" in odd.text) == (409, True)
    assert "is not a currency code of ISO 4217" in text(odd.content)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12,50", "“12,50” is not an amount like 1,250.00."),
        ("1.250,00", "“1.250,00” is not an amount like 1,250.00."),
        ("12.505", "“12.505” has more digits than GBP, which has 2 digits after the point."),
    ],
)
def test_a_decimal_comma_is_not_taken_for_a_sum_a_hundred_times_larger(
    desk: Client, vendor: Vendor, customer: Customer, typed: str, sentence: str
) -> None:
    said = desk.post(where(customer), form(typed))
    assert (said.status_code, sentence in text(said.content)) == (409, True)
    assert payments(vendor) == []


def test_what_is_too_much_is_kept_as_credit_and_said(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    said = text(desk.post(where(customer), form("170"), follow=True).content)
    assert "It settles one invoice. £50.00 is kept as their credit." in said
    assert open_of(one) == [0]
    assert payments(vendor)[0].unapplied_minor == 5_000


def test_the_early_discount_goes_by_the_day_the_money_was_there(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer, "1000")
    with acting_for([vendor.id]):
        whose: dict[str, Any] = {"vendor_id": vendor.id, "customer_id": customer.id}
        agree(**whose, terms=parse("2/10 net 30"), from_on=date(2020, 1, 1), now=NOW, by="Elin")
        approve(invoice_id=one.id, **BY)
        issue(invoice_id=one.id, issued_on=TODAY - timedelta(days=12), **BY)
    in_time = (TODAY - timedelta(days=3)).isoformat()
    assert "£24.00 off; paid" in text(desk.post(where(customer), form("1176", deed="look", received_on=in_time)).content)
    assert "£24.00 stays open" in text(desk.post(where(customer), form("1176", deed="look")).content)
    desk.post(where(customer), form("1176", received_on=in_time))
    assert open_of(one) == [0]


def test_pressed_twice_it_is_booked_once(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    for _ in range(2):
        assert desk.post(where(customer), form("50")).status_code == 302
    assert len(payments(vendor)) == 1
    other = desk.post(where(customer), form("60"))
    assert "This key was used for another payment. Use a new key for a new payment." in text(other.content)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": "lots"}, "“lots” is not an amount like 1,250.00."),
        ({"amount": "0"}, "A payment is more than nothing."),
        ({"received_on": "2026-12-24"}, "A payment is recorded once it is here, not before."),
        ({"received_on": "soon"}, "Say on which day the money was there, like 2026-11-16."),
        ({"method": "shells"}, "Choose how the money came."),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    desk: Client, vendor: Vendor, customer: Customer, given: dict[str, str], sentence: str
) -> None:
    late(customer)
    answer = desk.post(where(customer), form("50") | {"reference": "Rent & more"} | given)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert "Rent &amp; more" in answer.content.decode()
    assert payments(vendor) == []


def test_an_invoice_of_somebody_else_is_not_paid(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    theirs = a_vendor("another")
    foreign = an_invoice(a_customer(theirs))
    answer = desk.post(where(customer), form("50", invoice=[str(foreign.id)]))
    assert answer.status_code == 409
    assert open_of(foreign) == [12_000]
    assert payments(vendor) == []


def test_readers_and_strangers_record_nothing(vendor: Vendor, customer: Customer) -> None:
    late(customer)
    for role in ("reader", "approver", "receivables manager"):
        assert as_member(a_member(vendor, role.replace(" ", ""), role)).post(where(customer), form("50")).status_code == 403
    stranger = as_member(a_member(a_vendor("another"), "Mallory"))
    assert stranger.post(where(customer), form("50")).status_code == 404
    assert stranger.post(where(customer, "another"), form("50")).status_code == 404
    assert payments(vendor) == []
