"""Decides what is said of a document for programs: what was frozen in it, what its letterhead said then, what is enclosed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.forms.models import model_to_dict

from goodterms.delivery.words import spoken_language
from goodterms.einvoices.hybrid import Enclosed
from goodterms.invoicing import document
from goodterms.invoicing.electronic import Issued
from goodterms.invoicing.models import Enclosure, Invoice, Letterhead
from goodterms.invoicing.models import Line as LineRow
from goodterms.terms.rules import Terms


def lines_of(invoice_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The lines of each invoice, as its document has them."""
    found: dict[UUID, list[dict[str, Any]]] = {key: [] for key in invoice_ids}
    for row in LineRow.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "position"):
        found[row.invoice_id].append(model_to_dict(row, fields=document.OF_LINE))
    return found


def named(invoice_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What is enclosed with each, as it is copied into a document: by name and hash, without the bytes. One query."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = Enclosure.objects.filter(invoice_id__in=list(invoice_ids)).light()
    for row in rows:
        found.setdefault(row.invoice_id, []).append({
            "kind": row.kind, "name": row.name, "media_type": row.media_type, "size": row.size,
            "sha256": bytes(row.sha256).hex(),
        })  # fmt: skip
    return found


def enclosed(invoice: Invoice) -> list[Enclosed]:
    """The files that are frozen with a document, with their bytes; no query for one without."""
    if not invoice.document.get("enclosures"):
        return []
    rows = Enclosure.objects.filter(invoice_id=invoice.id).order_by("position", "id")
    return [Enclosed(row.name, row.media_type, bytes(row.content)) for row in rows]


def issued(invoice: Invoice, files: Sequence[Enclosed] | None = None) -> Issued:
    """What was frozen in a document, whose vendor and customer were selected with it, and what its letterhead said then."""
    assert invoice.issued_on is not None
    language = spoken_language(invoice.customer.language or invoice.vendor.language)[1]
    head = _letterhead(invoice, invoice.issued_at)
    return Issued(
        kind=invoice.kind, number=invoice.number, issued_on=invoice.issued_on, due_on=invoice.due_on,
        currency=invoice.currency, work=invoice.work, order_number=invoice.order_number,
        lines=lines_of([invoice.id])[invoice.id], document=invoice.document,
        terms=Terms.from_json(invoice.terms) if invoice.terms else None, language=language,
        contact=invoice.vendor.sender, phone=head.phone if head else "", company_number=head.company_number if head else "",
        attachments=enclosed(invoice) if files is None else files,
    )  # fmt: skip


def _letterhead(invoice: Invoice, at: datetime | None) -> Letterhead | None:
    """The one in use then; where the vendor had none yet, the first that came."""
    heads = Letterhead.objects.filter(vendor_id=invoice.vendor_id).order_by("since_at")
    then = heads.filter(Q(ended_at=None) | Q(ended_at__gt=at)) if at else heads
    return then.first() or heads.last()
