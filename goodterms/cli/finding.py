"""Decides what an operator means by a number: the customer or the invoice of the vendor that has it, or a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from goodterms.cli.viewer import BY
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.models import Project
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


def project_named(vendor: Listed, said: str) -> Project:
    """By its name, its key, or as much of the key as tells it apart."""
    from goodterms.billing.models import Project

    every = Project.objects.filter(vendor_id=vendor.id).select_related("customer")
    found = list(every.filter(name=said)) or [one for one in every if said and str(one.id).startswith(said.lower())]
    if len(found) != 1:
        many = "no project" if not found else f"{len(found)} projects"
        raise Refused(
            f"{vendor.name} has {many} {said}. Nothing was done; `goodterms project list` prints their keys.", code="not_found"
        )
    return found[0]
