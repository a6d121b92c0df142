"""Decides that what payers keep back for the tax office settles their invoice, with its certificate, and is never chased."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import credit
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_rate, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer
from goodterms.payments.actions import (
    certify,
    deallocate,
    exchange,
    record,
    take_back_withheld,
    withhold,
)
from goodterms.payments.models import Allocation, Payment, Withheld
from goodterms.payments.withholding import Certificate, Kept, must_be_right
from goodterms.terms.rules import Terms, Withholding
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
IRPF = Terms(withholding=Withholding("IRPF", Decimal(15)))
PAPER = Certificate("2026/88", date(2026, 11, 12))
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def pay(customer: Customer, minor: int, key: str = "k1", currency: str = "GBP", **more: Any) -> dict[str, Any]:
    return record(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, currency), received_on=TODAY,
        method="bank_transfer", idempotency_key=key, **TOM, **more,
    )  # fmt: skip


def again(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(id=invoice.id)


def balance_of(account: str) -> int:
    return sum(Posting.objects.filter(account=account).values_list("minor", flat=True))


def told(invoice: Invoice) -> list[str]:
    return list(Interaction.objects.filter(invoice_id=invoice.id).order_by("at", "id").values_list("kind", flat=True))


def test_until_it_is_paid_all_of_it_is_owed_and_less_is_asked_for(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    assert (balance_of("receivable"), balance_of("withheld")) == (121_00, 0)
    assert again(invoice).to_pay == Money(106_00, "GBP")


def test_a_payment_without_what_was_kept_back_settles_all_of_the_invoice(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    answer = pay(customer, 106_00)
    now, row = again(invoice), Withheld.objects.get()
    assert (now.open_minor, now.to_withhold_minor, now.in_parts) == (0, 0, False)
    assert (balance_of("receivable"), balance_of("withheld"), balance_of("bank")) == (0, 15_00, 106_00)
    assert (row.minor, row.name, row.certificate, row.allocation_id) == (15_00, "IRPF", "", Allocation.objects.get().id)
    assert answer["allocations"][0]["withheld_minor"] == 15_00
    assert list(Withheld.objects.without_certificate()) == [row]


def test_the_certificate_comes_with_the_money_or_later_and_once(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    pay(customer, 106_00, kept={invoice.id: Kept(None, PAPER)})
    row = Withheld.objects.get()
    assert (row.certificate, row.certificate_on, row.certified_by) == ("2026/88", date(2026, 11, 12), "Tom")
    other = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    pay(customer, 106_00, "k2", named=[other.id])
    late = Withheld.objects.get(certificate="")
    wrong = PAPER._replace(amount=Money(14_00, "GBP"))
    with pytest.raises(Refused, match=r"certificate says £14\.00|certificate says 14\.00 GBP") as no:
        certify(withheld_id=late.id, certificate=wrong, on=TODAY, **TOM)
    assert no.value.field == "certificate_amount"
    for _ in range(2):
        certify(withheld_id=late.id, certificate=PAPER._replace(amount=Money(15_00, "GBP")), on=TODAY, **TOM)
    with pytest.raises(Refused, match="Certificate 2026/88 of 2026-11-12 is here"):
        certify(withheld_id=late.id, certificate=Certificate("other", TODAY), on=TODAY, **TOM)
    assert told(other).count("payment.certified") == 1


def test_the_same_payment_with_other_words_about_it_is_another_request(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    said = {invoice.id: Kept(Money(15_00, "GBP"), PAPER)}
    assert pay(customer, 106_00, kept=said) == pay(customer, 106_00, kept=said)
    with pytest.raises(Refused, match="used for another payment"):
        pay(customer, 106_00, kept={invoice.id: Kept(Money(14_00, "GBP"), PAPER)})


def test_each_part_that_is_paid_may_come_with_what_was_kept_back_of_it(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    pay(customer, 53_00, kept={invoice.id: Kept(Money(7_50, "GBP"), PAPER)})
    now = again(invoice)
    assert (now.open_minor, now.to_withhold_minor, now.to_pay.minor) == (60_50, 7_50, 53_00)
    pay(customer, 53_00, "k2")
    assert (again(invoice).open_minor, balance_of("withheld")) == (0, 15_00)


def test_what_came_short_without_any_agreement_is_booked_by_itself_and_taken_back(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00)
    pay(customer, 111_00, named=[invoice.id])
    with pytest.raises(Refused, match="Say how much was"):
        withhold(invoice_id=invoice.id, on=TODAY, **TOM)
    with pytest.raises(Refused, match="are open on this invoice"):
        withhold(invoice_id=invoice.id, amount=Money(10_01, "GBP"), on=TODAY, **TOM)
    key = new_key(NOW)
    for _ in range(2):
        row = withhold(invoice_id=invoice.id, amount=Money(10_00, "GBP"), certificate=PAPER, on=TODAY, key=key, **TOM)
    assert (again(invoice).open_minor, balance_of("withheld"), told(invoice).count("payment.withheld")) == (0, 10_00, 1)
    take_back_withheld(withheld_id=row.id, on=TODAY, reason="Their mistake", **TOM)
    assert (again(invoice).open_minor, balance_of("withheld")) == (10_00, 0)
    assert "payment.withheld_back" in told(invoice)
    with pytest.raises(Refused, match="nothing kept back"):
        take_back_withheld(withheld_id=row.id, on=TODAY, reason="Again", **TOM)


def test_what_was_kept_back_with_a_payment_goes_with_it(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    pay(customer, 106_00)
    row = Withheld.objects.get()
    with pytest.raises(Refused, match="goes with it"):
        take_back_withheld(withheld_id=row.id, on=TODAY, reason="x", **TOM)
    deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="Wrong invoice", **TOM)
    now = again(invoice)
    assert (now.open_minor, now.to_withhold_minor, balance_of("withheld")) == (121_00, 15_00, 0)
    assert not Withheld.objects.standing().exists()
    assert Payment.objects.get().unapplied_minor == 106_00


def test_a_credit_note_lowers_what_is_to_be_kept_back(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    credit(invoice_id=invoice.id, reason="Half", issued_on=TODAY, amount=Money(60_50, "GBP"), **TOM)
    now = again(invoice)
    assert (now.open_minor, now.to_withhold_minor) == (60_50, 7_50)
    pay(customer, 53_00)
    assert (again(invoice).open_minor, balance_of("withheld")) == (0, 7_50)


def test_an_invoice_in_another_currency_is_settled_with_what_was_kept_back_of_it(customer: Customer) -> None:
    a_rate(customer.vendor_id, "EUR", "0.80")
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=IRPF)
    paid = pay(customer, 200_00, currency="EUR")
    done = exchange(payment_id=UUID(paid["payment_id"]), invoice_id=invoice.id, on=TODAY, **TOM)
    assert (done.settled_minor, done.spent_minor) == (106_00, 132_50)
    assert (again(invoice).open_minor, Withheld.objects.get().minor) == (0, 15_00)


@pytest.mark.parametrize(
    ("paper", "words"),
    [
        (Certificate(" ", TODAY), "has a number"),
        (Certificate("1" * 81, TODAY), "has a number"),
        (Certificate("1", date(2026, 11, 18)), "a day to come"),
        (Certificate("1", TODAY, Money(1_00, "GBP")), "and .* was kept back"),
    ],
)
def test_a_certificate_that_cannot_be_right_is_refused(paper: Certificate, words: str) -> None:
    with pytest.raises(Refused, match=words):
        must_be_right(paper, Money(2_00, "GBP"), TODAY)
    must_be_right(replace_amount(paper), Money(2_00, "GBP"), date(2026, 11, 18))


def replace_amount(paper: Certificate) -> Certificate:
    """The same put right."""
    return Certificate("1", min(paper.on, date(2026, 11, 18)), Money(2_00, "GBP"))
