"""A document that was issued is given as a file: right by the rules, with what its parties said, and its paper around it."""

from collections.abc import Iterator

import pytest

from goodterms.database.isolation import acting_for
from goodterms.einvoices import documents
from goodterms.einvoices.profiles import PEPPOL, XRECHNUNG
from goodterms.invoicing.actions import approve, change_letterhead, credit, draft, issue, paper_bytes
from goodterms.invoicing.as_file import as_file
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.saying import issued
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_rate, a_vendor
from goodterms.invoicing.tests.test_issue import LINES, TOM
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
OF_VENDOR = {
    "country": "DE", "tax_id": "136695976", "street": "Hafenstraße 4", "city": "Hamburg", "post_code": "20457",
    "endpoint_scheme": "0088", "endpoint_id": "5060012349998", "sender": "Ann Penhale",
    "bank": {"name": "Elbe Bank", "iban": "DE75512108001245126199"},
}  # fmt: skip
OF_CUSTOMER = {
    "country": "AT", "tax_id": "ATU13585627", "street": "Am Graben 1", "city": "Wien", "post_code": "1010",
    "endpoint_scheme": "0088", "endpoint_id": "4721480668400", "buyer_reference": "991-33333TEST-33", "currency": "EUR",
}  # fmt: skip


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    for name, value in OF_VENDOR.items():
        setattr(vendor, name, value)
    with acting_for([vendor.id]):
        vendor.save()
        change_letterhead(vendor_id=vendor.id, texts={"phone": "+49 40 123456", "company_number": "HRB 1"}, by="Tom", now=NOW)
        a_rate(vendor.id, "EUR", "0.86")
        yield a_customer(vendor.id, **OF_CUSTOMER)


@pytest.fixture
def invoice(customer: Customer) -> Invoice:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=LINES, work="Autumn range", **TOM)
    approve(invoice_id=one.id, **TOM)
    issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    return Invoice.objects.select_related("customer", "vendor").get(id=one.id)


def test_a_document_of_ours_is_right_by_peppol_and_xrechnung(invoice: Invoice) -> None:
    for form, profile in (("ubl", PEPPOL), ("ubl", XRECHNUNG), ("cii", XRECHNUNG), ("cii", None), ("facturx", None)):
        file = as_file(invoice, form, profile)  # type: ignore[arg-type]
        assert [each.rule for each in file.checked.fatal] == []
        assert (file.missing, file.unsaid, file.checked.missing) == ((), (), ())
        assert file.name.startswith(invoice.number)


def test_its_sums_are_those_of_the_books(invoice: Invoice) -> None:
    of = documents.read(as_file(invoice, "ubl").content).invoice
    assert of.sums is not None
    assert [round(each * 100) for each in (of.sums.net, of.sums.tax, of.sums.total) if each is not None] == [
        invoice.net_minor, invoice.tax_minor, invoice.total_minor,
    ]  # fmt: skip
    assert of.seller is not None
    assert of.seller.contact is not None
    assert (of.seller.contact.name, of.seller.contact.phone) == ("Ann Penhale", "+49 40 123456")


def test_the_paper_holds_the_same_invoice(invoice: Invoice) -> None:
    file = as_file(invoice, "facturx")
    read = documents.read(file.content)
    assert (file.name, file.media_type, read.name) == (f"{invoice.number}.pdf", "application/pdf", "factur-x.xml")
    assert read.xml == as_file(invoice, "cii", file.profile).content
    assert file.content != paper_bytes(invoice_id=invoice.id)
    assert as_file(invoice, "facturx").content == file.content


def test_what_was_said_at_issue_stays_in_the_file(invoice: Invoice, customer: Customer) -> None:
    before = as_file(invoice, "ubl", PEPPOL).content
    Customer.objects.filter(id=customer.id).update(city="Graz", buyer_reference="")
    assert as_file(Invoice.objects.select_related("customer", "vendor").get(id=invoice.id), "ubl", PEPPOL).content == before


def test_a_credit_note_is_one_in_the_file_as_well(invoice: Invoice) -> None:
    note = credit(invoice_id=invoice.id, reason="Returned", issued_on=TODAY, by="Tom", role="owner", now=NOW).note
    for form, profile in (("ubl", PEPPOL), ("cii", XRECHNUNG)):
        file = as_file(note, form, profile)  # type: ignore[arg-type]
        assert [each.rule for each in file.checked.fatal] == []
        of = documents.read(file.content).invoice
        assert (of.is_credit_note, of.preceding[0].number) == (True, invoice.number)


def test_what_is_missing_is_named_by_who_can_supply_it(invoice: Invoice) -> None:
    of = issued(invoice)
    assert "buyer_reference" in of.document["customer"]
    Invoice.objects.filter(id=invoice.id)
    bare = {**invoice.document, "customer": {"name": "Customer", "country": "AT"}}
    invoice.document = bare
    file = as_file(invoice, "ubl", XRECHNUNG)
    assert {each.who for each in file.missing} == {"customer"}
    assert {"BT-10", "BT-49", "BT-52", "BT-53"} == {each.term for each in file.missing}
    assert {"BR-DE-15", "BR-DE-8", "BR-DE-9"} <= {each.rule for each in file.checked.fatal}


def test_a_draft_is_given_to_nobody(customer: Customer) -> None:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=LINES, work="Autumn range", **TOM)
    with pytest.raises(Refused, match="A draft is no invoice yet"):
        as_file(one, "ubl")


def test_peppol_is_written_as_ubl_alone(invoice: Invoice) -> None:
    with pytest.raises(Refused, match="Peppol BIS Billing 3 is not written as cii"):
        as_file(invoice, "cii", PEPPOL)
