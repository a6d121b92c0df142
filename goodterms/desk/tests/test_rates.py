"""Exchange rates at the desk: read, given, ended and listed; what an invoice abroad is worth; what was gained or lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.billing import actions as billing
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, a_customer
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.invoicing.actions import approve, credit, draft, issue
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.payments.actions import record
from goodterms.rates.models import GivenRate, PublishedRate
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
PAGE = "/at/tom-and-co/settings/rates/"
TODAY = NOW.date()
HISTORY = f"Date,USD,GBP,\n{TODAY},1.1250,0.8800,\n{TODAY - timedelta(days=20)},1.1000,0.8600,\n".encode()
GIVEN = {
    "currency": "kwd", "base": "GBP", "rate": "2.459", "from_on": TODAY.isoformat(), "until_on": "2026-12-31",
    "source": "our bank",
}  # fmt: skip


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


@pytest.fixture
def ours(vendor: Vendor) -> Iterator[None]:
    with acting_for([vendor.id]):
        yield


def read(desk: Client, content: bytes = HISTORY) -> Any:
    return desk.post(PAGE, {"read": "1", "file": SimpleUploadedFile("eurofxref-hist.csv", content)})


def abroad(vendor: Vendor, on_days: int = 20) -> Invoice:
    """EUR 1,200.00, billed twenty days ago."""
    customer = a_customer(vendor, "Atelier Moreau", currency="EUR")
    tom: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
    with acting_for([vendor.id]):
        made = draft(
            vendor_id=vendor.id, customer_id=customer.id,
            lines=[Line("Catalogue", Decimal(1), Decimal(1000), Tax("S", Decimal(20)))], **tom,
        )  # fmt: skip
        approve(invoice_id=made.id, **tom)
        return issue(invoice_id=made.id, issued_on=TODAY - timedelta(days=on_days), **tom)


def approved(vendor: Vendor) -> Invoice:
    """EUR 1,200.00, ready to be issued today."""
    customer = a_customer(vendor, "Atelier Moreau", currency="EUR")
    tom: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
    with acting_for([vendor.id]):
        lines = [Line("Catalogue", Decimal(1), Decimal(1000), Tax("S", Decimal(20)))]
        made = draft(vendor_id=vendor.id, customer_id=customer.id, lines=lines, **tom)
        return approve(invoice_id=made.id, **tom)


def test_a_rate_is_asked_for_where_the_invoice_is_issued(desk: Client, vendor: Vendor) -> None:
    one = approved(vendor)
    page = f"/at/tom-and-co/invoices/{one.id}/"
    assert "No rate from EUR to GBP is known for today" in desk.get(page).text
    no = desk.post(f"{page}issue/", {"rate": "0,86", "rate_source": "our bank"})
    assert (no.status_code, "is no rate; write it like 0.8567." in no.text, 'value="0,86"' in no.text) == (409, True, True)
    assert "There is no exchange rate from EUR to GBP" in desk.post(f"{page}issue/", {}).text
    done = desk.post(f"{page}issue/", {"rate": "0.86", "rate_source": "our bank", "rate_on": "2026-11-13"})
    assert done.status_code == 302
    with acting_for([vendor.id]):
        kept = Invoice.objects.get(id=one.id).document["exchange"]
        assert (kept["rate"], kept["source"]) == ("0.86", "our bank, 2026-11-13")
        assert GivenRate.objects.count() == 1
    assert "No rate from EUR" not in desk.get(page).text


@pytest.mark.parametrize("way", ["deposit", "finish", "top-up"])
def test_it_is_asked_for_where_work_is_billed_and_issued_in_one_step(desk: Client, vendor: Vendor, way: str) -> None:
    customer, tax = a_customer(vendor, "Atelier Moreau", currency="EUR"), Tax("S", Decimal(20))
    line = Line("Catalogue", Decimal(1), Decimal(1000), tax)
    with acting_for([vendor.id]):
        who: dict[str, Any] = {"vendor_id": vendor.id, "customer_id": customer.id, **BY}
        project = billing.open_project(name="Catalogue", **who)
        if way == "finish":
            billing.add_items(project_id=project.id, work=[billing.Work(line, "fixed", TODAY)], **BY)
        else:
            billing.agree_price(project_id=project.id, lines=[line], **BY)
        retainer = billing.begin_retainer(name="Care", unit="hours", unit_price=Decimal(90), tax=tax, **who)
    one = f"/at/tom-and-co/projects/{project.id}/"
    care = f"/at/tom-and-co/retainers/{retainer.id}/"
    page, address, more = {
        "deposit": (one, f"{one}bill/deposit/", {"percent": "30"}), "finish": (one, f"{one}finish/", {}),
        "top-up": (care, f"{care}top-up/", {"quantity": "10"}),
    }[way]  # fmt: skip
    asked = desk.get(page).text
    assert "No rate from EUR to GBP is known for today" in asked
    assert len(re.findall(r'id="rate[^"]*"', asked)) == len(set(re.findall(r'id="rate[^"]*"', asked)))
    given = {"key": str(new_key(NOW)), "deed": "issue", **more}
    no = desk.post(address, {**given, "rate": "0,86", "rate_source": "our bank"})
    assert (no.status_code, "is no rate; write it like 0.8567." in no.text, 'value="0,86"' in no.text) == (409, True, True)
    for _ in range(2):
        done = desk.post(address, {**given, "rate": "0.86", "rate_source": "our bank"})
        assert way == "finish" or done.status_code == 302
    with acting_for([vendor.id]):
        assert Invoice.objects.issued().get().document["exchange"]["source"] == "our bank"
        assert GivenRate.objects.count() == 1
    assert "No rate from EUR" not in desk.get(page).text


def test_a_draft_that_is_written_asks_for_it_as_well_and_keeps_what_was_typed(desk: Client, vendor: Vendor) -> None:
    customer = a_customer(vendor, "Atelier Moreau", currency="EUR")
    page = desk.get(f"/at/tom-and-co/invoices/new/?customer={customer.id}&by-hand=1")
    assert "No rate from EUR to GBP is known for today" in page.text
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key is not None
    given = {
        "key": key[1], "customer": str(customer.id), "work": "Catalogue", "description": "Catalogue", "quantity": "1",
        "unit": "", "price": "1000", "discount": "", "tax": "S|20|", "project": "", "deed": "issue", "rate": "0.86",
    }  # fmt: skip
    no = desk.post("/at/tom-and-co/invoices/new/", given)
    assert (no.status_code, 'value="0.86"' in no.text) == (409, True)
    with acting_for([vendor.id]):
        assert not Invoice.objects.exists()
        assert not GivenRate.objects.exists()
    assert desk.post("/at/tom-and-co/invoices/new/", {**given, "rate_source": "our bank"}).status_code == 302
    with acting_for([vendor.id]):
        assert Invoice.objects.issued().get().document["exchange"]["source"] == "our bank"


def paid_in_pounds(vendor: Vendor, invoice: Invoice, minor: int = 50_000) -> Any:
    with acting_for([vendor.id]):
        told = record(
            vendor_id=vendor.id, customer_id=invoice.customer_id, amount=Money(minor, "GBP"), received_on=TODAY, method="cash",
            idempotency_key="abroad", by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    return f"/at/tom-and-co/payments/{told['payment_id']}/settle/", f"/at/tom-and-co/customers/{invoice.customer_id}/"


def test_money_of_another_currency_settles_an_invoice(desk: Client, vendor: Vendor) -> None:
    read(desk)
    invoice = abroad(vendor)
    page, customer = paid_in_pounds(vendor, invoice)
    assert f'href="{page}"' in desk.get(customer).text
    seen = " ".join(desk.get(page).text.split())
    assert invoice.number in seen
    rate = seen.partition("the money’s worth at ")[2].partition(" (ECB, ")[0]
    assert len(rate.replace(".", "")) == 7, "no more figures of a rate that was turned round than anybody reads"
    done = desk.post(page, {"invoice": str(invoice.id), "amount": "100.00", "rate": "1.14", "rate_source": "our bank"})
    assert done.headers["Location"] == f"/at/tom-and-co/invoices/{invoice.id}/"
    with acting_for([vendor.id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 120_000 - 11_400
    assert "£100.00 settled €114.00 of" in desk.get(done.headers["Location"]).text
    assert desk.post(page, {"invoice": str(invoice.id)}).status_code == 302  # the rest, at the rate of the day it came
    with acting_for([vendor.id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 120_000 - 11_400 - 45_455
    assert "All of this money settles something already." in desk.get(page).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"invoice": ""}, "Choose which invoice it settles."),
        ({"amount": "900"}, "of this payment are free."),
        ({"amount": "much"}, "“much” is not an amount like 1,250.00."),
        ({"rate": "1.14"}, "Say where the rate is from."),
        ({"rate": "-1", "rate_source": "our bank"}, "A rate is a number above zero."),
    ],
)
def test_what_cannot_be_settled_is_shown_again(desk: Client, vendor: Vendor, given: dict[str, str], sentence: str) -> None:
    read(desk)
    invoice = abroad(vendor)
    page, _ = paid_in_pounds(vendor, invoice)
    no = desk.post(page, {"invoice": str(invoice.id), **given})
    assert (no.status_code, sentence in no.text) == (409, True)
    with acting_for([vendor.id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 120_000


def test_whoever_only_reads_settles_nothing_and_strangers_find_no_payment(desk: Client, vendor: Vendor) -> None:
    read(desk)
    invoice = abroad(vendor)
    page, customer = paid_in_pounds(vendor, invoice)
    reader = as_member(a_member(vendor, "Robin", "reader"))
    assert reader.post(page, {"invoice": str(invoice.id)}).status_code == 403
    assert "Settle another currency" not in reader.get(customer).text
    other = as_member(a_member(a_vendor("other-co"), "Olga"))
    assert other.post(page, {"invoice": str(invoice.id)}).status_code == 404
    assert desk.get(page.replace("tom-and-co/payments/", "tom-and-co/payments/0000")).status_code == 404


def test_where_nothing_is_open_in_another_currency_it_says_so(desk: Client, vendor: Vendor) -> None:
    read(desk)
    invoice = abroad(vendor)
    page, customer = paid_in_pounds(vendor, invoice)
    with acting_for([vendor.id]):
        credit(invoice_id=invoice.id, reason="Wrong", issued_on=TODAY, by="Tom", role="owner", now=NOW)
    assert "has no open invoice in another currency" in desk.get(page).text
    assert "Settle another currency" not in desk.get(customer).text


def test_a_file_is_read_and_its_rates_are_listed(desk: Client) -> None:
    assert "No rate is known for today" in desk.get(PAGE).text
    assert read(desk).headers["Location"] == PAGE
    page = desk.get(PAGE).text
    assert "<b>USD</b></td>" in page
    assert "0.782222222222" in page
    assert "read exchange rates of ECB up to" in " ".join(desk.get("/at/tom-and-co/settings/").text.split())
    no = read(desk, b"Name\nMaud\n")
    assert no.status_code == 409
    assert "Take eurofxref-hist.zip" in no.text
    assert "Choose the file first." in desk.post(PAGE, {"read": "1"}).text


def test_a_rate_is_given_and_ended(desk: Client, ours: None) -> None:
    assert desk.post(PAGE, GIVEN).status_code == 302
    one = GivenRate.objects.get()
    assert (one.currency, one.rate, one.until_on.isoformat(), one.by) == ("KWD", Decimal("2.459"), "2026-12-31", "Elin")
    assert "1 KWD is <b>2.459</b> GBP" in desk.get(PAGE).text
    assert desk.post(PAGE, {"end": str(one.id)}).status_code == 302
    assert "1 KWD is" not in desk.get(PAGE).text
    assert "There is no rate like that in use." in desk.post(PAGE, {"end": str(one.id)}).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rate": "much"}, "&#x27;much&#x27; is no rate; write it like 0.8567."),
        ({"rate": "0"}, "A rate is a number above zero"),
        ({"currency": "GBP"}, "A rate is between two currencies."),
        ({"from_on": "soon"}, "&#x27;soon&#x27; is no day"),
        ({"until_on": "2020-01-01"}, "The last day of a rate is not before its first."),
        ({"source": " "}, "Say where the rate is from"),
    ],
)
def test_what_is_no_rate_is_refused_beside_its_field(desk: Client, ours: None, change: dict[str, str], sentence: str) -> None:
    answer = desk.post(PAGE, GIVEN | change)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert 'value="kwd"' in answer.text or "currency" in change
    assert not GivenRate.objects.exists()


def test_a_reader_reads_and_changes_nothing(vendor: Vendor, ours: None) -> None:
    reader = as_member(a_member(vendor, role="reader"))
    assert reader.get(PAGE).status_code == 200
    assert "Give it" not in reader.get(PAGE).text
    assert reader.post(PAGE, GIVEN).status_code == 403
    assert read(reader).status_code == 403
    assert not PublishedRate.objects.exists()
    stranger = as_member(a_member(a_vendor("elsewhere")))
    assert stranger.post(PAGE, GIVEN).status_code == 404


def test_an_invoice_abroad_says_its_rate_and_what_was_gained(desk: Client, vendor: Vendor) -> None:
    read(desk)
    invoice = abroad(vendor)
    address = f"/at/tom-and-co/invoices/{invoice.id}/"
    page = " ".join(desk.get(address).text.split())
    assert "£1,032.00 at 1 EUR = 0.86 GBP (ECB," in page
    assert "VAT in GBP: 172.00, at 1 EUR = 0.86 GBP (ECB," in page
    assert "gained on settlement" not in page
    with acting_for([vendor.id]):
        record(
            vendor_id=vendor.id, customer_id=invoice.customer_id, amount=Money(600_00, "EUR"), received_on=TODAY,
            method="cash", idempotency_key="1", by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    assert "; £12.00 gained on settlement." in " ".join(desk.get(address).text.split())
    insights = " ".join(desk.get("/at/tom-and-co/insights/").text.split())
    assert "on settlement, £12.00 gained and £0.00 lost" in insights
    assert "at today&#x27;s rates: 0.88 for EUR" in insights
    assert "528" in insights  # what is open, EUR 600.00, is worth that today
    rows = desk.get("/at/tom-and-co/insights.csv").text.splitlines()
    assert "exchange differences,gained,12.00,GBP" in rows
    assert "open in all currencies,now,528.00,GBP" in rows


def test_an_invoice_is_not_issued_without_a_rate_and_the_way_is_said(desk: Client, vendor: Vendor) -> None:
    customer = a_customer(vendor, "Atelier Moreau", currency="EUR")
    tom: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
    with acting_for([vendor.id]):
        made = draft(
            vendor_id=vendor.id, customer_id=customer.id, lines=[Line("x", Decimal(1), Decimal(1), Tax("Z", Decimal(0)))], **tom
        )
        approve(invoice_id=made.id, **tom)
    answer = desk.post(f"/at/tom-and-co/invoices/{made.id}/issue/")
    assert "There is no exchange rate from EUR to GBP" in answer.text
    assert "Settings, Exchange rates" in answer.text


def test_more_rates_cost_no_more_statements(desk: Client) -> None:
    counts = []
    for more in range(3):
        for at in range(more * 3):
            desk.post(PAGE, GIVEN | {"source": f"bank {at}"})
        with CaptureQueriesContext(connection) as told:
            desk.get(PAGE)
        counts.append(len(told))
        read(desk)
    assert counts[1] == counts[2]
