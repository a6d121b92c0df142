"""Decides how money received gets into the book: claim its key, gather, decide, write; the same request once."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.together import together
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.life import Role
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments.actions.fixing import fix_payment
from goodterms.payments.actions.spending import Purse, Spent, as_named, must_be_allowed, spend
from goodterms.payments.rules import Named
from goodterms.payments.withholding import Kept
from goodterms.values.days import latest_day
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Answer = dict[str, Any]


def record(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    amount: Money,
    received_on: date,
    method: str,
    idempotency_key: str,
    by: str,
    role: Role,
    now: datetime,
    named: Mapping[UUID, Money | None] | Sequence[UUID] = (),
    provider: str = "",
    provider_object_id: str = "",
    reference: str = "",
    only_named: bool = False,
    kept: Mapping[UUID, Kept] = MappingProxyType({}),
) -> Answer:
    """Record money of a customer and settle what it settles (rules.allocate): nine statements at most, and two more for money
    in a foreign currency, which is worth what it is worth on the day it came.

    `received_on` is the day in the vendor's zone on which the money was there. The same key with the same request gives the
    first answer again and does nothing; with another request it is refused ("idempotency"). An object of a provider is
    recorded once whatever its key ("duplicate"). `only_named`: what the named invoices do not take is kept, not spent on
    others. `kept`: what the payer says that they kept back for the tax office, by invoice; those are named with it.
    """
    must_be_allowed("allocate", role)
    must_be_payment(amount, received_on, idempotency_key, now)
    wish = {**as_named(named), **{key: None for key in kept if key not in named}}
    request = Request(
        customer_id, amount, received_on, method, idempotency_key, provider, provider_object_id, reference, only_named, kept
    )
    digest = request.digest(wish)
    payment_id = new_key(now)
    base = _claimed(request, payment_id, vendor_id, digest, by, now)
    if not base:
        return _said_before(request, vendor_id, digest)
    fix_payment(vendor_id=vendor_id, payment_id=payment_id, currency=amount.currency, base=base, on=received_on, now=now)
    return _settled(Purse(vendor_id, customer_id, received_on, amount, payment_id), wish, by, role, now, only_named, kept)


class Request(NamedTuple):
    """What was asked, as its key stands for it: not by whom, nor when."""

    customer_id: UUID
    amount: Money
    received_on: date
    method: str
    key: str
    provider: str
    provider_object_id: str
    reference: str
    only_named: bool
    kept: Mapping[UUID, Kept] = MappingProxyType({})

    def digest(self, named: Named) -> bytes:
        asked = [
            str(self.customer_id),
            [self.amount.minor, self.amount.currency],
            self.received_on.isoformat(),
            [self.method, self.provider, self.provider_object_id, self.reference],
            [[str(key), None if sum_ is None else [sum_.minor, sum_.currency]] for key, sum_ in named.items()],
            *(["only named"] if self.only_named else []),
            *([[[str(key), *map(str, _flat(one))] for key, one in self.kept.items()]] if self.kept else []),
        ]
        return sha256(json.dumps(asked).encode()).digest()


def _flat(one: Kept) -> list[object]:
    amount, paper = one
    return [*([amount.minor, amount.currency] if amount else ["as agreed"]), *(paper or ())]


def _claimed(request: Request, payment_id: UUID, vendor_id: UUID, digest: bytes, by: str, now: datetime) -> str:
    """The vendor's own currency where this request is the first, else nothing: a second one with its key waits here until the
    first is done or undone."""
    row = (
        payment_id, vendor_id, request.method, request.provider, request.provider_object_id, request.reference,
        request.amount.currency, request.amount.minor, request.received_on, now, by, request.key, digest,
        request.customer_id, vendor_id,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, row)
        claimed = cursor.fetchone()
    return str(claimed[0]) if claimed else ""


def must_be_payment(amount: Money, received_on: date, idempotency_key: str, now: datetime) -> None:
    if amount.minor <= 0:
        raise Refused("A payment is more than nothing.", code="amount", field="amount")
    if received_on > latest_day(now):
        raise Refused("A payment is recorded once it is here, not before.", code="date", field="received_on")
    if not idempotency_key:
        raise Refused("A payment needs a key of its own, so that it is recorded once.", code="key", field="idempotency_key")


def _said_before(request: Request, vendor_id: UUID, digest: bytes) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST,
            [vendor_id, request.key, request.provider, request.provider_object_id, request.provider_object_id, request.key],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    key, before, answer = found
    if key != request.key:
        raise Refused(f"This payment of {request.provider} was recorded already.", code="duplicate", field="provider_object_id")
    if bytes(before) != digest:
        raise Refused(
            "This key was used for another payment. Use a new key for a new payment.",
            code="idempotency",
            field="idempotency_key",
        )
    return _in_order(answer)


def _settled(
    purse: Purse, wish: Named, by: str, role: Role, now: datetime, only_named: bool, kept: Mapping[UUID, Kept]
) -> Answer:  # fmt: skip
    assert purse.payment_id is not None
    with together():
        spent = spend(purse, wish, only_named=only_named, by=by, role=role, now=now, kept=kept)
        post(vendor_id=purse.vendor_id, entries=entries_of(purse, spent), now=now)
        answer = answer_of(purse, spent)
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [spent.unapplied.minor, json.dumps(answer), purse.payment_id])
        record_all(at=now, deeds=deeds_of(purse, spent, by))
    return answer


def entries_of(purse: Purse, spent: Spent) -> list[EntryDraft]:
    """The receipt of the money, then what it was spent on."""
    assert purse.payment_id is not None
    paid = booking.payment(customer_id=purse.customer_id, amount=purse.money)
    return [EntryDraft(Kind.PAYMENT, purse.received_on, purse.payment_id, paid), *spent.entries]


def deeds_of(purse: Purse, spent: Spent, by: str) -> list[Deed]:
    data = {"minor": purse.money.minor, "currency": purse.money.currency, "unapplied_minor": spent.unapplied.minor}
    came = Deed(
        purse.vendor_id, "payment.received", by, purse.customer_id, subject_id=purse.payment_id, inbound=True, data=data
    )
    return [came, *spent.deeds]


def answer_of(purse: Purse, spent: Spent) -> Answer:
    """Its keys in order, as every later reader gets them (_in_order)."""
    return {
        "allocations": spent.told,
        "currency": purse.money.currency,
        "customer_id": str(purse.customer_id),
        "minor": purse.money.minor,
        "payment_id": str(purse.payment_id),
        "received_on": purse.received_on.isoformat(),
        "unapplied_minor": spent.unapplied.minor,
    }


def _in_order(words: str) -> Answer:
    """The answer with its keys in the order of the first time: jsonb keeps an order of its own."""
    answer: Answer = json.loads(json.dumps(json.loads(words), sort_keys=True))
    return answer


_CLAIM = """
insert into payments_payment
  (id, vendor_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor, refunded_minor,
   received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer, customer_id)
select %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s::bigint, 0, 0,
       %s::date, %s::timestamptz, %s, %s, %s::bytea, '{}'::jsonb, c.id
from parties_customer c where c.id = %s::uuid and c.vendor_id = %s::uuid
on conflict do nothing returning (select v.currency from parties_vendor v where v.id = vendor_id)
"""
_FIRST = """
select idempotency_key, request_sha256, answer::text from payments_payment
where vendor_id = %s::uuid
  and (idempotency_key = %s or (provider = %s and provider_object_id = %s and %s <> ''))
order by idempotency_key <> %s limit 1
"""
_TELL = """
update payments_payment set unapplied_minor = %s::bigint, answer = %s::jsonb where id = %s::uuid
"""
