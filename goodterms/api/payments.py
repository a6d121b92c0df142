"""Decides how programs record money that came in, settle invoices with it, and give it back."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field

from goodterms.api.door import ROLE, Request, operation
from goodterms.api.pages import Page, Paging, page
from goodterms.api.rates import PerUnit
from goodterms.api.shapes import Currency, Day, In, Minor, Name, Out, Text
from goodterms.api.withheld import KeptIn, kept_of
from goodterms.payments import actions
from goodterms.payments.models import Payment
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router = Router()


class NamedIn(In):
    """An invoice that the payer named, and how much of it where they said so."""

    invoice_id: UUID
    minor: Minor | None = None


class PaidIn(NamedIn):
    withheld: Annotated[KeptIn | None, Field(description="What they kept back of it for the tax office.")] = None


_FOR = "What the payer said that the money is for; empty: what matches it, else the oldest due."
Named = Annotated[list[NamedIn], Field(max_length=500, description=_FOR)]


class PaymentIn(In):
    customer_id: UUID
    minor: Minor
    currency: Currency
    received_on: Day
    method: Literal["bank_transfer", "card", "cheque", "cash", "direct_debit", "e_transfer", "wallet", "other"]
    named: Annotated[list[PaidIn], Field(max_length=500, description=_FOR)] = []
    provider: Name = ""
    provider_object_id: Name = ""
    reference: Name = ""


class AllocateIn(In):
    named: Named = []


class RefundIn(In):
    minor: Minor
    reason: Text
    refunded_on: Day | None = None


class ExchangeIn(In):
    """An invoice in another currency that this payment settles. Without a rate, that of the day on which the money came."""

    invoice_id: UUID
    minor: Annotated[Minor | None, Field(description="Of the payment; null: as much as it takes.")] = None
    rate: Annotated[PerUnit | None, Field(description="What one unit of the payment is worth in the invoice's currency.")] = (
        None
    )
    source: Annotated[Name, Field(description="Where that rate is from.")] = ""


class ExchangedOut(Out):
    allocation_id: UUID
    spent_minor: int
    settled_minor: int
    rate: PerUnit
    source: str


class SettledOut(Out):
    """So much of the money settled so much of an invoice, and what is open of it now."""

    allocation_id: UUID
    invoice_id: UUID
    number: str
    minor: int
    discount_minor: int
    let_go_minor: int
    open_minor: int
    withheld_minor: int = 0  # not in answers that were given before there was such a thing


class RecordedOut(Out):
    """What the money did."""

    payment_id: UUID
    customer_id: UUID
    currency: str
    minor: int
    received_on: date
    allocations: list[SettledOut]
    unapplied_minor: int


class SpentOut(Out):
    payment_id: UUID
    currency: str
    allocations: list[SettledOut]
    unapplied_minor: int


class RefundedOut(Out):
    refund_id: UUID
    payment_id: UUID
    currency: str
    minor: int
    refunded_on: date


class PaymentOut(Out):
    """Money received. `unapplied_minor` settles nothing yet and was not given back."""

    id: UUID
    customer_id: UUID
    method: str
    provider: str
    provider_object_id: str
    reference: str
    currency: str
    minor: int
    unapplied_minor: int
    refunded_minor: int
    received_on: date
    recorded_at: AwareDatetime
    recorded_by: str


class AllocationOut(Out):
    id: UUID
    invoice_id: UUID
    minor: int
    discount_minor: int
    let_go_minor: int
    withheld_minor: int
    effective_on: date
    reversed_at: AwareDatetime | None


class RefundOut(Out):
    """Money given back. `standing`: sent; on its way to the provider, or doubted once that was asked; failed, which gave
    nothing back."""

    id: UUID
    minor: int
    reason: str
    refunded_on: date
    recorded_at: AwareDatetime
    recorded_by: str
    standing: str


class PaymentInFull(PaymentOut):
    allocations: list[AllocationOut]
    refunds: list[RefundOut]

    @staticmethod
    def resolve_allocations(one: Payment) -> Any:
        return one.allocations.order_by("id")

    @staticmethod
    def resolve_refunds(one: Payment) -> Any:
        return one.refunds.order_by("id")


class PaymentFilter(Paging):
    customer_id: UUID | None = None
    received_from: Day | None = None
    received_until: Day | None = None
    unapplied: Annotated[bool, Field(description="Only those that still settle nothing in part.")] = False


@operation(router, "GET", "/", "payments:read", Page[PaymentOut])
def list_payments(request: Request, asked: Query[PaymentFilter]) -> Any:
    """Payments by the day on which they were received."""
    rows = Payment.objects.seen_by(request.auth.viewer)
    wanted = {
        "customer_id": asked.customer_id, "received_on__gte": asked.received_from, "received_on__lte": asked.received_until,
        "unapplied_minor__gt": 0 if asked.unapplied else None,
    }  # fmt: skip
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}), "received_on", asked)


@operation(router, "POST", "/", "payments:write", RecordedOut, 201)
def record_payment(request: Request, asked: PaymentIn) -> Any:
    """Record money received, once for its idempotency key, and settle what it settles."""
    who = request.auth
    return actions.record(
        vendor_id=who.vendor.id, customer_id=asked.customer_id, amount=Money(asked.minor, asked.currency),
        received_on=asked.received_on, method=asked.method, named=named_of(asked.named, asked.currency),
        provider=asked.provider, provider_object_id=asked.provider_object_id, reference=asked.reference,
        idempotency_key=key_of(request), **_said_by(request),
        kept={one.invoice_id: kept_of(one.withheld, asked.currency) for one in asked.named if one.withheld},
    )  # fmt: skip


@operation(router, "GET", "/{payment_id}/", "payments:read", PaymentInFull)
def get_payment(request: Request, payment_id: UUID) -> Any:
    """One payment, with what it settles and what was given back."""
    return _found(request, payment_id)


@operation(router, "POST", "/{payment_id}/allocations/", "payments:write", SpentOut, 201)
def allocate_payment(request: Request, payment_id: UUID, asked: AllocateIn) -> Any:
    """Spend what is unapplied of a payment: on the invoices named and no other, or, with none named, as money just in."""
    found = _found(request, payment_id)
    told = actions.allocate(payment_id=found.id, named=named_of(asked.named, found.currency), **_said_by(request))
    return {**told, "currency": found.currency}


@operation(router, "POST", "/{payment_id}/exchanges/", "payments:write", ExchangedOut, 201)
def exchange_payment(request: Request, payment_id: UUID, asked: ExchangeIn) -> Any:
    """Settle an invoice of another currency with what is unapplied of a payment, at the rate of its day or one by hand."""
    found = _found(request, payment_id)
    spend = None if asked.minor is None else Money(asked.minor, found.currency)
    return actions.exchange(
        payment_id=found.id, invoice_id=asked.invoice_id, spend=spend, rate=asked.rate, rate_name=asked.source,
        on=request.auth.today, **_said_by(request),
    )._asdict()  # fmt: skip


@operation(router, "POST", "/{payment_id}/refunds/", "payments:write", RefundedOut, 201)
def refund_payment(request: Request, payment_id: UUID, asked: RefundIn) -> Any:
    """Give back what settles nothing; where it came through a provider, that one is asked within the minute."""
    found = _found(request, payment_id)
    return actions.refund(
        payment_id=found.id, amount=Money(asked.minor, found.currency), reason=asked.reason,
        refunded_on=asked.refunded_on or request.auth.today, idempotency_key=key_of(request), **_said_by(request),
    )  # fmt: skip


def _found(request: Request, payment_id: UUID) -> Payment:
    found = Payment.objects.seen_by(request.auth.viewer).filter(id=payment_id).first()
    if found is None:
        raise Refused("There is no such payment.", code="not_found")
    return found


def named_of(named: Sequence[NamedIn], currency: str) -> dict[UUID, Money | None]:
    return {one.invoice_id: None if one.minor is None else Money(one.minor, currency) for one in named}


def key_of(request: Request) -> str:
    """Kept with the money for ever, when the answer has long been forgotten; apart from the keys of other ways in."""
    assert request.claimed is not None
    return f"api:{request.claimed[0]}"


def _said_by(request: Request) -> dict[str, Any]:
    return {"by": request.auth.name, "role": ROLE, "now": request.auth.now}
