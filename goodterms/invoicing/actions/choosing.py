"""Decides what a payer keeps back of one draft for the tax office: chosen for it, left out, or as its customer's terms say."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.chosen import KEY, holding, without_choice
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.terms.rules import Withholding


def choose_withholding(*, invoice_id: UUID, withholding: Withholding | None, by: str, role: Role, now: datetime) -> Invoice:
    """Of this draft so much is kept back, or nothing, whatever its customer's terms say. Refused once it is approved."""
    return _hold(invoice_id, lambda held: holding(held, withholding), by, role, now)


def withhold_as_agreed(*, invoice_id: UUID, by: str, role: Role, now: datetime) -> Invoice:
    """What was chosen for this draft is taken back: its customer's terms decide."""
    return _hold(invoice_id, without_choice, by, role, now)


def carry_choice(*, earlier: Invoice, to: Invoice) -> None:
    """The draft that stands in for an invoice keeps back what that did, where it was chosen."""
    if KEY in earlier.document:
        to.document = {**to.document, KEY: earlier.document[KEY]}
        to.save(update_fields=["document"])


def _hold(invoice_id: UUID, then: Callable[[Mapping[str, Any]], dict[str, Any]], by: str, role: Role, now: datetime) -> Invoice:
    must(verb="edit", invoice_ids=[invoice_id], role=role, today=now.date())
    invoice = Invoice.objects.get(id=invoice_id)
    held = then(invoice.document)
    if held == invoice.document:
        return invoice
    invoice.document = held
    invoice.save(update_fields=["document"])
    data = {"total_minor": invoice.total_minor, "currency": invoice.currency, "withholding": held.get(KEY)}
    record(at=now, deed=Deed(invoice.vendor_id, "invoice.edited", by, invoice.customer_id, invoice.id, data=data))
    return invoice
