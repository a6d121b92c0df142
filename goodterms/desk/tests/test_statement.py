"""A customer's account leaves the desk as a sheet in their language and as a table, for who works here alone."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.tests import cast as people
from goodterms.conversations.tests.cast import MONDAY, NOW, an_invoice
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db


def a_desk(role: str = "owner") -> tuple[Vendor, Customer, Client]:
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe")
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(sandbox_now=NOW)
        customer = people.a_customer(vendor, "Bellwether Foods", address="Aire Mills\nLeeds LS4 2AZ")
        people.a_payer(customer)
        an_invoice(customer, 4255_20, number="LR-2026-0187", work="Autumn range", due_on=date(2026, 10, 31))
        an_invoice(customer, 1944_00, number="LR-2026-0158", work="=Retainer")
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(944_00, "GBP"), received_on=MONDAY, method="cheque",
            idempotency_key="k", by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    return vendor, customer, as_member(a_member(vendor, "Tom Okafor", role=role, email="tom@lindqvist.example"))


def test_the_customers_page_leads_to_the_sheet_and_the_table() -> None:
    vendor, customer, tom = a_desk("reader")
    at = f"/at/{vendor.slug}/customers/{customer.id}/"
    page = tom.get(at).content.decode()
    for file in ("statement.pdf", "statement.csv", "welcome.pdf"):
        assert f'href="{at}{file}"' in page
        assert tom.get(at + file).status_code == 200
        assert tom.post(at + file).status_code == 405


def test_the_sheet_shows_the_whole_account_in_their_language() -> None:
    vendor, customer, tom = a_desk()
    address = f"/at/{vendor.slug}/customers/{customer.id}/statement.pdf"
    answer = tom.get(address)
    said = text(answer.content)
    assert "Bellwether Foods Sandra Whitlock Aire Mills Leeds LS4 2AZ As of 16 November 2026" in said
    assert "Open today £5,255 .20" in said
    assert answer["Content-Disposition"] == f'attachment; filename="statement-{customer.number}-2026-11-16.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    with acting_for([vendor.id]):
        Customer.objects.filter(id=customer.id).update(language="id")
    assert "Belum dibayar hari ini £5.255 ,20" in text(tom.get(address).content)


def test_the_table_adds_up_and_holds_no_formula() -> None:
    vendor, customer, tom = a_desk()
    file = tom.get(f"/at/{vendor.slug}/customers/{customer.id}/statement.csv").content.decode()
    rows = list(csv.DictReader(StringIO(file)))
    assert rows[-1]["balance"] == "5255.20"
    assert "'=Retainer" in [row["what"] for row in rows]
    assert sum(float(row["billed"] or 0) - float(row["paid"] or 0) for row in rows) == pytest.approx(5255.20)


def test_another_vendors_member_finds_no_such_customer_and_taking_it_changes_nothing() -> None:
    vendor, customer, tom = a_desk()
    other = a_vendor("other-firm")
    stranger = as_member(a_member(other, "Eve", email="eve@other.example"))
    with acting_for([vendor.id]):
        before = Interaction.objects.count()
    for file in ("statement.pdf", "statement.csv", "welcome.pdf"):
        assert tom.get(f"/at/{vendor.slug}/customers/{customer.id}/{file}").status_code == 200
        for slug in (vendor.slug, other.slug):
            assert stranger.get(f"/at/{slug}/customers/{customer.id}/{file}").status_code == 404
    with acting_for([vendor.id]):
        assert Interaction.objects.count() == before


def test_more_lines_take_no_more_statements() -> None:
    vendor, customer, tom = a_desk()
    counted = []
    for more in (0, 20):
        with acting_for([vendor.id]):
            for n in range(more):
                an_invoice(customer, 10_00, number=f"more-{n}", work="More")
        with CaptureQueriesContext(connection) as asked:
            tom.get(f"/at/{vendor.slug}/customers/{customer.id}/statement.pdf")
        counted.append(len(asked))
    assert counted[0] == counted[1]
