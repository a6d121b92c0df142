"""Decides how money that was kept is spent later, and how an allocation is taken back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.ledger.actions import post, reverse, standing
from goodterms.payments.actions.payment import Answer
from goodterms.payments.actions.spending import Purse, as_named, spend
from goodterms.payments.keeping import left_of_notes
from goodterms.payments.models import Allocation, Payment, Withheld
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def allocate(
    *,
    payment_id: UUID,
    by: str,
    role: Role,
    now: datetime,
    named: Mapping[UUID, Money | None] | Sequence[UUID] = (),
    seen: Money | None = None,
) -> Answer:
    """Spend what is unapplied of a payment: on the invoices named and on no other, or, with none named, as money that just
    came in. Refuses when nothing is left of it, or something else than was `seen`: the same press came twice."""
    payment = lock_payment(payment_id=payment_id)
    left = Money(payment.unapplied_minor, payment.currency)
    _must_be_as_seen(left, seen)
    purse = Purse(payment.vendor_id, payment.customer_id, payment.received_on, left, payment_id=payment.id)
    answer = _spent(purse, named, by, role, now)
    move_unapplied(payment_id=payment.id, change_minor=answer["unapplied_minor"] - left.minor)
    return {"payment_id": str(payment.id), **answer}


def allocate_credit(
    *,
    credit_note_id: UUID,
    by: str,
    role: Role,
    now: datetime,
    named: Mapping[UUID, Money | None] | Sequence[UUID] = (),
    seen: Money | None = None,
) -> Answer:
    """Spend what is left of a credit note, in the same way, without discount or tolerance, on invoices of its own customer.
    `seen`: as of a payment."""
    note, left = lock_note(credit_note_id=credit_note_id)
    _must_be_as_seen(left, seen)
    _must_be_of(note, named)
    assert note.issued_on is not None
    purse = Purse(note.vendor_id, note.customer_id, note.issued_on, left, credit_note_id=note.id)
    return {"credit_note_id": str(note.id), **_spent(purse, named, by, role, now)}


def deallocate(*, allocation_id: UUID, on: date, reason: str, by: str, role: Role, now: datetime) -> None:
    """Take an allocation back as of `on`: its entries are reversed, the invoice is open again, the money unapplied."""
    taken = _locked(allocation_id)
    if taken.reversed_at is not None:
        raise Refused("This was taken back already.", code="reversed")
    if on < taken.effective_on:
        raise Refused("An allocation is not taken back before the day it counts from.", code="date", field="on")
    must(verb="reverse", invoice_ids=[taken.invoice_id], role=role, today=on)
    invoice = balance.lock_one(invoice_id=taken.invoice_id)
    settled = taken.minor + taken.discount_minor + taken.let_go_minor + taken.withheld_minor
    reverse(vendor_id=taken.vendor_id, entry_ids=standing(document_ids=[taken.id]), effective_on=on, memo=reason, now=now)
    back = invoice._replace(withheld_minor=invoice.withheld_minor - taken.withheld_minor)
    balance.move(changes=[(back, settled, on)], again=True)
    if taken.payment_id is not None:
        move_unapplied(payment_id=taken.payment_id, change_minor=taken.spent_minor or taken.minor)
    Allocation.objects.filter(id=taken.id).update(reversed_at=now)
    Withheld.objects.standing().filter(allocation_id=taken.id).update(reversed_at=now)
    data = {"minor": settled, "reason": reason, "allocation_id": str(taken.id)}
    source = taken.payment_id or taken.credit_note_id
    deed = Deed(taken.vendor_id, "payment.deallocated", by, invoice.customer_id, invoice.invoice_id, None, source, data=data)
    record(at=now, deed=deed)


def lock_payment(*, payment_id: UUID) -> Payment:
    """A payment, locked: always before the invoices that it settles."""
    if found := Payment.objects.select_for_update().filter(id=payment_id).first():
        return found
    raise Refused("There is no payment like that here.", code="payment", field="payment")


def lock_note(*, credit_note_id: UUID) -> tuple[Invoice, Money]:
    """A credit note, locked, and what is left of it."""
    note = Invoice.objects.select_for_update().filter(id=credit_note_id, kind="credit_note", voided_at=None).first()
    if note is None or note.issued_on is None:
        raise Refused("There is no credit note like that here.", code="credit_note")
    return note, Money(left_of_notes([note.id]).get(note.id, 0), note.currency)


def move_unapplied(*, payment_id: UUID, change_minor: int, refunded_minor: int = 0) -> None:
    """Let the caches of a payment follow; the database refuses to go below nothing."""
    Payment.objects.filter(id=payment_id).update(
        unapplied_minor=F("unapplied_minor") + change_minor, refunded_minor=F("refunded_minor") + refunded_minor
    )


def _must_be_as_seen(left: Money, seen: Money | None) -> None:
    if seen is not None and seen != left:
        raise Refused(f"{left} are left of this credit by now. Look again.", code="seen")


def _must_be_of(note: Invoice, named: Mapping[UUID, Money | None] | Sequence[UUID]) -> None:
    """A payer may say that their money is for a sister's invoice; a credit was given to one customer."""
    other = Invoice.objects.filter(id__in=list(named), vendor_id=note.vendor_id).exclude(customer_id=note.customer_id).first()
    if other is not None:
        raise Refused(
            f"Invoice {other.number} is of another customer; a credit is spent by whom it was given to.",
            code="customer",
            field="named",
        )


def _spent(purse: Purse, named: Mapping[UUID, Money | None] | Sequence[UUID], by: str, role: Role, now: datetime) -> Answer:
    if not purse.money:
        raise Refused("All of this is settled already.", code="unapplied")
    wish = as_named(named)
    spent = spend(purse, wish, only_named=bool(wish), by=by, role=role, now=now)
    post(vendor_id=purse.vendor_id, entries=spent.entries, now=now)
    record_all(at=now, deeds=spent.deeds)
    return {"allocations": spent.told, "unapplied_minor": spent.unapplied.minor}


def _locked(allocation_id: UUID) -> Allocation:
    """An allocation as it is once what it was spent from is locked."""
    found = Allocation.objects.filter(id=allocation_id).first()
    if found is None:
        raise Refused("There is no allocation like that here.", code="allocation")
    if found.payment_id is not None:
        lock_payment(payment_id=found.payment_id)
    elif found.credit_note_id is not None:
        Invoice.objects.select_for_update().get(id=found.credit_note_id)
    return Allocation.objects.get(id=allocation_id)
