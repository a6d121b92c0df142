"""Decides how what will not be paid is given up, and owed again when it comes in after all: events, never deletions."""

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import settles_from
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind, Postings
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def write_off(
    *, invoice_id: UUID, reason: str, on: date, by: str, role: Role, now: datetime, amount: Money | None = None
) -> Money:
    """Give up `amount` of what is open (None: all of it), with a reason; what was given up."""
    if not reason:
        raise Refused("Say why this is given up.", code="reason", field="reason")
    must(verb="write off", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    amount = before.open if amount is None else amount
    if not amount.minor > 0 or before.open < amount:
        raise Refused(f"Only {before.open} are open on this invoice.", code="open", field="amount")
    sides = booking.write_off(customer_id=before.customer_id, invoice_id=invoice_id, amount=amount)
    day = settles_from(before, amount.minor, on)
    balance.move(changes=[(before, -amount.minor, day)])
    _book(Kind.WRITE_OFF, "invoice.written_off", sides, before.customer_id, invoice_id, amount, reason, day, by, now)
    return amount


def recover(*, invoice_id: UUID, amount: Money, on: date, by: str, role: Role, now: datetime) -> None:
    """What was given up is owed again, to be settled by the money that came in for it."""
    must(verb="reverse", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    given_up = Money(given_up_of(invoice_id), before.currency)
    if not given_up:
        raise Refused("Nothing of this invoice is given up, so nothing is owed again.", code="amount", field="amount")
    if not amount.minor > 0 or given_up < amount:
        raise Refused(f"Only {given_up} of this invoice were given up.", code="amount", field="amount")
    sides = booking.recovery(customer_id=before.customer_id, invoice_id=invoice_id, amount=amount)
    balance.move(changes=[(before, amount.minor, on)], again=True)
    _book(Kind.RECOVERY, "invoice.recovered", sides, before.customer_id, invoice_id, amount, "", on, by, now)


def given_up_of(invoice_id: UUID) -> int:
    """What is given up of an invoice and not recovered, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(-sum(p.minor), 0) from ledger_posting p join ledger_entry e on e.id = p.entry_id"
            " where e.document_id = %s::uuid and e.kind in ('write_off', 'recovery') and p.account = 'receivable'",
            [invoice_id],
        )
        return int(cursor.fetchone()[0])


def _book(
    kind: Kind,
    deed: str,
    sides: Postings,
    customer_id: UUID,
    invoice_id: UUID,
    amount: Money,
    reason: str,
    on: date,
    by: str,
    now: datetime,
) -> None:
    vendor_id = Invoice.objects.values_list("vendor_id", flat=True).get(id=invoice_id)
    post(vendor_id=vendor_id, entries=[EntryDraft(kind, on, invoice_id, sides, reason)], now=now)
    data = {"minor": amount.minor, "currency": amount.currency, "reason": reason}
    record(at=now, deed=Deed(vendor_id, deed, by, customer_id, invoice_id, data=data))
