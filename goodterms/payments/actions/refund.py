"""Decides how money is given back: out of what is unapplied, once for each key, by the provider through whom it came.

Booked first, then asked for: the row is committed before the provider hears of it, and its id is the provider's key. A process
that dies between the two leaves a row that is asked about again, and whatever was answered twice is one refund (conformance).
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments.actions.allocation import allocate, deallocate, lock_payment, move_unapplied
from goodterms.payments.actions.payment import latest_day
from goodterms.payments.actions.spending import must_be_allowed
from goodterms.payments.models import Allocation, Payment, Refund
from goodterms.payments.providers import PROVIDERS
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def refund(
    *,
    payment_id: UUID,
    amount: Money,
    reason: str,
    refunded_on: date,
    idempotency_key: str,
    by: str,
    role: Role,
    now: datetime,
) -> dict[str, Any]:
    """Give `amount` of what is unapplied of a payment back (I11, I12). The same key again gives the same answer; for
    another refund it is refused ("idempotency"). What came through a provider waits for `payments.due` to ask it."""
    must_be_allowed("reverse", role)
    if amount.minor <= 0 or not reason or not idempotency_key:
        raise Refused("A refund has a sum above zero, a reason and a key of its own.", code="refund")
    payment = lock_payment(payment_id=payment_id)
    if not payment.received_on <= refunded_on <= latest_day(now):
        raise Refused("Money goes back after it came, and is recorded once it has gone.", code="date", field="refunded_on")
    key = new_key(now)
    provider = payment.provider if payment.provider in PROVIDERS and payment.provider_object_id else ""
    row = (key, payment.vendor_id, payment.id, amount.minor, reason, refunded_on, now, by, idempotency_key, provider)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, row)
        claimed = cursor.fetchone() is not None
    if not claimed:
        return _said_before(payment, amount, reason, refunded_on, idempotency_key)
    _must_be_there(payment, amount)
    paid_back = booking.refund(customer_id=payment.customer_id, amount=amount)
    post(vendor_id=payment.vendor_id, entries=[EntryDraft(Kind.REFUND, refunded_on, key, paid_back, reason)], now=now)
    move_unapplied(payment_id=payment.id, change_minor=-amount.minor, refunded_minor=amount.minor)
    data = {"minor": amount.minor, "currency": amount.currency, "reason": reason}
    record(at=now, deed=Deed(payment.vendor_id, "payment.refunded", by, payment.customer_id, subject_id=payment.id, data=data))
    return _answer(key, payment, amount, refunded_on)


def refund_freeing(
    *,
    payment_id: UUID,
    amount: Money,
    reason: str,
    refunded_on: date,
    idempotency_key: str,
    by: str,
    role: Role,
    now: datetime,
) -> dict[str, Any]:
    """As `refund`, also of money that settles invoices: as much of that as is needed is taken back, the newest first, and the
    invoices are open again by it. The same key again takes nothing back a second time."""
    payment = lock_payment(payment_id=payment_id)
    whose: dict[str, Any] = {"by": by, "role": role, "now": now}
    if not Refund.objects.filter(vendor_id=payment.vendor_id, idempotency_key=idempotency_key).exists():
        _free(payment, amount, refunded_on, reason, whose)
    return refund(
        payment_id=payment_id, amount=amount, reason=reason, refunded_on=refunded_on, idempotency_key=idempotency_key, **whose
    )


def _free(payment: Payment, amount: Money, on: date, reason: str, whose: dict[str, Any]) -> None:
    """What is taken back beyond the sum settles its invoice again."""
    missing = amount.minor - payment.unapplied_minor
    standing = Allocation.objects.filter(payment=payment, reversed_at=None, spent_minor=None).order_by("-created_at", "-id")
    for one in standing:
        if missing <= 0:
            return
        deallocate(allocation_id=one.id, on=max(on, one.effective_on), reason=reason, **whose)
        if one.minor > missing:
            again = {one.invoice_id: Money(one.minor - missing, payment.currency)}
            allocate(payment_id=payment.id, named=again, **whose)
        missing -= one.minor


def _must_be_there(payment: Payment, amount: Money) -> None:
    if amount.currency != payment.currency:
        raise Refused(f"This payment came in {payment.currency} and goes back in it.", code="currency", field="amount")
    if amount.minor > payment.unapplied_minor:
        left = Money(payment.unapplied_minor, payment.currency)
        raise Refused(
            f"Only {left.major} {left.currency} of this payment are free to give back. Take back what it settles first.",
            code="unapplied",
            field="amount",
        )


def _said_before(payment: Payment, amount: Money, reason: str, refunded_on: date, idempotency_key: str) -> dict[str, Any]:
    first = Refund.objects.get(vendor_id=payment.vendor_id, idempotency_key=idempotency_key)
    asked = (payment.id, amount, reason, refunded_on)
    if (first.payment_id, Money(first.minor, payment.currency), first.reason, first.refunded_on) != asked:
        raise Refused(
            "This key was used for another refund. Use a new key for a new refund.",
            code="idempotency",
            field="idempotency_key",
        )
    return _answer(first.id, payment, amount, refunded_on)


def _answer(key: UUID, payment: Payment, amount: Money, refunded_on: date) -> dict[str, Any]:
    return {
        "refund_id": str(key),
        "payment_id": str(payment.id),
        "currency": amount.currency,
        "minor": amount.minor,
        "refunded_on": refunded_on.isoformat(),
    }


_CLAIM = """
insert into payments_refund
  (id, vendor_id, payment_id, minor, reason, refunded_on, recorded_at, recorded_by, idempotency_key, provider)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (vendor_id, idempotency_key) do nothing returning id
"""
