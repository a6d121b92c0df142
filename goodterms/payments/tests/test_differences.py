"""Decides that what is gained or lost on settlement is, to the cent, what the money was worth less what was billed."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import given as each
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, credit, draft, issue, write_off
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.parties.models import Customer
from goodterms.payments.actions import allocate, deallocate, exchange, give_rate, read_rates, record, settle_in_other_currency
from goodterms.payments.differences import Difference, differences, summed
from goodterms.payments.models import Allocation, Payment
from goodterms.rates.models import Fixing
from goodterms.rates.rules import Given
from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
ISSUED = TODAY - timedelta(days=30)
VAT = Tax("S", Decimal(20))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id, currency="EUR")
        must_be_true(vendor.id)


def rate(customer: Customer, value: str, on: date, currency: str = "EUR") -> None:
    one = Given(currency, "GBP", Decimal(value), on, on, "the bank")
    give_rate(vendor_id=customer.vendor_id, given=one, by="Tom", now=NOW)


def billed(customer: Customer, net: str, currency: str = "EUR", on: date = ISSUED) -> Invoice:
    made = draft(
        vendor_id=customer.vendor_id, customer_id=customer.id, lines=[Line("Labels", Decimal(1), Decimal(net), VAT)],
        currency=currency, **TOM,
    )  # fmt: skip
    approve(invoice_id=made.id, **TOM)
    return issue(invoice_id=made.id, issued_on=on, **TOM)


def pay(customer: Customer, minor: int, currency: str = "EUR", on: date = TODAY, **more: Any) -> UUID:
    told = record(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, currency), received_on=on, method="cash",
        idempotency_key=str(uuid4()), **{**TOM, **more},
    )  # fmt: skip
    return UUID(told["payment_id"])


def found(customer: Customer, **more: Any) -> list[Difference]:
    return differences(vendor_id=customer.vendor_id, **more)


def gained(customer: Customer, **more: Any) -> list[int | None]:
    return [one.gained.minor if one.gained is not None else None for one in found(customer, **more)]


def test_an_invoice_keeps_the_rate_of_its_day_and_its_tax_in_the_vendors_currency(customer: Customer) -> None:
    rate(customer, "0.85675", ISSUED)
    invoice = billed(customer, "1000.01")
    assert invoice.document["exchange"] == {
        "currency": "GBP", "rate": "0.85675", "on": ISSUED.isoformat(), "source": "the bank", "tax_minor": 171_35,
    }  # fmt: skip
    kept = Fixing.objects.get(document_id=invoice.id)
    assert (kept.rate, kept.base, kept.rate_on, kept.source) == (Decimal("0.85675"), "GBP", ISSUED, "the bank")
    rate(customer, "0.9", ISSUED)  # another word later reaches no document
    assert Fixing.objects.get(document_id=invoice.id).rate == Decimal("0.85675")


def test_without_a_rate_nothing_is_issued_and_it_is_said_how_to_give_one(customer: Customer) -> None:
    with pytest.raises(Refused, match="no exchange rate from EUR to GBP for 17 October 2026") as no:
        billed(customer, "100")
    assert "goodterms rates give EUR GBP RATE" in no.value.sentence
    assert not Fixing.objects.exists()
    assert "exchange" not in billed(customer, "100", "GBP").document  # at home none is needed


def test_money_of_another_day_brings_a_gain_or_a_loss(customer: Customer) -> None:
    """1,200.00 EUR billed at 0.86 are 1,032.00 GBP; a half that comes at 0.88 brings 12.00 more, one at 0.85 6.00 less."""
    days = TODAY - timedelta(days=2), TODAY
    for value, on in (("0.86", ISSUED), ("0.88", days[0]), ("0.85", days[1])):
        rate(customer, value, on)
    invoice = billed(customer, "1000")
    first, _ = pay(customer, 600_00, on=days[0]), pay(customer, 600_00, on=days[1])
    assert gained(customer) == [12_00, -6_00]
    assert gained(customer, payment_id=first) == [12_00]
    assert gained(customer, invoice_id=invoice.id) == [12_00, -6_00]
    assert gained(customer, first_on=TODAY) == [-6_00]
    told = summed(found(customer), "GBP")
    assert (told.gains, told.losses, told.net, told.waiting) == (Money(12_00, "GBP"), Money(6_00, "GBP"), Money(6_00, "GBP"), 0)
    one = found(customer)[0]
    assert (one.number, one.settled, one.money, one.receivable) == (
        invoice.number, Money(600_00, "EUR"), Money(528_00, "GBP"), Money(516_00, "GBP"),
    )  # fmt: skip


def test_what_is_taken_back_takes_its_difference_back(customer: Customer) -> None:
    rate(customer, "0.86", ISSUED)
    rate(customer, "0.88", TODAY)
    billed(customer, "1000")
    pay(customer, 600_00)
    deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="wrong", **TOM)
    assert gained(customer) == [12_00, -12_00]
    allocate(payment_id=Payment.objects.get().id, **TOM)
    assert gained(customer) == [12_00, -12_00, 12_00]


def test_a_credit_note_counts_at_the_rate_of_its_invoice(customer: Customer) -> None:
    rate(customer, "0.86", ISSUED)
    rate(customer, "0.99", TODAY)
    invoice = billed(customer, "1000")
    note = credit(invoice_id=invoice.id, reason="damaged", issued_on=TODAY, amount=Money(120_00, "EUR"), **TOM).note
    assert note.document["exchange"] == {
        "currency": "GBP", "rate": "0.86", "on": ISSUED.isoformat(), "source": "the bank", "tax_minor": 17_20,
    }  # fmt: skip
    assert gained(customer) == [0]


def test_money_without_a_rate_is_taken_and_valued_once_one_is_known(customer: Customer) -> None:
    rate(customer, "0.86", ISSUED)
    billed(customer, "1000")
    pay(customer, 1_200_00)
    assert gained(customer) == [None]
    assert summed(found(customer), "GBP").waiting == 1
    friday = b"Date,GBP,\n2026-11-13,0.87,\n"
    read_rates(vendor_id=customer.vendor_id, content=friday, by="Tom", now=NOW)
    assert gained(customer) == [12_00]
    assert Fixing.objects.get(source="ECB").rate_on == date(2026, 11, 13)


def test_an_invoice_that_was_taken_over_is_valued_with_its_credit_note(customer: Customer) -> None:
    invoice = an_invoice(customer, 1_200_00, currency="EUR")
    credit(invoice_id=invoice.id, reason="damaged", issued_on=TODAY, amount=Money(200_00, "EUR"), **TOM)
    assert not Fixing.objects.exists()
    rate(customer, "0.86", invoice.issued_on or TODAY)
    assert list(Fixing.objects.values_list("rate", flat=True)) == [Decimal("0.86")] * 2


def test_money_at_home_for_an_invoice_abroad_is_worth_what_it_is(customer: Customer) -> None:
    """GBP 1,020.00 settle EUR 1,200.00 that were billed at GBP 1,032.00."""
    rate(customer, "0.86", ISSUED)
    invoice = billed(customer, "1000")
    payment = pay(customer, 1_020_00, "GBP")
    settle_in_other_currency(
        payment_id=payment, invoice_id=invoice.id, spend=Money(1_020_00, "GBP"), settle=Money(1_200_00, "EUR"),
        rate=Decimal("1.1765"), rate_name="the bank", on=TODAY, **TOM,
    )  # fmt: skip
    assert gained(customer) == [-12_00]
    deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="wrong", **TOM)
    assert gained(customer) == [-12_00, 12_00]


def test_money_at_home_settles_as_much_abroad_as_it_is_worth_that_day(customer: Customer) -> None:
    rate(customer, "0.86", ISSUED)
    rate(customer, "0.88", TODAY)
    invoice = billed(customer, "1000")
    part = pay(customer, 440_00, "GBP")
    whom: dict[str, Any] = {"invoice_id": invoice.id, "on": TODAY, **TOM}
    assert exchange(payment_id=part, **whom)[1:] == (440_00, 500_00, Decimal("1.136363636364"), "the bank")
    rest = pay(customer, 700_00, "GBP")
    done = exchange(payment_id=rest, rate=Decimal("1.25"), rate_name="agreed", **whom)
    assert done[1:] == (560_00, 700_00, Decimal("1.25"), "agreed")
    assert gained(customer) == [10_00, -42_00]  # 430.00 and 602.00 were billed
    with pytest.raises(Refused, match="Both are in EUR: allocate the payment"):
        exchange(payment_id=pay(customer, 1_00), **whom)
    with pytest.raises(Refused, match="no exchange rate from JPY to EUR"):
        exchange(payment_id=pay(customer, 1_00, "JPY"), **whom)


def test_discounts_and_what_is_given_up_are_no_exchange_difference(customer: Customer) -> None:
    rate(customer, "0.86", ISSUED)
    rate(customer, "0.88", TODAY)
    invoice = billed(customer, "1000")
    pay(customer, 1_000_00)
    write_off(invoice_id=invoice.id, reason="small", amount=Money(200_00, "EUR"), on=TODAY, **TOM)
    assert gained(customer) == [20_00]


def test_statements_are_constant_and_money_at_home_costs_none_more(customer: Customer) -> None:
    def statements(minor: int, currency: str) -> int:
        with CaptureQueriesContext(connection) as told:
            pay(customer, minor, currency)
        return len(told)

    for value, on in (("0.86", ISSUED), ("0.88", TODAY)):
        rate(customer, value, on)
    for _ in range(8):
        billed(customer, "10")
        billed(customer, "10", "GBP")
    at_home, abroad = statements(12_00, "GBP"), statements(12_00, "EUR")
    assert abroad == at_home + 2
    assert (statements(60_00, "GBP"), statements(60_00, "EUR")) == (at_home, abroad)
    with CaptureQueriesContext(connection) as told:
        found(customer)
    assert len(told) == 1


CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
RATES = st.decimals(Decimal("0.0040"), Decimal("2.9"), places=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@each(
    currency=CURRENCIES, at_issue=RATES, total=st.integers(3, 10**7),
    steps=st.lists(st.tuples(st.sampled_from(["pay", "credit", "back"]), st.integers(1, 10**7), RATES), max_size=7),
)  # fmt: skip
def test_billed_less_received_is_what_was_booked_in_any_life(
    currency: str, at_issue: Decimal, total: int, steps: list[tuple[str, int, Decimal]]
) -> None:
    """Of part payments at any rate, credit notes and what is taken back, in currencies with none, two and three decimals: what
    the money was worth, less what was billed and is not owed any more, is the sum of the differences, to the cent."""
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id, currency=currency)
        invoice = an_invoice(customer, total, currency=currency)
        rate(customer, str(at_issue), invoice.issued_on or TODAY, currency)
        came: dict[UUID, tuple[int, Decimal]] = {}
        for at, (what, minor, value) in enumerate(steps, 1):
            invoice.refresh_from_db()
            some = min(minor, invoice.open_minor)
            if what == "pay" and some:
                on = TODAY - timedelta(days=30 - at)
                rate(customer, str(value), on, currency)
                came[pay(customer, some, currency, on)] = some, value
            elif what == "credit" and some:
                came[credit(
                    invoice_id=invoice.id, reason="damaged", issued_on=TODAY, amount=Money(some, currency), **TOM
                ).note.id] = some, at_issue  # fmt: skip
            elif what == "back" and (one := Allocation.objects.filter(reversed_at=None).order_by("-created_at").first()):
                deallocate(allocation_id=one.id, on=TODAY, reason="wrong", **TOM)
                came.pop(one.payment_id or UUID(int=0), None)
        invoice.refresh_from_db()
        received = sum(_worth(minor, value, currency) for minor, value in came.values())
        settled = _worth(total, at_issue, currency) - _worth(invoice.open_minor, at_issue, currency)
        booked = [one for one in gained(customer) if one is not None]
        assert len(booked) == len(gained(customer))
        assert sum(booked) == received - settled
        must_be_true(vendor.id)


def _worth(minor: int, value: Decimal, currency: str) -> int:
    """In pence, worked out by another way than the books do it."""
    exact = Decimal(minor).scaleb(-exponent(currency)) * value * 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_whoever_bills_at_home_alone_still_sees_what_money_of_elsewhere_brought_by_an_index(customer: Customer) -> None:
    rate(customer, "0.88", TODAY)
    invoice, payment = billed(customer, "100", "GBP"), pay(customer, 150_00)
    settle_in_other_currency(
        payment_id=payment, invoice_id=invoice.id, spend=Money(140_00, "EUR"), settle=Money(120_00, "GBP"),
        rate=Decimal("0.857"), rate_name="the bank", on=TODAY, **TOM,
    )  # fmt: skip
    assert gained(customer) == gained(customer, is_billed_abroad=False) == [3_20]
    with connection.cursor() as cursor:  # which index is cheapest for one row is anybody's guess
        cursor.execute("select pg_get_indexdef('allocation_of_other_money'::regclass)")
        assert cursor.fetchone()[0].endswith("(vendor_id) WHERE (spent_minor IS NOT NULL)")
