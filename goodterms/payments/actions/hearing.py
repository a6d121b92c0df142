"""Decides what is done when a provider calls: it is stored as it came, answered, and worked later, once.

A call is a hint that something changed. How the checkout stands is then asked of the provider, so calls may come twice, in
any order, late, or not at all: what is true in the end is the same.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.interactions.actions import Deed
from goodterms.interactions.actions import record as log
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.payments.actions.payment import Answer, record
from goodterms.payments.models import Checkout, CheckoutItem, ProviderEvent
from goodterms.payments.providers import State, called
from goodterms.values.days import day_in
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


@transaction.atomic
def hear(*, vendor_id: UUID, provider: str, body: bytes, headers: Mapping[str, str], at: datetime, now: datetime) -> list[UUID]:
    """Store the events of a call, each once; returns those that are still to be worked. `at` is the real clock, `now` the
    vendor's. Refuses ("signature") a call that the provider did not sign, and stores nothing of it."""
    events = called(provider).read(vendor_id, body, headers, at=at)
    rows = [
        ProviderEvent(
            id=new_key(now), vendor_id=vendor_id, provider=provider, event_id=one.event_id, kind=one.kind,
            reference=one.reference, raw=body, received_at=now,
        )
        for one in events
    ]  # fmt: skip
    ProviderEvent.objects.bulk_create(rows, ignore_conflicts=True)
    told = [one.event_id for one in events]
    found = ProviderEvent.objects.filter(vendor_id=vendor_id, provider=provider, event_id__in=told, worked_at=None)
    return list(found.order_by("id").values_list("id", flat=True))


@transaction.atomic
def work(*, event_id: UUID, now: datetime) -> str:
    """Do what an event asks for, once; returns how its checkout stands then, "unknown" where it is none of ours, and nothing
    where another is at work on it or has been."""
    event = ProviderEvent.objects.select_for_update(skip_locked=True).filter(id=event_id, worked_at=None).first()
    if event is None:
        return ""
    found = Checkout.objects.select_for_update().filter(
        vendor_id=event.vendor_id, provider=event.provider, provider_reference=event.reference
    )
    checkout = found.first() if event.reference else None
    event.outcome = _follow(checkout, now) if checkout else "unknown"
    event.worked_at = now
    event.save(update_fields=["outcome", "worked_at"])
    return event.outcome


@transaction.atomic
def look_after(*, checkout_id: UUID, now: datetime) -> str:
    """Ask the provider how a checkout stands, though it did not call; one that ran out and was not paid has failed."""
    checkout = Checkout.objects.select_for_update().waiting().filter(id=checkout_id).first()
    if checkout is None:
        return ""
    word = _follow(checkout, now)
    if word == "open" and checkout.expires_at <= now:
        _fail(checkout, "late", now)
    return checkout.standing


@transaction.atomic
def resolve_doubt(*, checkout_id: UUID, received: Money | None, by: str, role: Role, now: datetime) -> Checkout:
    """A person says what came: so much, which is booked as it is, or (None) nothing."""
    checkout = Checkout.objects.select_for_update().doubted().filter(id=checkout_id).first()
    if checkout is None:
        raise Refused("There is no doubt like that here; somebody settled it before you.", code="checkout")
    if received is None:
        checkout.doubted_at, checkout.doubt = None, ""
        _fail(checkout, "failed", now)
        return checkout
    _book(checkout, received, checkout.provider, by, role, now)
    return checkout


def _follow(checkout: Checkout, now: datetime) -> str:
    """Let a checkout follow what its provider says. What was paid stays paid; what is in doubt waits for a person."""
    if checkout.standing in ("paid", "doubted"):
        return checkout.standing
    state = called(checkout.provider).state(checkout.vendor_id, checkout.provider_reference)
    asked = Money(checkout.minor, checkout.currency)
    if state is None:
        _doubt(checkout, "The provider knows of no such payment any more.", now)
    elif state.word == "paid" and state.amount != asked:
        _doubt(checkout, _differs(state.amount, asked), now)
    elif state.word == "paid":
        _succeed(checkout, state, now)
    elif state.word == "failed":
        _fail(checkout, state.why or "failed", now)
    elif state.word == "pending" and checkout.pending_at is None:
        checkout.pending_at, checkout.failed_at, checkout.failure = now, None, ""
        checkout.save(update_fields=["pending_at", "failed_at", "failure"])
        _tell(checkout, "checkout.pending", now)
    return checkout.standing


def _succeed(checkout: Checkout, state: State, now: datetime) -> None:
    try:
        with transaction.atomic():
            _book(checkout, state.amount, state.method, checkout.provider, "clock", now)
    except Refused as no:
        _doubt(checkout, f"It was paid and could not be booked. {no.sentence}", now)


def _book(checkout: Checkout, amount: Money, method: str, by: str, role: Role, now: datetime) -> Answer:
    """Record the money once, by a key of its own, on what the payer chose and on nothing else; what is settled or void by
    now takes none of it, and the rest is kept for the customer."""
    vendor = Vendor.objects.get(id=checkout.vendor_id)
    items = list(CheckoutItem.objects.filter(checkout=checkout).order_by("position"))
    alive = set(Invoice.objects.filter(id__in=[one.invoice_id for one in items], voided_at=None).values_list("id", flat=True))
    answer = record(
        vendor_id=checkout.vendor_id,
        customer_id=checkout.customer_id,
        amount=amount,
        received_on=day_in(vendor.timezone, now),
        method=method,
        idempotency_key=f"checkout {checkout.id}",
        by=by,
        role=role,
        now=now,
        named={one.invoice_id: Money(one.minor, checkout.currency) for one in items if one.invoice_id in alive}
        if amount.currency == checkout.currency
        else {},
        provider=checkout.provider,
        provider_object_id=checkout.provider_reference,
        only_named=True,
    )
    checkout.payment_id = UUID(answer["payment_id"])
    checkout.succeeded_at, checkout.failed_at, checkout.failure = now, None, ""
    checkout.save(update_fields=["payment_id", "succeeded_at", "failed_at", "failure"])
    return answer


def _fail(checkout: Checkout, why: str, now: datetime) -> None:
    if checkout.failed_at is None:
        checkout.failed_at, checkout.failure = now, why
        checkout.save(update_fields=["failed_at", "failure", "doubted_at", "doubt"])
        _tell(checkout, "checkout.failed", now, why=why)


def _doubt(checkout: Checkout, sentence: str, now: datetime) -> None:
    """Never booked silently: a person looks at it."""
    checkout.doubted_at, checkout.doubt = now, sentence
    checkout.save(update_fields=["doubted_at", "doubt"])
    _tell(checkout, "checkout.doubted", now, why=sentence)


def _differs(came: Money, asked: Money) -> str:
    return f"The provider says that {came} came, and {asked} was asked for."


def _tell(checkout: Checkout, kind: str, now: datetime, **data: str) -> None:
    deed = Deed(
        checkout.vendor_id, kind, checkout.provider, checkout.customer_id, payer_id=checkout.payer_id,
        subject_id=checkout.id, channel="portal", data={"minor": checkout.minor, "currency": checkout.currency, **data},
    )  # fmt: skip
    log(at=now, deed=deed)
