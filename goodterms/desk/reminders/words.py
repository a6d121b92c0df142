"""Decides how the words of letters are seen and changed: each voice beside the others, written out on a real document."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.http import urlencode

from goodterms.delivery.actions import word, word_as_the_house
from goodterms.delivery.frame import Letter
from goodterms.delivery.models import OwnWording
from goodterms.delivery.words import LANGUAGES, TONES, Wording, check_pieces
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.reminders.examples import Example
from goodterms.desk.reminders.letters import DOCUMENTS, REMINDERS, SAID, Voice, example_for, house, kind_of, written
from goodterms.parties.models import Vendor
from goodterms.values.refusal import Refused

TONGUES = {"en": "English", "id": "Bahasa Indonesia"}


class Said(NamedTuple):
    """One voice: its words as they come out, and whether they are the vendor's own."""

    tone: str
    written: Letter
    opening: str
    is_own: bool


def voices(vendor: Vendor, kind: str, language: str, on: Example) -> list[Said]:
    """Each voice with the words that are in use; one statement for all of them."""
    rows = OwnWording.objects.filter(vendor=vendor, kind=kind, language=language, ended_at=None)
    own = {row.tone: Wording(**row.pieces) for row in rows}
    return [_said(vendor, Voice(kind, tone, language), own.get(tone), on) for tone in TONES]


def _said(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Said:
    letter = written(vendor, voice, own, on)
    greeting, _, rest = letter.text.split("\n\n")[1].partition("\n")
    return Said(voice.tone, letter, f"{greeting} {rest}", own is not None)


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def wording(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """One kind, voice and language: five short texts, and what becomes of them."""
    query = request.POST if request.method == "POST" else request.GET
    voice = _which(query)
    kind, tone, language = voice
    refusal = None
    if request.method == "POST":
        known: dict[str, Any] = {
            "vendor_id": visit.vendor.id, "kind": kind_of(kind), "tone": tone, "language": language, "by": visit.by,
            "now": visit.now,
        }  # fmt: skip
        with deciding() as outcome:
            if request.POST.get("house"):
                word_as_the_house(**known)
            else:
                word(**known, wording=_typed(request.POST))
        if outcome:
            messages.success(request, f"{SAID[kind]}, {tone}: kept. Letters that are written from now on say this.")
            return redirect(_back(visit, voice))
        refusal = outcome.refusal
    row = OwnWording.objects.filter(vendor=visit.vendor, kind=kind, tone=tone, language=language, ended_at=None).first()
    pieces = _typed(query) if "opening" in query else Wording(**row.pieces) if row else house(voice)
    more: dict[str, Any] = {
        "kind": kind, "tone": tone, "language": language, "said": SAID, "groups": _GROUPS, "tongues": TONGUES, "tones": TONES,
        "pieces": pieces, "is_own": row is not None, "refusal": refusal, "is_reminder": kind in REMINDERS,
        "names": [f"{{{{ {name} }}}}" for name in sorted(kind_of(kind).names) if not name.startswith(("has_", "is_"))],
        "plain_names": kind_of(kind).names, **_previewed(visit, voice, pieces),
    }  # fmt: skip
    return shown(request, visit, "desk/reminders/wording.html", "reminders", 422 if refusal else 200, **more)


@at_desk()
def preview(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The letter alone, as typed so far; nothing is kept."""
    parts = _previewed(visit, _which(request.GET), _typed(request.GET))
    return HttpResponse(render_to_string("desk/reminders/preview.html", parts, request))


def _previewed(visit: Visit, voice: Voice, pieces: Wording) -> dict[str, Any]:
    """What is typed must be seen to fail here, though a document would go out in the words of the house."""
    on = example_for(visit.vendor, voice.kind, visit.today)
    try:
        check_pieces(pieces, kind_of(voice.kind))
        return {"written": written(visit.vendor, voice, pieces, on), "fault": None, "example": on}
    except Refused as no:
        return {"written": None, "fault": no, "example": on}


def _back(visit: Visit, voice: Voice) -> str:
    """Where the three voices of a reminder stand beside each other; other letters have this page."""
    if voice.kind in REMINDERS:
        return f"{at(visit, 'reminders')}?{urlencode({'say': voice.kind, 'in': voice.language})}#words"
    return f"{at(visit, 'wording')}?{urlencode(voice._asdict())}"


def _which(query: QueryDict) -> Voice:
    kind, tone, language = query.get("kind", "first"), query.get("tone", "neutral"), query.get("language", "en")
    if kind not in SAID or tone not in TONES or language not in LANGUAGES:
        raise Refused("There are no words for that. Choose a kind, a voice and a language.", code="not_found")
    return Voice(kind, tone, language)


def _typed(query: QueryDict) -> Wording:
    return Wording(*(query.get(name, "").strip() for name in Wording._fields))


_GROUPS = (("Reminders", REMINDERS), ("Other letters", DOCUMENTS))
urls: list[URLPattern] = [
    path("reminders/words/", wording, name="wording"),
    path("reminders/words/preview/", preview, name="wording-preview"),
]
