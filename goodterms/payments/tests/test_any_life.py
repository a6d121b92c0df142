"""Decides that whatever is done to two invoices, in whatever order, every cache says what the ledger says, each time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import charge_fee, credit, hold, recover, void, waive_fee, write_off
from goodterms.invoicing.actions.balance import lock, lock_open
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import Standing, chase_on
from goodterms.invoicing.tests.book import DUE, ISSUED, NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.parties.models import Customer
from goodterms.payments.actions import allocate, allocate_credit, deallocate, record, refund, settle_in_other_currency
from goodterms.payments.actions.withholding import take_back_withheld, withhold
from goodterms.payments.models import Allocation, Payment, Withheld
from goodterms.payments.withholding import Kept
from goodterms.terms.rules import Days, Discount, LateFee, Terms, Tolerance, Withholding
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
TERMS = Terms(
    discounts=(Discount(Decimal(2), (Days(10),)),),
    tolerance=Tolerance(amount=Money(2_00, "GBP")),
    late_fee=LateFee("monthly", agreed=True, percent=Decimal("1.5")),
)
KEPT = replace(TERMS, withholding=Withholding("IRPF", Decimal(15)))
_keys = count(1)


class World:
    """Two invoices of one customer, and what somebody may think of doing."""

    def __init__(self, vendor: UUID) -> None:
        self.customer: Customer = a_customer(vendor)
        plain = an_invoice(self.customer, 121_00, tax=21_00, terms=TERMS)
        parts = an_invoice(self.customer, 100_00, terms=KEPT, parts=[(ISSUED + timedelta(days=9), 30_00), (DUE, 70_00)])
        self.invoices = [plain.id, parts.id]

    def deeds(self, which: int, minor: int, after: int) -> dict[str, Callable[[], Any]]:
        one, on, money = self.invoices[which], ISSUED + timedelta(days=after), Money(minor, "GBP")
        about: dict[str, Any] = {"invoice_id": one, "on": on, **TOM}
        paid = Payment.objects.order_by("-unapplied_minor", "id").first()
        payment: dict[str, Any] = {"payment_id": paid.id if paid else UUID(int=1)}
        settled = Allocation.objects.filter(invoice=one, reversed_at=None).order_by("id").first()
        kept = Withheld.objects.standing().filter(invoice=one).order_by("-id").first()
        note = Invoice.objects.filter(kind="credit_note").order_by("-id").first()
        return {
            "pay": lambda: self.pay(money, on),
            "pay as named": lambda: self.pay(money, on, named=[one]),
            "pay in euros": lambda: self.pay(Money(minor, "EUR"), on),
            "exchange": lambda: settle_in_other_currency(
                **payment, **about, spend=Money(minor, "EUR"), settle=money, rate=Decimal("0.9"), rate_name="the bank"
            ),
            "allocate": lambda: allocate(**payment, **TOM),
            "deallocate": lambda: deallocate(allocation_id=settled.id if settled else UUID(int=1), on=on, reason="x", **TOM),
            "refund": lambda: refund(
                **payment, amount=money, reason="x", refunded_on=on, idempotency_key=str(next(_keys)), **TOM
            ),
            "credit": lambda: credit(invoice_id=one, reason="x", issued_on=on, amount=money, **TOM),
            "spend credit": lambda: allocate_credit(credit_note_id=note.id if note else UUID(int=1), **TOM),
            "write off": lambda: write_off(reason="x", amount=money, **about),
            "recover": lambda: recover(amount=money, **about),
            "charge": lambda: charge_fee(**about),
            "waive": lambda: waive_fee(reason="x", **about),
            "keep back": lambda: withhold(amount=money, **about),
            "return": lambda: take_back_withheld(withheld_id=kept.id if kept else UUID(int=1), on=on, reason="x", **TOM),
            "pay less": lambda: self.pay(money, on, kept={one: Kept(Money(minor // 5, "GBP"))}),
            "void": lambda: void(reason="x", **about),
            "extend": lambda: hold(invoice_ids=[one], reason="extended", from_on=on, until_on=on + timedelta(days=9), **TOM),
        }

    def pay(self, money: Money, on: Any, **more: Any) -> Any:
        key = str(next(_keys))
        return record(
            vendor_id=self.customer.vendor_id, customer_id=self.customer.id, amount=money, received_on=min(on, TODAY),
            method="cash", idempotency_key=key, **TOM, **more,
        )  # fmt: skip


WORDS = [
    "pay", "pay as named", "pay in euros", "exchange", "allocate", "deallocate", "refund", "credit", "spend credit",
    "write off", "recover", "charge", "waive", "keep back", "return", "pay less",
    "void", "extend",
]  # fmt: skip
sums = st.sampled_from([1_00, 15_00, 30_00, 83_00, 85_00, 98_00, 100_00, 118_58, 121_00]) | st.integers(1, 130_00)
steps = st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 1), sums, st.integers(0, 80)), min_size=3, max_size=12)


def told(standings: list[Standing]) -> list[Any]:
    """What a payment asks of each: an untouched invoice tells it without its history being read."""
    return [
        (one.invoice_id, one.booked, one.fees_minor, one.discounted_minor, one.withheld_minor, one.open_parts, chase_on(one))
        for one in standings
    ]


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(steps)
@example([("extend", 1, 1_00, 21), ("pay", 0, 1_00, 0), ("pay", 0, 1_00, 0)])  # of two parts, until the day of the last
def test_the_caches_are_true_after_every_step_of_any_life(life: list[tuple[str, int, int, int]]) -> None:
    with transaction.atomic():
        vendor = a_vendor().id
        with acting_for([vendor]):
            world = World(vendor)
            assert list(world.deeds(0, 1, 0)) == WORDS
            for word, which, minor, after in life:
                try:
                    with transaction.atomic():
                        world.deeds(which, minor, after)[word]()
                except Refused:
                    continue
                must_be_true(vendor)
                read = lock(invoice_ids=world.invoices)
                assert told(read) == told(lock_open(customer_id=world.customer.id, currency="GBP", named=world.invoices)), word
                for standing in read:
                    assert standing.chase_on == chase_on(standing), word
                    assert sum(part.amount.minor for part in standing.open_parts) == standing.open_minor, word
        transaction.set_rollback(True)
