"""Decides what a provider is to us: it starts a checkout, tells of it by signed calls, says how it stands, gives money back.

Designed for hosted pages alone (Stripe Checkout, GoCardless billing requests, Mollie and PayPal orders): the payer leaves for
the provider's own page, so no card data and no script of theirs ever comes here. Each vendor has an account of its own
there, so every method says for whom, and an adapter looks up that vendor's keys itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from goodterms.parties.models import Vendor
from goodterms.values.money import Money

Word = Literal["open", "pending", "paid", "failed"]
Why = Literal["", "declined", "cancelled", "late", "failed"]


class Order(NamedTuple):
    """What a provider is asked to take. `checkout_id` is also its idempotency key there: the same order starts once."""

    checkout_id: UUID
    vendor_id: UUID
    paying_id: UUID  # orders of one press; a provider that can lets the payer approve them together
    amount: Money
    payee: str
    purpose: str  # such as "PP-4471, PP-4502"
    back: str  # where the payer returns to, whatever came of it
    expires_at: datetime


class Started(NamedTuple):
    """The provider's own name for the checkout, and where to send the payer."""

    reference: str
    address: str


class Heard(NamedTuple):
    """One event of a call. It is a hint that something changed; how the checkout stands is asked for (`state`)."""

    event_id: str  # unique with the provider
    kind: str
    reference: str


class State(NamedTuple):
    """How a checkout stands with the provider now, and for how much, as it says."""

    word: Word
    amount: Money
    method: str = "bank_transfer"
    why: Why = ""


class Provider(Protocol):
    """An adapter; all of them pass providers/tests/conformance.py."""

    name: str

    def serves(self, vendor: Vendor, currency: str) -> bool:
        """Whether this vendor can be paid through it in this currency."""

    def start(self, order: Order, *, now: datetime) -> Started:
        """Ask it to take an order. The same order again gives the same answer."""

    def read(self, vendor_id: UUID, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Heard]:
        """The events of a call, from its raw bytes; `at` is the real clock. Refuses ("signature") what it did not sign, what
        was changed on the way, and what was signed too long ago."""

    def state(self, vendor_id: UUID, reference: str) -> State | None:
        """How the checkout stands; None when the provider knows none by that name."""

    def refund(self, vendor_id: UUID, reference: str, amount: Money, *, key: str, now: datetime) -> None:
        """Give so much of it back, once for each key. Refuses ("refund") more than came."""
