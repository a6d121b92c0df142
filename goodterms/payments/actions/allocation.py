"""Decides how money that was kept is spent later, and how an allocation is taken back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import balance
from goodterms.ledger.actions import post, reverse, standing
from goodterms.payments.actions.payment import Answer
from goodterms.payments.actions.spending import Purse, as_named, spend
from goodterms.payments.models import Allocation, Payment
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def allocate(
    *,
    payment_id: UUID,
    by: str,
    now: datetime,
    named: Mapping[UUID, Money | None] | Sequence[UUID] = (),
) -> Answer:
    """Spend what is unapplied of a payment: on the invoices named and on no other, or, with none named, as money that just
    came in. Refuses when nothing is left of it."""
    payment = lock_payment(payment_id=payment_id)
    left = Money(payment.unapplied_minor, payment.currency)
    if not left:
        raise Refused("All of this payment is settled already.", code="unapplied")
    purse = Purse(payment.vendor_id, payment.id, payment.customer_id, payment.received_on, left)
    wish = as_named(named)
    spent = spend(purse, wish, only_named=bool(wish), by=by, now=now)
    post(vendor_id=payment.vendor_id, entries=spent.entries, now=now)
    move_unapplied(payment_id=payment.id, change_minor=spent.unapplied.minor - left.minor)
    record_all(at=now, deeds=spent.deeds)
    return {"payment_id": str(payment.id), "allocations": spent.told, "unapplied_minor": spent.unapplied.minor}


def deallocate(*, allocation_id: UUID, on: date, reason: str, by: str, now: datetime) -> None:
    """Take an allocation back as of `on`: its entries are reversed, the invoice is open again, the money unapplied."""
    payment_id = Allocation.objects.filter(id=allocation_id).values_list("payment_id", flat=True).first()
    if payment_id is None:
        raise Refused("There is no allocation like that here.", code="allocation")
    payment = lock_payment(payment_id=payment_id)
    taken = Allocation.objects.get(id=allocation_id)
    if taken.reversed_at is not None:
        raise Refused("This was taken back already.", code="reversed")
    if on < taken.effective_on:
        raise Refused("An allocation is not taken back before the day it counts from.", code="date", field="on")
    invoice = balance.lock_one(invoice_id=taken.invoice_id)
    settled = taken.minor + taken.discount_minor + taken.let_go_minor
    reverse(vendor_id=taken.vendor_id, entry_ids=standing(document_ids=[taken.id]), effective_on=on, memo=reason, now=now)
    balance.move(changes=[(invoice, settled, on)], again=True)
    move_unapplied(payment_id=payment.id, change_minor=taken.spent_minor or taken.minor)
    Allocation.objects.filter(id=taken.id).update(reversed_at=now)
    data = {"minor": settled, "reason": reason, "allocation_id": str(taken.id)}
    deed = Deed(
        taken.vendor_id, "payment.deallocated", by, invoice.customer_id, invoice.invoice_id, None, payment.id, data=data
    )
    record(at=now, deed=deed)


def lock_payment(*, payment_id: UUID) -> Payment:
    """A payment, locked: always before the invoices that it settles."""
    if found := Payment.objects.select_for_update().filter(id=payment_id).first():
        return found
    raise Refused("There is no payment like that here.", code="payment", field="payment")


def move_unapplied(*, payment_id: UUID, change_minor: int, refunded_minor: int = 0) -> None:
    """Let the caches of a payment follow; the database refuses to go below nothing."""
    from django.db.models import F

    Payment.objects.filter(id=payment_id).update(
        unapplied_minor=F("unapplied_minor") + change_minor, refunded_minor=F("refunded_minor") + refunded_minor
    )
