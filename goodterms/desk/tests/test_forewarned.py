"""At the desk, an invoice that is more than its customer expects: said before it is issued, asked about, waiting, decided."""

import re
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.invoicing.actions import agree, approve, draft, expect
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Expectation, Forewarning, Invoice
from goodterms.parties.actions import add_contact, add_customer
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import payer_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
ELIN: dict[str, Any] = {"by": "Elin", "role": "owner", "now": NOW}
HOME = "/at/tom-and-co/"


class Desk(NamedTuple):
    vendor: Vendor
    customer: Customer
    elin: Client
    one: Invoice

    @property
    def page(self) -> str:
        return f"{HOME}invoices/{self.one.id}/"

    def says(self, path: str = "") -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", self.elin.get(path or self.page).content.decode()))

    def press(self, verb: str, **given: str) -> Any:
        return self.elin.post(f"{self.page}{verb}/", given, follow=True)

    def row(self) -> Forewarning:
        with acting_for([self.vendor.id]):
            return Forewarning.objects.standing().get(invoice=self.one)


@pytest.fixture
def desk() -> Desk:
    vendor = a_vendor(sandbox_now=NOW, forewarn_percent=10)
    with acting_for([vendor.id]):
        customer = add_customer(vendor_id=vendor.id, number="larch", name="Larch House", currency="GBP", now=NOW, by="Elin")
        add_contact(
            vendor_id=vendor.id, customer_id=customer.id, name="Beth Lowe", email="beth@larch.example", pays=True, now=NOW,
            by="Elin",
        )  # fmt: skip
        expect(customer_id=customer.id, kind="estimate", name="Gift boxes", amount=Money(1000_00, "GBP"), **ELIN)
        line = Line("Boxes", Decimal(1), Decimal(1180), Tax("S", Decimal(20)), project="Gift boxes")
        one = draft(vendor_id=vendor.id, customer_id=customer.id, lines=[line], work="Gift boxes", **ELIN)
        approve(invoice_id=one.id, **ELIN)
    return Desk(vendor, customer, as_member(a_member(vendor)), one)


def test_it_is_said_before_anybody_presses_and_issuing_it_asks_them(desk: Desk) -> None:
    said = desk.says()
    assert "18% above the estimate" in said
    assert "They are asked before it is issued." in said
    assert "it waits for the customer’s word and is not issued yet" in desk.press("issue").content.decode()
    said = desk.says()
    assert "It waits for the customer’s word. Beth Lowe was asked on Mon 16 Nov." in said
    assert said.count("Issue and send") == 1, "only without their word, with a reason"
    assert "Asked before issuing it: more than the estimate at £1,180.00 to Beth Lowe by Elin" in said
    assert "Waits for the customer’s word" in desk.says(f"{HOME}invoices/?show=finish")
    today = desk.says(HOME)
    assert "It waits for the customer’s word." in today
    with acting_for([desk.vendor.id]):
        assert agree(forewarning_id=desk.row().id, payer_id=payer_key("beth@larch.example"), now=NOW).number
    assert "Beth Lowe said that it is fine, on Mon 16 Nov." in desk.says()


def test_they_are_asked_first_with_a_sentence_of_ours(desk: Desk) -> None:
    assert "Beth Lowe is asked by e-mail" in desk.press("ask-first", note="You wanted gold lids.").content.decode()
    assert desk.row().note == "You wanted gold lids."
    again = desk.press("ask-first", note="x")
    assert again.status_code == 409
    assert "They were asked about it already." in again.content.decode()


def test_a_person_issues_it_without_their_word_and_says_why(desk: Desk) -> None:
    desk.press("issue")
    assert "Issued as" in desk.press("issue", despite="Beth said yes on the telephone").content.decode()
    assert (desk.row().overruled_by, desk.row().overruled_why) == ("Elin", "Beth said yes on the telephone")
    assert "Issued without their word by Elin: Beth said yes on the telephone" in desk.says()


def test_from_today_it_goes_no_further_than_the_question(desk: Desk) -> None:
    answer = desk.elin.post(f"{HOME}today/invoices/{desk.one.id}/approve/", follow=True).content.decode()
    assert "so it waits for their word" in answer
    assert desk.row().then_issue


def test_what_an_order_is_over_is_written_with_its_number(desk: Desk) -> None:
    given = {
        "customer": str(desk.customer.id), "key": "018f3f2a-7c1e-7000-8000-000000000001", "work": "Lids", "project": "",
        "order_number": "PO-7", "order_amount": "1,250.00", "description": "Lids", "quantity": "1", "unit": "",
        "price": "1500", "discount": "", "tax": "S|20|", "deed": "issue",
    }  # fmt: skip
    answer = desk.elin.post(f"{HOME}invoices/new/", given, follow=True).content.decode()
    assert "20% above the purchase order" in answer
    with acting_for([desk.vendor.id]):
        assert Expectation.objects.get(kind="order").minor == 1250_00
    odd = desk.elin.post(f"{HOME}invoices/new/", given | {"order_amount": "some", "key": given["key"][:-1] + "2"})
    assert "Write the amount as figures" in odd.content.decode()


def test_a_reader_decides_nothing_and_another_desk_sees_nothing(desk: Desk) -> None:
    reader = as_member(a_member(desk.vendor, "Rae", "reader"))
    for verb in ("ask-first", "issue"):
        assert reader.post(f"{desk.page}{verb}/", {"despite": "x"}).status_code == 403
    assert "Ask them first" not in reader.get(desk.page).content.decode()
    other = as_member(a_member(a_vendor("penhale"), "Jory"))
    assert other.post(f"{desk.page}ask-first/", {}).status_code == 404
    with acting_for([desk.vendor.id]):
        assert not Forewarning.objects.exists()
