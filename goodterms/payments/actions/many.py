"""Decides how many payments get into the book at once: as one after the other would, with few statements for all of them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import balance
from goodterms.invoicing.life import Role
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft
from goodterms.parties.models import Vendor
from goodterms.payments.actions.fixing import fix_payments
from goodterms.payments.actions.payment import Request, answer_of, deeds_of, entries_of, must_be_payment
from goodterms.payments.actions.spending import Purse, Spent, as_named, decided, must_be_allowed, spent, write
from goodterms.payments.withholding import Kept
from goodterms.values.keys import new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

AT_ONCE = 1_000  # payments


class Incoming(NamedTuple):
    """Money of a customer that settles what it names, as far as that goes; the rest is kept for the customer."""

    customer_id: UUID
    amount: Money
    received_on: date
    method: str
    key: str
    named: Sequence[UUID] = ()
    reference: str = ""
    kept: Mapping[UUID, Kept] = MappingProxyType({})  # what the payer kept back for the tax office, of what it names

    @property
    def request(self) -> Request:
        return Request(
            self.customer_id, self.amount, self.received_on, self.method, self.key, "", "", self.reference, only_named=True,
            kept=self.kept,
        )  # fmt: skip


@transaction.atomic
def record_many(*, vendor_id: UUID, payments: Sequence[Incoming], by: str, role: Role, now: datetime) -> None:
    """Record these payments in their order: what each settles is what it would settle after those before it. All or none;
    refused where one is there already by its key.

    The statements are so many as the most payments that one invoice has, not as there are payments.
    """
    must_be_allowed("allocate", role)
    base = Vendor.objects.values_list("currency", flat=True).get(id=vendor_id)
    for at in range(0, len(payments), AT_ONCE):
        _record(vendor_id, base, payments[at : at + AT_ONCE], by, role, now)


def _record(vendor_id: UUID, base: str, payments: Sequence[Incoming], by: str, role: Role, now: datetime) -> None:
    keys = new_keys(now, len(payments))
    _claim(vendor_id, dict(zip(keys, payments, strict=True)), by, now)
    came = ((key, one.amount.currency, one.received_on) for key, one in zip(keys, payments, strict=True))
    fix_payments(vendor_id=vendor_id, payments=came, base=base, now=now)
    purses = [
        Purse(vendor_id, one.customer_id, one.received_on, one.amount, key) for key, one in zip(keys, payments, strict=True)
    ]
    came_to: dict[int, Spent] = {}
    for turn in _turns(payments):  # each is in the ledger before the next is decided about
        spent_now = _spend(purses, payments, turn, by, role, now)
        entries: list[EntryDraft] = [entry for at in turn for entry in entries_of(purses[at], spent_now[at])]
        post(vendor_id=vendor_id, entries=entries, now=now)
        came_to |= spent_now
    done = [(purse, came_to[at]) for at, purse in enumerate(purses)]
    _tell(done)
    deeds: list[Deed] = [deed for purse, one in done for deed in deeds_of(purse, one, by)]
    record_all(at=now, deeds=deeds)


def _turns(payments: Sequence[Incoming]) -> Iterator[list[int]]:
    """Places of payments that touch no invoice in common, in turns: whoever names an invoice comes after all before it that
    name it too."""
    last: dict[UUID, int] = {}
    turns: dict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(payments):
        turn = max((last.get(key, 0) for key in one.named), default=0) + 1
        last.update(dict.fromkeys(one.named, turn))
        turns[turn].append(at)
    return (turns[turn] for turn in sorted(turns))


def _spend(
    purses: Sequence[Purse], payments: Sequence[Incoming], turn: Sequence[int], by: str, role: Role, now: datetime
) -> dict[int, Spent]:
    """One turn: every invoice in it is named by one payment."""
    named = [key for at in turn for key in payments[at].named]
    known = {one.invoice_id: one for one in balance.lock(invoice_ids=named)} if named else {}
    made = {}
    for at in turn:
        of_it = [known[key] for key in payments[at].named if key in known]
        wish, kept = as_named(payments[at].named), payments[at].kept
        made[at] = decided(purses[at], wish, of_it, only_named=True, role=role, now=now, kept=kept)
    write(
        vendor_id=purses[0].vendor_id, deals=[(purses[at], deal) for at, (deals, _) in made.items() for deal in deals],
        by=by, now=now, kept={key: said for at in turn for key, said in payments[at].kept.items()},
    )  # fmt: skip
    changes = [deal.change for deals, _ in made.values() for deal in deals]
    after = {one.invoice_id: one for one in balance.move(changes=changes)}
    return {
        at: spent(purses[at], deals, [after[deal.one.invoice_id] for deal in deals], unapplied, by)
        for at, (deals, unapplied) in made.items()
    }


def _claim(vendor_id: UUID, payments: dict[UUID, Incoming], by: str, now: datetime) -> None:
    for one in payments.values():
        must_be_payment(one.amount, one.received_on, one.key, now)
    rows = [
        {
            "id": key, "method": one.method, "reference": one.reference, "currency": one.amount.currency,
            "minor": one.amount.minor, "received_on": one.received_on, "idempotency_key": one.key,
            "digest": one.request.digest(as_named(one.named)).hex(), "customer_id": one.customer_id,
        }
        for key, one in payments.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [vendor_id, now, by, json.dumps(rows, default=str), vendor_id])
        if cursor.rowcount != len(rows):
            raise Refused(
                "One of these payments is in the books already, or is of nobody who is a customer here. Nothing was recorded.",
                code="payments",
            )


def _tell(done: Sequence[tuple[Purse, Spent]]) -> None:
    """What is left of each, and the answer that its key has from now on."""
    rows = [
        {"id": purse.payment_id, "unapplied_minor": one.unapplied.minor, "answer": answer_of(purse, one)} for purse, one in done
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [json.dumps(rows, default=str)])


_CLAIM = """
insert into payments_payment
  (id, vendor_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor, refunded_minor,
   received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer, customer_id)
select r.id, %s::uuid, r.method, '', '', r.reference, r.currency, r.minor, 0, 0,
       r.received_on, %s::timestamptz, %s, r.idempotency_key, decode(r.digest, 'hex'), '{}'::jsonb, c.id
from jsonb_to_recordset(%s::jsonb) as r (id uuid, method text, reference text, currency text, minor bigint, received_on date,
  idempotency_key text, digest text, customer_id uuid)
join parties_customer c on c.id = r.customer_id and c.vendor_id = %s::uuid
on conflict do nothing
"""
_TELL = """
update payments_payment p set unapplied_minor = r.unapplied_minor, answer = r.answer
from jsonb_to_recordset(%s::jsonb) as r (id uuid, unapplied_minor bigint, answer jsonb) where p.id = r.id
"""
