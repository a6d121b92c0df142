"""What is issued at the desk goes out, can be taken back for ten seconds, is downloaded as stored, and copied to somebody."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, a_customer, a_draft, an_invoice
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.actions import approve, paper_bytes
from goodterms.invoicing.models import Dispatch, Invoice, Paper
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Contact, Customer, Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def sandra(customer: Customer) -> Contact:
    return a_person(customer, "Sandra Whitlock", pays=True)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


def a_person(customer: Customer, name: str, **roles: Any) -> Contact:
    address = f"{name.lower().replace(' ', '.')}@bw.example"
    with acting_for([customer.vendor_id]):
        return add_contact(
            vendor_id=customer.vendor_id, customer_id=customer.id, name=name, email=address, now=NOW, by="Tom", **roles
        )  # fmt: skip


def at(one: Invoice, deed: str = "") -> str:
    return f"/at/tom-and-co/invoices/{one.id}/{deed}"


def an_approved(customer: Customer) -> Invoice:
    one = a_draft(customer)
    with acting_for([customer.vendor_id]):
        return approve(invoice_id=one.id, **BY)


def sendings(vendor: Vendor, **which: Any) -> list[Dispatch]:
    with acting_for([vendor.id]):
        return list(Dispatch.objects.filter(**which).order_by("created_at"))


def page(desk: Client, one: Invoice) -> str:
    return " ".join(desk.get(at(one)).content.decode().split())


def test_issue_and_send_waits_ten_seconds_in_which_it_is_taken_back(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = an_approved(customer)
    before = datetime.now(UTC)
    assert "Issued as 2026-0001." in desk.post(at(one, "issue/"), follow=True).text
    (sending,) = sendings(vendor)
    assert sending.free_until_at is not None
    assert timedelta(seconds=9) < sending.free_until_at - before < timedelta(seconds=40)
    assert "Issued, and on its way. You can take it back for ten seconds." in page(desk, one)
    assert desk.post(at(one, "keep-back/")).status_code == 302
    assert "You can take it back" not in page(desk, one)
    assert len(sendings(vendor, withdrawn_at__isnull=False)) == 1
    kinds = {deed.kind for deed in told(vendor, "invoice.issued", "invoice.withheld")}
    assert kinds == {"invoice.issued", "invoice.withheld"}


def test_after_ten_seconds_nothing_is_taken_back(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = an_approved(customer)
    desk.post(at(one, "issue/"))
    with acting_for([vendor.id]):
        Dispatch.objects.update(free_until_at=datetime.now(UTC))
    assert "take it back" not in page(desk, one)
    late = desk.post(at(one, "keep-back/"))
    assert late.status_code == 409
    assert "The ten seconds are over and it is on its way" in late.text
    assert sendings(vendor, withdrawn_at__isnull=False) == []


def test_it_can_be_issued_and_not_sent(desk: Client, vendor: Vendor, customer: Customer, sandra: Contact) -> None:
    one = an_approved(customer)
    assert "It was not sent." in desk.post(at(one, "issue/"), {"unsent": "on"}, follow=True).text
    assert sendings(vendor) == []
    assert "Send it</h2>" in page(desk, one)


def test_a_copy_goes_to_a_chosen_person(desk: Client, vendor: Vendor, customer: Customer, sandra: Contact) -> None:
    graham = a_person(customer, "Graham Tait", approves=True)
    one = an_invoice(customer)
    seen = page(desk, one)
    assert "Send a copy</h2>" in seen
    assert seen.index("Sandra Whitlock</option>") < seen.index("Graham Tait</option>")
    assert desk.post(at(one, "send/"), {"contact": str(graham.id)}).status_code == 302
    (copy,) = sendings(vendor, contact_id=graham.id)
    assert copy.is_copy
    assert "On its way to Graham Tait. You can take it back" in page(desk, one)


@pytest.mark.parametrize("contact", ["", "none", "01a1e3de-0000-7000-8000-000000000000"])
def test_a_copy_to_nobody_is_refused_in_words(desk: Client, vendor: Vendor, customer: Customer, contact: str) -> None:
    one = an_invoice(customer)
    answer = desk.post(at(one, "send/"), {"contact": contact})
    assert answer.status_code == 409
    assert "Choose to whom it goes." in answer.text or "There is nobody like that at this customer." in answer.text
    assert len(sendings(vendor)) == 1


def said_in(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_pdf_is_the_bytes_that_are_stored(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = an_invoice(customer)
    assert at(one, "document.pdf") in page(desk, one)
    answer = desk.get(at(one, "document.pdf"))
    with acting_for([vendor.id]):
        assert answer.content == paper_bytes(invoice_id=one.id)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_draft_is_seen_as_pdf_and_says_that_it_is_one(desk: Client, vendor: Vendor, customer: Customer) -> None:
    """Of what was saved, as it would be today; nothing of it is kept, and nobody can pay by it."""
    one = a_draft(customer)
    assert at(one, "document.pdf") in page(desk, one)
    shown = desk.get(at(one, "document.pdf"))
    assert shown.headers["Content-Type"] == "application/pdf"
    said = said_in(shown.content)
    assert "draft, not issued yet" in said
    assert "16 November 2026" in said
    assert "120.00" in said
    assert "or pay on " not in said
    with acting_for([vendor.id]):
        assert not Paper.objects.filter(invoice=one).exists()
        assert Invoice.objects.get(id=one.id).issued_on is None
        issued = an_invoice(customer)
        assert "or pay on " in said_in(paper_bytes(invoice_id=issued.id)), "so that the test above can fail"


@pytest.mark.parametrize("deed", ["send/", "keep-back/"])
def test_readers_only_read_and_others_find_nothing(vendor: Vendor, customer: Customer, deed: str) -> None:
    one = an_invoice(customer)
    reader = as_member(a_member(vendor, "Rea", "reader"))
    stranger = as_member(a_member(a_vendor("else-where"), "Else"))
    assert reader.post(at(one, deed)).status_code == 403
    assert "Send by e-mail" not in page(reader, one)
    assert reader.get(at(one, "document.pdf")).status_code == 200
    for answer in (stranger.post(at(one, deed)), stranger.get(at(one, "document.pdf"))):
        assert answer.status_code == 404


def test_the_page_asks_as_much_with_one_person_as_with_many(desk: Client, customer: Customer, sandra: Contact) -> None:
    one, counts = an_invoice(customer), []
    for many in (0, 5):
        for n in range(many):
            a_person(customer, f"Person{n}", receives_copies=True)
        with CaptureQueriesContext(connection) as asked:
            desk.get(at(one))
        counts.append(len(asked))
    assert counts[0] == counts[1]
