"""Decides how payers say what they wish: days, hours, language, tone, how seldom we write, and which browsers are in."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodterms.access.models import Session
from goodterms.delivery import spoken
from goodterms.parties.actions import change_wishes, resume_reminders, stop_reminders
from goodterms.portal import saying
from goodterms.portal.colleagues import named_by
from goodterms.portal.door import Visit, at_portal, deciding, shown
from goodterms.stationery.clocks import moment_of
from goodterms.stationery.refusals import told
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.refusal import Refused

LANGUAGES = (("", gettext_lazy("as the vendors write")), ("en", "English"), ("id", "Bahasa Indonesia"))
TONES = (
    ("", gettext_lazy("as the vendors write")),
    ("informal", gettext_lazy("informal")),
    ("neutral", gettext_lazy("neutral")),
    ("formal", gettext_lazy("formal")),
)
RANGES = 3  # stretches of quiet days that fit the form


@at_portal("GET", "POST", proven=True)
def preferences(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form; what is kept goes before what any customer said for the payer, and holds for all vendors together."""
    if request.method != "POST":
        return _form(request, visit, _kept(visit))
    with deciding() as outcome:
        payer = change_wishes(payer_id=visit.payer.id, now=visit.now, by=visit.by, changes=_changes(request.POST))
    if outcome.refusal:
        return _form(request, visit, request.POST, outcome.refusal)
    with translation.override(payer.language or tongue()):  # the next page is in the language that was chosen
        messages.success(request, _("Kept. It holds from the next letter on, for all vendors together."))
    return redirect(reverse("portal-preferences"))


@at_portal("POST", proven=True)
def reminders(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Reminders by e-mail end, or come again."""
    act = stop_reminders if request.POST.get("want") == "stop" else resume_reminders
    act(payer_id=visit.payer.id, now=visit.now, by=visit.by)
    return redirect(reverse("portal-preferences"))


def _form(request: HttpRequest, visit: Visit, typed: Mapping[str, Any], refusal: Refused | None = None) -> HttpResponse:
    running = Session.objects.filter(payer_id=visit.payer.id, ended_at=None, expires_at__gt=visit.clock).order_by("-opened_at")
    chosen = {name: _chosen(typed, name) for name in ("letter_weekdays", "quiet_weekdays")}
    return shown(
        request,
        visit,
        "portal/preferences.html",
        typed=typed,
        days=[(n, spoken.weekdays([n], tongue()), str(n) in chosen["letter_weekdays"], str(n) in chosen["quiet_weekdays"])
              for n in range(1, 8)],
        ranges=_ranges_typed(typed),
        languages=LANGUAGES,
        tones=TONES,
        refusal=told(refusal) if refusal else "",
        field=refusal.field if refusal else "",
        budget=saying.budget(visit),
        sessions=[(one, _device(one.device), *_moments(visit, one)) for one in running],
        colleagues=named_by(visit),
    )  # fmt: skip


def _moments(visit: Visit, session: Session) -> tuple[str, str]:
    """Since when a browser is in and until when, by the real clock where the payer is."""
    return moment_of(session.opened_at, visit.clock, visit.timezone), moment_of(session.expires_at, visit.clock, visit.timezone)


def _device(known: str) -> str:
    """`Firefox on Windows`, as access.rules.device_of keeps it, in the language of the page."""
    browser, on, system = known.partition(" on ")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if on else known or _("A browser")


def _kept(visit: Visit) -> dict[str, Any]:
    """The payer's own wishes, as the form would have sent them."""
    payer = visit.payer
    return {
        "letter_weekdays": [str(n) for n in payer.letter_weekdays],
        "quiet_weekdays": [str(n) for n in payer.quiet_weekdays],
        "quiet": payer.quiet_ranges,
        "language": payer.language,
        "tone": payer.tone,
        "hours_from": f"{payer.hours_from:%H:%M}" if payer.hours_from else "",
        "hours_to": f"{payer.hours_to:%H:%M}" if payer.hours_to else "",
        "contacts_max": payer.contacts_max or "",
        "contacts_days": payer.contacts_days or "",
    }


def _changes(posted: QueryDict) -> dict[str, Any]:
    """The columns of a payer's wishes; what is not a number or an hour is refused by its field."""
    return {
        "letter_weekdays": [_number(n, "letter_weekdays") for n in posted.getlist("letter_weekdays")],
        "quiet_weekdays": [_number(n, "quiet_weekdays") for n in posted.getlist("quiet_weekdays")],
        "quiet_ranges": [pair for pair in _ranges_typed(posted) if any(pair)],
        "language": posted.get("language", ""),
        "tone": posted.get("tone", ""),
        **{name: _hour(posted.get(name, ""), name) for name in ("hours_from", "hours_to")},
        **{name: _number(str(posted[name]), name) if posted.get(name) else None for name in ("contacts_max", "contacts_days")},
    }


def _chosen(typed: Mapping[str, Any], name: str) -> list[str]:
    return typed.getlist(name) if isinstance(typed, QueryDict) else typed[name]


def _ranges_typed(typed: Mapping[str, Any]) -> list[list[str]]:
    if not isinstance(typed, QueryDict):
        return [*typed["quiet"], *[["", ""]] * RANGES][: max(RANGES, len(typed["quiet"]) + 1)]
    return [list(pair) for pair in zip(typed.getlist("quiet_from"), typed.getlist("quiet_to"), strict=False)]


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Refused(_("This is a whole number."), code="preferences", field=field)
    return int(text)


def _hour(text: str, field: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError as odd:
        raise Refused(_("Write the hour like 09:00."), code="preferences", field=field) from odd


urls: list[URLPattern] = [
    path("pay/preferences/", preferences, name="portal-preferences"),
    path("pay/preferences/reminders/", reminders, name="portal-reminders"),
]
