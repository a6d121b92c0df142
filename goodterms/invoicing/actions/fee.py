"""Decides which late fee is billed on an invoice, as its terms agreed, and how it is waived: both stay in the books."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import Standing, settles_from
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post, reverse, standing
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.terms.rules import Segment, Terms, late_fee
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def charge_fee(*, invoice_id: UUID, on: date, by: str, role: Role, now: datetime) -> Money:
    """Bill what has accrued up to and with `on` beyond what was billed before (waived fees count as billed); what was billed.

    Refused unless the terms copied into the invoice agreed a late fee, and while the invoice is held, disputed or waits for
    our answer (life.py).
    """
    must(verb="charge", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    terms = Terms.from_json(json.loads(before.terms))
    if terms.late_fee is None:
        raise Refused("These terms have no late fee, so none can be charged.", code="no_late_fee")
    accrued = Money.total((late_fee(terms, due, spans, on) for due, spans in _spans(before)), before.currency)
    amount = accrued - Money(_billed(invoice_id), before.currency)
    if amount.minor <= 0:
        raise Refused("No late fee has come due since the last one.", code="no_late_fee")
    vendor_id = Invoice.objects.values_list("vendor_id", flat=True).get(id=invoice_id)
    sides = booking.fee(customer_id=before.customer_id, invoice_id=invoice_id, amount=amount)
    post(vendor_id=vendor_id, entries=[EntryDraft(Kind.FEE, on, invoice_id, sides)], now=now)
    balance.move(changes=[(before._replace(fees_minor=before.fees_minor + amount.minor), amount.minor, on)])
    data = {"minor": amount.minor, "currency": amount.currency, "on": on.isoformat()}
    record(at=now, deed=Deed(vendor_id, "fee.charged", by, before.customer_id, invoice_id, data=data))
    return amount


def waive_fee(*, invoice_id: UUID, on: date, reason: str, by: str, role: Role, now: datetime) -> Money:
    """Waive all late fees of an invoice that are not paid yet, as a gesture, with a reason; what was waived."""
    must(verb="write off", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    waived = Money(before.fees_minor, before.currency)
    if not waived or not reason:
        raise Refused("There is no late fee to waive here, or no reason was given.", code="no_late_fee")
    if before.open < waived:
        raise Refused("This late fee is paid already. Return the money instead.", code="paid")
    vendor_id = Invoice.objects.values_list("vendor_id", flat=True).get(id=invoice_id)
    entries = standing(document_ids=[invoice_id], kinds=[Kind.FEE])
    day = settles_from(before, waived.minor, on)
    reverse(vendor_id=vendor_id, entry_ids=entries, effective_on=day, memo=reason, now=now)
    balance.move(changes=[(before._replace(fees_minor=0), -waived.minor, day)], again=True)
    data = {"minor": waived.minor, "currency": waived.currency, "reason": reason}
    record(at=now, deed=Deed(vendor_id, "fee.waived", by, before.customer_id, invoice_id, data=data))
    return waived


def _spans(before: Standing) -> list[tuple[date, list[Segment]]]:
    """For each due day, how much of that part was open from which day on, by value date and without fees."""
    parts = before.instalments or ((before.due_on, before.total_minor),)
    steps = _principal(before.invoice_id)
    found: dict[date, list[Segment]] = defaultdict(list)
    above = before.total_minor
    for due, minor in parts:  # the first part is covered first, so it is open only while more than all later parts is
        above -= minor
        for day, open_minor in steps:
            found[due].append(Segment(day, Money(min(minor, max(0, open_minor - above)), before.currency)))
    return sorted(found.items())


def _principal(invoice_id: UUID) -> Sequence[tuple[date, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_PRINCIPAL, [invoice_id])
        return list(cursor.fetchall())


def _billed(invoice_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, [invoice_id])
        return int(cursor.fetchone()[0])


_PRINCIPAL = """
select p.effective_on, sum(sum(p.minor)) over (order by p.effective_on)::bigint
from ledger_posting p
join ledger_entry e on e.id = p.entry_id
left join ledger_entry first on first.id = e.reverses_id
where p.invoice_id = %s::uuid and p.account = 'receivable' and coalesce(first.kind, e.kind) <> 'fee'
group by p.effective_on order by p.effective_on
"""
_BILLED = """
select coalesce(sum(p.minor), 0) from ledger_posting p join ledger_entry e on e.id = p.entry_id
where p.invoice_id = %s::uuid and p.account = 'receivable' and e.kind = 'fee'
"""
