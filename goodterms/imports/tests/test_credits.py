"""Credit notes from elsewhere: under their own numbers, on the invoices that they correct, counted once."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.imports.actions import import_credits
from goodterms.imports.profile import read_profile
from goodterms.imports.tests.cast import NOW, a_vendor, take
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Dispatch, Invoice, Paper, Series
from goodterms.invoicing.tests.book import must_be_true
from goodterms.parties.models import Vendor

pytestmark = pytest.mark.django_db
PROFILE = """
dates = ["day/month/year"]
currency = "GBP"
[columns]
number = "No"
invoice = "For"
customer = "Client"
issued = "Day"
amount = "Sum"
left = "Left"
currency = "Cur"
reason = "Why"
"""
HEAD = "No,For,Client,Day,Sum,Left,Cur,Why\n"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def credits(vendor: Vendor, *rows: str, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"name": "c.csv", "by": "Tom", "role": "owner", "now": NOW} | more
    file = BytesIO((HEAD + "\n".join(rows)).encode())
    return import_credits(vendor_id=vendor.id, file=file, profile=read_profile(PROFILE, "credits"), **asked)


def why(answer: dict[str, Any]) -> list[str]:
    return [bad["reason"] for bad in answer["bad"]]


def notes() -> list[tuple[Any, ...]]:
    rows = Invoice.objects.filter(kind="credit_note").order_by("number")
    return list(rows.values_list("number", "corrects__number", "issued_on", "total_minor"))


def is_open(number: str = "CL-611") -> int:
    return int(Invoice.objects.values_list("open_minor", flat=True).get(number=number))


def test_a_credit_note_keeps_its_number_and_settles_its_invoice(vendor: Vendor) -> None:
    take(vendor, {})  # CL-611, of 640.00
    preview = credits(vendor, "CN-1,CL-611,C1,20/10/2026,40.00,,,Two sheets were torn", dry_run=True)
    assert preview["totals"] == [
        {"currency": "GBP", "credits": 1, "total_minor": 4_000, "settles_minor": 4_000, "left_minor": 0}
    ]
    assert notes() == []
    assert credits(vendor, "CN-1,CL-611,C1,20/10/2026,-40.00,0.00,GBP,Two sheets were torn")["imported"]
    assert notes() == [("CN-1", "CL-611", date(2026, 10, 20), 4_000)]
    assert is_open() == 60_000
    one = Invoice.objects.get(number="CN-1")
    assert (one.seq, one.series, one.document["reason"]) == (None, None, "Two sheets were torn")
    assert not Series.objects.filter(kind="credit_note").exists()
    assert not Letter.objects.exists()
    assert not Dispatch.objects.exists()
    assert not Paper.objects.exists()
    must_be_true(vendor.id)


def test_again_changes_nothing_and_other_content_is_told(vendor: Vendor) -> None:
    take(vendor, {})
    row = "CN-1,CL-611,C1,20/10/2026,40.00,,,Torn"
    credits(vendor, row)
    again = credits(vendor, row)
    assert (again["imported"], again["new"], again["unchanged"]) == (True, 0, 1)
    assert why(credits(vendor, row.replace("40.00", "50.00"))) == [
        "Credit note CN-1 is in the books already, with 40.00 GBP here."
    ]
    assert why(credits(vendor, row.replace("CN-1", "CL-611"))) == ["CL-611 is an invoice in the books, and no credit note."]
    assert is_open() == 60_000


def test_what_is_left_of_a_credit_is_kept_where_both_programs_agree(vendor: Vendor) -> None:
    take(vendor, {"Paid": "10/10/2026"})
    settled = credits(vendor, "CN-1,CL-611,C1,20/10/2026,40.00,40.00,,")
    assert (settled["imported"], settled["totals"][0]["left_minor"]) == (True, 4_000)
    assert Invoice.objects.get(number="CN-1").document["reason"] == "As credited"
    must_be_true(vendor.id)


def test_a_credit_that_its_invoice_counted_already_is_not_counted_twice(vendor: Vendor) -> None:
    """The invoice came as paid in full; the credit was part of that."""
    take(vendor, {"Paid": "10/10/2026"})
    [reason] = why(credits(vendor, "CN-1,CL-611,C1,20/10/2026,40.00,,,"))
    assert reason.startswith(
        "Of invoice CL-611 0.00 GBP are open, so 40.00 GBP of this credit would be left, and the file leaves 0.00 GBP."
    )
    assert notes() == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("CN-2,X,C1,20/10/2026,1,,,", "There is no invoice X in the books; take over invoices first."),
        ("CN-2,A,C9,20/10/2026,1,,,", "C1, and not C9, has invoice A."),
        ("CN-2,A,C1,20/10/2026,1,,EUR,", "Invoice A is in GBP, and this credit note in EUR."),
        ("CN-2,A,C1,01/01/2026,1,,,", "a credit note is not older than its invoice."),
        ("CN-2,A,C1,20/10/2026,639.01,,,", "Only 639.00 GBP of invoice A are left to credit."),
        ("CN-2,A,C1,20/10/2026,0,,,", "The amount is zero. A credit note has an amount above zero."),
        ("CN-2,A,C1,17/11/2026,1,,,", "2026-11-17 is still to come; a credit note is taken over once it is written."),
        ("CN-2,A,C1,20/10/2026,1,2,,", "'2' is left of it, and that is more than it gives."),
        (",A,C1,20/10/2026,1,,,", "The number is missing."),
        ("CN-1,A,C1,20/10/2026,1,,,", "Credit note CN-1 is on line 2 already."),
        ("CN-2,A,C1,20/10/2026,1,,,=1+1", "'=1+1' begins like a formula ('=')."),
    ],
)
def test_a_bad_credit_note_stops_all(vendor: Vendor, row: str, reason: str) -> None:
    take(vendor, {"No": "A"})
    answer = credits(vendor, "CN-1,A,C1,20/10/2026,1.00,,,", row)
    assert not answer["imported"]
    assert any(reason in one for one in why(answer)), why(answer)
    assert notes() == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 40_000), st.integers(2, 28)), max_size=8))
def test_whatever_is_taken_over_the_books_hold(vendor: Vendor, rows: list[tuple[str, int, int]]) -> None:
    """All or nothing: what fits lowers what is open, and more than is left stops the file."""
    with transaction.atomic():
        take(vendor, *[{"No": number, "Raised": "01/10/2026", "Due": "01/11/2026"} for number in "AB"])
        asked = {number: sum(minor for of, minor, _ in rows if of == number) for number in "AB"}
        fits = all(minor <= 64_000 for minor in asked.values())
        if rows:
            text = [f"CN-{n},{of},,{day:02}/10/2026,{minor / 100:.2f},,," for n, (of, minor, day) in enumerate(rows)]
            assert credits(vendor, *text)["imported"] == fits
        for number, minor in asked.items():
            assert is_open(number) == 64_000 - (minor if fits else 0)
        must_be_true(vendor.id)
        transaction.set_rollback(True)


def test_a_thousand_credit_notes_are_written_with_as_many_statements_as_three(vendor: Vendor) -> None:
    """On invoices, for customers, and two on one invoice, which take their turns."""
    told = []
    for at, many in ((0, 1), (1, 40)):
        take(vendor, *({"No": f"I{at}-{n}", "Amount": "100.00"} for n in range(many)))
        rows = [f"C{at}-{n},I{at}-{n},,05/11/2026,40.00,,,Torn" for n in range(many)]
        twice = [f"D{at}-{n},I{at}-{n},,06/11/2026,30.00,,,Torn again" for n in range(many)]
        kept = [f"E{at}-{n},,C1,05/11/2026,12.00,12.00,,Sorry" for n in range(many)]
        with CaptureQueriesContext(connection) as asked:
            assert credits(vendor, *rows, *twice, *kept)["imported"]
        told.append(len(asked))
    assert told[0] == told[1]
    must_be_true(vendor.id)
    opened = Invoice.objects.filter(kind="invoice").values_list("open_minor", flat=True)
    assert set(opened) == {30_00}
    kinds = Interaction.objects.filter(kind__in=("invoice.credited", "credit.given"))
    assert sorted(kinds.values_list("kind").annotate(Count("id"))) == [("credit.given", 41), ("invoice.credited", 82)]
