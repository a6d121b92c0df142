"""A file of payments says what payers kept back for the tax office, and by which certificate: settled with the money."""

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_payments
from goodterms.imports.profile import read_profile
from goodterms.imports.tests.cast import NOW, a_vendor
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import a_customer, an_invoice, must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer
from goodterms.payments.models import Payment, Withheld
from goodterms.terms.rules import Terms, Withholding

pytestmark = pytest.mark.django_db
PROFILE = """
currency = "GBP"
[columns]
number = "Ref"
received = "Day"
amount = "Sum"
invoices = "For"
withheld = "Kept"
certificate = "Paper"
certificate_on = "Of"
"""
HEAD = "Ref,Day,Sum,For,Kept,Paper,Of\n"
IRPF = Terms(withholding=Withholding("IRPF", Decimal(15)))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def take(customer: Customer, *rows: str, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"name": "p.csv", "by": "Tom", "role": "owner", "now": NOW} | more
    file = BytesIO((HEAD + "\n".join(rows) + "\n").encode())
    return import_payments(vendor_id=customer.vendor_id, file=file, profile=read_profile(PROFILE, "payments"), **asked)


def why(answer: dict[str, Any]) -> list[str]:
    return [bad["reason"] for bad in answer["bad"]]


def test_what_was_kept_back_settles_its_invoice_with_its_certificate(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00)
    row = f"R1,2026-11-10,100.00,{invoice.number},21.00,2026/88,2026-11-12"
    seen = take(customer, row, dry_run=True)
    assert seen["totals"] == [
        {"currency": "GBP", "payments": 1, "total_minor": 100_00, "unnamed_minor": 0, "withheld_minor": 21_00}
    ]
    assert take(customer, row)["imported"]
    kept = Withheld.objects.get()
    assert (kept.minor, kept.certificate, str(kept.certificate_on)) == (21_00, "2026/88", "2026-11-12")
    assert Invoice.objects.get(id=invoice.id).open_minor == 0
    assert sum(Posting.objects.filter(account="withheld").values_list("minor", flat=True)) == 21_00
    again = take(customer, row)
    assert (again["new"], again["unchanged"], Withheld.objects.count()) == (0, 1, 1)


def test_where_the_file_does_not_say_the_terms_do(customer: Customer) -> None:
    agreed, other = (an_invoice(customer, 121_00, tax=21_00, terms=IRPF) for _ in range(2))
    assert take(
        customer, f"R1,2026-11-10,106.00,{agreed.number},,,", f"R2,2026-11-10,108.00,{other.number},13.00,,"
    )["imported"]  # fmt: skip
    assert sorted(Withheld.objects.values_list("minor", flat=True)) == [13_00, 15_00]
    assert not Invoice.objects.filter(open_minor__gt=0).exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("R1,2026-11-10,100.00,{n},121.00,,", "Only 121.00 of invoice {n} are open; less was kept back."),
        ("R1,2026-11-10,100.00,{n};{m},21.00,,", "What was kept back for the tax office is of one invoice; name that one,"),
        ("R1,2026-11-10,100.00,{n},21.00,2026/88,", "A certificate has its number and its day; give both, or neither."),
        ("R1,2026-11-10,100.00,{n},21.00,2026/88,2026-12-24", "2026-12-24 is still to come"),
        ("R1,2026-11-10,100.00,{n},much,,", "'much' is not an amount written like"),
    ],
)
def test_a_line_that_cannot_be_stops_the_file(customer: Customer, row: str, reason: str) -> None:
    first, second = an_invoice(customer, 121_00), an_invoice(customer, 121_00)
    said = {"n": first.number, "m": second.number}
    [told] = why(take(customer, row.format(**said)))
    assert told.startswith(reason.format(**said)), told
    assert not Payment.objects.exists()
