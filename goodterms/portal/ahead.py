"""Decides what a payer sees of money paid before the work: retainers, deposits and parts, and what became of them."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from goodterms.billing.ahead import billed_in_bits, kept_for
from goodterms.portal.door import Visit, at_portal, shown


@at_portal(proven=True)
def ahead(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What is left of each retainer and until when; what was billed of agreed work, and what is still to come."""
    ours = [one.customer_id for one in visit.listing]
    kept = [(visit.vendors[one.retainer.vendor_id], one) for one in kept_for(ours, visit.today)]
    bits = [(visit.vendors[one.project.vendor_id], one) for one in billed_in_bits(ours)]
    return shown(request, visit, "portal/ahead.html", kept=kept, bits=bits)


urls: list[URLPattern] = [path("pay/ahead/", ahead, name="portal-ahead")]
