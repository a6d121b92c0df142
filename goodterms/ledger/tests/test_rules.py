"""Decides that each posting rule balances, moves what it says, and that a reversal undoes it exactly."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.ledger import rules
from goodterms.ledger.rules import Account, Postings
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

CUSTOMER, INVOICE, NOTE = (UUID(int=n) for n in (1, 2, 3))


class Who(TypedDict):
    customer_id: UUID
    invoice_id: UUID


WHO: Who = {"customer_id": CUSTOMER, "invoice_id": INVOICE}
positive = st.integers(1, 10**12)
amounts = st.integers(-(10**12), 10**12)


def sums(postings: Postings) -> dict[str, int]:
    """The sum of all sides, by currency."""
    found: Counter[str] = Counter()
    for side in postings:
        found[side.currency] += side.minor
    return dict(found)


def on(postings: Postings, account: Account) -> int:
    return sum(side.minor for side in postings if side.account == account)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


ONE_AMOUNT: list[Callable[[Money], Postings]] = [
    lambda m: rules.payment(customer_id=CUSTOMER, amount=m),
    lambda m: rules.allocation(amount=m, **WHO),
    lambda m: rules.allocation(amount=m, credit_note_id=NOTE, **WHO),
    lambda m: rules.discount(amount=m, tax=eur(0), **WHO),
    lambda m: rules.fee(amount=m, **WHO),
    lambda m: rules.write_off(amount=m, **WHO),
    lambda m: rules.recovery(amount=m, **WHO),
    lambda m: rules.refund(customer_id=CUSTOMER, amount=m),
]


@given(st.sampled_from(ONE_AMOUNT), positive)
def test_every_rule_balances_and_no_side_is_zero(rule: Callable[[Money], Postings], minor: int) -> None:
    sides = rule(eur(minor))
    assert sums(sides) == {"EUR": 0}
    assert sorted(side.minor for side in sides) == [-minor, minor]


@given(amounts, amounts, st.integers(-5, 5))
def test_an_invoice_and_its_credit_balance_whatever_net_and_tax_are(net: int, tax: int, rounding: int) -> None:
    issued = rules.invoice(net=eur(net), tax=eur(tax), rounding=eur(rounding), **WHO)
    given_back = rules.credit(customer_id=CUSTOMER, credit_note_id=NOTE, net=eur(net), tax=eur(tax))
    assert set(sums(issued).values()) | set(sums(given_back).values()) <= {0}
    assert on(issued, Account.RECEIVABLE) == net + tax + rounding
    assert on(given_back, Account.UNAPPLIED) == -(net + tax)
    assert all(side.minor for side in issued + given_back)


@given(positive, positive, st.decimals("0.0001", "20000", places=4))
def test_an_exchange_balances_in_each_currency(spent: int, settled: int, rate: Decimal) -> None:
    gives, takes = rules.exchange(spent=eur(spent), settled=Money(settled, "JPY"), rate=rate, **WHO)
    assert sums(gives) == {"EUR": 0}
    assert sums(takes) == {"JPY": 0}
    assert on(takes, Account.RECEIVABLE) == -settled


@given(st.sampled_from(ONE_AMOUNT), positive)
def test_a_reversal_mirrors_and_twice_mirrored_is_the_first(rule: Callable[[Money], Postings], minor: int) -> None:
    sides = rule(eur(minor))
    assert [side.minor for side in rules.reversal(sides)] == [-side.minor for side in sides]
    assert rules.reversal(rules.reversal(sides)) == sides
    assert [side._replace(minor=0) for side in rules.reversal(sides)] == [side._replace(minor=0) for side in sides]


def test_the_life_of_one_invoice_leaves_the_customer_owing_nothing() -> None:
    """121.00 with 21 % tax; 2 % discount, of which 0.42 is tax; a fee of 5.00; money of 123.58."""
    book = (
        rules.invoice(net=eur(100_00), tax=eur(21_00), **WHO)
        + rules.fee(amount=eur(5_00), **WHO)
        + rules.payment(customer_id=CUSTOMER, amount=eur(123_58))
        + rules.allocation(amount=eur(123_58), **WHO)
        + rules.discount(amount=eur(2_42), tax=eur(42), **WHO)
    )
    assert {account: on(book, account) for account in Account if on(book, account)} == {
        Account.BANK: 123_58, Account.SALES: -100_00, Account.TAX: -20_58, Account.DISCOUNT: 2_00, Account.FEES: -5_00,
    }  # fmt: skip


def test_what_is_recovered_was_written_off_before() -> None:
    gone = rules.write_off(amount=eur(70_00), **WHO)
    assert on(gone, Account.WRITE_OFF) == 70_00
    assert on(gone + rules.recovery(amount=eur(30_00), **WHO), Account.RECEIVABLE) == -40_00


@pytest.mark.parametrize(("rate", "difference"), [("0.86", -2_00), ("0.84", 0), ("0.80", 4_00)])
def test_a_better_rate_is_a_gain_and_a_worse_one_a_loss(rate: str, difference: int) -> None:
    """EUR 100.00 settle GBP 84.00: worth 86.00, the vendor gains (credit); worth 80.00, it loses (debit)."""
    _, takes = rules.exchange(spent=eur(100_00), settled=Money(84_00, "GBP"), rate=Decimal(rate), **WHO)
    assert on(takes, Account.EXCHANGE) == difference


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_an_exchange_needs_a_rate(rate: Decimal) -> None:
    with pytest.raises(Refused, match="rate above zero"):
        rules.exchange(spent=eur(1), settled=Money(1, "GBP"), rate=rate, **WHO)


def test_an_exchange_needs_two_currencies() -> None:
    with pytest.raises(Refused, match="two currencies"):
        rules.exchange(spent=eur(1), settled=eur(1), rate=Decimal(1), **WHO)


def test_receivables_always_name_their_invoice() -> None:
    sides = [side for rule in ONE_AMOUNT for side in rule(eur(1)) if side.account == Account.RECEIVABLE]
    assert sides
    assert {side.invoice_id for side in sides} == {INVOICE}
