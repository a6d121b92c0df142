"""Money goes back from the desk, once, by who keeps the books; what nobody knows of it stands on Today, with two ways out."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.invoices import refunding
from goodterms.desk.tests.billed import BY, TODAY, a_customer, an_invoice
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import must_be_true
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.payments.models import Checkout, Payment, Refund
from goodterms.payments.providers import PROVIDERS
from goodterms.payments.tests.test_refunds import Outside
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
HOME = "/at/tom-and-co/"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """A provider outside, that is asked within the test."""
    provider = Outside()
    monkeypatch.setitem(PROVIDERS, "sandbox", provider)
    monkeypatch.setattr(refunding, "afterwards", lambda deed, name: deed())
    return provider


def came(customer: Customer, minor: int, provider: str = "", named: list[UUID] | None = None, key: str = "k") -> UUID:
    with acting_for([customer.vendor_id]):
        answer = record(
            vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=TODAY,
            method="card", idempotency_key=key, provider=provider, provider_object_id=f"sb_{key}" if provider else "",
            named=named or (), **BY,
        )  # fmt: skip
        return UUID(answer["payment_id"])


def where(payment: UUID) -> str:
    return f"{HOME}credits/{payment}/refund/"


def kept(vendor: Vendor) -> list[tuple[str, int]]:
    """How each refund stands, and how much of its payment is free."""
    with acting_for([vendor.id]):
        must_be_true(vendor.id)
        refunds = Refund.objects.filter(payment__isnull=False).select_related("payment")
        return [(one.standing, one.payment.unapplied_minor) for one in refunds if one.payment]


def open_of(invoice: Invoice) -> int:
    with acting_for([invoice.vendor_id]):
        return Invoice.objects.get(id=invoice.id).open_minor


def test_money_that_is_free_goes_back_the_way_it_came_once(
    vendor: Vendor, customer: Customer, desk: Client, outside: Outside
) -> None:
    payment = came(customer, 100_00, "sandbox")
    assert "Kept as their credit" in desk.get(f"{HOME}customers/{customer.id}/").text
    page = desk.get(where(payment)).text
    assert "It goes back the way it came, once, however often this is pressed." in page
    typed = {"key": re.findall(r'name="key" value="([^"]+)"', page)[0], "amount": "60.00", "reason": "paid twice"}
    for _ in range(3):
        assert desk.post(where(payment), typed)["Location"] == f"{HOME}customers/{customer.id}/"
    assert kept(vendor) == [("sent", 40_00)]
    assert list(outside.given.values()) == [60_00]
    assert outside.calls == 1
    assert "Sent" in desk.get(where(payment)).text


def test_money_that_settles_something_is_freed_first_and_the_rest_settles_it_again(
    vendor: Vendor, customer: Customer, desk: Client
) -> None:
    older, newer = an_invoice(customer, "50"), an_invoice(customer, "100")
    payment = came(customer, 180_00, named=[older.id, newer.id])
    assert (open_of(older), open_of(newer)) == (0, 0)
    page = desk.get(f"{HOME}invoices/{newer.id}/").text
    assert f'href="{where(payment)}">Give money back' in page
    assert "send it from your bank" in desk.get(where(payment)).text
    typed = {"key": "one", "amount": "20", "reason": "a present"}
    for _ in range(2):
        desk.post(where(payment), typed)
    assert (open_of(older), open_of(newer)) == (0, 20_00)
    assert kept(vendor) == [("sent", 0)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "much", "reason": "x"}, "is not an amount like 1,250.00"),
        ({"amount": "5", "reason": " "}, "Say why it goes back"),
        ({"amount": "100.01", "reason": "x"}, "Only 100.00 GBP of this payment are free to give back."),
        ({"amount": "0", "reason": "x"}, "A refund has a sum above zero"),
    ],
)
def test_what_cannot_go_back_is_said_and_what_was_typed_stays(
    vendor: Vendor, customer: Customer, desk: Client, typed: dict[str, str], sentence: str
) -> None:
    invoice = an_invoice(customer, "50")
    payment = came(customer, 100_00, named=[invoice.id])
    answer = desk.post(where(payment), {"key": "one", **typed})
    assert answer.status_code == 409
    assert sentence in answer.text
    assert f'value="{typed["amount"]}"' in answer.text
    assert (kept(vendor), open_of(invoice)) == ([], 0)


def test_only_who_keeps_the_books_gives_back_and_others_find_nothing(vendor: Vendor, customer: Customer) -> None:
    payment, typed = came(customer, 100_00), {"key": "one", "amount": "5", "reason": "x"}
    for role in ("reader", "approver", "receivables manager"):
        somebody = as_member(a_member(vendor, role.title()[:5], role))
        assert somebody.post(where(payment), typed).status_code == 403
    stranger = as_member(a_member(a_vendor("other"), "Mallory"))
    for path in (where(payment), where(payment).replace("tom-and-co", "other")):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, typed).status_code == 404
    assert kept(vendor) == []


def doubted_refund(customer: Customer, desk: Client, outside: Outside) -> Refund:
    payment = came(customer, 100_00, "sandbox")
    outside.then = OSError("no way out")
    desk.post(where(payment), {"key": "one", "amount": "60", "reason": "paid twice"})
    with acting_for([customer.vendor_id]):
        return Refund.objects.get()


@pytest.mark.parametrize(("word", "stands"), [("yes", ("sent", 40_00)), ("no", ("failed", 100_00))])
def test_a_refund_in_doubt_stands_on_today_with_two_ways_out(
    vendor: Vendor, customer: Customer, desk: Client, outside: Outside, word: str, stands: tuple[str, int]
) -> None:
    found = doubted_refund(customer, desk, outside)
    page = desk.get(HOME).text
    assert "Refund in doubt" in page
    assert "It went back" in page
    settle = f"{HOME}today/refunds/{found.id}/settle/"
    assert desk.post(settle, {}).status_code == 302
    assert kept(vendor) == [("doubted", 40_00)]
    assert as_member(a_member(vendor, "Rita", "reader")).post(settle, {"went_back": word}).status_code == 403
    assert as_member(a_member(a_vendor("other"), "M")).post(settle, {"went_back": word}).status_code == 404
    desk.post(settle, {"went_back": word})
    assert kept(vendor) == [stands]
    assert "Refund in doubt" not in desk.get(HOME).text


def a_doubt(customer: Customer, key: int = 0) -> Checkout:
    with acting_for([customer.vendor_id]):
        return Checkout.objects.create(
            id=new_key(NOW), vendor_id=customer.vendor_id, payer_id=new_key(NOW), customer=customer, paying_id=new_key(NOW),
            request_sha256=b"", currency="GBP", minor=120_00, provider="sandbox", provider_reference=f"sb_{key}", opened_at=NOW,
            expires_at=NOW + timedelta(minutes=30), doubted_at=NOW,
            doubt="The provider says that 90.00 GBP came, and 120.00 GBP was asked for.",
        )  # fmt: skip


def test_a_payment_in_doubt_stands_on_today_with_what_is_known_and_two_ways_out(
    vendor: Vendor, customer: Customer, desk: Client
) -> None:
    one, other = a_doubt(customer, 1), a_doubt(customer, 2)
    page = desk.get(HOME).text
    assert page.count("Payment in doubt") == 2
    assert "The provider says that 90.00 GBP came, and 120.00 GBP was asked for." in page
    assert 'value="120.00"' in page
    desk.post(f"{HOME}today/checkouts/{one.id}/settle/", {"came": "yes", "amount": "much"})
    assert desk.get(HOME).text.count("Payment in doubt") == 2
    desk.post(f"{HOME}today/checkouts/{one.id}/settle/", {"came": "yes", "amount": "90"})
    desk.post(f"{HOME}today/checkouts/{other.id}/settle/", {"came": "no"})
    again = desk.post(f"{HOME}today/checkouts/{one.id}/settle/", {"came": "no"}, follow=True)
    assert "somebody settled it before you" in again.text
    with acting_for([vendor.id]):
        assert [(one.minor, one.unapplied_minor) for one in Payment.objects.all()] == [(90_00, 90_00)]
        assert [one.standing for one in Checkout.objects.order_by("provider_reference")] == ["paid", "failed"]
    assert "Payment in doubt" not in desk.get(HOME).text
    stranger = as_member(a_member(a_vendor("other"), "Mallory"))
    assert stranger.post(f"{HOME}today/checkouts/{one.id}/settle/", {"came": "no"}).status_code == 404


def test_today_and_the_customer_cost_the_same_with_many_doubts(vendor: Vendor, customer: Customer, desk: Client) -> None:
    counts = []
    pages = (HOME, f"{HOME}customers/{customer.id}/")
    for number in (1, 4):
        for key in range(number * 10, number * 11):
            a_doubt(customer, key)
            came(customer, 100_00, key=f"k{key}")
        for page in pages:
            desk.get(page)
        with CaptureQueriesContext(connection) as found:
            assert [desk.get(page).status_code for page in pages] == [200, 200]
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_reading_gives_nothing_back(vendor: Vendor, customer: Customer, desk: Client, outside: Outside) -> None:
    payment: Any = came(customer, 100_00, "sandbox")
    assert desk.get(where(payment)).status_code == 200
    assert (kept(vendor), outside.calls) == ([], 0)
