"""Electronic invoices that were taken over are a book like any other: every invariant holds, and what is paid settles them."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from goodterms.database.isolation import acting_for
from goodterms.einvoices import documents
from goodterms.einvoices.profiles import EN16931, EXTENDED
from goodterms.imports.actions.electronic import import_electronic
from goodterms.invoicing.as_file import as_file
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_vendor
from goodterms.invoicing.tests.issued import VENDOR, issued
from goodterms.parties.models import Vendor
from goodterms.payments.actions import record
from goodterms.proof.prove import prove
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
S19 = Tax("S", Decimal(19))
LINES = [Line("Labels", Decimal(3), Decimal(200), S19, "hour"), Line("Tea", Decimal(1), Decimal("9.99"), Tax("S", Decimal(7)))]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = a_vendor()
    one.tax_id, one.name, one.country, one.currency = VENDOR["tax_id"], "Penhale Print", "DE", "EUR"
    with acting_for([one.id]):
        one.save()
        yield one


def test_a_book_that_came_as_files_holds_and_is_paid(vendor: Vendor) -> None:
    charge = [Adjustment("charge", Decimal(5), S19, "Carriage")]
    whole, part = issued(LINES, adjustments=charge), issued(LINES[:1], prepaid=10_000)
    odd = _with_a_tax_of_its_own(issued(LINES[:1]).issued)
    in_parts = electronic(issued(LINES, terms="33.3% net 9, 33.3% net 20, 33.4% eom").issued, EXTENDED).invoice
    files = [
        ("1.xml", documents.write(electronic(whole.issued, EN16931).invoice, "ubl")),
        ("2.xml", documents.write(replace(electronic(part.issued, EN16931).invoice, number="PP-2"), "cii")),
        ("3.xml", odd),
        ("4.xml", documents.write(replace(in_parts, number="PP-4"), "cii")),
    ]
    answer = import_electronic(vendor_id=vendor.id, files=files, by="Tom", role="owner", now=NOW)
    assert (answer["imported"], answer["new"], answer["without_lines"]) == (True, 4, 1)
    one = Invoice.objects.get(vendor=vendor, number="PP-2026-0417")
    record(
        vendor_id=vendor.id, customer_id=one.customer_id, amount=Money(one.total_minor, "EUR"), received_on=TODAY, by="Tom",
        method="bank_transfer", idempotency_key="1", role="owner", now=NOW, named=[one.id],
    )  # fmt: skip
    one.refresh_from_db()
    assert one.open_minor == 0
    assert [(each.invariant.id, each.finding.named) for each in prove([vendor.id]) if each.finding.broken] == []


def test_what_was_taken_over_can_be_given_on(vendor: Vendor) -> None:
    """The same sums and lines come out of our books as came in by the file."""
    file = documents.write(electronic(issued(LINES).issued, EN16931).invoice, "ubl")
    import_electronic(vendor_id=vendor.id, files=[("1.xml", file)], by="Tom", role="owner", now=NOW)
    one = Invoice.objects.select_related("customer", "vendor").get(vendor=vendor)
    before, after = documents.read(file).invoice, documents.read(as_file(one, "cii").content).invoice
    assert (after.sums, after.taxes) == (before.sums, before.taxes)
    assert [(line.net, line.quantity, line.unit, line.item and line.item.name) for line in after.lines] == [
        (line.net, line.quantity, line.unit, line.item and line.item.name) for line in before.lines
    ]
    assert after.buyer == before.buyer


def _with_a_tax_of_its_own(one: object) -> bytes:
    """Half a euro more tax than its rate makes."""
    of = electronic(one, EN16931).invoice  # type: ignore[arg-type]
    assert of.sums is not None
    sums = replace(of.sums, tax=Decimal("114.50"), total=Decimal("714.50"), payable=Decimal("714.50"))
    return documents.write(replace(of, number="PP-3", sums=sums, taxes=(replace(of.taxes[0], tax=Decimal("114.50")),)), "ubl")
