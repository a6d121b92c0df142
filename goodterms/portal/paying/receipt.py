"""Decides what a receipt says, who may read it: a payer who is let in, or whoever has the letter with its link."""

import hmac
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from goodterms.database.isolation import declare
from goodterms.database.ways_in import found
from goodterms.delivery.spoken import listed
from goodterms.papers.letterhead import figures
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.payments.models import Allocation, Payment
from goodterms.payments.paper import receipts
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.portal.outside import at_the_door, outside
from goodterms.reminders.token import link_token
from goodterms.stationery.downloads import printed
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money


class Settled(NamedTuple):
    """One invoice that the payment settled, all of it or in part. Figures stand under one currency."""

    invoice_id: UUID
    number: str
    work: str
    issued_on: date | None
    order_number: str
    total: str
    paid: str
    discount: str  # empty where none was taken
    left: str
    withheld: str = ""  # kept back for the tax office


class Receipt(NamedTuple):
    """A payment as it is thanked for."""

    vendor: Vendor
    customer: Customer
    contact: str
    received_on: date
    method: str
    amount: Money
    settled: list[Settled]
    kept: Money  # settles nothing yet
    back: Money  # was given back
    works: str
    reference: str


@at_portal()
def page(request: HttpRequest, visit: Visit, payment_id: UUID) -> HttpResponse:
    """The receipt of a payment of the payer's; after a letter's link alone, of what that letter showed."""
    receipt = receipt_of(_seen(visit, payment_id))
    sheet = reverse("portal-receipt-pdf", kwargs={"payment_id": payment_id})
    return shown(request, visit, "portal/paying/receipt.html", receipt=receipt, sheet=sheet, way_back=reverse("portal"))


@at_portal()
def page_pdf(request: HttpRequest, visit: Visit, payment_id: UUID) -> HttpResponse:
    """The same as a file."""
    return receipt_pdf(_seen(visit, payment_id))


@at_the_door("GET")
def by_letter(request: HttpRequest, payment_id: UUID, token: str) -> HttpResponse:
    """The same from the letter that thanked for it: this receipt and nothing else."""
    payment = _of_letter(payment_id, token)
    with translation.override(payment.customer.language or payment.vendor.language):
        sheet = reverse("receipt-pdf-by-letter", kwargs={"payment_id": payment_id, "token": token})
        return outside(request, "portal/paying/receipt.html", receipt=receipt_of(payment), sheet=sheet)


@at_the_door("GET")
def by_letter_pdf(request: HttpRequest, payment_id: UUID, token: str) -> HttpResponse:
    """The same as a file."""
    payment = _of_letter(payment_id, token)
    with translation.override(payment.customer.language or payment.vendor.language):
        return receipt_pdf(payment)


@at_the_door("GET")
def to_preferences(request: HttpRequest, payment_id: UUID, token: str) -> HttpResponse:
    """Preferences are of a person, so who comes by a receipt is asked who they are on the way."""
    _of_letter(payment_id, token)
    return redirect(reverse("portal-preferences"))


def receipt_of(payment: Payment) -> Receipt:
    """Everything on it: three queries, whatever the number of invoices."""
    standing = Allocation.objects.filter(payment=payment, reversed_at=None).select_related("invoice")
    rows = list(standing.order_by("invoice__due_on", "invoice__number"))
    left_then = {one["allocation_id"]: one["open_minor"] for one in payment.answer.get("allocations", [])}
    customer = Customer.objects.select_related("vendor").get(id=payment.customer_id)
    contact = Contact.objects.current().filter(customer=customer, pays=True).values_list("name", flat=True).first()
    works = list(dict.fromkeys(row.invoice.work or row.invoice.number for row in rows))
    return Receipt(
        customer.vendor,
        customer,
        contact or "",
        payment.received_on,
        method_words(payment.method),
        Money(payment.minor, payment.currency),
        [_settled(row, left_then.get(str(row.id), row.invoice.open_minor)) for row in rows],
        Money(payment.unapplied_minor, payment.currency),
        Money(payment.refunded_minor, payment.currency),
        listed(works, tongue()),
        payment.reference,
    )


def receipt_pdf(payment: Payment) -> HttpResponse:
    """The same as a sheet to print and to file, in the language of the page."""
    name = f"receipt-{payment.vendor.slug}-{payment.received_on}.pdf"
    return printed(name, receipts({payment.id: tongue()})[payment.id])


def method_words(method: str) -> str:
    """How it was paid, in words."""
    known = {
        "bank_transfer": _("bank transfer"),
        "card": _("card"),
        "cheque": _("cheque"),
        "cash": _("cash"),
        "direct_debit": _("Direct Debit"),
    }
    return known.get(method, method.replace("_", " "))


def _settled(row: Allocation, left_minor: int) -> Settled:
    invoice, language = row.invoice, tongue()
    total, paid, off, left, kept = (
        figures(Money(minor, invoice.currency), language)
        for minor in (invoice.total_minor, row.minor, row.discount_minor, left_minor, row.withheld_minor)
    )
    return Settled(
        invoice.id, invoice.number, invoice.work, invoice.issued_on, invoice.order_number, total, paid,
        off if row.discount_minor else "", left, kept if row.withheld_minor else "",
    )  # fmt: skip


def _seen(visit: Visit, payment_id: UUID) -> Payment:
    """A payment that this browser may see; any other is not there."""
    payment = Payment.objects.seen_by(visit.viewer).filter(id=payment_id).first()
    if payment is None:
        raise Http404
    if not visit.sees_all:
        settled = Allocation.objects.filter(payment=payment).values_list("invoice_id", flat=True)
        if not settled or set(settled) - set(visit.shown_by_letter):
            raise Http404
    return payment


def _of_letter(payment_id: UUID, token: str) -> Payment:
    """The payment that the letter's token was made for; any other token finds nothing, and takes as long."""
    if not hmac.compare_digest(link_token(settings.SECRET_KEY, payment_id).encode(), token.encode()):
        raise Http404
    rows = found("vendor_of_payment", payment_id)
    if not rows:
        raise Http404
    declare([UUID(str(rows[0][0]))])
    return Payment.objects.select_related("customer", "vendor").get(id=payment_id)


urls: list[URLPattern] = [
    path("pay/receipts/<uuid:payment_id>/", page, name="portal-receipt"),
    path("pay/receipts/<uuid:payment_id>/receipt.pdf", page_pdf, name="portal-receipt-pdf"),
    path("receipt/<uuid:payment_id>/<slug:token>", by_letter, name="receipt-by-letter"),
    path("receipt/<uuid:payment_id>/<slug:token>/receipt.pdf", by_letter_pdf, name="receipt-pdf-by-letter"),
    path("receipt/<uuid:payment_id>/<slug:token>/preferences", to_preferences, name="receipt-preferences"),
]
