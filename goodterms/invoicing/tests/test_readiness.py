"""What a customer takes in a format of programs is held against the official rules before it is issued, and blocks; what
nobody requires is looked at when somebody asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.einvoices import check as checking
from goodterms.einvoices import documents
from goodterms.einvoices.profiles import PEPPOL
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    Wanted,
    approve,
    change_letterhead,
    credit,
    draft_many,
    held_back,
    issue,
    issue_many,
    issue_new,
    paper_bytes,
    readiness_of,
    tell_waiting,
    xml_bytes,
)
from goodterms.invoicing.models import Invoice, Paper
from goodterms.invoicing.readiness import NotReady
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_rate, a_vendor
from goodterms.invoicing.tests.test_as_file import OF_CUSTOMER, OF_VENDOR
from goodterms.invoicing.tests.test_issue import LINES, TOM, drafted
from goodterms.parties.actions import change_preferences
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
WHOLE = ("facturx", "extended", "xrechnung", "peppol", "ubl", "cii")


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    for name, value in OF_VENDOR.items():
        setattr(vendor, name, value)
    with acting_for([vendor.id]):
        vendor.save()
        a_rate(vendor.id, "EUR", "0.86")
        change_letterhead(vendor_id=vendor.id, texts={"phone": "+49 40 123456"}, by="Tom", now=NOW)
        yield a_customer(vendor.id, **OF_CUSTOMER | {"name": "Praterwerk"})


def takes(customer: Customer, word: str, **more: Any) -> None:
    changes = {"invoice_format": word, **more}
    change_preferences(vendor_id=customer.vendor_id, customer_id=customer.id, now=NOW, by="Tom", changes=changes)


def approved(customer: Customer) -> Invoice:
    one = drafted(customer)
    approve(invoice_id=one.id, **TOM)
    return one


@pytest.mark.parametrize("word", WHOLE)
def test_what_is_right_goes_out_in_the_form_that_they_take(customer: Customer, word: str) -> None:
    takes(customer, word)
    one = issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM)
    paper = Paper.objects.get(invoice=one)
    assert paper.format == word
    inside = word in ("facturx", "extended")
    content = paper_bytes(invoice_id=one.id) if inside else xml_bytes(invoice_id=one.id)
    read = documents.read(content)
    assert (read.invoice.number, read.syntax) == (one.number, "cii" if inside or word == "cii" else "ubl")
    assert checking.check(read.xml).fatal == []
    assert bool(paper.xml) is not inside


def test_what_is_wrong_by_the_rules_of_their_format_is_not_issued(customer: Customer) -> None:
    takes(customer, "peppol", endpoint_scheme="", endpoint_id="", buyer_reference="")
    one = approved(customer)
    with pytest.raises(NotReady) as no:
        issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    assert no.value.sentence == (
        "Praterwerk takes invoices as Peppol BIS Billing 3, and this one is not right by its rules (PEPPOL-EN16931-R010,"
        " PEPPOL-EN16931-R003): Peppol needs the customer's electronic address. Ask the customer for it. Peppol needs the"
        " customer's reference or purchase order. Ask for it."
    )
    assert [finding.rule for finding in no.value.findings if finding.severity == "fatal"] == [
        "PEPPOL-EN16931-R010", "PEPPOL-EN16931-R003",
    ]  # fmt: skip
    one.refresh_from_db()
    assert (one.number, one.issued_on, one.approved_by) == ("", None, "Tom")


def test_what_nobody_requires_is_told_and_blocks_nothing(customer: Customer) -> None:
    takes(customer, "pdf", endpoint_scheme="", endpoint_id="")
    one = approved(customer)
    assert readiness_of(invoice_id=one.id, on=TODAY).looked is None
    seen = readiness_of(invoice_id=one.id, on=TODAY, format="peppol")
    assert seen.looked is not None
    assert "PEPPOL-EN16931-R010" in {finding.rule for finding in seen.looked.findings}
    assert [each.term for each in seen.looked.missing] == ["BT-49"]
    assert (seen.required, seen.blocked) == (False, False)
    assert issue(invoice_id=one.id, issued_on=TODAY, **TOM).number
    with pytest.raises(Refused, match="issued already"):
        readiness_of(invoice_id=one.id, on=TODAY)


def test_a_draft_says_what_blocks_it(customer: Customer) -> None:
    takes(customer, "peppol", endpoint_scheme="", endpoint_id="", enclosure_required="timesheet", order_required=True)
    seen = readiness_of(invoice_id=drafted(customer).id, on=TODAY)
    assert (seen.blocked, seen.required, seen.order_missing, seen.lacks, seen.who) == (True, True, True, "timesheet", "")
    takes(customer, "peppol", endpoint_scheme="0088", endpoint_id="4721480668400", enclosure_required="", order_required=False)
    assert not readiness_of(invoice_id=drafted(customer).id, on=TODAY).blocked


def test_nobody_pays_for_rules_that_nobody_asked_for(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodterms.invoicing.readiness.check", _never)
    monkeypatch.setattr("goodterms.invoicing.paper.check", _never)
    takes(customer, "pdf")
    assert issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM).number
    many = [approved(customer).id for _ in range(4)]
    with CaptureQueriesContext(connection) as few:
        issue_many(vendor_id=customer.vendor_id, invoice_ids=many[:1], issued_on=TODAY, **TOM)
    with CaptureQueriesContext(connection) as more:
        issue_many(vendor_id=customer.vendor_id, invoice_ids=many[1:], issued_on=TODAY, **TOM)
    assert len(few) == len(more)


def _never(*_: object) -> None:
    raise AssertionError("the rules were run")


def test_many_at_once_leave_out_what_is_not_ready_and_say_why(customer: Customer) -> None:
    takes(customer, "peppol", endpoint_scheme="", endpoint_id="")
    other = a_customer(customer.vendor_id, name="Rossi", currency="EUR")
    particular = a_customer(customer.vendor_id, name="Kestrel", currency="EUR", enclosure_required="timesheet")
    wanted = [Wanted(one.id, "EUR", LINES) for one in (customer, other, particular)]
    why = held_back(vendor_id=customer.vendor_id, wanted=wanted, issued_on=TODAY, now=NOW)
    assert sorted(why) == [0, 2]
    assert why[2] == "Kestrel takes no invoice without this: timesheet. Add the file first."
    with pytest.raises(Refused, match="Praterwerk takes invoices as Peppol"):
        issue_new(vendor_id=customer.vendor_id, wanted=wanted[:2], issued_on=TODAY, approved_by="T", by="T", now=NOW)
    (waiting,) = draft_many(vendor_id=customer.vendor_id, wanted=wanted[:1], by="the schedule", now=NOW)
    tell_waiting(vendor_id=customer.vendor_id, waiting={waiting.invoice_id: why[0]}, by="the schedule", now=NOW)
    told = Interaction.objects.get(kind="invoice.waits")
    assert (told.invoice_id, told.data) == (waiting.invoice_id, {"reason": why[0]})


def test_a_credit_note_that_cannot_be_said_to_programs_is_for_people(customer: Customer) -> None:
    takes(customer, "peppol")
    right = issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM)
    note = credit(invoice_id=right.id, reason="Returned", issued_on=TODAY, **TOM).note
    assert checking.check(xml_bytes(invoice_id=note.id), PEPPOL).fatal == []
    takes(customer, "pdf", endpoint_scheme="", endpoint_id="")
    before = issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM)
    takes(customer, "peppol")
    note = credit(invoice_id=before.id, reason="Returned", issued_on=TODAY, **TOM).note
    assert paper_bytes(invoice_id=note.id).startswith(b"%PDF")
    with pytest.raises(Refused, match="no XML goes beside it"):
        xml_bytes(invoice_id=note.id)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"invoice_format": "doc"},
            "'doc' is not a format of invoices; there are pdf, facturx, extended, xrechnung, peppol, ubl, cii.",
        ),
        ({"enclosure_required": "x" * 61}, "Say in 60 signs at most what has to come with an invoice, like signed timesheet."),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused(customer: Customer, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused) as no:
        change_preferences(vendor_id=customer.vendor_id, customer_id=customer.id, now=NOW, by="Tom", changes=changes)
    assert no.value.sentence == sentence
