"""An export of an accounting system comes in as it is: recognised, with its lines and what is paid, without its drafts."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.forms.models import model_to_dict
from hypothesis import given
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_customers, import_invoices
from goodterms.imports.ready import READY, ready_profile, recognise
from goodterms.imports.rules.lines import read_lines
from goodterms.imports.rules.sieve import NOTHING, PAID
from goodterms.imports.tests.cast import NOW, a_vendor
from goodterms.invoicing import document
from goodterms.invoicing.line import Line as LineOf
from goodterms.invoicing.line import Tax
from goodterms.invoicing.models import Invoice, Line
from goodterms.invoicing.tests.book import must_be_true
from goodterms.invoicing.totals import totals
from goodterms.ledger.models import Posting
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.payments.models import Payment
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
EXPORTS = Path(__file__).parent / "exports"
OTHER = "PO-89,02/10/2026,01/11/2026,,768.00,128.00,0.00,768.00,,Delivery"
XERO = (EXPORTS / "xero-sales-invoices.csv").read_text()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def bring(vendor: Vendor, system: str, content: str, holds: str = "invoices", dates: str = "", **more: Any) -> dict[str, Any]:
    file = BytesIO(content.encode("utf-8", "surrogateescape"))
    profile = ready_profile(file, system=system, holds=holds, currency=vendor.currency, dates=dates)
    verb = import_invoices if holds == "invoices" else import_customers
    asked: dict[str, Any] = {"name": "x.csv", "profile": profile, "by": "Tom", "role": "owner", "now": NOW}
    answer: dict[str, Any] = verb(vendor_id=vendor.id, file=file, **asked | more)
    return answer


def of(name: str) -> str:
    return (EXPORTS / f"{name}.csv").read_text()


def standing() -> list[tuple[Any, ...]]:
    return list(
        Invoice.objects.filter(kind="invoice")
        .order_by("number")
        .values_list("number", "customer__name", "total_minor", "open_minor")
    )


def test_each_export_is_recognised_as_what_it_is_and_as_nothing_else() -> None:
    found = {path.stem: recognise(path.read_bytes()) for path in sorted(EXPORTS.glob("*.csv"))}
    assert {name: (one.ready.system, one.ready.holds) if one else None for name, one in found.items()} == {
        "quickbooks-customers": ("quickbooks", "customers"),
        "quickbooks-invoice-list": ("quickbooks", "invoices"),
        "quickbooks-open-invoices": ("quickbooks", "invoices"),
        "stripe-customer-balances": ("stripe", "customers"),
        "stripe-customers": ("stripe", "customers"),
        "stripe-invoices": ("stripe", "invoices"),
        "xero-sales-invoices": ("xero", "invoices"),
    }
    assert recognise(b"No,Client,Amount\n1,2,3\n") is None
    balances = recognise((EXPORTS / "stripe-customer-balances.csv").read_bytes(), holds="credits")
    assert balances is not None
    assert (balances.ready.system, balances.ready.balances) == ("stripe", True)
    assert len(READY) == 6


def test_rows_of_xero_are_the_lines_of_one_invoice(vendor: Vendor) -> None:
    answer = bring(vendor, "xero", XERO)
    assert (answer["imported"], answer["new"], answer["bad"]) == (True, 3, [])
    assert standing() == [
        ("INV-0101", "Tobacco Factory Theatres", 76800, 76800), ("INV-0102", "Clifton Choral", 12000, 7000),
        ("INV-0103", "Clifton Choral", 9900, 9900),
    ]  # fmt: skip
    first = Invoice.objects.get(number="INV-0101")
    assert (first.issued_on, first.due_on, first.order_number) == (date(2026, 10, 2), date(2026, 11, 1), "PO-88")
    lines = list(first.lines.order_by("position").values_list("description", "quantity", "unit_price", "net_minor"))
    assert lines == [
        ("Posters", Decimal(200), Decimal(3), 60000), ("Delivery", Decimal(1), Decimal(40), 4000),
    ]  # fmt: skip
    assert list(Invoice.objects.get(number="INV-0102").lines.values_list("description", "net_minor")) == [("Tickets", 10000)]


def test_the_taxes_of_xero_are_told_apart_by_rate_and_booked(vendor: Vendor) -> None:
    """Beside the lines or within them; another rate is read from its name, and one that is not named from its share."""
    mixed = XERO.replace("40.00,200,20% (VAT on Income),8.00", "40.00,200,Zero Rated Income,0.00").replace("768.00", "760.00")
    assert bring(vendor, "xero", mixed)["imported"]
    first, second, third = Invoice.objects.filter(kind="invoice").order_by("number")
    assert (first.net_minor, first.tax_minor, first.document["tax_groups"]) == (64_000, 12_000, [
        {"category": "S", "rate": "20", "taxable_minor": 60_000, "tax_minor": 12_000, "reason": ""},
        {"category": "Z", "rate": "0", "taxable_minor": 4_000, "tax_minor": 0, "reason": ""},
    ])  # fmt: skip
    assert (second.net_minor, second.tax_minor) == (10_000, 2_000)
    assert (third.net_minor, third.tax_minor) == (9_900, 0)  # its lines do not come to its total
    owed = Posting.objects.filter(account="tax").aggregate(owed=Sum("minor"))["owed"]
    assert owed == -14_000
    must_be_true(vendor.id)


def test_a_rounding_that_is_not_ours_leaves_the_tax_inside(vendor: Vendor) -> None:
    """A cent more tax than any of our ways of rounding comes to: nobody guesses, and the sums stay as they are."""
    odd = XERO.replace("20% (VAT on Income),120.00", "20% (VAT on Income),120.01").replace("768.00", "768.01")
    assert bring(vendor, "xero", odd)["imported"]
    first = Invoice.objects.get(number="INV-0101")
    assert (first.total_minor, first.tax_minor, first.document["tax_groups"][0]["category"]) == (76_801, 0, "O")


def test_what_is_left_out_is_counted_by_its_word(vendor: Vendor) -> None:
    answer = bring(vendor, "xero", XERO)
    assert answer["left_out"] == {"Draft": 1, "Voided": 1, PAID: 1}
    assert (answer["without_lines"], answer["paid_in_part"], answer["rows"]) == (1, 1, 5)
    assert list(Invoice.objects.get(number="INV-0103").lines.values_list("description", "net_minor")) == [("As invoiced", 9900)]


def test_a_document_with_lines_has_the_seal_and_the_sums_of_its_lines(vendor: Vendor) -> None:
    bring(vendor, "xero", XERO)
    for invoice in Invoice.objects.all():
        rows = list(Line.objects.filter(invoice=invoice).order_by("position"))
        facts = {name: getattr(invoice, name) for name in document.OF_INVOICE}
        lines = [model_to_dict(row, fields=document.OF_LINE) for row in rows]
        assert bytes(invoice.document_sha256 or b"") == document.digest(facts, lines, [])
        taxes = [Tax(row.tax_category, row.tax_percent, row.tax_reason) for row in rows]
        said = [LineOf(row.description, row.quantity, row.unit_price, tax) for row, tax in zip(rows, taxes, strict=True)]
        sums = totals(invoice.currency, said, method=invoice.document.get("method", "group"))
        assert (sums.total.minor, [one.net.minor for one in sums.lines]) == (
            invoice.total_minor, [row.net_minor for row in rows],
        )  # fmt: skip
        assert [document.group_out(group) for group in sums.groups] == invoice.document["tax_groups"]


@pytest.mark.parametrize("system", ["xero", "stripe"])
def test_a_part_that_is_paid_is_booked_once_and_thanked_by_nobody(vendor: Vendor, system: str) -> None:
    text = XERO if system == "xero" else of("stripe-invoices")
    seen = bring(vendor, system, text, dry_run=True)
    assert Invoice.objects.count() == 0
    assert bring(vendor, system, text) == seen | {"dry_run": False, "imported": True}
    paid = Payment.objects.get()
    assert (paid.received_on, paid.thanked_at, paid.unapplied_minor) == (date(2026, 11, 16), NOW, 0)
    owed = sum(Invoice.objects.values_list("open_minor", flat=True))
    assert owed == sum(total["open_minor"] for total in seen["totals"])
    assert sum(Posting.objects.filter(account="receivable").values_list("minor", flat=True)) == owed
    again = bring(vendor, system, text)
    assert (again["new"], again["paid_since"], Payment.objects.count()) == (0, 0, 1)


def test_a_later_export_pays_what_was_paid_since(vendor: Vendor) -> None:
    bring(vendor, "xero", XERO)
    later = XERO.replace("120.00,20.00,50.00,70.00", "120.00,20.00,120.00,0.00")
    assert [bring(vendor, "xero", later)["paid_since"] for _ in range(2)] == [1, 0]
    assert Invoice.objects.get(number="INV-0102").open_minor == 0
    assert sorted(Payment.objects.values_list("minor", flat=True)) == [5000, 7000]


def test_an_invoice_list_of_quickbooks_says_what_is_open(vendor: Vendor) -> None:
    answer = bring(vendor, "quickbooks", of("quickbooks-invoice-list"))
    assert answer["left_out"] == {NOTHING: 1, PAID: 1}
    assert standing() == [
        ("1041", "Tobacco Factory Theatres", 124000, 124000), ("1042", "Clifton Choral, Ltd", 64050, 14050),
    ]  # fmt: skip
    assert Invoice.objects.get(number="1041").issued_on == date(2026, 10, 2)  # month first, because of 10/15/2026


def test_a_report_of_open_invoices_has_its_customers_above_their_rows(vendor: Vendor) -> None:
    answer = bring(vendor, "quickbooks", of("quickbooks-open-invoices"))
    assert (answer["left_out"], answer["bad"]) == ({"Payment": 1}, [])
    assert standing() == [("1051", "Tobacco Factory Theatres", 9000, 9000), ("1052", "Clifton Choral", 101000, 101000)]


def test_invoices_of_stripe_have_days_with_hours_and_small_currencies(vendor: Vendor) -> None:
    answer = bring(vendor, "stripe", of("stripe-invoices"))
    assert answer["left_out"] == {"draft": 1, "void": 1, NOTHING: 1, PAID: 1}
    found = Invoice.objects.order_by("number").values_list("number", "currency", "issued_on", "due_on", "customer__number")
    assert list(found) == [
        ("7F1A-0001", "GBP", date(2026, 10, 2), date(2026, 11, 1), "cus_invented_1"),
        ("7F1A-0002", "GBP", date(2026, 10, 7), date(2026, 10, 7), "cus_invented_2"),
    ]  # fmt: skip


def test_lists_of_customers_come_in(vendor: Vendor) -> None:
    assert bring(vendor, "quickbooks", of("quickbooks-customers"), "customers")["new"] == 3
    assert bring(vendor, "stripe", of("stripe-customers"), "customers")["new"] == 2
    assert list(Customer.objects.order_by("number").values_list("number", "name", "address")) == [
        ("Bishop Road Press", "Bishop Road Press", ""), ("Clifton Choral", "Clifton Choral", ""),
        ("Tobacco Factory Theatres", "Tobacco Factory Theatres", "1 Raleigh Rd\nBristol BS3 1TF"),
        ("cus_invented_1", "Tobacco Factory Theatres", ""), ("cus_invented_2", "cus_invented_2", ""),
    ]  # fmt: skip
    assert Contact.objects.filter(name="Ines Moore", phone="Phone:(0117) 496 0101").count() == 1


def test_days_that_could_be_read_two_ways_are_asked_about(vendor: Vendor) -> None:
    text = XERO.splitlines()[0] + "\n" + XERO.splitlines()[1].replace("01/11/2026", "03/11/2026") + "\n"
    with pytest.raises(Refused, match="Say how days are written, --dates day/month/year or --dates month/day/year"):
        bring(vendor, "xero", text)
    bring(
        vendor,
        "xero",
        text.replace("768.00,128.00", "720.00,120.00").replace("0.00,768.00", "0.00,720.00"),
        dates="month/day/year",
    )
    assert Invoice.objects.get().issued_on == date(2026, 2, 10)


@pytest.mark.parametrize(
    ("was", "is_", "line", "column", "reason"),
    [
        ("Sent,Awaiting Payment\nClifton", "Sent,Disputed\nClifton", 3, "Status", "'Disputed' is not one of the words known"),
        ("PO-88,02/10/2026,01/11/2026,,768.00,128.00,0.00,768.00,,Delivery", OTHER, 3, "Reference", "Line 2 has PO-88 for"),
        ("50.00,70.00", "50.00,170.00", 4, "InvoiceAmountDue", "170.00 is open, which is more than the whole amount."),
        ("120.00,20.00,50.00,70.00", "-120.00,20.00,50.00,70.00", 4, "Total", "below zero"),
        ("Tickets", "=1+1", 4, "", "begins like a formula"),
        ("3.0000,40.0000", "three,40.0000", 4, "", "'three' is not a number."),
        ("INV-0103", "INV-0101", 5, "InvoiceNumber", "Number INV-0101 is on line 2 already."),
        (",INV-0103,", ",INV\x01,", 5, "InvoiceNumber", "a sign that cannot be seen"),
    ],
)  # fmt: skip
def test_a_bad_row_stops_the_whole_export(vendor: Vendor, was: str, is_: str, line: int, column: str, reason: str) -> None:
    answer = bring(vendor, "xero", XERO.replace(was, is_, 1))
    assert not answer["imported"]
    assert Invoice.objects.count() == 0
    assert any(bad["line"] == line and column in ("", bad["column"]) and reason in bad["reason"] for bad in answer["bad"]), (
        answer
    )


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", of("stripe-invoices"), of("quickbooks-customers")])
def test_an_export_of_another_system_is_refused(vendor: Vendor, content: str) -> None:
    with pytest.raises(Refused, match="The headings are not those of an export that is known here"):
        bring(vendor, "xero", content)
    with pytest.raises(Refused, match="No export of payments of xero is known here"):
        bring(vendor, "xero", content, "payments")


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8))
def test_lines_come_to_the_total_or_there_are_none(rows: list[tuple[int, int]]) -> None:
    import json

    text = json.dumps([["x", "3", "", f"{net / 100:.2f}", f"{tax / 100:.2f}", ""] for net, tax in rows])
    total = sum(net + tax for net, tax in rows)
    for minor in (total, sum(net for net, _ in rows), total + 1):
        found = read_lines(text, minor, "GBP", ".", ",")
        tax = found.taxed.tax_minor if found.taxed else 0
        assert sum(part.minor for part in found.parts) + tax == (minor if minor <= total else 0)
        assert all(part.quantity * part.price * 100 == part.minor for part in found.parts)
        assert not found.taxed or tax == sum(group.tax.minor for group in found.taxed.groups)
