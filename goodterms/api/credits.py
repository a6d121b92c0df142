"""Decides how programs give a customer a credit that corrects no invoice, see what is kept for one, spend it and pay it out."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import Field

from goodterms.api.customers import found_customer
from goodterms.api.door import Request, operation
from goodterms.api.invoices import InvoiceOut, LineIn, line_of, said_by
from goodterms.api.payments import AllocateIn, RefundIn, SettledOut, key_of, named_of
from goodterms.api.shapes import Currency, Day, In, Out, Text, Yes
from goodterms.invoicing.actions import credit_on_account
from goodterms.invoicing.models import Invoice
from goodterms.payments.actions import allocate_credit, refund_credit
from goodterms.payments.keeping import kept_for
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

of_customer = Router()
of_note = Router()


class GiveIn(In):
    """A credit note that corrects no invoice: kept for the customer until it is spent."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=100)]
    reason: Text
    currency: Annotated[Currency | None, Field(description="Else the customer's.")] = None
    issued_on: Annotated[Day | None, Field(description="Else today, in the vendor's time zone.")] = None
    send: Annotated[Yes, Field(description="Whether it goes to the customer, as they prefer.")] = True


class CreditOut(Out):
    """Money or a credit of a customer that settles nothing yet. `number` is that of a credit note; empty: `id` is a payment."""

    id: UUID
    number: str
    since_on: date
    currency: str
    left_minor: int


class SpentCreditOut(Out):
    credit_note_id: UUID
    currency: str
    allocations: list[SettledOut]
    unapplied_minor: int


class PaidOutOut(Out):
    refund_id: UUID
    credit_note_id: UUID
    currency: str
    minor: int
    refunded_on: date


@operation(of_customer, "GET", "/{customer_id}/credits/", "payments:read", list[CreditOut])
def list_credits(request: Request, customer_id: UUID) -> Any:
    """What a customer has to their credit, the oldest first: of payments and of credit notes."""
    found = kept_for(customer_ids=[found_customer(request, customer_id).id], most=1_000)
    return [{**one._asdict(), "currency": one.free.currency, "left_minor": one.free.minor} for one in found]


@operation(of_customer, "POST", "/{customer_id}/credits/", "invoices:write", InvoiceOut, 201)
def give_credit(request: Request, customer_id: UUID, asked: GiveIn) -> Any:
    """Give a customer a credit by a credit note of its own, without an invoice."""
    customer = found_customer(request, customer_id)
    return credit_on_account(
        vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line_of(one) for one in asked.lines], reason=asked.reason,
        currency=asked.currency or "", issued_on=asked.issued_on or request.auth.today, send=asked.send, **said_by(request),
    )  # fmt: skip


@operation(of_note, "POST", "/{credit_note_id}/allocations/", "payments:write", SpentCreditOut, 201)
def spend_credit(request: Request, credit_note_id: UUID, asked: AllocateIn) -> Any:
    """Spend what is left of a credit note: on the invoices named and no other, or, with none named, on the oldest due."""
    note = _note(request, credit_note_id)
    told = allocate_credit(credit_note_id=note.id, named=named_of(asked.named, note.currency), **said_by(request))
    return {**told, "currency": note.currency}


@operation(of_note, "POST", "/{credit_note_id}/refunds/", "payments:write", PaidOutOut, 201)
def refund_note(request: Request, credit_note_id: UUID, asked: RefundIn) -> Any:
    """Pay what is left of a credit note, or a part of it, out as money. It is booked; somebody sends it from the bank."""
    note = _note(request, credit_note_id)
    return refund_credit(
        credit_note_id=note.id, amount=Money(asked.minor, note.currency), reason=asked.reason,
        refunded_on=asked.refunded_on or request.auth.today, idempotency_key=key_of(request), **said_by(request),
    )  # fmt: skip


def _note(request: Request, key: UUID) -> Invoice:
    found = Invoice.objects.seen_by(request.auth.viewer).filter(id=key, kind="credit_note").first()
    if found is None:
        raise Refused("There is no such credit note.", code="not_found")
    return found
