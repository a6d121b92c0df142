"""At the desk files are added to a draft and taken out, and what the rules find is shown before the issue."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, a_customer, a_draft
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.desk.tests.test_new_invoice import NEW, a_line, form, text
from goodterms.einvoices import documents
from goodterms.invoicing.actions import approve, enclose, xml_bytes
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.invoicing.tests.test_enclosures import HOURS, TIMESHEET
from goodterms.parties.models import Customer, Vendor
from goodterms.values.files import File

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


def takes(customer: Customer, **wishes: Any) -> None:
    with acting_for([customer.vendor_id]):
        Customer.objects.filter(id=customer.id).update(**wishes)


def uploads(*files: File) -> dict[str, Any]:
    return {"files": [SimpleUploadedFile(file.name, file.content) for file in files]}


def of_draft(one: Invoice, deed: str = "") -> str:
    return f"/at/tom-and-co/invoices/{one.id}/{deed}"


def kept(vendor: Vendor) -> list[Enclosure]:
    with acting_for([vendor.id]):
        return list(Enclosure.objects.light().select_related("invoice"))


def test_files_are_chosen_with_the_draft_downloaded_and_taken_out(desk: Client, vendor: Vendor, customer: Customer) -> None:
    sent = form(customer, a_line())
    page = desk.post(NEW, {**sent, **uploads(TIMESHEET, HOURS)}, follow=True)
    first, second = kept(vendor)
    assert "timesheet.pdf" in text(page.content)
    assert "added by Elin" in text(page.content)
    answer = desk.get(of_draft(first.invoice, f"files/{first.id}/"))
    assert answer.content == TIMESHEET.content
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="timesheet.pdf"'
    desk.post(of_draft(first.invoice, "draft/"), {**sent, "deed": f"remove:{first.id}"})
    assert [one.id for one in kept(vendor)] == [second.id]


def test_a_file_that_may_not_go_along_keeps_nothing_of_the_form(desk: Client, vendor: Vendor, customer: Customer) -> None:
    page = desk.post(NEW, {**form(customer, a_line()), **uploads(File("a.exe", b"MZ\0"))})
    assert page.status_code == 409
    assert "a.exe is not a kind of file that goes with an invoice." in text(page.content)
    assert kept(vendor) == []
    with acting_for([vendor.id]):
        assert not Invoice.objects.exists()


def test_what_they_require_is_shown_by_rule_and_in_plain_words_and_holds_the_issue(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    takes(customer, invoice_format="peppol", enclosure_required="signed timesheet")
    one = a_draft(customer)
    page = text(desk.get(of_draft(one, "draft/")).content)
    assert "Signed timesheet is missing." in page
    assert "It cannot be issued like this. Bellwether Foods takes invoices as Peppol BIS Billing 3 only." in page
    assert "PEPPOL-EN16931-R010" in page
    assert "Peppol needs the customer's electronic address. Ask the customer for it." in page.replace("&#x27;", "'")
    sent = form(customer, a_line(), deed="issue")
    page = text(desk.post(of_draft(one, "draft/"), sent).content)
    assert "takes no invoice without this: signed timesheet" in page
    page = text(desk.post(of_draft(one, "draft/"), {**sent, **uploads(TIMESHEET)}).content)
    assert "takes invoices as Peppol BIS Billing 3, and this one is not right by its rules" in page
    with acting_for([vendor.id]):
        assert not Invoice.objects.issued().exists()
        approve(invoice_id=one.id, **BY)
    assert "It cannot be issued yet: what is missing stands under" in text(desk.get(of_draft(one)).content)


def test_what_nobody_requires_is_held_against_the_rules_when_asked(desk: Client, customer: Customer) -> None:
    one = a_draft(customer)
    assert "Before it is issued" not in text(desk.get(of_draft(one, "draft/")).content)
    page = desk.post(of_draft(one, "draft/"), form(customer, a_line(), deed="check", format="peppol"), follow=True)
    assert "held against Peppol BIS Billing 3, which they do not require" in text(page.content)
    assert "so it can be issued" in text(page.content)


def test_the_xml_stands_beside_the_pdf_where_they_take_it(desk: Client, vendor: Vendor, customer: Customer) -> None:
    takes(customer, invoice_format="ubl")
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(tax_id="GB123456789", country="GB", bank={"iban": "GB33BUKB20201555555555"})
        Customer.objects.filter(id=customer.id).update(country="GB")
        one = a_draft(customer)
        enclose(invoice_id=one.id, files=[HOURS], **BY)
    page = desk.post(of_draft(one, "draft/"), form(customer, a_line(), deed="issue"), follow=True)
    assert "hours.xlsx" in text(page.content), text(page.content)
    assert 'name="deed" value="remove' not in page.content.decode()
    answer = desk.get(of_draft(one, "document.xml"))
    with acting_for([vendor.id]):
        assert answer.content == xml_bytes(invoice_id=one.id)
    [file] = documents.read(answer.content).invoice.supporting
    assert file.attached is not None
    assert file.attached.content == HOURS.content
    assert re.search(r'href="[^"]+document\.xml"', page.content.decode())


def test_a_reader_downloads_and_changes_nothing_and_another_vendor_finds_nothing(vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer)
    with acting_for([vendor.id]):
        [file] = enclose(invoice_id=one.id, files=[TIMESHEET], **BY)
    reader = as_member(a_member(vendor, "Rea", "reader"))
    assert reader.get(of_draft(one, f"files/{file.id}/")).content == TIMESHEET.content
    assert reader.post(of_draft(one, "draft/"), form(customer, deed=f"remove:{file.id}")).status_code == 403
    stranger = as_member(a_member(a_vendor(slug="other-firm")))
    assert stranger.get(f"/at/other-firm/invoices/{one.id}/files/{file.id}/").status_code == 404
    assert stranger.get(f"/at/other-firm/invoices/{one.id}/document.xml").status_code == 404


def test_more_files_ask_no_more_queries(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer)
    counts = []
    for at in range(2):
        with acting_for([vendor.id]):
            enclose(invoice_id=one.id, files=[File(f"{at}-{n}.txt", f"{at}{n}".encode()) for n in range(1 + 3 * at)], **BY)
        with CaptureQueriesContext(connection) as asked:
            desk.get(of_draft(one))
        counts.append(len(asked))
        assert not any('"invoicing_enclosure"."content"' in query["sql"] for query in asked)
    assert counts[0] == counts[1]


def test_what_programs_have_to_know_of_the_firm_is_said_in_its_settings(desk: Client, vendor: Vendor) -> None:
    page = desk.get("/at/tom-and-co/settings/firm/").content.decode()
    given = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page)) | {"tone": "neutral", "language": "en"}
    told = {"street": "14 Welsh Back", "city": "Bristol", "endpoint_scheme": "0088", "endpoint_id": "5060012349998"}
    assert desk.post("/at/tom-and-co/settings/firm/", given | told).status_code == 302
    vendor.refresh_from_db()
    assert {name: getattr(vendor, name) for name in told} == told
    odd = desk.post("/at/tom-and-co/settings/firm/", given | {"endpoint_scheme": "0088"})
    assert "An electronic address is a scheme and an id" in text(odd.content)
