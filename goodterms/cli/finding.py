"""Decides what an operator means by a number: the customer or the invoice of the vendor that has it, or a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from goodterms.cli.viewer import BY
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice, InvoiceQuerySet
    from goodterms.parties.directory import Listed
    from goodterms.parties.models import Customer
    from goodterms.parties.rules import Viewer


def operator(vendor: Listed) -> Viewer:
    from goodterms.parties.rules import Viewer

    return Viewer(BY, frozenset({vendor.id}))


def customer_numbered(vendor: Listed, number: str) -> Customer:
    from goodterms.parties.models import Customer

    found = Customer.objects.seen_by(operator(vendor)).filter(number=number).first()
    if found is None:
        raise Refused(f"{vendor.name} has no customer number {number}. Nothing was done.", code="not_found")
    return found


def invoices(vendor: Listed) -> InvoiceQuerySet:
    """The vendor's invoices, without credit notes."""
    from goodterms.invoicing.models import Invoice

    return Invoice.objects.seen_by(operator(vendor)).filter(kind="invoice")


def invoice_numbered(vendor: Listed, number: str) -> Invoice:
    found = invoices(vendor).filter(number=number).first() if number else None
    if found is None:
        raise Refused(f"{vendor.name} has no invoice number {number}. Nothing was done.", code="not_found")
    return found


def invoice_meant(vendor: Listed, said: str) -> Invoice:
    """By its number, or by its id, which is all that a draft has."""
    try:
        found = invoices(vendor).filter(id=UUID(said)).first()
    except ValueError:
        found = None
    return found or invoice_numbered(vendor, said)


def document_numbered(vendor: Listed, number: str) -> Invoice:
    """An invoice or a credit note."""
    from goodterms.invoicing.models import Invoice

    found = Invoice.objects.seen_by(operator(vendor)).filter(number=number).select_related("customer", "vendor").first()
    if found is None or not number:
        raise Refused(f"{vendor.name} has no document number {number}. Nothing was done.", code="not_found")
    return found
