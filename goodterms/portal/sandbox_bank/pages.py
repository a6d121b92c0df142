"""Decides what the pretend bank shows a payer, and that what they press there is told to the vendors as a bank would."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from goodterms.payments.due import listen
from goodterms.payments.models import SandboxPayment
from goodterms.payments.providers.sandbox_bank.actions import decide
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.portal.paying.outcome import checkouts_of
from goodterms.values.money import Money

log = logging.getLogger(__name__)


@at_portal("GET", "POST")
def bank(request: HttpRequest, visit: Visit, together_id: UUID) -> HttpResponse:
    """All payments of one press on one page, approved, declined or delayed together."""
    checkouts_of(visit, together_id)
    back = reverse("portal-paid-page", kwargs={"paying_id": together_id})
    if request.method == "POST":
        vendors = list(visit.vendors)
        decide(together_id=together_id, vendor_ids=vendors, decision=request.POST.get("decision", ""), at=visit.clock)
        transaction.on_commit(lambda: _tell(visit))
        return redirect(back)
    found = list(SandboxPayment.objects.filter(together_id=together_id).order_by("order_id"))
    if not found:
        raise Http404
    rows = [(one, Money(one.minor, one.currency)) for one in found]
    is_open = any(one.word == "open" for one in found)
    return shown(request, visit, "portal/sandbox_bank.html", rows=rows, is_open=is_open, back=back)


def _tell(visit: Visit) -> None:
    """The bank calls each vendor, after what was pressed is kept; where that fails, it calls again within a minute."""
    for vendor_id, vendor in visit.vendors.items():
        try:
            now: datetime = vendor.sandbox_now or visit.clock
            listen(vendor_id=vendor_id, at=visit.clock, now=now)
        except Exception:
            log.exception("The sandbox bank could not tell a vendor yet")


urls: list[URLPattern] = [path("sandbox-bank/<uuid:together_id>/", bank, name="sandbox-bank")]
