"""Decides how a provider is asked to give money back: marked, asked, then settled; and how a person ends a doubt about it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.ledger.actions import reverse, standing
from goodterms.payments.actions.allocation import lock_payment, move_unapplied
from goodterms.payments.actions.spending import must_be_allowed
from goodterms.payments.models import Refund
from goodterms.payments.providers import called
from goodterms.values.days import day_in
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


@transaction.atomic
def mark_asked(*, refund_id: UUID, at: datetime) -> bool:
    """The durable mark before the provider is asked; whether there is anything to ask. `at` is the real clock."""
    found = Refund.objects.select_for_update(skip_locked=True).unsent().filter(id=refund_id).first()
    if found is None:
        return False
    if found.asked_at is None:
        found.asked_at = at
        found.save(update_fields=["asked_at"])
    return True


@transaction.atomic
def give_back(*, refund_id: UUID, now: datetime) -> str:
    """Ask the provider, again as often as nobody knows what it said: its key is the refund's own. Returns how it stands."""
    found = (
        Refund.objects.select_for_update(skip_locked=True, of=("self",))
        .doubted()
        .select_related("payment")
        .filter(id=refund_id)
        .first()
    )
    if found is None:
        return ""
    payment = found.payment
    assert payment is not None, "a provider gives back what came through it"
    amount = Money(found.minor, payment.currency)
    try:
        with transaction.atomic():
            called(found.provider).refund(found.vendor_id, payment.provider_object_id, amount, key=str(found.id), now=now)
    except Refused as no:
        _fail(found, no.sentence, "clock", now)
        return found.standing
    _sent(found, now)
    return found.standing


@transaction.atomic
def resolve_refund(*, refund_id: UUID, went_back: bool, by: str, role: Role, now: datetime) -> Refund:
    """A person says what the provider's own page shows: the money went back, or it did not."""
    must_be_allowed("reverse", role)
    found = Refund.objects.select_for_update(of=("self",)).doubted().select_related("payment").filter(id=refund_id).first()
    if found is None:
        raise Refused("There is no doubt like that here; it was settled before you.", code="refund")
    if went_back:
        _sent(found, now)
    else:
        _fail(found, "It did not go back.", by, now)
    return found


def _sent(found: Refund, now: datetime) -> None:
    found.sent_at = now
    found.save(update_fields=["sent_at"])


def _fail(found: Refund, why: str, by: str, now: datetime) -> None:
    """The booking is taken back: the money is still here, and free."""
    assert found.payment_id is not None
    payment = lock_payment(payment_id=found.payment_id)
    found.failed_at, found.failure = now, why
    found.save(update_fields=["failed_at", "failure"])
    on = max(found.refunded_on, day_in(payment.vendor.timezone, now))
    entries = standing(document_ids=[found.id])
    reverse(vendor_id=found.vendor_id, entry_ids=entries, effective_on=on, memo=why, now=now)
    move_unapplied(payment_id=payment.id, change_minor=found.minor, refunded_minor=-found.minor)
    data = {"minor": found.minor, "currency": payment.currency, "reason": why}
    deed = Deed(found.vendor_id, "payment.not_refunded", by, payment.customer_id, subject_id=payment.id, data=data)
    record(at=now, deed=deed)
