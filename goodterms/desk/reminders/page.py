"""Decides how a vendor's cadences are seen and changed: drafted in the address, rehearsed, and only then put into effect."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.http import urlencode

from goodterms.desk.door import BOOKS, CARE, Visit, at, at_desk, deciding, shown
from goodterms.desk.reminders import steps, words
from goodterms.desk.reminders.examples import open_one
from goodterms.desk.reminders.letters import REMINDERS
from goodterms.desk.reminders.rehearsal import DAYS, PAYERS, rehearsed
from goodterms.parties.models import Customer
from goodterms.reminders.actions import change_cadence
from goodterms.reminders.models import Cadence as Kept
from goodterms.reminders.rules import CONTACT_LIMITS, HOURS, STEADY, Cadence
from goodterms.values.refusal import Refused


@at_desk()
def reminders(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The cadence, or the draft of one that the address describes, with its rehearsal."""
    kept = list(Kept.objects.filter(vendor=visit.vendor).order_by("-usual", "name"))
    base = _named(kept, request.GET.get("cadence", ""))
    with deciding() as outcome:
        draft = steps.from_address(request.GET, base)
    draft = draft if outcome else base
    is_changed = draft != base or not any(one.name == base.name for one in kept)
    seen = rehearsed(visit.vendor, visit.today, draft if is_changed else None, request.GET.get("after", ""))
    more: dict[str, Any] = {
        "kept": kept, "base": base, "draft": draft, "is_changed": draft != base, "refusal": outcome.refusal, "seen": seen,
        "axis": steps.drawn(draft), "proof": steps.seal(draft, visit.vendor.slug), "kinds": steps.KINDS, "days": DAYS,
        "payers": PAYERS, "channels": steps.CHANNELS, "tones": steps.TONES, "limits": CONTACT_LIMITS, "hours": HOURS,
        "used": _used(visit, base, kept), "is_usual": base.name == _named(kept, "").name,
        "words": _words(request, visit), "may_care": visit.may(*CARE),
        "query": urlencode({"cadence": base.name, **steps.as_query(draft)}, doseq=True),
    }  # fmt: skip
    return shown(request, visit, "desk/reminders/page.html", "reminders", 422 if outcome.refusal else 200, **more)


@at_desk(*BOOKS, methods=("POST",))
def into_effect(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The very cadence whose rehearsal was shown."""
    cadence = steps.unsealed(request.POST.get("proof", ""), visit.vendor.slug)
    if cadence is None:
        raise Refused("The rehearsal of this was not seen lately, so nothing was changed. Look at it, then put it into effect.")
    kept = list(Kept.objects.filter(vendor=visit.vendor).order_by("-usual", "name"))
    name = request.POST.get("name", "").strip()
    if name and name != cadence.name:
        cadence = Cadence(name, cadence.steps, cadence.gap_days)
    usual = not kept or request.POST.get("usual") == "1" or any(one.usual and one.name == cadence.name for one in kept)
    change_cadence(vendor_id=visit.vendor.id, cadence=cadence, usual=usual, by=visit.by, now=visit.now)
    messages.success(request, f"“{cadence.name}” is in effect from the next run of the day. What was said stays said.")
    return redirect(f"{at(visit, 'reminders')}?{urlencode({'cadence': cadence.name})}")


def _words(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What one step says in each voice, written out on a real invoice."""
    kind, language = request.GET.get("say", "first"), request.GET.get("in", "en")
    kind, language = kind if kind in REMINDERS else "first", language if language in words.TONGUES else "en"
    on = open_one(visit.vendor, visit.today)
    voices = words.voices(visit.vendor, kind, language, on)
    return {"kind": kind, "language": language, "voices": voices, "example": on, "said": REMINDERS, "tongues": words.TONGUES}


def _named(kept: list[Kept], name: str) -> Cadence:
    """The one with this name, else the usual one, else the house's."""
    row = next((one for one in kept if one.name == name), None) or next((one for one in kept if one.usual), None)
    if name and name == STEADY.name and (row is None or row.name != name):
        return STEADY
    return Cadence.from_json(row.data) if row else STEADY


def _used(visit: Visit, base: Cadence, kept: list[Kept]) -> tuple[int, int]:
    """How many customers it is used for, of how many."""
    everybody = Customer.objects.filter(vendor=visit.vendor)
    own = everybody.filter(cadence=base.name).count()
    total = everybody.count()
    names = [one.name for one in kept]
    usual = total - everybody.filter(cadence__in=names).count() if base.name == _named(kept, "").name else 0
    return own + usual, total


urls: list[URLPattern] = [
    path("reminders/", reminders, name="reminders"),
    path("reminders/into-effect/", into_effect, name="cadence-into-effect"),
    *words.urls,
]
