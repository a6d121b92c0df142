"""Customers and payments of a file are taken over whole or not at all, once, as if they had been entered by hand."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_customers, import_payments
from goodterms.imports.models import Import
from goodterms.imports.profile import read_profile
from goodterms.imports.rules.customers import read_days
from goodterms.imports.tests.cast import NOW, a_vendor, take
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.ledger.models import Posting
from goodterms.parties.models import Contact, Customer, Payer, Vendor
from goodterms.payments.models import Allocation, Payment
from goodterms.terms.models import AgreedTerms
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
CUSTOMERS = """
dates = ["day/month/year"]
[columns]
number = "Code"
name = "Name"
contact = "Who"
email = "Email"
phone = "Phone"
address = "Address"
country = "Country"
tax_id = "VAT"
language = "Language"
currency = "Cur"
terms = "Terms"
order_required = "PO"
bill_days = "Days"
"""
HEAD = "Code,Name,Who,Email,Phone,Address,Country,VAT,Language,Cur,Terms,PO,Days\n"
ROW = 'C1,Café Olé,Ann Bo,ann@ole.example,+44 117 496 0101,"1 Hill St\nBristol",GB,,en,GBP,2/10 net 30,yes,"1, 15"\n'
PAYMENTS = """
dates = ["day/month/year"]
thousands = ","
currency = "GBP"
[columns]
number = "Ref"
customer = "Client"
received = "Day"
amount = "Sum"
method = "How"
reference = "Text"
invoices = "For"
"""
PAID = "Ref,Client,Day,Sum,How,Text,For\n"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def customers(vendor: Vendor, text: str, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "c.csv",
        "profile": read_profile(CUSTOMERS, "customers"),
        "by": "Tom",
        "role": "owner",
        "now": NOW,
    }
    asked["file"] = BytesIO(text.encode("utf-8", "surrogateescape"))
    return import_customers(vendor_id=vendor.id, **asked | more)


def payments(vendor: Vendor, text: str, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "p.csv",
        "profile": read_profile(PAYMENTS, "payments"),
        "by": "Tom",
        "role": "owner",
        "now": NOW,
    }
    asked["file"] = BytesIO(text.encode("utf-8", "surrogateescape"))
    return import_payments(vendor_id=vendor.id, **asked | more)


def reasons(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(bad["line"], bad["column"], bad["reason"]) for bad in answer["bad"]]


def written() -> list[int]:
    return [
        model.objects.count() for model in (Customer, Contact, Payer, AgreedTerms, Payment, Allocation, Import, Interaction)
    ]


def test_a_customer_comes_with_who_pays_and_what_was_agreed(vendor: Vendor) -> None:
    answer = customers(vendor, HEAD + ROW)
    assert (answer["imported"], answer["new"], answer["with_terms"], answer["with_order_rule"]) == (True, 1, 1, 1)
    one, who, agreed = Customer.objects.get(), Contact.objects.get(), AgreedTerms.objects.get()
    assert (one.number, one.name, one.folded, one.address) == ("C1", "Café Olé", "cafe ole", "1 Hill St\nBristol")
    assert (one.country, one.language, one.currency, one.order_required, one.bill_days) == ("GB", "en", "GBP", True, [1, 15])
    assert (who.name, who.email, who.phone, who.pays) == ("Ann Bo", "ann@ole.example", "+44 117 496 0101", True)
    assert Payer.objects.get().address == "ann@ole.example"
    assert (agreed.version, agreed.from_on, agreed.data["discounts"] != []) == (1, date(2026, 11, 16), True)
    kinds = sorted(Interaction.objects.values_list("kind", flat=True).filter(channel="import"))
    assert kinds == ["contact.added", "customer.added", "customers.imported", "terms.agreed"]


def test_customers_again_change_nothing_and_a_known_one_is_left(vendor: Vendor) -> None:
    customers(vendor, HEAD + ROW)
    before = list(Customer.objects.values())
    again = customers(vendor, HEAD + ROW.replace("Olé", "New") + ROW.replace("C1", "C2"))
    assert (again["new"], again["unchanged"], Customer.objects.count()) == (1, 1, 2)
    assert list(Customer.objects.filter(number="C1").values()) == before


def test_a_preview_of_customers_writes_nothing_and_says_the_same(vendor: Vendor) -> None:
    before = written()
    seen = customers(vendor, HEAD + ROW, dry_run=True)
    assert written() == before
    assert customers(vendor, HEAD + ROW) == seen | {"dry_run": False, "imported": True}


@pytest.mark.parametrize(
    ("was", "is_", "column", "reason"),
    [
        ("Café", "=cmd()", "Name", "'=cmd() Olé' begins like a formula ('=')."),
        ("Ann Bo", "@SUM", "Who", "'@SUM' begins like a formula ('@')."),
        ("ann@ole.example", "ann@", "Email", "'ann@' is not an e-mail address"),
        (",GB,", ",Great Britain,", "Country", "'Great Britain' is no country code"),
        ("GB,,", "GB,GB123,", "VAT", "GB123"),
        (",GBP,", ",Pounds,", "Cur", "POUNDS"),
        ("2/10 net 30", "someday", "Terms", "someday"),
        ("1, 15", "32", "Days", "'32' are no days of the month, each once, 1 to 31."),
        ("1, 15", "first", "Days", "'first' are no days of the month; write them like 1, 15."),
        ("Café", "caf\udce9", "Name", "the byte 0xE9"),
        ("C1,", ",", "Code", "The number is missing."),
    ],
)
def test_a_bad_customer_stops_all(vendor: Vendor, was: str, is_: str, column: str, reason: str) -> None:
    before = written()
    answer = customers(vendor, HEAD + ROW.replace("C1", "C0") + ROW.replace(was, is_))
    assert not answer["imported"]
    ((line, where, why),) = reasons(answer)
    assert (line, where) == (4, column)
    assert reason in why
    assert written() == before


def test_a_customer_twice_is_told_with_both_lines(vendor: Vendor) -> None:
    assert reasons(customers(vendor, HEAD + ROW + ROW)) == [(4, "Code", "Customer C1 is on line 2 already.")]


def test_statements_do_not_grow_with_the_customers(vendor: Vendor) -> None:
    def statements(start: int, count: int) -> int:
        text = "".join(ROW.replace("C1", f"C{n}").replace("ann@", f"a{n}@") for n in range(start, start + count))
        with CaptureQueriesContext(connection) as queries:
            assert customers(vendor, HEAD + text)["new"] == count
        return len(queries)

    assert statements(0, 2) == statements(10, 200)


def test_payments_settle_the_invoices_they_name(vendor: Vendor) -> None:
    take(vendor, {"No": "A"}, {"No": "B"}, {"No": "D"})
    answer = payments(vendor, PAID + '1,C1,20/10/2026,1280.00,BACS,thanks,A;B\n2,,21/10/2026,"1,000.00",Visa,,D\n')
    assert (answer["imported"], answer["new"]) == (True, 2)
    assert answer["totals"] == [
        {"currency": "GBP", "payments": 2, "total_minor": 228000, "unnamed_minor": 0, "withheld_minor": 0}
    ]
    assert list(Invoice.objects.values_list("open_minor", "settled_on").order_by("number")) == [
        (0, date(2026, 10, 20)), (0, date(2026, 10, 20)), (0, date(2026, 10, 21)),
    ]  # fmt: skip
    found = Payment.objects.order_by("received_on").values_list("method", "reference", "unapplied_minor", "thanked_at")
    assert list(found) == [("bank_transfer", "thanks", 0, NOW), ("card", "", 36000, NOW)]
    owed = Posting.objects.filter(account="receivable").aggregate(owed=Sum("minor"))["owed"]
    assert owed == sum(Invoice.objects.values_list("open_minor", flat=True))


def test_payments_again_change_nothing(vendor: Vendor) -> None:
    take(vendor, {})
    text = PAID + "1,C1,20/10/2026,100.00,cash,,CL-611\n,C1,21/10/2026,5.00,,,\n"
    assert payments(vendor, text)["new"] == 2
    again = payments(vendor, text)
    assert (again["new"], again["unchanged"], Payment.objects.count()) == (0, 2, 2)
    assert Invoice.objects.get().open_minor == 54000


def test_a_payment_that_names_no_invoice_is_kept_and_spent_on_none(vendor: Vendor) -> None:
    take(vendor, {})
    answer = payments(vendor, PAID + "1,C1,20/10/2026,640.00,cash,,\n")
    assert answer["totals"][0]["unnamed_minor"] == 64000
    assert (Payment.objects.get().unapplied_minor, Invoice.objects.get().open_minor) == (64000, 64000)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1,C1,20/10/2026,1,cash,,X", "For", "There is no invoice X in the books; take over invoices first."),
        ("1,C9,20/10/2026,1,cash,,A", "Client", "There is no customer C9 in the books; take over customers or invoices first."),
        ("1,C1,20/10/2026,1,cash,,DONE", "For", "Invoice DONE is settled already."),
        ("1,C1,20/10/2026,1,cash,,EURO", "", "Invoice EURO is in EUR, and this payment in GBP."),
        ("1,C1,20/10/2026,1,cash,,OTHER", "For", "C2, and not C1, has one of these invoices."),
        ("1,,20/10/2026,1,cash,,A;OTHER", "For", "These invoices are of several customers (C1, C2)"),
        ("1,,20/10/2026,1,cash,,", "", "It says neither whose payment it is nor which invoices it settles."),
        ("1,C1,17/11/2026,1,cash,,A", "Day", "2026-11-17 is still to come"),
        ("1,C1,31/11/2026,1,cash,,A", "Day", "'31/11/2026' does not exist: November 2026 has 30 days."),
        ("1,C1,20/10/2026,-1,cash,,A", "Sum", "A payment has an amount above zero"),
        ("1,C1,20/10/2026,0,cash,,A", "Sum", "The amount is zero. A payment has an amount above zero."),
        ("1,C1,20/10/2026,1,barter,,A", "How", "'barter' is no way of paying that is known here"),
        ("1,C1,20/10/2026,1,cash,=1+1,A", "Text", "'=1+1' begins like a formula ('=')."),
        ("0,C1,20/10/2026,1,cash,,A", "Ref", "Payment 0 is on line 2 already."),
    ],
)
def test_a_bad_payment_stops_all(vendor: Vendor, row: str, column: str, reason: str) -> None:
    take(
        vendor, {"No": "A"}, {"No": "DONE", "Paid": "20/10/2026"}, {"No": "EURO", "Cur": "EUR"}, {"No": "OTHER", "Client": "C2"}
    )
    before = written()
    answer = payments(vendor, f"{PAID}0,C1,20/10/2026,1.00,cash,,A\n{row}\n")
    ((line, where, why),) = reasons(answer)
    assert (line, where) == (3, column)
    assert reason in why
    assert written() == before


def test_a_payment_with_other_content_is_told_with_ours(vendor: Vendor) -> None:
    take(vendor, {})
    payments(vendor, PAID + "1,C1,20/10/2026,1.00,cash,,CL-611\n")
    assert reasons(payments(vendor, PAID + "1,C1,20/10/2026,2.00,cash,,CL-611\n")) == [
        (2, "Sum", "Payment 1 is in the books already, with 1.00 GBP here.")
    ]


@pytest.mark.parametrize("content", ["", "%PDF-1.7", "Code,Cur\nA,B\n", HEAD])
def test_a_file_that_is_none_of_these_is_refused(vendor: Vendor, content: str) -> None:
    before = written()
    for verb in (customers, payments):
        with pytest.raises(Refused):
            verb(vendor, content)
    assert written() == before


def test_only_the_owner_and_a_bookkeeper_take_over(vendor: Vendor) -> None:
    for verb in (customers, payments):
        with pytest.raises(Refused, match="owner or a bookkeeper"):
            verb(vendor, HEAD, role="reader")


def test_a_profile_for_another_kind_of_file_is_refused() -> None:
    with pytest.raises(Refused, match="it is for a file of payments, and this is to be one of customers"):
        read_profile('holds = "payments"\n' + PAYMENTS, "customers")
    with pytest.raises(Refused, match="neither the column of the customer nor that of the invoices"):
        read_profile('[columns]\nreceived = "a"\namount = "b"\n', "payments")


@given(st.lists(st.integers(1, 31), unique=True))
def test_days_of_the_month_come_out_as_they_went_in(days: list[int]) -> None:
    assert read_days(", ".join(map(str, days))) == sorted(days)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ABD"), st.integers(1, 90_000), st.integers(1, 28)), max_size=12))
def test_whatever_is_paid_is_settled_or_kept(vendor: Vendor, rows: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        take(vendor, *[{"No": number, "Raised": "01/10/2026", "Due": "01/11/2026"} for number in "ABD"])
        text = "".join(f"{n},,{day}/10/2026,{minor / 100:.2f},cash,,{no}\n" for n, (no, minor, day) in enumerate(rows))
        if rows:
            assert payments(vendor, PAID + text)["imported"]
        for number in "ABD":
            came = sum(minor for no, minor, _ in rows if no == number)
            assert Invoice.objects.get(number=number).open_minor == max(0, 64_000 - came)
        kept = sum(Payment.objects.values_list("unapplied_minor", flat=True))
        assert kept == sum(max(0, sum(m for no, m, _ in rows if no == number) - 64_000) for number in "ABD")
        transaction.set_rollback(True)
