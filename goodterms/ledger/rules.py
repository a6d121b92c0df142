"""Decides how each event is booked: the chart of accounts and the posting rules. Debit is positive, credit negative."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Account(StrEnum):
    """The chart: few accounts, each with one meaning."""

    RECEIVABLE = "receivable"  # what customers owe, by invoice
    UNAPPLIED = "unapplied"  # money and credits of customers not yet settled against an invoice
    BANK = "bank"
    SALES = "sales"
    TAX = "tax"
    DISCOUNT = "discount"  # early-payment discounts taken
    FEES = "fees"  # late fees and interest billed
    WRITE_OFF = "write_off"
    ROUNDING = "rounding"
    EXCHANGE = "exchange"  # gains and losses on settlement
    WITHHELD = "withheld"  # tax that payers kept back of what they owed us, and paid for us: the tax office owes it now
    CLEARING = "clearing"  # joins the two entries of an event in two currencies


class Kind(StrEnum):
    """What an entry is about."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    ALLOCATION = "allocation"
    DISCOUNT = "discount"
    FEE = "fee"
    CREDIT = "credit"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    REFUND = "refund"
    EXCHANGE = "exchange"
    WITHHOLDING = "withholding"
    REVERSAL = "reversal"


class PostingDraft(NamedTuple):
    """One side of an entry: minor units of a currency, debit positive, credit negative."""

    account: Account
    currency: str
    minor: int
    customer_id: UUID | None = None
    invoice_id: UUID | None = None  # on receivable: the invoice; on unapplied: the credit note, where it is a credit


Postings = tuple[PostingDraft, ...]


class EntryDraft(NamedTuple):
    """An entry about to be posted. `document_id` is the invoice, payment, allocation or refund that caused it."""

    kind: Kind
    effective_on: date
    document_id: UUID
    postings: Postings
    memo: str = ""
    reverses: UUID | None = None


def invoice(*, customer_id: UUID, invoice_id: UUID, net: Money, tax: Money, rounding: Money | None = None) -> Postings:
    """The customer owes; sales and tax are earned. `rounding` is what a rounded payable adds (EN 16931, BT-114)."""
    extra = rounding or Money(0, net.currency)
    owed = net + tax + extra
    return _sides(
        _side(Account.RECEIVABLE, owed, customer_id, invoice_id),
        _side(Account.SALES, -net, customer_id),
        _side(Account.TAX, -tax, customer_id),
        _side(Account.ROUNDING, -extra, customer_id),
    )


def credit(*, customer_id: UUID, credit_note_id: UUID, net: Money, tax: Money) -> Postings:
    """Sales and tax are given back; the customer has a credit, which an allocation then spends."""
    return _sides(
        _side(Account.SALES, net, customer_id),
        _side(Account.TAX, tax, customer_id),
        _side(Account.UNAPPLIED, -(net + tax), customer_id, credit_note_id),
    )


def payment(*, customer_id: UUID, amount: Money) -> Postings:
    """Money is in the bank and not yet settled against an invoice."""
    return _sides(_side(Account.BANK, amount, customer_id), _side(Account.UNAPPLIED, -amount, customer_id))


def allocation(
    *,
    customer_id: UUID,
    invoice_id: UUID,
    amount: Money,
    credit_note_id: UUID | None = None,
    paid_by: UUID | None = None,
) -> Postings:
    """Money, or the credit of a credit note, settles so much of an invoice of `customer_id`; `paid_by` names the customer
    whose money it is, where it is another one's."""
    return _sides(
        _side(Account.UNAPPLIED, amount, paid_by or customer_id, credit_note_id),
        _side(Account.RECEIVABLE, -amount, customer_id, invoice_id),
    )


def discount(*, customer_id: UUID, invoice_id: UUID, amount: Money, tax: Money) -> Postings:
    """An early-payment discount of `amount`, of which `tax` is given back with it (zero where the tax stays)."""
    return _sides(
        _side(Account.DISCOUNT, amount - tax, customer_id),
        _side(Account.TAX, tax, customer_id),
        _side(Account.RECEIVABLE, -amount, customer_id, invoice_id),
    )


def withholding(*, customer_id: UUID, invoice_id: UUID, amount: Money) -> Postings:
    """The payer kept so much back for the tax office: the invoice is settled with it, and it is set off against our tax."""
    return _sides(_side(Account.WITHHELD, amount, customer_id), _side(Account.RECEIVABLE, -amount, customer_id, invoice_id))


def fee(*, customer_id: UUID, invoice_id: UUID, amount: Money) -> Postings:
    """A late fee or interest is billed on an invoice; waived by reversal."""
    return _sides(_side(Account.RECEIVABLE, amount, customer_id, invoice_id), _side(Account.FEES, -amount, customer_id))


def write_off(*, customer_id: UUID, invoice_id: UUID, amount: Money) -> Postings:
    """What will not be paid, or is too small to ask for, is given up."""
    return _sides(_side(Account.WRITE_OFF, amount, customer_id), _side(Account.RECEIVABLE, -amount, customer_id, invoice_id))


def recovery(*, customer_id: UUID, invoice_id: UUID, amount: Money) -> Postings:
    """What was given up is owed again, because it comes in after all."""
    return reversal(write_off(customer_id=customer_id, invoice_id=invoice_id, amount=amount))


def refund(*, customer_id: UUID, amount: Money, credit_note_id: UUID | None = None) -> Postings:
    """Money not applied goes back to the customer; or the rest of a credit note is paid out to them."""
    return _sides(_side(Account.UNAPPLIED, amount, customer_id, credit_note_id), _side(Account.BANK, -amount, customer_id))


def exchange(
    *,
    customer_id: UUID,
    invoice_id: UUID,
    spent: Money,
    settled: Money,
    rate: Decimal,
    paid_by: UUID | None = None,
) -> tuple[Postings, Postings]:
    """Money of one currency settles an invoice of another: two entries, joined through the clearing account (I1).

    `rate` is what one major unit of `spent` is worth in the invoice's currency on that day. What the money is worth beyond
    `settled` is a gain, what it falls short a loss, in the invoice's currency.
    """
    if spent.currency == settled.currency or not (rate.is_finite() and rate > 0):
        raise Refused("An exchange has two currencies and a rate above zero.", code="rate", field="rate")
    worth = Money.of(spent.major * rate, settled.currency)
    payer = paid_by or customer_id
    gives = _sides(_side(Account.UNAPPLIED, spent, payer), _side(Account.CLEARING, -spent, payer))
    takes = _sides(
        _side(Account.CLEARING, worth, payer),
        _side(Account.EXCHANGE, settled - worth, customer_id),
        _side(Account.RECEIVABLE, -settled, customer_id, invoice_id),
    )
    return gives, takes


def reversal(postings: Iterable[PostingDraft]) -> Postings:
    """The mirror of an entry: every side with the opposite sign (I3)."""
    return tuple(side._replace(minor=-side.minor) for side in postings)


def _side(account: Account, amount: Money, customer_id: UUID | None, invoice_id: UUID | None = None) -> PostingDraft:
    return PostingDraft(account, amount.currency, amount.minor, customer_id, invoice_id)


def _sides(*sides: PostingDraft) -> Postings:
    return tuple(side for side in sides if side.minor)
