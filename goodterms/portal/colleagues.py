"""Decides how a payer names a colleague to vendors, what became of those named before, and how one is taken back."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from goodterms.parties.actions import introduce, withdraw_introduction
from goodterms.parties.models import Introduction
from goodterms.portal.door import Visit, at_portal, deciding, shown
from goodterms.stationery.refusals import told
from goodterms.values.refusal import Refused

MOST = 20  # of the newest, on the page of preferences


class Named(NamedTuple):
    """A colleague as one vendor was asked about them; `waits` while it has not answered."""

    one: Introduction
    vendor: str
    state: str
    words: str
    waits: bool


@at_portal("GET", "POST", proven=True)
def colleagues(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Somebody to get copies or the letters, of the vendors that are chosen; each of them decides."""
    if request.method != "POST":
        return _form(request, visit, [one.id for one in visit.vendors.values()])
    said = request.POST
    vendors = [key for key in visit.vendors if str(key) in said.getlist("vendor")]
    with deciding() as outcome:
        found = introduce(
            payer_id=visit.payer.id, vendor_ids=vendors, name=said.get("name", ""), address=said.get("email", ""),
            takes_over=said.get("gets") == "letters", by=visit.called, now=visit.now,
        )  # fmt: skip
    if outcome.refusal:
        return _form(request, visit, vendors, outcome.refusal)
    messages.success(request, _("%s is named. Nobody sees anything before the vendor has answered.") % found[0].name)
    return redirect(reverse("portal-preferences"))


@at_portal("POST", proven=True)
def take_back(request: HttpRequest, visit: Visit, introduction_id: UUID) -> HttpResponse:
    """While the vendor has not answered."""
    withdraw_introduction(payer_id=visit.payer.id, introduction_id=introduction_id, by=visit.called, now=visit.now)
    messages.success(request, _("Taken back. Nothing else changed."))
    return redirect(reverse("portal-preferences"))


def named_by(visit: Visit) -> list[Named]:
    """Whom the payer named, the newest first; one query."""
    rows = Introduction.objects.filter(payer_id=visit.payer.id, vendor_id__in=list(visit.vendors)).exclude(outcome="withdrawn")
    return [_named(visit, one) for one in rows.order_by("-asked_at", "-id")[:MOST]]


def _named(visit: Visit, one: Introduction) -> Named:
    words = {"": _("waits for their answer"), "added": _("added"), "declined": _("not added")}[one.outcome]
    return Named(
        one, visit.vendors[one.vendor_id].name, {"": "wait", "added": "well"}.get(one.outcome, ""), words, not one.outcome
    )


def _form(request: HttpRequest, visit: Visit, chosen: Sequence[UUID], refusal: Refused | None = None) -> HttpResponse:
    return shown(
        request, visit, "portal/colleagues.html", 400 if refusal else 200, typed=request.POST,
        vendors=[(one, one.id in chosen) for one in visit.vendors.values()],
        refusal=told(refusal) if refusal else "", field=refusal.field if refusal else "",
    )  # fmt: skip


urls: list[URLPattern] = [
    path("pay/preferences/colleagues/", colleagues, name="portal-colleagues"),
    path("pay/preferences/colleagues/<uuid:introduction_id>/back/", take_back, name="portal-colleague-back"),
]
