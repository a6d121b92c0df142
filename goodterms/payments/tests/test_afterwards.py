"""Decides that money can be spent later, taken back, given back and exchanged, and that the books follow each time."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import credit
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import ISSUED, NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Entry, Posting
from goodterms.parties.models import Customer
from goodterms.payments.actions import allocate, allocate_credit, deallocate, reading, record, refund, settle_in_other_currency
from goodterms.payments.models import Allocation, Payment, Reading, Refund
from goodterms.terms.rules import Days, Discount, Terms, Tolerance
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def pay(customer: Customer, minor: int, key: str = "k1", currency: str = "GBP", received_on: date = TODAY) -> UUID:
    answer = record(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, currency), received_on=received_on,
        method="bank_transfer", idempotency_key=key, **TOM,
    )  # fmt: skip
    return UUID(answer["payment_id"])


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def test_money_kept_settles_a_later_invoice_from_the_day_it_was_received(customer: Customer) -> None:
    payment = pay(customer, 100_00, received_on=date(2026, 11, 2))
    invoice = an_invoice(customer, 70_00)
    answer = allocate(payment_id=payment, **TOM)
    assert answer["unapplied_minor"] == Payment.objects.get().unapplied_minor == 30_00
    assert Invoice.objects.get(id=invoice.id).settled_on == date(2026, 11, 2)


def test_money_kept_is_spent_on_nothing_but_what_is_named(customer: Customer) -> None:
    payment = pay(customer, 100_00)
    an_invoice(customer, 70_00)
    second = an_invoice(customer, 40_00)
    answer = allocate(payment_id=payment, named={second.id: gbp(15_00)}, **TOM)
    assert [(a["number"], a["minor"]) for a in answer["allocations"]] == [(second.number, 15_00)]
    assert answer["unapplied_minor"] == 85_00
    allocate(payment_id=payment, **TOM)
    with pytest.raises(Refused, match="settled already"):
        allocate(payment_id=payment, **TOM)


def test_what_is_taken_back_is_open_again_and_free_again(customer: Customer) -> None:
    terms = Terms(discounts=(Discount(Decimal(2), (Days(10),)),), tolerance=Tolerance(amount=Money(1_00, "GBP")))
    invoice = an_invoice(customer, 100_00, terms=terms)
    paid_on = ISSUED + timedelta(days=5)
    payment = pay(customer, 97_50, received_on=paid_on)
    taken = Allocation.objects.get()
    assert (taken.minor, taken.discount_minor, taken.let_go_minor) == (97_50, 2_00, 50)
    deallocate(allocation_id=taken.id, on=TODAY, reason="bounced", **TOM)
    now = Invoice.objects.get(id=invoice.id)
    assert (now.open_minor, now.settled_on, now.in_parts) == (100_00, NEVER, True)
    assert Payment.objects.get(id=payment).unapplied_minor == 97_50
    assert Entry.objects.filter(kind="reversal", effective_on=TODAY, memo="bounced").count() == 3
    with pytest.raises(Refused, match="taken back already"):
        deallocate(allocation_id=taken.id, on=TODAY, reason="again", **TOM)
    allocate(payment_id=payment, **TOM)  # the discount that was taken back may be taken again, by the day of receipt
    assert Invoice.objects.get(id=invoice.id).open_minor == 0
    assert Invoice.objects.get(id=invoice.id).settled_on == TODAY


def test_nothing_is_taken_back_before_it_happened_or_when_it_is_not_there(customer: Customer) -> None:
    an_invoice(customer, 100_00)
    pay(customer, 100_00)
    with pytest.raises(Refused, match="before the day"):
        deallocate(allocation_id=Allocation.objects.get().id, on=TODAY - timedelta(days=1), reason="x", **TOM)
    with pytest.raises(Refused, match="no allocation"):
        deallocate(allocation_id=UUID(int=1), on=TODAY, reason="x", **TOM)
    with pytest.raises(Refused, match="no payment"):
        allocate(payment_id=UUID(int=1), **TOM)


def give_back(payment: UUID, minor: int, key: str = "r1", reason: str = "paid twice", currency: str = "GBP") -> Any:
    return refund(
        payment_id=payment, amount=Money(minor, currency), reason=reason, refunded_on=TODAY, idempotency_key=key, **TOM
    )


def test_a_refund_goes_out_once_for_each_key_and_never_beyond_what_is_free(customer: Customer) -> None:
    an_invoice(customer, 60_00)
    payment = pay(customer, 100_00)
    first = give_back(payment, 30_00)
    assert give_back(payment, 30_00) == first
    assert Refund.objects.count() == 1
    with pytest.raises(Refused, match="another refund") as no:
        give_back(payment, 31_00)
    assert no.value.code == "idempotency"
    with pytest.raises(Refused, match=r"Only 10\.00 GBP"), transaction.atomic():
        give_back(payment, 10_01, "r2")
    with pytest.raises(Refused, match="came in GBP"), transaction.atomic():
        give_back(payment, 1, "r3", currency="EUR")
    with pytest.raises(Refused, match="a reason"):
        give_back(payment, 1, "r4", reason="")
    found = Payment.objects.get(id=payment)
    assert (found.unapplied_minor, found.refunded_minor) == (10_00, 30_00)
    assert Interaction.objects.filter(kind="payment.refunded").count() == 1


def settle(payment: UUID, invoice: Invoice, spend: Money, amount: int, rate: str, name: str = "ECB 13 Nov 2026") -> UUID:
    return settle_in_other_currency(
        payment_id=payment, invoice_id=invoice.id, spend=spend, settle=Money(amount, invoice.currency), rate=Decimal(rate),
        rate_name=name, on=TODAY, **TOM,
    )  # fmt: skip


def test_euros_settle_an_invoice_in_pounds_and_the_difference_is_booked(customer: Customer) -> None:
    """EUR 100.00 at 0.86 are worth GBP 86.00 and settle 84.00: a gain of 2.00."""
    invoice = an_invoice(customer, 84_00)
    payment = pay(customer, 120_00, currency="EUR")
    allocation = settle(payment, invoice, Money(100_00, "EUR"), 84_00, "0.86")
    assert Invoice.objects.get(id=invoice.id).open_minor == 0
    assert Payment.objects.get(id=payment).unapplied_minor == 20_00
    assert Posting.objects.get(account="exchange").minor == -2_00
    assert set(Posting.objects.filter(account="clearing").values_list("currency", "minor")) == {
        ("EUR", -100_00),
        ("GBP", 86_00),
    }
    deallocate(allocation_id=allocation, on=TODAY, reason="wrong rate", **TOM)
    assert Payment.objects.get(id=payment).unapplied_minor == 120_00
    assert Invoice.objects.get(id=invoice.id).open_minor == 84_00


def test_an_exchange_never_spends_or_settles_more_than_there_is(customer: Customer) -> None:
    invoice = an_invoice(customer, 84_00)
    payment = pay(customer, 120_00, currency="EUR")
    refused = [
        ("of this payment are free", Money(120_01, "EUR"), 84_00, "ECB"),
        ("not open", Money(100_00, "EUR"), 84_01, "ECB"),
        ("in EUR and the invoice in GBP", Money(100_00, "USD"), 84_00, "ECB"),
        ("where the rate is from", Money(100_00, "EUR"), 84_00, ""),
    ]
    for words, spend, amount, name in refused:
        with pytest.raises(Refused, match=words):
            settle(payment, invoice, spend, amount, "0.86", name)


def test_spending_later_is_a_constant_number_of_statements_too(customer: Customer) -> None:
    counts = []
    for many in (1, 20):
        payment = pay(customer, 10_00 * many, f"k{many}")
        for _ in range(many):
            an_invoice(customer, 10_00)
        with CaptureQueriesContext(connection) as told:
            assert len(allocate(payment_id=payment, **TOM)["allocations"]) == many
        counts.append(len(told))
    assert counts[0] == counts[1] <= 10


def test_the_database_refuses_what_the_program_would_overspend(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    payment = pay(customer, 5_00)
    for query, key in [
        ("update payments_payment set unapplied_minor = unapplied_minor - 1 where id = %s", payment),
        ("update invoicing_invoice set open_minor = open_minor - 501 where id = %s", invoice.id),
    ]:
        refused = pytest.raises(IntegrityError, match="never_over")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query, [key])


def test_a_reading_says_until_when_payments_are_known(customer: Customer) -> None:
    reading(vendor_id=customer.vendor_id, source="current account", known_until_on=TODAY, by="Tom", now=NOW)
    found = Reading.objects.get()
    assert (found.source, found.known_until_on, found.read_at) == ("current account", TODAY, NOW)
    assert Interaction.objects.get().kind == "payments.read"


def test_what_is_left_of_a_credit_note_settles_another_invoice(customer: Customer) -> None:
    first, second = an_invoice(customer, 100_00), an_invoice(customer, 50_00)
    pay(customer, 100_00)
    note = credit(invoice_id=first.id, reason="faulty", amount=gbp(30_00), issued_on=TODAY, **TOM).note
    answer = allocate_credit(credit_note_id=note.id, **TOM)
    assert [(a["number"], a["minor"]) for a in answer["allocations"]] == [(second.number, 30_00)]
    assert Invoice.objects.get(id=second.id).open_minor == 20_00
    with pytest.raises(Refused, match="settled already"):
        allocate_credit(credit_note_id=note.id, **TOM)
    deallocate(allocation_id=Allocation.objects.get(credit_note=note).id, on=TODAY, reason="other invoice", **TOM)
    assert Invoice.objects.get(id=second.id).open_minor == 50_00
    assert allocate_credit(credit_note_id=note.id, named={second.id: gbp(10_00)}, **TOM)["unapplied_minor"] == 20_00
    with pytest.raises(Refused, match="no credit note"):
        allocate_credit(credit_note_id=first.id, **TOM)


def test_a_credit_earns_no_discount_and_no_tolerance(customer: Customer) -> None:
    terms = Terms(discounts=(Discount(Decimal(2), (Days(60),)),), tolerance=Tolerance(amount=Money(1_00, "GBP")))
    first, second = an_invoice(customer, 98_00), an_invoice(customer, 100_00, terms=terms)
    pay(customer, 98_00)
    note = credit(invoice_id=first.id, reason="faulty", issued_on=TODAY, **TOM).note
    allocate_credit(credit_note_id=note.id, **TOM)
    assert Invoice.objects.get(id=second.id).open_minor == 2_00


def test_roles_are_asked(customer: Customer) -> None:
    an_invoice(customer, 10_00)
    payment = pay(customer, 20_00)
    payer: dict[str, Any] = {**TOM, "role": "payer"}
    with pytest.raises(Refused, match="A payer may not take a settlement back"):
        refund(payment_id=payment, amount=gbp(1), reason="x", refunded_on=TODAY, idempotency_key="r", **payer)
    with pytest.raises(Refused, match="A payer may not take a settlement back"):
        deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="x", **payer)
    with pytest.raises(Refused, match="A reader may not settle"):
        allocate(payment_id=payment, **{**TOM, "role": "reader"})
