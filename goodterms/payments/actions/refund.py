"""Decides how money is given back: out of what is unapplied of a payment or left of a credit note, once for each key.

Booked first, then asked for: the row is committed before the provider hears of it, and its id is the provider's key. A process
that dies between the two leaves a row that is asked about again, and whatever was answered twice is one refund (conformance).
"""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments.actions.allocation import allocate, deallocate, lock_note, lock_payment, move_unapplied
from goodterms.payments.actions.spending import must_be_allowed
from goodterms.payments.models import Allocation, Payment, Refund
from goodterms.payments.providers import PROVIDERS
from goodterms.values.days import latest_day
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class _Source(NamedTuple):
    """What money goes back out of: what is free of a payment, or what is left of a credit note."""

    vendor_id: UUID
    customer_id: UUID
    since_on: date
    free: Money
    payment_id: UUID | None = None
    credit_note_id: UUID | None = None
    provider: str = ""

    @property
    def named(self) -> dict[str, str]:
        return {"payment_id": str(self.payment_id)} if self.payment_id else {"credit_note_id": str(self.credit_note_id)}


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
    payment = lock_payment(payment_id=payment_id)
    provider = payment.provider if payment.provider in PROVIDERS and payment.provider_object_id else ""
    free = Money(payment.unapplied_minor, payment.currency)
    source = _Source(payment.vendor_id, payment.customer_id, payment.received_on, free, payment.id, provider=provider)
    answer, is_new = _given_back(source, amount, reason, refunded_on, idempotency_key, by, now)
    if is_new:
        move_unapplied(payment_id=payment.id, change_minor=-amount.minor, refunded_minor=amount.minor)
    return answer


def refund_credit(
    *,
    credit_note_id: UUID,
    amount: Money,
    reason: str,
    refunded_on: date,
    idempotency_key: str,
    by: str,
    role: Role,
    now: datetime,
) -> dict[str, Any]:
    """Pay `amount` of what is left of a credit note out as money (I8, I12), once for each key as `refund`. Nothing moves by
    itself: a person sends it from the bank."""
    must_be_allowed("reverse", role)
    note, left = lock_note(credit_note_id=credit_note_id)
    assert note.issued_on is not None
    source = _Source(note.vendor_id, note.customer_id, note.issued_on, left, credit_note_id=note.id)
    return _given_back(source, amount, reason, refunded_on, idempotency_key, by, now)[0]


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


def _given_back(
    source: _Source, amount: Money, reason: str, on: date, idempotency_key: str, by: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """The answer, and whether this is the first time that it was asked for."""
    if amount.minor <= 0 or not reason or not idempotency_key:
        raise Refused("A refund has a sum above zero, a reason and a key of its own.", code="refund")
    if not source.since_on <= on <= latest_day(now):
        what = "it came" if source.payment_id else "the credit note was written"
        raise Refused(f"Money goes back after {what}, and is recorded once it has gone.", code="date", field="refunded_on")
    key = new_key(now)
    row = (
        key, source.vendor_id, source.payment_id, source.credit_note_id, amount.minor, reason, on, now, by, idempotency_key,
        source.provider,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, row)
        claimed = cursor.fetchone() is not None
    if not claimed:
        return _said_before(source, amount, reason, on, idempotency_key), False
    _must_be_there(source, amount)
    paid_back = booking.refund(customer_id=source.customer_id, amount=amount, credit_note_id=source.credit_note_id)
    post(vendor_id=source.vendor_id, entries=[EntryDraft(Kind.REFUND, on, key, paid_back, reason)], now=now)
    data = {"minor": amount.minor, "currency": amount.currency, "reason": reason}
    subject = source.payment_id or source.credit_note_id
    record(at=now, deed=Deed(source.vendor_id, "payment.refunded", by, source.customer_id, subject_id=subject, data=data))
    return _answer(key, source, amount, on), True


def _must_be_there(source: _Source, amount: Money) -> None:
    money = "payment came" if source.payment_id else "credit is"
    if amount.currency != source.free.currency:
        raise Refused(f"This {money} in {source.free.currency} and goes back in it.", code="currency", field="amount")
    if amount.minor <= source.free.minor:
        return
    free = source.free
    if source.payment_id:
        only = f"Only {free} of this payment are free to give back." if free else "All of this payment settles something."
        raise Refused(f"{only} Take back what it settles first.", code="unapplied", field="amount")
    raise Refused(
        f"Only {free} of this credit are left to give back." if free else "Nothing of this credit is left to give back.",
        code="unapplied", field="amount",
    )  # fmt: skip


def _said_before(source: _Source, amount: Money, reason: str, refunded_on: date, idempotency_key: str) -> dict[str, Any]:
    first = Refund.objects.get(vendor_id=source.vendor_id, idempotency_key=idempotency_key)
    asked = (source.payment_id, source.credit_note_id, amount, reason, refunded_on)
    said = (first.payment_id, first.credit_note_id, Money(first.minor, source.free.currency), first.reason, first.refunded_on)
    if said != asked:
        raise Refused(
            "This key was used for another refund. Use a new key for a new refund.",
            code="idempotency",
            field="idempotency_key",
        )
    return _answer(first.id, source, amount, refunded_on)


def _answer(key: UUID, source: _Source, amount: Money, refunded_on: date) -> dict[str, Any]:
    return {
        "refund_id": str(key),
        **source.named,
        "currency": amount.currency,
        "minor": amount.minor,
        "refunded_on": refunded_on.isoformat(),
    }


_CLAIM = """
insert into payments_refund
  (id, vendor_id, payment_id, credit_note_id, minor, reason, refunded_on, recorded_at, recorded_by, idempotency_key, provider)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (vendor_id, idempotency_key) do nothing returning id
"""
