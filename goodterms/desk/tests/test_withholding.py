"""Tax that payers keep back: agreed with the terms, asked for less, booked with the payment or by itself, and proven."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from goodterms.conversations.actions import declare_paid
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, a_customer, a_draft, a_line
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.desk.tests.test_record_payment import form, open_of, text, where
from goodterms.invoicing.actions import approve, issue
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import must_be_true
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.models import Withheld
from goodterms.terms.actions import agree, in_effect
from goodterms.terms.rules import Terms, Withholding
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def invoice(vendor: Vendor, customer: Customer) -> Invoice:
    """1,000.00 and 200.00 tax, of which they keep 150.00 back."""
    one = a_draft(customer, lines=[a_line("1000")])
    with acting_for([vendor.id]):
        terms = Terms(withholding=Withholding("IRPF", Decimal(15)))
        agree(vendor_id=vendor.id, customer_id=customer.id, terms=terms, from_on=date(2020, 1, 1), now=NOW, by="Elin")
        approve(invoice_id=one.id, **BY)
        return issue(invoice_id=one.id, issued_on=date(2026, 11, 2), **BY)


def page(desk: Client, invoice: Invoice) -> str:
    return text(desk.get(f"/at/tom-and-co/invoices/{invoice.id}/").content)


def press(desk: Client, invoice: Invoice, verb: str, **given: Any) -> Any:
    return desk.post(f"/at/tom-and-co/invoices/{invoice.id}/{verb}/", given, follow=True)


def rows(vendor: Vendor) -> list[Withheld]:
    with acting_for([vendor.id]):
        must_be_true(vendor.id)
        return list(Withheld.objects.order_by("created_at", "id"))


def test_it_is_agreed_with_the_terms_and_whoever_changes_the_days_does_not_lose_it(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    there = f"/at/tom-and-co/customers/{customer.id}/terms/"
    asked = {"notation": "net 30", "from_on": "2026-11-10", "withheld": "15", "withheld_name": "IRPF", "after": "0"}
    assert "15% of the sum before tax (IRPF), against a certificate." in text(
        desk.post(there, asked | {"deed": "read"}).content
    )
    desk.post(there, asked)
    with acting_for([vendor.id]):
        agreed = in_effect(vendor.id, customer.id, date(2026, 11, 16)).terms
    assert agreed.withholding == Withholding("IRPF", Decimal(15))
    begun = desk.get(there).content.decode()
    assert 'value="net 30"' in begun
    assert 'value="15"' in begun
    assert 'value="IRPF"' in begun
    for wrong, words in (
        ({"withheld_name": ""}, "what the tax that they keep back is called"),
        ({"withheld": "much"}, "is not a number"),
    ):
        answer = desk.post(there, asked | {"after": "1"} | wrong)
        assert (answer.status_code, words in answer.content.decode()) == (409, True)


def test_the_page_says_what_is_to_be_paid_and_the_form_begins_with_that(
    desk: Client, customer: Customer, invoice: Invoice
) -> None:
    said = page(desk, invoice)
    assert "£1,050.00 is to be paid to us; £150.00 is kept back for the tax office." in said
    assert "IRPF 15%, kept back for the tax office −£150.00 To be paid to us" in said
    assert "15% of the sum before tax (IRPF), against a certificate: £150.00, so that £1,050.00 is to be paid to us." in said
    assert 'value="1050.00"' in desk.get(f"{where(customer)}?invoice={invoice.id}").content.decode()


def test_a_payment_without_it_settles_the_invoice_and_its_certificate_comes_later(
    desk: Client, vendor: Vendor, customer: Customer, invoice: Invoice
) -> None:
    looked = text(desk.post(where(customer), form("1050", deed="look")).content)
    assert re.search(r"and £150.00 kept back; paid", looked)
    desk.post(where(customer), form("1050"))
    assert open_of(invoice) == [0]
    assert "and £150.00 kept back for the tax office" in page(desk, invoice)
    assert "Not here yet IRPF" in page(desk, invoice)
    [row] = rows(vendor)
    answer = press(desk, invoice, "certificate", withheld=row.id, certificate="2026/88", certificate_on="2026-11-12")
    assert "Certificate 2026/88 is kept with it." in text(answer.content)
    assert "2026/88 of" in page(desk, invoice)
    again = press(desk, invoice, "certificate", withheld=row.id, certificate="other", certificate_on="2026-11-12")
    assert (again.status_code, "is here for this already" in text(again.content)) == (409, True)


def test_what_they_said_on_their_page_stands_in_the_form(
    desk: Client, vendor: Vendor, customer: Customer, invoice: Invoice
) -> None:
    with acting_for([vendor.id]):
        declare_paid(
            invoice_ids=[invoice.id], paid_on=date(2026, 11, 13), by="Sandra", now=NOW, withheld=Money(140_00, "GBP"),
            certificate=("A-7", date(2026, 11, 12)),
        )  # fmt: skip
    assert "£140.00 kept back for the tax office, certificate A-7" in page(desk, invoice)
    begun = desk.get(f"{where(customer)}?invoice={invoice.id}").content.decode()
    kept = {
        name: re.search(rf'name="{name}-{invoice.id}" value="([^"]*)"', begun)
        for name in ("kept", "certificate", "certificate-on")
    }
    assert [found and found[1] for found in kept.values()] == ["140.00", "A-7", "2026-11-12"]
    given = {f"{name}-{invoice.id}": found[1] for name, found in kept.items() if found}
    desk.post(where(customer), form("1060", invoice=[str(invoice.id)], **given))
    [row] = rows(vendor)
    assert (row.minor, row.certificate, open_of(invoice)) == (140_00, "A-7", [0])


def test_where_the_money_came_without_it_it_is_booked_by_itself_once_and_taken_back(
    desk: Client, vendor: Vendor, customer: Customer, invoice: Invoice
) -> None:
    key = re.search(r'name="key" value="([^"]+)"', desk.get(f"/at/tom-and-co/invoices/{invoice.id}/").content.decode())
    assert key
    half = {"key": key[1], "amount": "75"}
    for _ in range(2):
        assert "£75.00 is booked as kept back" in text(press(desk, invoice, "tax-kept", **half).content)
    [row] = rows(vendor)
    assert (row.minor, row.certificate, open_of(invoice)) == (75_00, "", [1125_00])
    without_why = press(desk, invoice, "return-kept", withheld=row.id, reason=" ")
    assert (without_why.status_code, "Say why" in text(without_why.content)) == (409, True)
    press(desk, invoice, "return-kept", withheld=row.id, reason="Their mistake")
    assert open_of(invoice) == [1200_00]
    assert "taken back" in page(desk, invoice)


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("tax-kept", {"amount": "2000"}, "are open on this invoice"),
        ("tax-kept", {"amount": "much"}, "is not an amount"),
        ("tax-kept", {"certificate": "1"}, "Say of which day the certificate is"),
        ("tax-kept", {"certificate_on": "2026-11-12"}, "A certificate has a number"),
        ("certificate", {"withheld": "x"}, "Nothing like that was kept back"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(desk: Client, vendor: Vendor, invoice: Invoice, verb: str, given: Any, words: str) -> None:
    answer = press(desk, invoice, verb, **given)
    assert (answer.status_code, words in text(answer.content)) == (409, True)
    assert rows(vendor) == []


def test_a_reader_and_a_colleague_of_another_vendor_do_none_of_it(vendor: Vendor, invoice: Invoice) -> None:
    reader = as_member(a_member(vendor, role="reader", email="reader@tom.example"))
    assert press(reader, invoice, "tax-kept", amount="10").status_code == 403
    other = a_vendor(slug="other-one")
    stranger = as_member(a_member(other, email="who@other.example"))
    assert press(stranger, invoice, "tax-kept", amount="10").status_code == 404
    assert rows(vendor) == []


def test_certificates_that_are_missing_are_listed_by_their_age_until_they_come(
    desk: Client, vendor: Vendor, invoice: Invoice
) -> None:
    def listed() -> str:
        return text(desk.get("/at/tom-and-co/invoices/certificates/").content)

    def of_all() -> str:
        return text(desk.get("/at/tom-and-co/invoices/").content)

    assert "Nothing that was kept back for the tax office waits for its certificate." in listed()
    assert "Certificate missing" not in of_all()
    press(desk, invoice, "tax-kept", amount="150.00", key="k")
    assert "Certificate missing" in of_all()
    assert "In the last 30 days" in listed()
    assert "IRPF, today" in listed()
    [row] = rows(vendor)
    for days, title in ((31, "31 to 90 days ago"), (91, "More than 90 days ago")):
        with acting_for([vendor.id]):
            Withheld.objects.filter(id=row.id).update(effective_on=NOW.date() - timedelta(days=days))
        assert title in listed()
        assert f"{days} days ago" in listed()
    press(desk, invoice, "certificate", withheld=str(row.id), certificate="2026/88", certificate_on="2026-11-12")
    assert invoice.number not in listed()
    assert (
        as_member(a_member(a_vendor("other"), "Sam", "owner")).get("/at/tom-and-co/invoices/certificates/").status_code == 404
    )


def test_for_one_draft_it_is_chosen_left_out_or_as_agreed_again(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer, lines=[a_line("1000")])
    assert "What they keep back for the tax office" in page(desk, one)
    assert "what they keep back of it" in text(press(desk, one, "what-they-keep").content)
    assert "is not a per cent like 15." in text(press(desk, one, "what-they-keep", how="this", percent="x").content)
    nameless = text(press(desk, one, "what-they-keep", how="this", percent="7").content)
    assert "Say what the tax that they keep back is called there, such as IRPF." in nameless
    said = text(press(desk, one, "what-they-keep", how="this", percent="7", name="IRPF").content)
    assert "They keep 7 % of it back; all else is as agreed." in said
    assert "7% of the sum before tax (IRPF)" in said, "it stands on the draft as it will on the invoice"
    assert "nothing of it" in text(press(desk, one, "what-they-keep", how="nothing").content)
    assert "7% of the sum" not in page(desk, one)
    assert "by their terms again" in text(press(desk, one, "what-they-keep", how="agreed").content)
    reader = as_member(a_member(vendor, "Rea", "reader"))
    assert press(reader, one, "what-they-keep", how="nothing").status_code == 403
