"""Decides how a payer's press becomes checkouts: one for each vendor and currency, opened once for each key."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection, transaction

from goodterms.interactions.actions import Deed, record_all
from goodterms.parties.models import Vendor
from goodterms.parties.rules import Viewer
from goodterms.payments.models import Checkout, CheckoutItem
from goodterms.payments.providers import Order, called
from goodterms.payments.selection import Chosen, chosen
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

OPEN_FOR = timedelta(minutes=30)  # what was asked for is asked for now: the early discount goes by the day


class Paying(NamedTuple):
    """The checkouts of one press, in the order of their vendors."""

    paying_id: UUID
    checkouts: list[Checkout]


def paying_key(payer_id: UUID, key: str) -> UUID:
    """What the checkouts of one press share. Another payer's press has another, whatever key it sends."""
    return uuid5(payer_id, key)


@transaction.atomic
def open_checkouts(*, viewer: Viewer, wanted: Mapping[UUID, Money | None], provider: str, key: str, now: datetime) -> Paying:
    """Send a payer to `provider` with what they chose: of each invoice so much, or (None) what it costs today.

    The same press again gives the same checkouts; with another choice it is refused ("idempotency"). Refuses what is not
    open any more, more than is open, what is on its way already, and what the provider cannot take for every vendor.
    A provider is asked within this transaction: were it undone, the payer would never have heard of the address, so nobody
    pays there, and the order runs out.
    """
    if viewer.payer_id is None or not key:
        raise Refused("Only who pays can be sent to a bank, and each press has a key of its own.", code="key")
    paying_id = paying_key(viewer.payer_id, key)
    digest = _digest(wanted, provider)
    with connection.cursor() as cursor:  # the second press of two waits here, and then finds what the first one made
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(paying_id)])
    if said := list(Checkout.objects.filter(paying_id=paying_id, payer_id=viewer.payer_id).order_by("id")):
        return _said_before(said, digest)
    found = chosen(viewer, wanted, now)
    _must_not_be_on_its_way(found)
    by_pair: dict[tuple[UUID, str], list[Chosen]] = {}
    for one in found:
        by_pair.setdefault((one.vendor.id, one.price.currency), []).append(one)
    rows = [
        _row(key, paying_id, viewer.payer_id, digest, provider, group, now)
        for key, group in zip(new_keys(now, len(by_pair)), by_pair.values(), strict=True)
    ]
    _start(rows, list(by_pair.values()), now)
    record_all(at=now, deeds=[_opened(row, viewer.name) for row in rows])
    return Paying(paying_id, rows)


def _said_before(said: Sequence[Checkout], digest: bytes) -> Paying:
    if bytes(said[0].request_sha256) != digest:
        raise Refused("This was sent with another choice before. Open the page again and choose anew.", code="idempotency")
    return Paying(said[0].paying_id, list(said))


def _must_not_be_on_its_way(found: Sequence[Chosen]) -> None:
    keys = [one.invoice.id for one in found]
    pending = CheckoutItem.objects.filter(invoice_id__in=keys, checkout__in=Checkout.objects.pending())
    if on_its_way := pending.select_related("invoice").first():
        raise Refused(
            "A payment for {number} is on its way already. It shows here as soon as the bank has answered.",
            code="on_its_way",
            number=on_its_way.invoice.number,
        )


def _digest(wanted: Mapping[UUID, Money | None], provider: str) -> bytes:
    asked = sorted([str(key), "" if sum_ is None else f"{sum_.minor} {sum_.currency}"] for key, sum_ in wanted.items())
    return sha256(json.dumps([provider, asked]).encode()).digest()


def _row(
    key: UUID, paying_id: UUID, payer_id: UUID, digest: bytes, provider: str, group: Sequence[Chosen], now: datetime
) -> Checkout:
    first = group[0]
    total = Money.total((one.price for one in group), first.price.currency)
    return Checkout(
        id=key, vendor=first.vendor, payer_id=payer_id, customer_id=first.invoice.customer_id, paying_id=paying_id,
        request_sha256=digest, currency=total.currency, minor=total.minor, provider=provider, opened_at=now,
        expires_at=now + OPEN_FOR,
    )  # fmt: skip


def _start(rows: Sequence[Checkout], groups: Sequence[Sequence[Chosen]], now: datetime) -> None:
    """Ask the provider, and keep what it called them."""
    for row, group in zip(rows, groups, strict=True):
        provider = called(row.provider)
        if not provider.serves(row.vendor, row.currency):
            raise Refused(
                "{vendor} cannot be paid in this way. Choose another.", code="provider", field="way", vendor=row.vendor.name
            )
        started = provider.start(_order(row, row.vendor, group), now=now)
        row.provider_reference, row.address = started.reference, started.address
    Checkout.objects.bulk_create(rows)
    CheckoutItem.objects.bulk_create(
        CheckoutItem(
            id=new_key(now), vendor_id=row.vendor_id, checkout=row, invoice_id=one.invoice.id, position=position,
            minor=one.price.minor, discount_minor=one.discount.minor,
        )
        for row, group in zip(rows, groups, strict=True)
        for position, one in enumerate(group, 1)
    )  # fmt: skip


def _order(row: Checkout, vendor: Vendor, group: Sequence[Chosen]) -> Order:
    back = f"{settings.BASE_URL}/pay/now/{row.paying_id}/"
    purpose = ", ".join(one.invoice.number for one in group)
    amount = Money(row.minor, row.currency)
    return Order(row.id, vendor.id, row.paying_id, amount, vendor.legal_name or vendor.name, purpose, back, row.expires_at)


def _opened(row: Checkout, by: str) -> Deed:
    data = {"minor": row.minor, "currency": row.currency, "provider": row.provider}
    return Deed(
        row.vendor_id, "checkout.opened", by, row.customer_id, payer_id=row.payer_id, subject_id=row.id, channel="portal",
        inbound=True, data=data,
    )  # fmt: skip
