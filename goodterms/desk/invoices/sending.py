"""Decides how a document is handed out at the desk: as PDF, by a letter to somebody, and for ten seconds not after all."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.conversations.rules.undo import TEN_SECONDS
from goodterms.desk.door import CARE, Visit, at, at_desk
from goodterms.desk.undo import Undo, undo_of
from goodterms.invoicing.actions import paper_bytes, proof_bytes, send_copy, take_back, xml_bytes
from goodterms.invoicing.models import Dispatch, Enclosure, Invoice
from goodterms.invoicing.paper import file_name, has_xml
from goodterms.parties.models import Contact
from goodterms.stationery.downloads import download, printed
from goodterms.values.refusal import Refused

TOUCH = (*CARE, "approver")


class Sending(NamedTuple):
    """What the page of an invoice knows of its ways out: what can be taken back, and who may get a copy."""

    undo: Undo | None
    people: list[tuple[UUID, str]]
    was_sent: bool


@at_desk()
def paper(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """The PDF that the customer has; of a draft how it will look, on its day or today."""
    invoice = _one(visit, invoice_id)
    if invoice.issued_on is None:
        on = max(invoice.issues_on or visit.today, visit.today)
        return printed(file_name(invoice), proof_bytes(invoice_id=invoice.id, on=on))
    return printed(file_name(invoice), paper_bytes(invoice_id=invoice.id))


@at_desk()
def xml(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """What the customer has for programs, where they take it beside the PDF."""
    invoice = _one(visit, invoice_id)
    if not has_xml(invoice.id):
        raise Http404
    return printed(file_name(invoice, "xml"), xml_bytes(invoice_id=invoice.id), "application/xml")


@at_desk()
def enclosure(request: HttpRequest, visit: Visit, invoice_id: UUID, enclosure_id: UUID) -> HttpResponseBase:
    """A file that goes with an invoice, as a download."""
    found = Enclosure.objects.seen_by(visit.viewer).filter(id=enclosure_id, invoice_id=invoice_id).first()
    if found is None:
        raise Http404
    return download(found)


@at_desk(*TOUCH, methods=("POST",))
def send(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """By e-mail to one person of the customer."""
    invoice = _one(visit, invoice_id)
    send_copy(
        invoice_id=invoice.id, contact_id=_contact(request), by=visit.by, now=visit.now, free_until_at=free_until(visit)
    )  # fmt: skip
    return redirect(at(visit, "invoice", invoice_id=invoice_id))


@at_desk(*TOUCH, methods=("POST",))
def keep_back(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Taken back within ten seconds: what was issued stays so, and nobody hears of it yet."""
    invoice = _one(visit, invoice_id)
    for row in _free(visit, invoice.id):
        take_back(dispatch_id=row.id, by=visit.by, now=visit.now, clock=visit.clock)
        break
    else:
        raise Refused("The ten seconds are over and it is on its way; write to them instead.", code="late")
    return redirect(at(visit, "invoice", invoice_id=invoice_id))


def free_until(visit: Visit) -> datetime:
    """Until when what is sent now can be taken back, by the real clock."""
    return visit.clock + TEN_SECONDS


def sending_of(visit: Visit, invoice: Invoice) -> Sending:
    """Three queries; of a draft none."""
    if invoice.issued_on is None:
        return Sending(None, [], was_sent=False)
    known = Contact.objects.current().filter(customer_id=invoice.customer_id, payer__isnull=False)
    people = list(known.order_by("-pays", "name", "id").values_list("id", "name"))
    sendings = Dispatch.objects.filter(invoice=invoice, withdrawn_at=None)
    free = next(iter(_free(visit, invoice.id)), None)
    undo = None
    if free is not None:
        words = f"On its way to {free.contact.name}" if free.contact else "Issued, and on its way"
        action = at(visit, "invoice-keep-back", invoice_id=invoice.id)
        undo = undo_of(words, free_until_at=free.free_until_at, clock=visit.clock, action=action)
    return Sending(undo, people, was_sent=sendings.exists())


def _free(visit: Visit, invoice_id: UUID) -> list[Dispatch]:
    """What can still be taken back, the latest first."""
    waiting = Dispatch.objects.filter(invoice_id=invoice_id, posted_at=None, withdrawn_at=None, free_until_at__gt=visit.clock)
    return list(waiting.select_related("contact").order_by("-created_at", "-id"))


def _one(visit: Visit, invoice_id: UUID) -> Invoice:
    invoice = Invoice.objects.filter(id=invoice_id, vendor=visit.vendor).first()
    if invoice is None:
        raise Http404
    return invoice


def _contact(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("contact", ""))
    except ValueError as odd:
        raise Refused("Choose to whom it goes.", code="contact", field="contact") from odd
