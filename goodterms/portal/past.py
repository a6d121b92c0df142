"""Decides how a payer looks back: payments with receipts, page by page, and a document on its sheet."""

from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, dumps, loads
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from goodterms.billing.ahead import around
from goodterms.invoicing.actions import paper_bytes, xml_bytes
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.invoicing.paper import file_name, has_xml
from goodterms.payments.keeping import left_of_notes
from goodterms.payments.models import Payment
from goodterms.portal import saying
from goodterms.portal.door import Visit, at_portal, one_of, shown
from goodterms.portal.overview import bills_of, receipts_of
from goodterms.stationery.downloads import download, printed
from goodterms.stationery.sheet import sheet_of
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money

A_PAGE = 30


@at_portal(proven=True)
def past(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that was paid, newest first; the address of the next page says after which payment it goes on."""
    rows = Payment.objects.seen_by(visit.viewer).order_by("-received_on", "-id")
    if after := _cursor(request.GET.get("after", "")):
        on, id = after
        rows = rows.filter(Q(received_on__lt=on) | Q(received_on=on, id__lt=id))
    found = list(rows[: A_PAGE + 1])
    more = dumps([found[A_PAGE - 1].received_on.isoformat(), str(found[A_PAGE - 1].id)]) if len(found) > A_PAGE else ""
    return shown(request, visit, "portal/past.html", receipts=receipts_of(visit, [one.id for one in found[:A_PAGE]]), more=more)


@at_portal()
def document(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """An invoice as it was issued, how it stands, and every way to act on it while it is open."""
    invoice = one_of(visit, invoice_id)
    bill = next((bill for bill in bills_of(visit) if bill.id == invoice.id), None)
    return shown(
        request,
        visit,
        "portal/document.html",
        invoice=invoice,
        sheet=sheet_of(invoice, list(invoice.lines.order_by("position")), tongue()),
        total=Money(invoice.total_minor, invoice.currency),
        bill=bill,
        state=saying.state(bill.standing) if bill else None,
        enclosures=list(Enclosure.objects.filter(invoice=invoice).light()),
        has_xml=has_xml(invoice.id),
        left=_left(invoice),
        around=around(invoice, visit.today) if visit.sees_all else None,
    )


def _left(invoice: Invoice) -> Money | None:
    """Of a credit note, what settles nothing yet."""
    if invoice.kind != "credit_note":
        return None
    return Money(left_of_notes([invoice.id]).get(invoice.id, 0), invoice.currency)


@at_portal()
def document_pdf(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """The same as its letter brought it: the bytes that are stored."""
    invoice = one_of(visit, invoice_id)
    return printed(file_name(invoice), paper_bytes(invoice_id=invoice.id))


@at_portal()
def document_xml(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """The same for programs, where their firm takes it so."""
    invoice = one_of(visit, invoice_id)
    if not has_xml(invoice.id):
        raise Http404
    return printed(file_name(invoice, "xml"), xml_bytes(invoice_id=invoice.id), "application/xml")


@at_portal()
def enclosure(request: HttpRequest, visit: Visit, invoice_id: UUID, enclosure_id: UUID) -> HttpResponse:
    """A file that goes with the document, as a download."""
    found = Enclosure.objects.filter(id=enclosure_id, invoice=one_of(visit, invoice_id)).first()
    if found is None:
        raise Http404
    return download(found)


def _cursor(text: str) -> list[Any] | None:
    try:
        return loads(text) if text else None
    except BadSignature:
        return None


urls: list[URLPattern] = [
    path("pay/past/", past, name="portal-past"),
    path("pay/invoices/<uuid:invoice_id>/", document, name="portal-invoice"),
    path("pay/invoices/<uuid:invoice_id>/document.pdf", document_pdf, name="portal-invoice-pdf"),
    path("pay/invoices/<uuid:invoice_id>/document.xml", document_xml, name="portal-invoice-xml"),
    path("pay/invoices/<uuid:invoice_id>/files/<uuid:enclosure_id>/", enclosure, name="portal-enclosure"),
]
