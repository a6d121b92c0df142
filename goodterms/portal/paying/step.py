"""Decides the paying step: what is paid, the ways to pay it, and the press that leads to the provider."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from goodterms.payments.actions import Paying, open_checkouts
from goodterms.payments.providers import serving
from goodterms.payments.selection import Chosen, chosen
from goodterms.portal.door import Visit, at_portal, deciding, shown
from goodterms.portal.paying.selecting import query_of, since_words, still_to_pay, sums_of, transfers_of, wanted_of
from goodterms.portal.paying.words import ways
from goodterms.stationery.refusals import told
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Wanted = dict[UUID, Money | None]


@at_portal("GET", "POST")
def step(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page; `part` asks first how much of each. A press opens the checkouts and leads to the provider."""
    if request.method == "POST":
        return _pressed(request, visit)
    if "invoice" not in request.GET:
        return redirect(reverse("portal"))
    if "part" in request.GET:
        return _part(request, visit, request.GET)
    try:
        asked = wanted_of(visit, request.GET)
        wanted, paid = still_to_pay(visit, asked)
        if asked and not wanted:
            return shown(request, visit, "portal/paying/nothing_open.html", paid=paid)
        found = chosen(visit.viewer, wanted, visit.now)
    except Refused as no:
        if no.field != "amount":
            raise
        return _part(request, visit, request.GET, no)
    return _page(request, visit, wanted, found, str(new_key(visit.clock)), request.GET.get("way", ""), paid=paid)


def _pressed(request: HttpRequest, visit: Visit) -> HttpResponse:
    wanted = wanted_of(visit, request.POST)
    way, key = request.POST.get("way", ""), request.POST.get("key", "")[:100]
    if way == "transfer":
        return redirect(f"{reverse('portal-pay')}?{query_of(wanted, way=way)}")
    with deciding() as outcome:
        paying = open_checkouts(viewer=visit.viewer, wanted=wanted, provider=way, key=key, now=visit.now)
    no = outcome.refusal
    if no is None:
        return redirect(_where_to(paying))
    if no.field == "amount":
        return _part(request, visit, request.POST, no)
    if no.field == "invoice":
        raise no
    return _page(request, visit, wanted, chosen(visit.viewer, wanted, visit.now), str(new_key(visit.clock)), way, no)


def _where_to(paying: Paying) -> str:
    """The provider's page; where there are several, or it came to an end already, the page that says so."""
    addresses = {one.address for one in paying.checkouts}
    if len(addresses) == 1 and all(one.standing == "open" for one in paying.checkouts):
        return addresses.pop()
    return reverse("portal-paid-page", kwargs={"paying_id": paying.paying_id})


def _page(
    request: HttpRequest,
    visit: Visit,
    wanted: Wanted,
    found: list[Chosen],
    key: str,
    way: str,
    no: Refused | None = None,
    paid: Sequence[str] = (),
) -> HttpResponse:
    vendors = list({one.vendor.id: one.vendor for one in found}.values())
    providers = serving({(one.vendor.id, one.price.currency): (one.vendor, one.price.currency) for one in found}.values())
    transfers = transfers_of(found)
    offered = ways(providers, bool(transfers))
    sums = sums_of(found)
    return shown(
        request,
        visit,
        "portal/paying/step.html",
        409 if no else 200,
        found=found,
        vendors=vendors,
        sums=sums,
        totals=[one.sum for one in sums],
        transfers=transfers,
        since=since_words(visit, vendors) if transfers else [],
        ways=offered,
        way=way if way in [one.name for one in offered] else next((one.name for one in offered), ""),
        wanted=list(wanted.items()),
        paid=paid,
        key=key,
        refusal=told(no) if no else "",
    )


def _part(request: HttpRequest, visit: Visit, said: QueryDict, no: Refused | None = None) -> HttpResponse:
    """How much of each: what was typed stays, also where it was refused."""
    keys = said.getlist("invoice")
    rows = visit.invoices().filter(id__in=keys, kind="invoice", open_minor__gt=0).select_related("vendor")
    typed = [(one, said.get(f"amount-{one.id}", said.get("amount", "") if len(keys) == 1 else "")) for one in rows]
    bills = [(one, one.to_pay, words) for one, words in typed]
    if not bills:
        raise Refused("These invoices are paid already.", code="paid")
    return shown(request, visit, "portal/paying/part.html", 409 if no else 200, bills=bills, refusal=told(no) if no else "")


urls: list[URLPattern] = [path("pay/now/", step, name="portal-pay")]
