"""Decides what the link of a letter leads to that asks before an invoice is issued: its lines, a yes, or what is wrong."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _

from goodterms.conversations.actions import object_beforehand
from goodterms.database.isolation import declare
from goodterms.database.ways_in import tell
from goodterms.delivery.link import opened
from goodterms.invoicing.actions import agree
from goodterms.invoicing.document import adjustment_in
from goodterms.invoicing.forewarnings import LONGEST, OPENS_FOR, OVER, PURPOSE, more_of, more_percent
from goodterms.invoicing.models import Forewarning, Line
from goodterms.parties.directory import vendors_listing
from goodterms.parties.models import Contact, Payer
from goodterms.portal.door import clock
from goodterms.portal.outside import at_the_door, outside, wrong_door
from goodterms.stationery.refusals import told
from goodterms.stationery.sheet import adjusted, rows_of
from goodterms.values.money import Money
from goodterms.values.refusal import Refused, to_say

CLOSED = to_say("This link opens nothing any more.")


class Asked(NamedTuple):
    """What waits for a word, and whom we asked."""

    row: Forewarning
    payer: Payer
    now: datetime

    @property
    def language(self) -> str:
        invoice = self.row.invoice
        return self.payer.language or invoice.customer.language or invoice.vendor.language


@at_the_door("GET", "POST")
def before(request: HttpRequest, token: str) -> HttpResponse:
    """What it comes to and why that is more than expected; a button that says it is fine, and room for what is not."""
    asked = _asked(token)
    if asked is None:
        return wrong_door(request, Refused(CLOSED, code="over"))
    with translation.override(asked.language):
        sentence, words = "", request.POST.get("words", "")[: LONGEST * 2]
        if request.method == "POST":
            try:
                return _said(request, asked, words)
            except Refused as no:
                sentence = told(no)
        return _page(request, asked, words, sentence)


def _said(request: HttpRequest, asked: Asked, words: str) -> HttpResponse:
    vendor = asked.row.invoice.vendor
    given = {"forewarning_id": asked.row.id, "payer_id": asked.payer.id, "now": asked.now}
    if request.POST.get("answer") == "fine":
        done = agree(**given)  # type: ignore[arg-type]
        came = _("The invoice is on its way to you, as you prefer to get it.") if done.number else _(
            "%s sees it, and sends the invoice."
        ) % vendor.name  # fmt: skip
        return outside(request, "portal/said.html", title=_("Thank you"), words=came)
    object_beforehand(**given, words=words)  # type: ignore[arg-type]
    came = _("Nothing is sent until this is settled. %s answers you by e-mail.") % vendor.name
    return outside(request, "portal/said.html", title=_("Thank you for telling us"), words=came)


def _page(request: HttpRequest, asked: Asked, words: str, sentence: str) -> HttpResponse:
    row, invoice = asked.row, asked.row.invoice
    is_over = invoice.voided_at is not None or row.ended_at is not None or (row.overruled_at or invoice.issued_on) is not None
    if is_over and row.answer != "fine":
        return wrong_door(request, Refused(OVER, code="over"))
    lines = list(Line.objects.filter(invoice=invoice).order_by("position"))
    currency = invoice.currency
    nets = [Money(line.net_minor, currency) for line in lines]
    on_whole = [adjustment_in(one) for one in invoice.document.get("adjustments", ())]
    more = {
        "vendor": invoice.vendor, "invoice": invoice, "row": row, "percent": more_percent(row), "more": more_of(row, currency),
        "lines": rows_of(lines, nets, asked.language),
        "adjusted": adjusted(on_whole, nets, currency, asked.language), "net": Money(invoice.net_minor, currency),
        "tax": Money(invoice.tax_minor, currency), "total": Money(invoice.total_minor, currency),
        "expected": Money(row.expected_minor, currency), "billed": Money(row.before_minor, currency),
        "comes_to": Money(row.comes_to_minor, currency), "sentence": sentence, "words": words, "is_over": is_over,
    }  # fmt: skip
    return outside(request, "portal/before.html", 409 if sentence else 200, **more)


def _asked(token: str) -> Asked | None:
    """Nothing where the link is not ours, is old, or whoever got it is no contact of that customer any more."""
    carried = opened(settings.SECRET_KEY, PURPOSE, token)
    if carried is None:
        return None
    tell(payer=str(carried.payer_id))
    declare(vendors_listing(carried.payer_id))
    rows = Forewarning.objects.select_related("invoice__vendor", "invoice__customer")
    row = rows.filter(id=carried.subject_id).first()
    payer = Payer.objects.filter(id=carried.payer_id).first()
    if row is None or payer is None:
        return None
    now = row.invoice.vendor.sandbox_now or clock()
    people = Contact.objects.current().filter(customer_id=row.invoice.customer_id, payer_id=payer.id)
    return Asked(row, payer, now) if now < carried.sent_at + OPENS_FOR and people.exists() else None


urls: list[URLPattern] = [path("before/<slug:token>", before, name="portal-before")]
