"""A real year of receivables, read as it is, against the same sums done plainly."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_invoices
from goodterms.imports.profile import read_profile
from goodterms.imports.tests.cast import EXAMPLES, NOW, a_vendor
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Contact, Customer, Payer, Vendor
from goodterms.parties.rules import payer_key
from goodterms.payments.models import Payment, Reading

BOOK = Path(__file__).parents[4] / "shared" / "data" / "receivables-book.csv"
UNTIL = date(2013, 6, 28)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not BOOK.exists(), reason="the real book is not beside this checkout (shared/data/receivables-book.csv)"
    ),
]


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007  (a date has no zone)


def cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


@pytest.fixture
def known() -> list[dict[str, str]]:
    with BOOK.open(newline="") as file:
        return [row for row in csv.DictReader(file) if day(row["InvoiceDate"]) <= UNTIL]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def take(vendor: Vendor, until: date | None = UNTIL, **more: Any) -> dict[str, Any]:
    profile = read_profile((EXAMPLES / "receivables-book.toml").read_text())
    with BOOK.open("rb") as file:
        return import_invoices(
            vendor_id=vendor.id,
            file=file,
            name=BOOK.name,
            profile=profile,
            by="Tom",
            role="owner",
            now=NOW,
            until=until,
            **more,
        )


def test_the_book_as_it_was_known_on_a_friday(vendor: Vendor, known: list[dict[str, str]]) -> None:
    answer = take(vendor)
    unpaid = [row for row in known if day(row["SettledDate"]) > UNTIL]
    assert answer["imported"]
    assert answer["bad"] == []
    assert (answer["rows"], answer["new"], answer["ignored_later"]) == (2466, len(known), 2466 - len(known))
    assert (answer["open"], answer["settled"]) == (len(unpaid), len(known) - len(unpaid))
    assert answer["disputed"] == sum(row["Disputed"] == "Yes" for row in unpaid)
    assert answer["totals"] == [
        {
            "currency": "USD",
            "invoices": len(known),
            "total_minor": sum(cents(row["InvoiceAmount"]) for row in known),
            "open_minor": sum(cents(row["InvoiceAmount"]) for row in unpaid),
        }
    ]
    books = Invoice.objects.filter(open_minor__gt=0)
    assert {(one.number, one.open_minor, one.due_on) for one in books} == {
        (row["invoiceNumber"], cents(row["InvoiceAmount"]), day(row["DueDate"])) for row in unpaid
    }
    customers = {row["customerID"] for row in known}
    assert answer["customers"] == answer["payers"] == len(customers) == Customer.objects.count()
    assert set(Payer.objects.values_list("id", flat=True)) == {payer_key(f"{name}@book.example") for name in customers}
    assert Contact.objects.filter(pays=True).count() == len(customers)
    assert Reading.objects.get().known_until_on == UNTIL


def test_paper_and_disputes_are_as_the_book_says(vendor: Vendor, known: list[dict[str, str]]) -> None:
    take(vendor)
    on_paper = {row["invoiceNumber"] for row in known if day(row["InvoiceDate"]) < day(row["PaperlessDate"])}
    assert set(Invoice.objects.filter(on_paper=True).values_list("number", flat=True)) == on_paper
    disputed = {row["invoiceNumber"] for row in known if row["Disputed"] == "Yes" and day(row["SettledDate"]) > UNTIL}
    holds = Hold.objects.filter(reason="disputed", ended_at=None, from_on=UNTIL)
    assert set(holds.values_list("invoice__number", flat=True)) == disputed
    assert Interaction.objects.filter(kind="dispute.opened").count() == len(disputed)


def test_every_payment_is_the_one_of_its_invoice(vendor: Vendor, known: list[dict[str, str]]) -> None:
    take(vendor)
    paid = {row["invoiceNumber"]: day(row["SettledDate"]) for row in known if day(row["SettledDate"]) <= UNTIL}
    assert dict(Payment.objects.values_list("reference", "received_on")) == paid
    assert dict(Invoice.objects.filter(open_minor=0).values_list("number", "settled_on")) == paid
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from invoicing_invoice i where i.open_minor <> (select sum(p.minor) from ledger_posting p"
            " where p.invoice_id = i.id and p.account = 'receivable')"
        )
        assert cursor.fetchone() == (0,)


def test_the_same_book_again_changes_nothing(vendor: Vendor) -> None:
    first = take(vendor)
    before = counts()
    again = take(vendor)
    assert (again["new"], again["unchanged"], again["customers"]) == (0, first["new"], 0)
    assert (again["settled_since"], again["disputed"], again["bad_count"]) == (0, 0, 0)
    after = counts()
    assert {table for table in before if before[table] != after[table]} == {
        "imports_import", "payments_reading", "interactions_interaction",  # that it was read again is all there is to say
    }  # fmt: skip


def test_a_week_later_the_book_has_moved_on(vendor: Vendor) -> None:
    take(vendor)
    later = take(vendor, until=date(2013, 7, 5))
    with BOOK.open(newline="") as file:
        rows = list(csv.DictReader(file))
    known = [row for row in rows if day(row["InvoiceDate"]) <= date(2013, 7, 5)]
    since = [row for row in known if day(row["InvoiceDate"]) <= UNTIL < day(row["SettledDate"]) <= date(2013, 7, 5)]
    assert later["settled_since"] == len(since) > 0
    assert Invoice.objects.filter(open_minor__gt=0).count() == sum(day(row["SettledDate"]) > date(2013, 7, 5) for row in known)


def test_all_of_it_without_a_day(vendor: Vendor) -> None:
    answer = take(vendor, until=None)
    assert (answer["new"], answer["open"], answer["ignored_later"]) == (2466, 0, 0)


def counts() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        for (table,) in cursor.fetchall():
            if table.split("_")[0] not in ("django", "procrastinate", "auth"):
                cursor.execute(f"select count(*) from {table}")
                found[table] = cursor.fetchone()[0]
    return found
