"""Programs take a book over: they look first, then take it once and whole, and are told what stays out and why."""

import base64
from pathlib import Path
from typing import Any

from goodterms.api.tests.world import EVERYTHING, NOW, Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties import actions as parties
from goodterms.parties.models import Customer
from goodterms.payments.models import Payment

EXPORTS = Path(__file__).parents[2] / "imports/tests/exports"
UBL = Path(__file__).parents[2] / "einvoices/tests/samples/xrechnung/01.01a-INVOICE_ubl.xml"
CUSTOMERS = '[columns]\nnumber = "No"\nname = "Name"\n'
PAYMENTS = """
dates = ["year-month-day"]
currency = "GBP"
[columns]
number = "No"
customer = "Who"
invoices = "For"
received = "Day"
amount = "Sum"
"""


def content(said: str | bytes) -> str:
    return base64.b64encode(said.encode() if isinstance(said, str) else said).decode()


def table(said: str | bytes, **how: Any) -> dict[str, Any]:
    return {"name": "old.csv", "content": content(said), **how}


def test_customers_are_looked_at_then_taken_then_known(program: Program, ours: World) -> None:
    asked = table("No,Name\n71,Larch & Co\n72,Elder & Co\n", profile=CUSTOMERS)
    seen = told(program("POST", "/imports/customers/", asked | {"dry_run": True}))
    assert (seen["imported"], seen["dry_run"], seen["counts"]["new"]) == (False, True, 2)
    taken = told(program("POST", "/imports/customers/", asked))
    assert (taken["imported"], taken["counts"]["rows"], taken["bad"]) == (True, 2, [])
    again = told(program("POST", "/imports/customers/", asked))
    assert (again["counts"]["new"], again["counts"]["unchanged"]) == (0, 2)
    with acting_for([ours.vendor.id]):
        assert set(Customer.objects.filter(number__in=["71", "72"]).values_list("name", flat=True)) == {
            "Larch & Co", "Elder & Co",
        }  # fmt: skip


def test_a_row_that_cannot_be_meant_stops_all_of_it_and_is_named(program: Program, ours: World) -> None:
    answer = told(program("POST", "/imports/customers/", table("No,Name\n71,Larch & Co\n,Elder\n", profile=CUSTOMERS)))
    assert (answer["imported"], answer["bad_count"]) == (False, 1)
    assert (answer["bad"][0]["line"], answer["bad"][0]["column"]) == (3, "No")
    with acting_for([ours.vendor.id]):
        assert not Customer.objects.filter(number="71").exists()


def test_an_export_comes_in_as_it_is_and_lines_that_stay_out_are_named(program: Program, ours: World) -> None:
    export = (EXPORTS / "xero-sales-invoices.csv").read_bytes()
    answer = told(program("POST", "/imports/invoices/", table(export, system="xero", dates="day/month/year")))
    assert answer["imported"], answer
    assert {one["currency"] for one in answer["totals"]} == {"EUR", "GBP"}
    assert all(one["reason"] and one["line"] > 1 for one in answer["left_out_lines"])
    with acting_for([ours.vendor.id]):
        assert Invoice.objects.filter(kind="invoice").count() >= answer["counts"]["new"] > 0


def test_payments_are_taken_over_on_the_invoices_that_they_name(program: Program, ours: World) -> None:
    rows = f"No,Who,For,Day,Sum\nP-1,7,{ours.invoice.number},2026-11-10,100.00\n"
    answer = told(program("POST", "/imports/payments/", table(rows, profile=PAYMENTS)))
    assert (answer["imported"], answer["totals"][0]["payments"], answer["totals"][0]["total_minor"]) == (True, 1, 100_00)
    with acting_for([ours.vendor.id]):
        assert Payment.objects.filter(minor=100_00, received_on="2026-11-10").count() == 1


def test_credits_of_customers_are_kept_for_them(program: Program, ours: World) -> None:
    told(program("POST", "/imports/customers/", table((EXPORTS / "stripe-customers.csv").read_bytes(), system="stripe")))
    balances = (EXPORTS / "stripe-customer-balances.csv").read_bytes()
    answer = told(program("POST", "/imports/credits/", table(balances, system="stripe", dry_run=True)))
    assert (answer["imported"], answer["dry_run"]) == (False, True)
    assert len(answer["left_out_lines"]) == 2, "one owes, one has nothing"


def test_electronic_invoices_of_another_vendor_are_refused_by_file(program: Program) -> None:
    files = [{"name": "one.xml", "content": content(UBL.read_bytes())}]
    answer = told(program("POST", "/imports/electronic/", {"files": files}))
    assert not answer["imported"]
    assert answer["bad"][0]["file"] == "one.xml"
    assert answer["bad"][0]["reason"]


def test_how_it_is_read_is_said_once(program: Program) -> None:
    for how in ({}, {"system": "xero", "profile": CUSTOMERS}, {"profile": CUSTOMERS, "dates": "day/month/year"}):
        answer = program("POST", "/imports/customers/", table("No,Name\n71,Larch\n", **how))
        assert answer.status_code == 422
    assert program("POST", "/imports/customers/", {"content": "no base64!", "system": "stripe"}).status_code == 422


def test_who_may_only_read_customers_takes_none_over(program: Program, ours: World) -> None:
    scopes = [one for one in EVERYTHING if not one.startswith("customers")] + ["customers:read"]
    with acting_for([ours.vendor.id]):
        _, secret = parties.add_api_key(vendor_id=ours.vendor.id, name="Reader", scopes=scopes, now=NOW, by="Tom")
    asked = table("No,Name\n71,Larch\n", profile=CUSTOMERS)
    assert Program(secret)("POST", "/imports/customers/", asked).status_code == 403
