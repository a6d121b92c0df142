"""Decides how money is spent on invoices under their locks: allocations, caches, entries and the words for the log."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed
from goodterms.invoicing.actions import balance
from goodterms.invoicing.life import Facts, Role, may
from goodterms.invoicing.standing import Standing, settles_from
from goodterms.ledger import rules as booking
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments import rules
from goodterms.payments.models import Withheld
from goodterms.payments.rules import Named, OpenItem, Share, as_kept, open_item, terms_of
from goodterms.payments.withholding import Certificate, Kept, must_be_right
from goodterms.terms.rules import Terms
from goodterms.values.keys import new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

_NONE: Mapping[UUID, Kept] = MappingProxyType({})
SOME_OPEN = Facts(issued_on=date.min, due_on=date.max, total_minor=2, open_minor=1)


class Purse(NamedTuple):
    """Money of one payment, or the credit of one credit note, that may be spent."""

    vendor_id: UUID
    customer_id: UUID
    received_on: date
    money: Money
    payment_id: UUID | None = None
    credit_note_id: UUID | None = None

    @property
    def source_id(self) -> UUID | None:
        return self.payment_id or self.credit_note_id


class Deal(NamedTuple):
    """One allocation about to be written, and the day from which it counts."""

    key: UUID
    one: Standing
    share: Share
    on: date

    @property
    def change(self) -> tuple[Standing, int, date]:
        """What moves on its invoice, which knows what is kept back of it now."""
        then = self.one._replace(withheld_minor=self.one.withheld_minor + self.share.withheld.minor)
        return then, -self.share.settles.minor, self.on


class Spent(NamedTuple):
    """What spending came to: entries still to be posted, deeds still to be recorded, and what to tell."""

    unapplied: Money
    entries: list[EntryDraft]
    deeds: list[Deed]
    told: list[dict[str, Any]]


def as_named(named: Mapping[UUID, Money | None] | Sequence[UUID]) -> Named:
    """A list of invoices is a designation without sums."""
    return named if isinstance(named, Mapping) else dict.fromkeys(named)


def must_be_allowed(verb: str, role: Role, facts: Facts = SOME_OPEN) -> None:
    """Ask the life of an invoice whether this role may do this with money."""
    may(verb, facts, role, facts.due_on or date.max)


def spend(
    purse: Purse, named: Named, *, only_named: bool, by: str, role: Role, now: datetime, kept: Mapping[UUID, Kept] = _NONE
) -> Spent:
    """Lock, gather, decide and write the allocations of a purse: four statements, whatever the number of invoices, and one
    more where something was kept back for the tax office. `kept` is what the payer says of that."""
    must_be_allowed("allocate", role)
    standings = balance.lock_open(customer_id=purse.customer_id, currency=purse.money.currency, named=named)
    deals, unapplied = decided(purse, named, standings, only_named=only_named, role=role, now=now, kept=kept)
    write(vendor_id=purse.vendor_id, deals=[(purse, deal) for deal in deals], by=by, now=now, kept=kept)
    after = balance.move(changes=[deal.change for deal in deals])
    return spent(purse, deals, after, unapplied, by)


def decided(
    purse: Purse,
    named: Named,
    standings: Sequence[Standing],
    *,
    only_named: bool,
    role: Role,
    now: datetime,
    kept: Mapping[UUID, Kept] = _NONE,
) -> tuple[list[Deal], Money]:
    """On what a purse is spent, of invoices under their locks, and what is left of it."""
    for standing in standings:
        if standing.currency != purse.money.currency:
            raise Refused(
                f"Invoice {standing.number} is in {standing.currency} and this money in {purse.money.currency}: "
                "record it without naming the invoice, then settle it with a rate.",
                code="currency",
                field="named",
            )
    items = [as_kept(_open_item(one, purse), kept) for one in standings]
    outcome = rules.allocate(purse.money, items, named=named, received_on=purse.received_on, only_named=only_named)
    known = {standing.invoice_id: standing for standing in standings}
    keys = new_keys(now, len(outcome.shares))
    deals = [_deal(purse, key, known[share.invoice_id], share) for key, share in zip(keys, outcome.shares, strict=True)]
    for deal in deals:
        must_be_allowed("allocate", role, _facts(deal.one))
    return deals, outcome.unapplied


def spent(purse: Purse, deals: Sequence[Deal], after: Sequence[Standing], unapplied: Money, by: str) -> Spent:
    """What is still to be posted, recorded and told of these deals; `after` is how their invoices stand now."""
    entries = [entry for deal in deals for entry in _entries(purse, deal)]
    told = [_told(deal, then) for deal, then in zip(deals, after, strict=True)]
    deeds = [
        Deed(purse.vendor_id, "payment.allocated", by, one.customer_id, one.invoice_id, subject_id=purse.source_id, data=said)
        for one, said in zip((deal.one for deal in deals), told, strict=True)
    ]
    return Spent(unapplied, entries, deeds, told)


def withhold(
    deals: Sequence[tuple[UUID, Standing, Money, date]], vendor_id: UUID, said: Mapping[UUID, Kept], by: str, now: datetime
) -> None:
    """Write what was kept back with these allocations, each with its certificate where it is here."""
    rows = [deal for deal in deals if deal[2]]
    if not rows:
        return
    Withheld.objects.bulk_create(
        withheld_row(
            key=key, vendor_id=vendor_id, one=one, amount=amount, on=on, by=by, now=now, allocation_id=allocation_id,
            certificate=said[one.invoice_id].certificate if one.invoice_id in said else None,
        )
        for key, (allocation_id, one, amount, on) in zip(new_keys(now, len(rows)), rows, strict=True)
    )  # fmt: skip


def withheld_row(
    *, key: UUID, vendor_id: UUID, one: Standing, amount: Money, on: date, by: str, now: datetime,
    certificate: Certificate | None, allocation_id: UUID | None = None,
) -> Withheld:  # fmt: skip
    must_be_right(certificate, amount, now.date() + timedelta(days=1))
    proven = {
        "certificate": certificate.number.strip(), "certificate_on": certificate.on, "certified_at": now, "certified_by": by,
    } if certificate else {}  # fmt: skip
    name = one.withholding.name if one.withholding else ""
    return Withheld(
        id=key, vendor_id=vendor_id, invoice_id=one.invoice_id, allocation_id=allocation_id, name=name, minor=amount.minor,
        effective_on=on, created_at=now, created_by=by, **proven,
    )  # fmt: skip


def _facts(one: Standing) -> Facts:
    return Facts(issued_on=one.issued_on, due_on=one.due_on, total_minor=one.total_minor, open_minor=one.open_minor)


def _open_item(one: Standing, purse: Purse) -> OpenItem:
    """A credit is not money: it earns no early discount and no tolerance, and nothing is kept back of it."""
    return open_item(one, terms_of(one.terms) if purse.credit_note_id is None else Terms())


def _deal(purse: Purse, key: UUID, one: Standing, share: Share) -> Deal:
    return Deal(key, one, share, settles_from(one, share.settles.minor, purse.received_on))


def write(
    *, vendor_id: UUID, deals: Sequence[tuple[Purse, Deal]], by: str, now: datetime, kept: Mapping[UUID, Kept] = _NONE
) -> None:
    """The allocations of these deals, of however many purses, with one statement, and what was kept back with another."""
    if not deals:
        return
    rows = [
        {
            "id": key,
            "payment_id": purse.payment_id,
            "credit_note_id": purse.credit_note_id,
            "invoice_id": one.invoice_id,
            "minor": share.amount.minor,
            "discount_minor": share.discount.minor,
            "let_go_minor": share.let_go.minor,
            "withheld_minor": share.withheld.minor,
            "effective_on": on,
        }
        for purse, (key, one, share, on) in deals
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ALLOCATIONS, [vendor_id, now, json.dumps(rows, default=str)])
    withhold([(deal.key, deal.one, deal.share.withheld, deal.on) for _, deal in deals], vendor_id, kept, by, now)


def _entries(purse: Purse, deal: Deal) -> list[EntryDraft]:
    key, one, share, on = deal
    who, what = one.customer_id, one.invoice_id
    paid = booking.allocation(
        customer_id=who,
        invoice_id=what,
        amount=share.amount,
        paid_by=purse.customer_id,
        credit_note_id=purse.credit_note_id,
    )
    sides = [
        (Kind.ALLOCATION, paid),
        (
            Kind.DISCOUNT,
            booking.discount(customer_id=who, invoice_id=what, amount=share.discount, tax=_tax_of(share.discount, one)),
        ),
        (Kind.WRITE_OFF, booking.write_off(customer_id=who, invoice_id=what, amount=share.let_go)),
        (Kind.WITHHOLDING, booking.withholding(customer_id=who, invoice_id=what, amount=share.withheld)),
    ]
    return [EntryDraft(kind, on, key, postings) for kind, postings in sides if postings]


def _tax_of(discount: Money, one: Standing) -> Money:
    """The tax within a discount: its share of the total where the tax follows the discount, else none (the tax stays)."""
    if not discount or terms_of(one.terms).discount_tax != "if_taken":
        return Money(0, discount.currency)
    return discount.split([one.net_minor, one.tax_minor])[1]


def _told(deal: Deal, then: Standing) -> dict[str, Any]:
    share = deal.share
    return {
        "allocation_id": str(deal.key),
        "discount_minor": share.discount.minor,
        "invoice_id": str(then.invoice_id),
        "let_go_minor": share.let_go.minor,
        "minor": share.amount.minor,
        "number": then.number,
        "open_minor": then.open_minor,
        "withheld_minor": share.withheld.minor,
    }


_ALLOCATIONS = """
insert into payments_allocation
  (vendor_id, created_at, id, payment_id, credit_note_id, invoice_id, minor, discount_minor, let_go_minor, withheld_minor,
   effective_on)
select %s::uuid, %s::timestamptz, *
from jsonb_to_recordset(%s::jsonb)
  as deal (id uuid, payment_id uuid, credit_note_id uuid, invoice_id uuid, minor bigint, discount_minor bigint,
           let_go_minor bigint, withheld_minor bigint, effective_on date)
"""
