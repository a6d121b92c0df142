"""Decides how an issued invoice that nobody saw is taken out of the books; it keeps its number and its reason (I18)."""

from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.taking_off import must_stand_alone
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import settles_from
from goodterms.ledger.actions import reverse, standing
from goodterms.values.refusal import Refused


def void(*, invoice_id: UUID, on: date, reason: str, by: str, role: Role, now: datetime) -> Invoice:
    """Void an issued invoice as of `on`: only while nothing was paid or credited and it cannot have reached the customer."""
    if not reason:
        raise Refused("Say why this invoice is void.", code="reason", field="reason")
    must(verb="void", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    invoice = Invoice.objects.get(id=invoice_id)
    must_stand_alone(invoice=invoice)
    entries = standing(document_ids=[invoice_id])
    day = settles_from(before, before.open_minor, on)
    reverse(vendor_id=invoice.vendor_id, entry_ids=entries, effective_on=day, memo=reason, now=now)
    balance.move(changes=[(before, -before.open_minor, day)])
    Invoice.objects.filter(id=invoice_id).update(voided_at=now, void_reason=reason)
    data = {"number": before.number, "reason": reason}
    record(at=now, deed=Deed(invoice.vendor_id, "invoice.voided", by, invoice.customer_id, invoice_id, data=data))
    return Invoice.objects.get(id=invoice_id)
