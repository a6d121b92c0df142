"""Decides that money is recorded once, lands where the rules say, and that the caches say what the ledger says."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import credit, hold
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import DUE, ISSUED, NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer
from goodterms.payments.actions import record
from goodterms.payments.models import Allocation, Payment
from goodterms.terms.rules import Days, Discount, Terms, Tolerance
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(10),)),))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def pay(customer: Customer, minor: int, key: str = "k1", **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "amount": Money(minor, "GBP"),
        "received_on": TODAY,
        "method": "bank_transfer",
        "by": "Tom",
        "role": "owner",
        "now": NOW,
    } | more
    return record(vendor_id=customer.vendor_id, customer_id=customer.id, idempotency_key=key, **given)


def again(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(id=invoice.id)


def test_a_payment_settles_its_invoice_from_the_day_it_was_received(customer: Customer) -> None:
    invoice = an_invoice(customer, 120_00)
    received = date(2026, 11, 12)
    answer = pay(customer, 120_00, received_on=received)
    now = again(invoice)
    assert (now.open_minor, now.settled_on, now.in_parts) == (0, received, False)
    assert answer["unapplied_minor"] == 0
    assert [(a["number"], a["minor"], a["open_minor"]) for a in answer["allocations"]] == [(invoice.number, 120_00, 0)]
    assert {(p.account, p.minor) for p in Posting.objects.filter(effective_on=received)} == {
        ("bank", 120_00), ("unapplied", -120_00), ("unapplied", 120_00), ("receivable", -120_00),
    }  # fmt: skip


def test_everything_that_happened_is_in_the_log(customer: Customer) -> None:
    invoice = an_invoice(customer, 120_00)
    answer = pay(customer, 150_00)
    told = {i.kind: i for i in Interaction.objects.all()}
    assert set(told) == {"payment.received", "payment.allocated"}
    assert told["payment.received"].inbound
    assert (told["payment.allocated"].invoice_id, told["payment.allocated"].data["minor"]) == (invoice.id, 120_00)
    assert {i.subject_id for i in told.values()} == {UUID(answer["payment_id"])}
    assert told["payment.received"].data["unapplied_minor"] == 30_00


def test_the_same_request_again_has_no_effect_and_the_same_answer(customer: Customer) -> None:
    an_invoice(customer, 120_00)
    first = pay(customer, 100_00)
    assert json.dumps(pay(customer, 100_00)) == json.dumps(first)  # word for word
    assert pay(customer, 100_00, by="somebody else", now=NOW + timedelta(days=1)) == first
    assert (Payment.objects.count(), Allocation.objects.count(), Posting.objects.count()) == (1, 1, 6)


@pytest.mark.parametrize(
    "other", [{"received_on": ISSUED}, {"method": "card"}, {"reference": "x"}, {"amount": Money(99, "GBP")}]
)
def test_the_same_key_for_another_request_is_refused(customer: Customer, other: dict[str, Any]) -> None:
    pay(customer, 100_00)
    with pytest.raises(Refused, match="another payment") as no:
        pay(customer, 100_00, **other)
    assert no.value.code == "idempotency"
    assert Payment.objects.count() == 1


def test_an_object_of_a_provider_is_recorded_once_whatever_its_key(customer: Customer) -> None:
    pay(customer, 100_00, "a", provider="stripe", provider_object_id="pi_1")
    with pytest.raises(Refused, match="stripe was recorded already") as no:
        pay(customer, 100_00, "b", provider="stripe", provider_object_id="pi_1")
    assert no.value.code == "duplicate"
    pay(customer, 100_00, "c", provider="paypal", provider_object_id="pi_1")


def test_the_number_of_statements_does_not_grow_with_the_invoices(customer: Customer) -> None:
    """One less where nothing happened yet to any open invoice."""
    counts = []
    for many in (1, 20):
        for touched in (False, True):
            invoices = [an_invoice(customer, 10_00) for _ in range(many)]
            if touched:
                pay(customer, 1_00, f"t{many}", named=[invoices[0].id])
            with CaptureQueriesContext(connection) as told:
                answer = pay(customer, 10_00 * many - 1_00 * touched, f"k{many}{touched}")
            assert (len(answer["allocations"]), answer["unapplied_minor"]) == (many, 0)
            counts.append(len(told))
    assert counts == [7, 8, 7, 8]


def test_a_payment_for_nothing_open_is_kept_for_the_customer(customer: Customer) -> None:
    answer = pay(customer, 50_00)
    assert (answer["allocations"], answer["unapplied_minor"]) == ([], 50_00)
    assert Payment.objects.get().unapplied_minor == 50_00


def test_a_part_payment_leaves_the_rest_open_and_says_so(customer: Customer) -> None:
    invoice = an_invoice(customer, 120_00)
    pay(customer, 20_00)
    now = again(invoice)
    assert (now.open_minor, now.settled_on, now.in_parts) == (100_00, NEVER, True)
    pay(customer, 100_00, "k2", received_on=date(2026, 11, 2))
    assert (again(invoice).open_minor, again(invoice).settled_on) == (0, TODAY)


def test_a_discount_is_booked_with_its_tax(customer: Customer) -> None:
    """121.00 of which 21.00 is tax; 2 % is 2.42, of which 0.42 is tax."""
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=EARLY)
    answer = pay(customer, 118_58, received_on=ISSUED + timedelta(days=10))
    assert [(a["minor"], a["discount_minor"]) for a in answer["allocations"]] == [(118_58, 2_42)]
    assert set(Posting.objects.filter(account__in=["tax", "discount"]).values_list("account", "minor")) == {
        ("tax", -21_00), ("tax", 42), ("discount", 2_00),
    }  # fmt: skip
    assert (again(invoice).open_minor, again(invoice).in_parts) == (0, False)


def test_a_day_too_late_the_discount_stays_open(customer: Customer) -> None:
    invoice = an_invoice(customer, 121_00, tax=21_00, terms=EARLY)
    pay(customer, 118_58, received_on=ISSUED + timedelta(days=11))
    assert again(invoice).open_minor == 2_42


def test_a_shortage_within_the_tolerance_is_written_off(customer: Customer) -> None:
    invoice = an_invoice(customer, 100_00, terms=Terms(tolerance=Tolerance(amount=Money(1_00, "GBP"))))
    pay(customer, 99_10)
    assert again(invoice).open_minor == 0
    assert Allocation.objects.get().let_go_minor == 90
    assert Posting.objects.get(account="write_off").minor == 90


def test_an_instalment_paid_moves_the_day_reminders_count_from(customer: Customer) -> None:
    parts = [(date(2026, 10, 10), 40_00), (date(2026, 12, 10), 60_00)]
    invoice = an_invoice(customer, 100_00, due_on=date(2026, 12, 10), parts=parts)
    pay(customer, 30_00)
    assert again(invoice).chase_on == date(2026, 10, 10)
    pay(customer, 10_00, "k2")
    assert again(invoice).chase_on == date(2026, 12, 10)


def test_more_time_that_was_granted_outlasts_a_part_payment(customer: Customer) -> None:
    invoice = an_invoice(customer, 100_00)
    until = DUE + timedelta(days=20)
    hold(invoice_ids=[invoice.id], reason="extended", from_on=DUE, until_on=until, by="Tom", role="owner", now=NOW)
    pay(customer, 40_00)
    assert again(invoice).chase_on == until


def test_a_deposit_settles_on_the_day_its_invoice_was_issued(customer: Customer) -> None:
    invoice = an_invoice(customer, 100_00)
    pay(customer, 100_00, received_on=ISSUED - timedelta(days=9))
    assert again(invoice).settled_on == ISSUED


def test_a_parent_pays_the_invoice_of_its_child_by_naming_it(customer: Customer) -> None:
    child = a_customer(customer.vendor_id)
    invoice = an_invoice(child, 80_00)
    answer = pay(customer, 80_00, named=[invoice.id])
    assert again(invoice).open_minor == 0
    assert answer["unapplied_minor"] == 0


def test_refusals_change_nothing(customer: Customer) -> None:
    other = an_invoice(customer, 80_00, currency="EUR")
    refused: list[tuple[str, dict[str, Any]]] = [
        ("more than nothing", {"amount": Money(0, "GBP")}),
        ("once it is here", {"received_on": TODAY + timedelta(days=2)}),
        ("is in EUR", {"named": [other.id]}),
        ("no open invoice", {"named": [UUID(int=1)]}),
        ("a sum above zero", {"named": {an_invoice(customer, 80_00).id: Money(0, "GBP")}}),
    ]
    for words, wrong in refused:
        with pytest.raises(Refused, match=words), acting_for([customer.vendor_id]):
            pay(customer, 10_00, **wrong)
    assert not Payment.objects.exists()
    with pytest.raises(Refused, match="no customer"):
        record(
            vendor_id=customer.vendor_id, customer_id=UUID(int=3), amount=Money(1, "GBP"), received_on=TODAY, method="cash",
            idempotency_key="x", by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    with pytest.raises(Refused, match="key of its own"):
        pay(customer, 10_00, "")
    with pytest.raises(Refused, match="A reader may not settle"):
        pay(customer, 10_00, role="reader")


def test_an_invoice_settled_meanwhile_lets_its_money_go_on(customer: Customer) -> None:
    first, second = an_invoice(customer, 10_00), an_invoice(customer, 30_00)
    pay(customer, 10_00, named=[first.id])
    answer = pay(customer, 20_00, "k2", named=[first.id])
    assert [a["invoice_id"] for a in answer["allocations"]] == [str(second.id)]


def test_after_a_credit_note_the_early_discount_is_taken_from_what_is_left_of_the_total(customer: Customer) -> None:
    """2% of the 75.00 that are left, not of the 100.00 that were billed."""
    invoice = an_invoice(customer, 100_00, terms=EARLY)
    credit(
        invoice_id=invoice.id, amount=Money(25_00, "GBP"), reason="one box fewer", issued_on=ISSUED, by="Tom", role="owner",
        now=NOW,
    )  # fmt: skip
    answer = pay(customer, 73_50, received_on=ISSUED + timedelta(days=10), named=[invoice.id])
    assert [(a["minor"], a["discount_minor"], a["open_minor"]) for a in answer["allocations"]] == [(73_50, 1_50, 0)]


def test_after_a_credit_note_the_old_early_price_leaves_the_rest_open(customer: Customer) -> None:
    invoice = an_invoice(customer, 100_00, terms=EARLY)
    credit(
        invoice_id=invoice.id, amount=Money(25_00, "GBP"), reason="one box fewer", issued_on=ISSUED, by="Tom", role="owner",
        now=NOW,
    )  # fmt: skip
    answer = pay(customer, 73_00, received_on=ISSUED + timedelta(days=10), named=[invoice.id])
    assert [(a["minor"], a["discount_minor"], a["open_minor"]) for a in answer["allocations"]] == [(73_00, 0, 2_00)]
