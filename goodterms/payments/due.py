"""Decides what of providers is due: events that were stored and not worked, checkouts nobody told the end of."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from goodterms.database.isolation import acting_for
from goodterms.payments.actions import give_back, hear, look_after, mark_asked, work
from goodterms.payments.models import Checkout, ProviderEvent, Refund, SandboxPayment
from goodterms.payments.providers import sandbox
from goodterms.payments.providers.sandbox_bank import actions as bank

log = logging.getLogger(__name__)
KEY_HOLDS = timedelta(hours=12)  # providers remember a key for a day
ASK_AFTER = timedelta(minutes=10)  # a pending checkout whose provider keeps silent is asked about


def listen(*, vendor_id: UUID, at: datetime, now: datetime) -> Counter[str]:
    """Everything of one vendor; `at` is the real clock, `now` the vendor's. Safe to run twice, and by many at once."""
    let_the_sandbox_speak(vendor_id=vendor_id, at=at, now=now)
    found = work_left(vendor_id=vendor_id, now=now)
    with acting_for([vendor_id]):
        silent = Q(expires_at__lte=now) | Q(pending_at__lte=now - ASK_AFTER)
        left = list(Checkout.objects.waiting().filter(silent, vendor_id=vendor_id).values_list("id", flat=True))
    found.update(_each(vendor_id, left, lambda key: look_after(checkout_id=key, now=now)))
    found.update(give_money_back(vendor_id=vendor_id, at=at, now=now))
    return found


def give_money_back(*, vendor_id: UUID, at: datetime, now: datetime) -> Counter[str]:
    """Refunds that the provider has not said yes or no to: marked first, then asked. Those it was asked for longer than
    KEY_HOLDS ago are left to a person, for by then it may no longer know that it was asked before."""
    with acting_for([vendor_id]):
        waiting = Refund.objects.unsent().filter(vendor_id=vendor_id).exclude(asked_at__lte=at - KEY_HOLDS)
        left = list(waiting.order_by("id").values_list("id", flat=True))
    for key in left:
        with acting_for([vendor_id]):
            mark_asked(refund_id=key, at=at)
    return _each(vendor_id, left, lambda key: give_back(refund_id=key, now=now), "refunds")


def work_left(*, vendor_id: UUID, now: datetime) -> Counter[str]:
    """What was stored and not worked, because the process died or the provider could not be asked, oldest first."""
    with acting_for([vendor_id]):
        unworked = ProviderEvent.objects.filter(vendor_id=vendor_id, worked_at=None).order_by("received_at", "id")
        left = list(unworked.values_list("id", flat=True))
    return _each(vendor_id, left, lambda key: work(event_id=key, now=now))


def let_the_sandbox_speak(*, vendor_id: UUID, at: datetime, now: datetime) -> None:
    """The pretend bank makes what waited, and calls about all that the vendor has not heard; again, until it was answered."""
    with acting_for([vendor_id]):
        bank.settle(vendor_id=vendor_id, at=at)
        quiet = SandboxPayment.objects.filter(vendor_id=vendor_id, decided_at__isnull=False, told_at=None)
        untold = list(quiet.order_by("decided_at", "id"))
    for one in untold:
        body, headers = sandbox.call_about(one, at)
        with acting_for([vendor_id]):
            hear(vendor_id=vendor_id, provider="sandbox", body=body, headers=headers, at=at, now=now)
        with acting_for([vendor_id]):
            bank.told(payment_id=one.id, word=one.word, at=at)


def _each(vendor_id: UUID, keys: Iterable[UUID], deed: Callable[[UUID], str], what: str = "checkouts") -> Counter[str]:
    """Each in a transaction of its own: one that fails is left for the next time, and does not hold up the others."""
    found: Counter[str] = Counter()
    for key in keys:
        try:
            with acting_for([vendor_id]):
                word = deed(key)
        except Exception:
            log.exception("A provider's news could not be worked: %s", key)
            word = "left"
        found.update([f"{what}:{word}"] if word else [])
    return found
