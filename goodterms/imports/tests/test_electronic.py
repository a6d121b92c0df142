"""Electronic invoices of the vendor become part of its books: whole, once, with the sums of the file, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.einvoices import documents, model
from goodterms.einvoices.beyond import Advance, AdvanceTax
from goodterms.einvoices.profiles import EN16931, EXTENDED, FACTURX
from goodterms.imports.actions.electronic import import_electronic
from goodterms.imports.models import Import
from goodterms.imports.rules.electronic import Fault, Known, Taken, taken
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import paper_bytes
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.saying import issued as as_issued
from goodterms.invoicing.tests.book import NOW, a_customer, a_vendor
from goodterms.invoicing.tests.issued import VENDOR, Case, issued
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import fold
from goodterms.payments.models import Payment
from goodterms.values.refusal import Refused

S19 = Tax("S", Decimal(19))
KNOWN = Known(frozenset({fold("Penhale Print")}), "136695976")
LINES = [Line("Labels", Decimal(3), Decimal(200), S19, "hour"), Line("Tea", Decimal(1), Decimal("9.99"), Tax("S", Decimal(7)))]


def told(case: Case) -> model.Invoice:
    return electronic(case.issued, EN16931).invoice


def xml(case: Case, syntax: Any = "ubl") -> bytes:
    return documents.write(told(case), syntax)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = a_vendor()
    one.tax_id, one.name, one.country, one.currency = VENDOR["tax_id"], "Penhale Print", "DE", "EUR"
    with acting_for([one.id]):
        one.save()
        yield one


def imported(vendor: Vendor, *files: bytes, **more: Any) -> dict[str, Any]:
    named = [(f"{at}.xml", content) for at, content in enumerate(files, 1)]
    return import_electronic(vendor_id=vendor.id, files=named, by="Tom", role="owner", now=NOW, **more)


@pytest.mark.django_db
@pytest.mark.parametrize("terms", ["50% net 10, 50% net 30", "33.3% net 9, 33.3% net 20, 33.4% eom"])
def test_instalments_of_a_file_are_those_of_the_books(vendor: Vendor, terms: str) -> None:
    """Factur-X EXTENDED says each with its day; reminders count from the first."""
    said = electronic(issued(LINES, terms=terms).issued, EXTENDED).invoice
    answer = imported(vendor, documents.write(said, "cii"))
    assert (answer["new"], answer["bad"], answer["not_carried"]) == (1, [], 0)
    one = Invoice.objects.get(vendor=vendor)
    parts = [(each.due_on, Decimal(each.minor) / 100) for each in one.instalments.order_by("position")]
    assert parts == [(each.due_on, each.amount) for each in said.instalments]
    assert (one.chase_on, one.due_on) == (parts[0][0], parts[-1][0])
    assert electronic(as_issued(one), EXTENDED).invoice.instalments == said.instalments


def test_parts_that_are_not_the_total_are_no_plan() -> None:
    said = electronic(issued(LINES, terms="50% net 10, 50% net 30").issued, EXTENDED).invoice
    first, last = said.instalments
    for parts in ((first,), (first, replace(last, amount=Decimal(1))), (first, replace(last, due_on=None))):
        found = taken(replace(said, instalments=parts), KNOWN)
        assert isinstance(found, Taken)
        assert found.terms is not None
        assert (found.terms.instalments, found.due_on) == ((), max(each.due_on for each in parts if each.due_on))


@pytest.mark.django_db
@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_an_invoice_is_taken_over_with_its_lines_taxes_and_customer(vendor: Vendor, syntax: str) -> None:
    case = issued(LINES, adjustments=[Adjustment("charge", Decimal(5), S19, "Carriage")])
    answer = imported(vendor, xml(case, syntax))
    assert (answer["imported"], answer["new"], answer["bad"], answer["without_lines"]) == (True, 1, [], 0)
    one = Invoice.objects.get(vendor=vendor)
    assert (one.number, one.total_minor, one.tax_minor, one.open_minor) == (
        "PP-2026-0417", case.sums.total.minor, case.sums.tax.minor, case.sums.total.minor,
    )  # fmt: skip
    assert (str(one.due_on), one.order_number, one.work) == ("2026-12-16", "PO-88", "Labels, second run")
    assert [(line.description, line.net_minor) for line in one.lines.order_by("position")] == [("Labels", 60_000), ("Tea", 999)]
    customer = one.customer
    assert (customer.number, customer.name, customer.tax_id, customer.city) == (
        "C-17",
        "Rossi & Figli",
        "00743110157",
        "Milano",
    )
    assert customer.endpoint_id == "4721480668400"
    deeds = Interaction.objects.filter(vendor_id=vendor.id).values_list("kind", flat=True)
    assert sorted(deeds) == ["customer.added", "invoice.imported"]


@pytest.mark.django_db
def test_a_pdf_with_the_invoice_inside_is_taken_over(vendor: Vendor) -> None:
    from goodterms.einvoices.hybrid import hybrid
    from goodterms.einvoices.tests.test_hybrid import page

    assert imported(vendor, hybrid(page(), xml(issued(LINES), "cii"), FACTURX))["new"] == 1


@pytest.mark.django_db
def test_again_changes_nothing_and_another_under_its_number_is_refused(vendor: Vendor) -> None:
    first = xml(issued(LINES))
    assert imported(vendor, first)["new"] == 1
    again = imported(vendor, first)
    assert (again["new"], again["unchanged"], again["imported"]) == (0, 1, True)
    other = imported(vendor, xml(issued(LINES[:1])))
    assert [each["reason"] for each in other["bad"]] == ["Invoice PP-2026-0417 is in the books already, and differs."]
    assert (Invoice.objects.filter(vendor=vendor).count(), Import.objects.filter(vendor=vendor).count()) == (1, 1)


@pytest.mark.django_db
def test_a_preview_writes_nothing(vendor: Vendor) -> None:
    answer = imported(vendor, xml(issued(LINES)), dry_run=True)
    assert (answer["new"], answer["imported"], answer["totals"][0]["invoices"]) == (1, False, 1)
    assert not Invoice.objects.filter(vendor=vendor).exists()
    assert not Customer.objects.filter(vendor=vendor).exists()


@pytest.mark.django_db
def test_one_bad_file_keeps_all_out(vendor: Vendor) -> None:
    answer = imported(vendor, xml(issued(LINES)), b"<!DOCTYPE a><a/>", xml(issued(LINES)))
    assert [(each["file"], each["term"]) for each in answer["bad"]] == [("2.xml", ""), ("3.xml", "BT-1")]
    assert answer["bad"][1]["reason"] == "Invoice PP-2026-0417 is in 1.xml as well."
    assert not Invoice.objects.filter(vendor=vendor).exists()
    assert not Interaction.objects.filter(vendor_id=vendor.id).exists()


@pytest.mark.django_db
def test_what_was_prepaid_is_a_payment(vendor: Vendor) -> None:
    imported(vendor, xml(issued(LINES, prepaid=10_000)))
    one = Invoice.objects.get(vendor=vendor)
    assert one.total_minor - one.open_minor == 10_000
    assert Payment.objects.get(vendor=vendor).minor == 10_000


@pytest.mark.django_db
def test_what_was_prepaid_is_said_again_on_paper_and_in_every_file(vendor: Vendor) -> None:
    imported(vendor, xml(issued(LINES, prepaid=10_000)))
    one = Invoice.objects.select_related("vendor", "customer").get(vendor=vendor)
    for profile in (EN16931, EXTENDED):
        of = electronic(as_issued(one), profile).invoice
        assert of.sums is not None
        assert (of.sums.prepaid, of.sums.total, of.sums.payable) == (Decimal(100), Decimal("724.69"), Decimal("624.69"))
        assert of.advances == ()  # no tax was said of it, and EXTENDED takes none without
    page = text(paper_bytes(invoice_id=one.id))
    assert "Total €724 .69 Paid before \N{MINUS SIGN}100.00 To be paid to us 624.69" in page
    assert page.count("724") == 1  # the strip asks for the rest


@pytest.mark.django_db
def test_advance_payments_come_in_by_their_days_and_go_out_with_their_tax(vendor: Vendor) -> None:
    of = electronic(issued(LINES, prepaid=10_000).issued, EXTENDED).invoice
    parts = tuple(
        Advance(amount, on, (AdvanceTax(tax, category="S", rate=Decimal(19)),))
        for amount, tax, on in (
            (Decimal("60.00"), Decimal("9.58"), date(2026, 11, 2)), (Decimal("40.00"), Decimal("6.39"), date(2026, 11, 9)),
        )
    )  # fmt: skip
    imported(vendor, documents.write(replace(of, advances=parts), "cii"))
    paid = Payment.objects.filter(vendor=vendor).order_by("received_on")
    assert [(each.received_on, each.minor) for each in paid] == [(date(2026, 11, 2), 6_000), (date(2026, 11, 9), 4_000)]
    one = Invoice.objects.select_related("vendor", "customer").get(vendor=vendor)
    assert one.total_minor - one.open_minor == 10_000
    again = electronic(as_issued(one), EXTENDED).invoice
    assert again.advances == parts
    assert documents.read(documents.write(again, "cii")).invoice.advances == parts
    assert electronic(as_issued(one), EN16931).invoice.advances == ()
    unlike = replace(of, advances=(*parts, replace(parts[0], received_on=None)))
    found = taken(unlike, KNOWN)
    assert isinstance(found, Taken)
    assert found.received == [(found.issued_on, found.prepaid)]


@pytest.mark.django_db
def test_a_customer_that_is_known_stays_as_it_is(vendor: Vendor) -> None:
    known = a_customer(vendor.id, name="Rossi", tax_id="00743110157", currency="EUR")
    imported(vendor, xml(issued(LINES)))
    assert Invoice.objects.get(vendor=vendor).customer_id == known.id
    assert Customer.objects.get(vendor=vendor).name == "Rossi"


@pytest.mark.django_db
def test_sums_that_no_calculation_meets_stand_alone(vendor: Vendor) -> None:
    of = told(issued([Line("Labels", Decimal(3), Decimal(200), S19)]))
    assert of.sums is not None
    odd = replace(
        of, sums=replace(of.sums, tax=Decimal("114.50"), total=Decimal("714.50"), payable=Decimal("714.50")),
        taxes=(replace(of.taxes[0], tax=Decimal("114.50")),),
    )  # fmt: skip
    assert imported(vendor, documents.write(odd, "ubl"))["without_lines"] == 1
    one = Invoice.objects.get(vendor=vendor)
    assert (one.tax_minor, one.total_minor, one.lines.count()) == (11_450, 71_450, 0)


@pytest.mark.django_db
def test_a_reader_takes_nothing_over(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="by the owner or a bookkeeper"):
        import_electronic(vendor_id=vendor.id, files=[("1.xml", b"")], by="Ann", role="reader", now=NOW)


def faults(of: model.Invoice) -> list[Fault]:
    found = taken(of, KNOWN)
    assert isinstance(found, list)
    return found


def test_what_the_books_need_is_named_by_its_term() -> None:
    of = told(issued(LINES))
    assert of.sums is not None
    assert [each.term for each in faults(replace(of, number=" ", issued_on=None, buyer=None))] == ["BT-1", "BT-2", "BT-44"]
    assert faults(replace(of, type_code="381")) == [
        Fault("BT-3", "It is a credit note. Write it for its invoice, once that is here.")
    ]
    assert [each.term for each in faults(replace(of, sums=replace(of.sums, prepaid=Decimal(5_000))))] == ["BT-113"]
    assert [each.term for each in faults(replace(of, sums=replace(of.sums, total=Decimal(1))))] == ["BT-112"]
    assert [each.term for each in faults(replace(of, currency="XQQ"))] == ["BT-112"]


def test_an_invoice_of_somebody_else_is_not_ours() -> None:
    of = told(issued(LINES))
    assert of.seller is not None
    theirs = replace(of, seller=replace(of.seller, vat_id="NL004495445B01", name="Vermeer"))
    assert faults(theirs) == [Fault("BT-27", "Vermeer wrote it, which is not this vendor.")]
    unnamed = replace(of, seller=replace(of.seller, vat_id=""))
    assert isinstance(taken(unnamed, KNOWN), Taken)
    assert isinstance(taken(unnamed, Known(frozenset({"severn tea"}), "")), list)


def test_a_line_that_our_books_cannot_say_is_one_piece_at_its_amount() -> None:
    of = told(issued([Line("Tea", Decimal(3), Decimal(10), S19)]))
    (line,) = of.lines
    third = replace(line, price=model.Price(Decimal(10), base_quantity=Decimal(3)), net=Decimal(10))
    assert of.sums is not None
    sums = replace(of.sums, lines=Decimal(10), net=Decimal(10), tax=Decimal("1.90"), total=Decimal("11.90"))
    found = taken(replace(of, lines=(third,), sums=sums), KNOWN)
    assert isinstance(found, Taken)
    assert [(each.description, each.quantity, each.unit_price) for each in found.lines] == [
        ("Tea (3 C62)", Decimal(1), Decimal(10))
    ]
