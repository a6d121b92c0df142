"""Decides what the link of a letter that asks for a purchase order leads to: its number and paper, for that customer alone."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _

from goodterms.database.isolation import declare
from goodterms.database.ways_in import tell
from goodterms.delivery.link import opened
from goodterms.invoicing.actions import supply_order
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.orders import LONGEST, OPENS_FOR, PURPOSE
from goodterms.parties.directory import vendors_listing
from goodterms.parties.models import Contact, Payer
from goodterms.portal.door import clock
from goodterms.portal.outside import at_the_door, outside, wrong_door
from goodterms.stationery.downloads import uploaded
from goodterms.stationery.refusals import told
from goodterms.values.money import Money
from goodterms.values.refusal import Refused, to_say

CLOSED = to_say("This link opens nothing any more.")


class Asked(NamedTuple):
    """Which invoice waits for a number, and whom we asked."""

    invoice: Invoice
    payer: Payer
    now: datetime


@at_the_door("GET", "POST")
def order(request: HttpRequest, token: str) -> HttpResponse:
    """What it is about, and a field for the number; the first that is given counts."""
    asked = _asked(token)
    if asked is None:
        return wrong_door(request, Refused(CLOSED, code="over"))
    vendor = asked.invoice.vendor
    with translation.override(asked.payer.language or asked.invoice.customer.language or vendor.language):
        written, sentence = request.POST.get("order_number", "")[: LONGEST * 2], ""
        amount = request.POST.get("amount", "")[:LONGEST]
        if request.method == "POST":
            try:
                _supply(request, asked, written, amount)
            except Refused as no:
                sentence = told(no)
            else:
                words = _("The number is on the invoice. %s sees it, and there is nothing else to do.") % vendor.name
                return outside(request, "portal/said.html", title=_("Thank you"), words=words)
        one = asked.invoice
        return outside(
            request, "portal/order.html", 409 if sentence else 200, vendor=vendor, invoice=one, sentence=sentence,
            total=Money(one.total_minor, one.currency), written=written, amount=amount,
        )  # fmt: skip


def _supply(request: HttpRequest, asked: Asked, written: str, amount: str) -> None:
    """The number with its amount, and the order itself where they chose it."""
    file = next(iter(uploaded(request, "file")), None)
    supply_order(
        invoice_id=asked.invoice.id, payer_id=asked.payer.id, order_number=written, now=asked.now, file=file, amount=amount
    )


def _asked(token: str) -> Asked | None:
    """Nothing where the link is not ours, is old, or whoever got it is no contact of that customer any more."""
    carried = opened(settings.SECRET_KEY, PURPOSE, token)
    if carried is None:
        return None
    tell(payer=str(carried.payer_id))
    declare(vendors_listing(carried.payer_id))
    invoice = Invoice.objects.filter(id=carried.subject_id).select_related("vendor", "customer").first()
    payer = Payer.objects.filter(id=carried.payer_id).first()
    if invoice is None or payer is None:
        return None
    now = invoice.vendor.sandbox_now or clock()
    people = Contact.objects.current().filter(customer_id=invoice.customer_id, payer_id=payer.id)
    return Asked(invoice, payer, now) if now < carried.sent_at + OPENS_FOR and people.exists() else None


urls: list[URLPattern] = [path("order/<slug:token>", order, name="portal-order")]
