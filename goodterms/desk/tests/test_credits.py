"""A customer is given a credit from the desk, and what they have to their credit is spent, once, by who keeps the books."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, TODAY, a_customer, an_invoice
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import must_be_true
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.payments.keeping import kept_for
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
HOME = "/at/tom-and-co/"
STANDARD = "S|20|"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def giving(customer: Customer) -> str:
    return f"{HOME}customers/{customer.id}/credit/"


def spending(source: UUID) -> str:
    return f"{HOME}credits/{source}/spend/"


def form(desk: Client, customer: Customer, **said: Any) -> dict[str, Any]:
    page = desk.get(giving(customer)).content.decode()
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    blank = {name: ["", "", ""] for name in ("project", "quantity", "unit", "discount")}
    typed = {"description": ["Late delivery", "", ""], "price": ["50.00", "", ""], "tax": [STANDARD] * 3}
    return {"key": key, "reason": "We were late", **blank, **typed, **said}


def given(desk: Client, customer: Customer) -> UUID:
    assert desk.post(giving(customer), form(desk, customer)).status_code == 302
    with acting_for([customer.vendor_id]):
        return Invoice.objects.get(kind="credit_note").id


def left(customer: Customer) -> list[tuple[str, int]]:
    with acting_for([customer.vendor_id]):
        must_be_true(customer.vendor_id)
        return [(one.number, one.free.minor) for one in kept_for(customer_ids=[customer.id])]


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_credit_is_given_once_and_shown_where_it_is_kept(desk: Client, customer: Customer) -> None:
    said = form(desk, customer)
    for _ in range(2):
        assert desk.post(giving(customer), said).status_code == 302
    assert left(customer) == [("CN-2026-0001", 60_00)]
    page = words(desk.get(f"{HOME}customers/{customer.id}/"))
    assert "Kept as their credit" in page
    assert "CN-2026-0001" in page
    assert "Spend it" not in page, "nothing is open"
    assert "Credit given" in page


def test_it_is_offered_on_an_open_invoice_and_spent_on_it(desk: Client, customer: Customer) -> None:
    note, invoice = given(desk, customer), an_invoice(customer, "200")
    page = words(desk.get(f"{HOME}invoices/{invoice.id}/"))
    assert "to their credit, by credit note CN-2026-0001." in page
    assert f"{spending(note)}?invoice={invoice.id}" in page
    chosen = words(desk.get(f"{spending(note)}?invoice={invoice.id}"))
    assert re.search(rf'value="{invoice.id}"[^>]* checked', chosen)
    press = {"seen": "6000", "invoice": [str(invoice.id)], f"sum-{invoice.id}": "25.00"}
    assert desk.post(spending(note), press).status_code == 302
    twice = desk.post(spending(note), press)
    assert (twice.status_code, "are left of this credit by now. Look again." in words(twice)) == (409, True)
    assert left(customer) == [("CN-2026-0001", 35_00)]
    with acting_for([customer.vendor_id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 215_00
    assert "What it settled" in words(desk.get(spending(note)))
    assert "settles nothing yet" in words(desk.get(f"{HOME}invoices/{note}/"))


def test_money_that_is_kept_is_spent_in_the_same_way(desk: Client, customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        told = record(
            vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(40_00, "GBP"), received_on=TODAY,
            method="card", idempotency_key="k", **BY,
        )  # fmt: skip
    invoice = an_invoice(customer, "25")
    source = UUID(told["payment_id"])
    assert desk.post(spending(source), {"seen": "4000", "invoice": [str(invoice.id)]}).status_code == 302
    assert left(customer) == [("", 10_00)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reason": " "}, "Say why they get a credit; it stands on the credit note."),
        ({"description": ["", "", ""], "price": ["", "", ""]}, "A credit has at least one line: what it is for, and how much."),
        ({"price": ["much", "", ""]}, "Line 1: “much” is not a number like 1,250.00."),
        ({"tax": ["S|99|", "", ""]}, "Line 1: choose the tax of it."),
        ({"key": "x"}, "This form was not whole. Open it again."),
    ],
)
def test_what_is_no_credit_is_said_beside_the_form(
    desk: Client, customer: Customer, said: dict[str, Any], sentence: str
) -> None:
    answer = desk.post(giving(customer), form(desk, customer, **said))
    assert (answer.status_code, sentence in words(answer)) == (409, True)
    assert left(customer) == []


def test_nothing_chosen_spends_nothing(desk: Client, customer: Customer) -> None:
    note, other = given(desk, customer), an_invoice(a_customer(customer.vendor, "Other"))
    for chosen in ([], [str(other.id)], ["x"]):
        answer = desk.post(spending(note), {"seen": "6000", "invoice": chosen})
        assert (answer.status_code, "Choose at least one invoice that it is spent on." in words(answer)) == (409, True)
    assert left(customer) == [("CN-2026-0001", 60_00)]


def test_only_who_keeps_the_books_gives_and_spends(vendor: Vendor, desk: Client, customer: Customer) -> None:
    note = given(desk, customer)
    reader, stranger = as_member(a_member(vendor, "Rea", "reader")), as_member(a_member(a_vendor("other"), "Sam", "owner"))
    for address in (giving(customer), spending(note)):
        assert reader.post(address, {}).status_code == 403
        assert stranger.post(address, {}).status_code == 404
    assert left(customer) == [("CN-2026-0001", 60_00)]


def test_the_pages_ask_as_often_however_many_invoices_are_open(desk: Client, customer: Customer) -> None:
    note = given(desk, customer)

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        return len(asked)

    an_invoice(customer)
    few = [count(spending(note)), count(giving(customer))]
    for _ in range(5):
        an_invoice(customer)
    assert [count(spending(note)), count(giving(customer))] == few


def test_what_is_left_is_given_back_as_money_once(vendor: Vendor, desk: Client, customer: Customer) -> None:
    note = given(desk, customer)
    address = f"{HOME}credits/{note}/refund/"
    assert address in words(desk.get(f"{HOME}customers/{customer.id}/"))
    page = words(desk.get(address))
    assert re.search(r"£60\.00 of credit note .*CN-2026-0001", page)
    assert 'value="60.00"' in page
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    said = {"key": key, "amount": "45.00", "reason": "They leave"}
    too_much = desk.post(address, {**said, "amount": "61"})
    assert (too_much.status_code, "Only 60.00 GBP of this credit are left to give back." in words(too_much)) == (409, True)
    for _ in range(2):
        assert desk.post(address, said).status_code == 302
    assert left(customer) == [("CN-2026-0001", 15_00)]
    assert "They leave" in words(desk.get(address))
    reader, stranger = as_member(a_member(vendor, "Rea", "reader")), as_member(a_member(a_vendor("other"), "Sam", "owner"))
    assert (reader.post(address, said).status_code, stranger.post(address, said).status_code) == (403, 404)
