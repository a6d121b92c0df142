"""Decides how the sandbox takes payments: as a real provider does, with a pretend bank that moves no money behind it."""

import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings

from goodterms.parties.models import Vendor
from goodterms.payments.models import SandboxPayment
from goodterms.payments.providers.interface import Heard, Order, Started, State, Word
from goodterms.payments.providers.sandbox_bank import actions as bank
from goodterms.payments.providers.signing import must_be_signed, signed
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

HEADER = "Sandbox-Signature"


class Sandbox:
    """Only for vendors that live in a sandbox, or where GOODTERMS_SANDBOX_PAY=1 lets everybody try it."""

    name = "sandbox"

    def serves(self, vendor: Vendor, currency: str) -> bool:
        return vendor.sandbox_now is not None or os.environ.get("GOODTERMS_SANDBOX_PAY") == "1"

    def start(self, order: Order, *, now: datetime) -> Started:
        asked = bank.ask(order=order, now=now)
        return Started(asked.reference, f"/sandbox-bank/{order.paying_id}/")

    def read(self, vendor_id: UUID, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Heard]:
        must_be_signed(secret_of(vendor_id), body, headers.get(HEADER, ""), at=at)
        try:
            told = json.loads(body)
            return [Heard(str(told["id"]), str(told["type"]), str(told["payment"]))]
        except (ValueError, KeyError, TypeError) as broken:
            raise Refused("This call holds no event.", code="event") from broken

    def state(self, vendor_id: UUID, reference: str) -> State | None:
        found = SandboxPayment.objects.filter(vendor_id=vendor_id, reference=reference).first()
        if found is None:
            return None
        word: Word = found.word  # type: ignore[assignment]  # one of four, written by the bank alone
        return State(word, Money(found.minor, found.currency), why="declined" if word == "failed" else "")

    def refund(self, vendor_id: UUID, reference: str, amount: Money, *, key: str, now: datetime) -> None:
        bank.give_back(vendor_id=vendor_id, reference=reference, amount=amount, key=key)


def call_about(payment: SandboxPayment, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The signed call with which the pretend bank tells how a payment stands: body and headers. Told again, it is the same
    event."""
    event = {"id": f"{payment.reference}.{payment.word}", "type": f"payment.{payment.word}", "payment": payment.reference}
    body = json.dumps(event).encode()
    return body, {HEADER: signed(secret_of(payment.vendor_id), body, at)}


def secret_of(vendor_id: UUID) -> bytes:
    """What the vendor and its pretend bank share."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"sandbox bank {vendor_id}".encode(), "sha256")
