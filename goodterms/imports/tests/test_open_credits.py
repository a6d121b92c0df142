"""A credit note that names no invoice comes in with an export: kept for its customer, with what is left of it, once."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.imports.actions import import_credits, import_invoices
from goodterms.imports.profile import read_profile
from goodterms.imports.ready import ready_profile
from goodterms.imports.rules.sieve import NO_CREDIT, NOTHING, PAID, USED
from goodterms.imports.tests.cast import NOW, a_vendor
from goodterms.imports.tests.test_ready import XERO, of
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Dispatch, Invoice, Line
from goodterms.invoicing.tests.book import must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.payments.actions import allocate_credit
from goodterms.payments.keeping import kept_for
from goodterms.payments.models import Payment
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
QUICKBOOKS = of("quickbooks-invoice-list")


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor
        must_be_true(vendor.id)


def bring(vendor: Vendor, system: str, content: str, holds: str = "invoices", **more: Any) -> dict[str, Any]:
    file = BytesIO(content.encode())
    profile = ready_profile(file, system=system, holds=holds, currency=vendor.currency)
    verb = import_invoices if holds == "invoices" else import_credits
    asked: dict[str, Any] = {"name": "x.csv", "profile": profile, "by": "Tom", "role": "owner", "now": NOW}
    answer: dict[str, Any] = verb(vendor_id=vendor.id, file=file, **asked | more)
    return answer


def kept() -> list[tuple[str, str, int, str]]:
    """Whose, under which number, and how much is left."""
    names = dict(Customer.objects.values_list("id", "name"))
    found = kept_for(customer_ids=list(names))
    return sorted((names[one.customer_id], one.number, one.free.minor, one.free.currency) for one in found)


def why(answer: dict[str, Any]) -> list[str]:
    return [bad["reason"] for bad in answer["bad"]]


def test_a_credit_memo_of_quickbooks_is_kept_for_its_customer(vendor: Vendor) -> None:
    seen = bring(vendor, "quickbooks", QUICKBOOKS, dry_run=True)
    total = {"currency": "GBP", "credits": 1, "total_minor": 4_000, "settles_minor": 0, "left_minor": 4_000}
    assert (seen["credits"], seen["credits_new"], seen["new"], kept()) == ([total], 1, 2, [])
    assert bring(vendor, "quickbooks", QUICKBOOKS) == seen | {"dry_run": False, "imported": True}
    assert kept() == [("Tobacco Factory Theatres", "CM-7", 4_000, "GBP")]
    note = Invoice.objects.get(number="CM-7")
    assert (note.kind, note.corrects, note.issued_on, note.customer.number) == (
        "credit_note", None, date(2026, 10, 15), "Tobacco Factory Theatres",
    )  # fmt: skip
    assert Interaction.objects.get(kind="credit.given").invoice_id == note.id
    assert not Letter.objects.exists()
    assert not Dispatch.objects.exists()
    assert Invoice.objects.get(number="1041").open_minor == 124_000  # nothing is settled by itself


def test_the_same_export_again_adds_no_credit(vendor: Vendor) -> None:
    bring(vendor, "quickbooks", QUICKBOOKS)
    again = bring(vendor, "quickbooks", QUICKBOOKS)
    assert (again["imported"], again["credits"], again["credits_known"], again["new"]) == (True, [], 1, 0)
    assert kept() == [("Tobacco Factory Theatres", "CM-7", 4_000, "GBP")]
    other = bring(vendor, "quickbooks", QUICKBOOKS.replace("10/15/2026,-40.00,-40.00", "10/15/2026,-50.00,-40.00"))
    assert why(other) == ["Credit note CM-7 is in the books already, with 40.00 GBP here."]


def test_what_was_used_elsewhere_is_not_theirs_any_more(vendor: Vendor) -> None:
    """60.00 of 100.00 settled invoices whose open balance says so."""
    bring(vendor, "quickbooks", QUICKBOOKS.replace("10/15/2026,-40.00,-40.00", "10/15/2026,-100.00,-40.00"))
    note = Invoice.objects.get(number="CM-7")
    assert (note.total_minor, note.document["whole_minor"]) == (4_000, 10_000)
    assert note.document["reason"] == "As credited; 40.00 of 100.00 GBP were left of it"
    used = QUICKBOOKS.replace("CM-7", "CM-8").replace("10/15/2026,-40.00,-40.00", "10/15/2026,-40.00,0.00")
    answer = bring(vendor, "quickbooks", used)
    assert answer["left_out"] == {NOTHING: 1, PAID: 1, USED: 1}
    assert {"line": 9, "number": "CM-8", "reason": USED} in answer["left_out_lines"]
    assert kept() == [("Tobacco Factory Theatres", "CM-7", 4_000, "GBP")]


def test_a_credit_that_was_spent_there_since_is_not_counted_twice(vendor: Vendor) -> None:
    """There 30.00 of it settled an invoice. As money that came it would be theirs still."""
    bring(vendor, "quickbooks", QUICKBOOKS)
    since = QUICKBOOKS.replace("-40.00,-40.00", "-40.00,-10.00").replace('"1,240.00","1,240.00"', '"1,240.00","1,210.00"')
    [told] = why(bring(vendor, "quickbooks", since))
    assert told.startswith("40.00 GBP of credit note CM-7 are left here, and 10.00 in the file. Spend it here first on what it")
    note, invoice = Invoice.objects.get(number="CM-7"), Invoice.objects.get(number="1041")
    spend: dict[str, Any] = {"named": {invoice.id: Money(30_00, "GBP")}, "by": "Tom", "role": "owner", "now": NOW}
    allocate_credit(credit_note_id=note.id, **spend)
    before = Payment.objects.count()
    assert bring(vendor, "quickbooks", since)["imported"]
    assert (Payment.objects.count(), Invoice.objects.get(number="1041").open_minor) == (before, 121_000)


def test_a_credit_note_of_xero_has_its_lines_and_its_taxes(vendor: Vendor) -> None:
    taxed = XERO.replace(
        "5.00,0.00,0.00,5.00,,Credit,1.0000,5.0000,,5.00,200,No VAT,0.00,GBP",
        "6.00,1.00,0.00,6.00,,Credit,1.0000,5.0000,,5.00,200,20% (VAT on Income),1.00,GBP",
    )
    assert bring(vendor, "xero", taxed)["credits_new"] == 1
    note = Invoice.objects.get(number="CN-0001")
    assert (note.net_minor, note.tax_minor, note.customer.name) == (500, 100, "Clifton Choral")
    line = Line.objects.get(invoice=note)
    assert (line.description, int(line.tax_percent), line.net_minor) == ("Credit", 20, 500)
    assert Posting.objects.get(account="tax", minor__gt=0).minor == 100
    assert kept() == [("Clifton Choral", "CN-0001", 600, "GBP")]


def test_what_is_left_out_is_told_by_line_and_document(vendor: Vendor) -> None:
    assert bring(vendor, "xero", XERO, dry_run=True)["left_out_lines"] == [
        {"line": 6, "number": "INV-0104", "reason": "Status: Draft"},
        {"line": 7, "number": "INV-0105", "reason": "Status: Voided"},
        {"line": 8, "number": "INV-0106", "reason": PAID},
    ]
    told = bring(vendor, "quickbooks", of("quickbooks-open-invoices"), dry_run=True)["left_out_lines"]
    assert told == [{"line": 8, "number": "", "reason": "Transaction Type: Payment"}]


def test_a_draft_of_a_credit_note_stays_out(vendor: Vendor) -> None:
    answer = bring(vendor, "xero", XERO.replace("Sales credit note,Sent,Awaiting Payment", "Sales credit note,,Draft"))
    assert (answer["credits"], answer["left_out"]["Draft"], kept()) == ([], 2, [])


def test_a_customer_may_come_in_with_nothing_but_a_credit(vendor: Vendor) -> None:
    last = XERO.splitlines()[-1].replace("Clifton Choral", "Quay Books").replace("hello@clifton", "desk@quay")
    answer = bring(vendor, "xero", "\n".join([XERO.splitlines()[0], last]) + "\n")
    assert (answer["imported"], answer["rows"], answer["new"], answer["customers"]) == (True, 1, 0, 1)
    assert kept() == [("Quay Books", "CN-0001", 500, "GBP")]
    assert Contact.objects.get(pays=True).email == "desk@quay.example"


def test_a_number_of_an_invoice_in_the_file_is_no_credit_notes(vendor: Vendor) -> None:
    answer = bring(vendor, "xero", XERO.replace(",CN-0001,", ",INV-0102,"))
    assert why(answer) == ["Number INV-0102 is on line 4 already."]
    assert not Invoice.objects.exists()


def test_balances_of_stripe_below_zero_are_their_customers(vendor: Vendor) -> None:
    answer = bring(vendor, "stripe", of("stripe-customer-balances"), "credits")
    assert (answer["imported"], answer["new"], answer["customers"]) == (True, 2, 2)
    assert kept() == [
        ("Quay Books", "cus_invented_4 balance", 800, "EUR"),
        ("Tobacco Factory Theatres", "cus_invented_1 balance", 2_550, "GBP"),
    ]
    assert answer["left_out_lines"] == [
        {"line": 3, "number": "cus_invented_2", "reason": NO_CREDIT},
        {"line": 4, "number": "cus_invented_3", "reason": NO_CREDIT},
    ]
    assert Invoice.objects.get(number="cus_invented_1 balance").issued_on == date(2026, 11, 16)
    again = bring(vendor, "stripe", of("stripe-customer-balances"), "credits")
    assert (again["new"], again["unchanged"]) == (0, 2)


def test_a_file_of_credit_notes_may_name_customers_in_place_of_invoices(vendor: Vendor) -> None:
    profile = """
currency = "GBP"
[columns]
number = "No"
customer = "Client"
issued = "Day"
amount = "Sum"
"""
    text = "No,Client,Day,Sum\nCN-1,C1,2026-10-20,40.00\nCN-2,,2026-10-21,5.00\n"
    asked: dict[str, Any] = {"name": "c.csv", "by": "Tom", "role": "owner", "now": NOW}
    said = {"vendor_id": vendor.id, "profile": read_profile(profile, "credits"), **asked}
    assert why(import_credits(file=BytesIO(text.encode()), **said)) == [
        "It says neither which invoice it corrects nor whose credit it is."
    ]
    assert import_credits(file=BytesIO(text.replace("CN-2,,", "CN-2,C1,").encode()), **said)["imported"]
    assert kept() == [("C1", "CN-1", 4_000, "GBP"), ("C1", "CN-2", 500, "GBP")]
