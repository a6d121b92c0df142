"""Decides what the pretend bank does: it is asked, the payer approves, declines or lets it wait, and it tells the vendor."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from goodterms.payments.models import SandboxPayment
from goodterms.payments.providers.interface import Order
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

DELAY = timedelta(minutes=1)  # by the bank's own clock, which is the real one
DECISIONS = {"approve": "paid", "decline": "failed", "delay": "pending"}


def ask(*, order: Order, now: datetime) -> SandboxPayment:
    """Take an order in, once."""
    key = new_key(now)
    asked, _ = SandboxPayment.objects.get_or_create(
        vendor_id=order.vendor_id,
        order_id=order.checkout_id,
        defaults={
            "id": key,
            "together_id": order.paying_id,
            "reference": f"sb_{key.hex}",
            "payee": order.payee,
            "purpose": order.purpose,
            "back": order.back,
            "currency": order.amount.currency,
            "minor": order.amount.minor,
            "asked_at": now,
        },
    )
    return asked


@transaction.atomic
def decide(*, together_id: UUID, vendor_ids: Sequence[UUID], decision: str, at: datetime) -> list[SandboxPayment]:
    """What the payer says to all payments of one press; those that were decided before stay as they are."""
    if decision not in DECISIONS:
        raise Refused("Approve, decline or let it wait.", code="decision", field="decision")
    found = SandboxPayment.objects.select_for_update().order_by("id")
    decided = list(found.filter(together_id=together_id, vendor_id__in=vendor_ids, word="open"))
    for one in decided:
        one.word, one.decided_at, one.told_at = DECISIONS[decision], at, None
        one.settles_at = at + DELAY if decision == "delay" else None
    SandboxPayment.objects.bulk_update(decided, ["word", "decided_at", "told_at", "settles_at"])
    return decided


def settle(*, vendor_id: UUID, at: datetime) -> int:
    """Payments that waited long enough are made."""
    waited = SandboxPayment.objects.filter(vendor_id=vendor_id, word="pending", settles_at__lte=at)
    return waited.update(word="paid", told_at=None)


def told(*, payment_id: UUID, word: str, at: datetime) -> None:
    """The vendor answered: it has heard this word."""
    SandboxPayment.objects.filter(id=payment_id, word=word).update(told_at=at)


@transaction.atomic
def give_back(*, vendor_id: UUID, reference: str, amount: Money, key: str) -> None:
    """Give back so much of what was paid, once for each key."""
    found = SandboxPayment.objects.select_for_update().filter(vendor_id=vendor_id, reference=reference, word="paid").first()
    if found is None or found.currency != amount.currency:
        raise Refused("There is no payment like that to give back.", code="refund")
    if found.refunds.get(key) == amount.minor:
        return
    if key in found.refunds or amount.minor <= 0 or sum(found.refunds.values()) + amount.minor > found.minor:
        raise Refused("No more is given back than was paid, and each key stands for one refund.", code="refund")
    found.refunds = {**found.refunds, key: amount.minor}
    found.save(update_fields=["refunds"])
