"""Decides how the words of reminders are seen and changed: each voice beside the others, written out on a real invoice."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.http import urlencode

from goodterms.delivery.frame import Letter
from goodterms.delivery.words import LANGUAGES, TONES, Wording
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Contact, Vendor
from goodterms.reminders.actions import word, word_as_the_house
from goodterms.reminders.letter import Line, NoticeContent, Sender, letter
from goodterms.reminders.models import OwnWording
from goodterms.reminders.rules.names import NAMES
from goodterms.reminders.wording import KINDS, wording_of
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

SAID = {kind: NAMES[kind] for kind in KINDS}
TONGUES = {"en": "English", "id": "Bahasa Indonesia"}
DAYS = {"heads_up": -5, "due_day": 0, "first": 3, "second": 10, "promise_missed": 8, "bundle": 3}  # from the due day


class Example(NamedTuple):
    """A real invoice of the vendor, or an invented one where nothing is open, and who it goes to."""

    number: str
    work: str
    open: Money
    due_on: date
    name: str
    title: str
    is_real: bool


class Said(NamedTuple):
    """One voice: its words as they come out, and whether they are the vendor's own."""

    tone: str
    written: Letter
    opening: str
    is_own: bool


def example(vendor: Vendor, today: date) -> Example:
    # The oldest few are found in the index of open invoices, and only these are read.
    oldest = Invoice.objects.filter(vendor=vendor, open_minor__gt=0).exclude(due_on=None).order_by("due_on").values("id")[:20]
    row = Invoice.objects.filter(id__in=oldest, kind="invoice").order_by("due_on", "number").first()
    if row is None or row.due_on is None:
        amount = Money(194_280, vendor.currency)
        return Example("PP-4471", "Labels, second run", amount, today + timedelta(days=7), "Sandra Whitlock", "Ms", False)
    who = Contact.objects.current().filter(vendor=vendor, customer_id=row.customer_id, pays=True).first()
    name, title = (who.name, who.title) if who else ("", "")
    return Example(row.number, row.work, Money(row.open_minor, row.currency), row.due_on, name, title, True)


def voices(vendor: Vendor, kind: str, language: str, on: Example) -> list[Said]:
    """Each voice with the words that are in use; one statement for all of them."""
    rows = OwnWording.objects.filter(vendor=vendor, kind=kind, language=language, ended_at=None)
    own = {row.tone: Wording(**row.pieces) for row in rows}
    return [_said(vendor, kind, tone, language, own.get(tone), on) for tone in TONES]


def _said(vendor: Vendor, kind: str, tone: str, language: str, own: Wording | None, on: Example) -> Said:
    written = _letter(vendor, kind, tone, language, own, on)
    greeting, _, rest = written.text.split("\n\n")[1].partition("\n")
    return Said(tone, written, f"{greeting} {rest}", own is not None)


def _letter(vendor: Vendor, kind: str, tone: str, language: str, own: Wording | None, on: Example) -> Letter:
    """The letter as it would be, on the day of its step; its links lead nowhere."""
    sender, nowhere = Sender(vendor.name, vendor.sender), "…"
    promised = on.due_on + timedelta(days=5) if kind == "promise_missed" else None
    line = Line(sender, on.number, on.work, on.open, on.due_on, nowhere, nowhere, nowhere, nowhere, promised)
    later = line._replace(due_on=on.due_on + timedelta(days=20))
    content = NoticeContent(
        on=on.due_on + timedelta(days=DAYS[kind]), language=language, tone=tone, kind=kind, name=on.name, title=on.title,
        lines=[line, later] if kind == "bundle" else [line], pay_url=nowhere, time_url=nowhere, preferences_url=nowhere,
        time_days=vendor.extension_days_max, wording=own,
    )  # fmt: skip
    return letter(content)


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def wording(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """One kind, voice and language: five short texts, and what becomes of them."""
    query = request.POST if request.method == "POST" else request.GET
    kind, tone, language = _which(query)
    refusal = None
    if request.method == "POST":
        known: dict[str, Any] = {
            "vendor_id": visit.vendor.id,
            "kind": kind,
            "tone": tone,
            "language": language,
            "by": visit.by,
            "now": visit.now,
        }
        with deciding() as outcome:
            if request.POST.get("house"):
                word_as_the_house(**known)
            else:
                word(**known, wording=_typed(request.POST))
        if outcome:
            messages.success(request, f"{SAID[kind]}, {tone}: kept. Letters that are written from now on say this.")
            return redirect(f"{at(visit, 'reminders')}?{urlencode({'say': kind, 'in': language})}#words")
        refusal = outcome.refusal
    row = OwnWording.objects.filter(vendor=visit.vendor, kind=kind, tone=tone, language=language, ended_at=None).first()
    pieces = _typed(query) if "opening" in query else Wording(**row.pieces) if row else wording_of(kind, tone, language)
    more: dict[str, Any] = {
        "kind": kind, "tone": tone, "language": language, "said": SAID, "tongues": TONGUES, "tones": TONES, "pieces": pieces,
        "is_own": row is not None, "refusal": refusal, **_previewed(visit, kind, tone, language, pieces),
    }  # fmt: skip
    return shown(request, visit, "desk/reminders/wording.html", "reminders", 422 if refusal else 200, **more)


@at_desk()
def preview(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The letter alone, as typed so far; nothing is kept."""
    kind, tone, language = _which(request.GET)
    parts = _previewed(visit, kind, tone, language, _typed(request.GET))
    return HttpResponse(render_to_string("desk/reminders/preview.html", parts, request))


def _previewed(visit: Visit, kind: str, tone: str, language: str, pieces: Wording) -> dict[str, Any]:
    on = example(visit.vendor, visit.today)
    try:
        return {"written": _letter(visit.vendor, kind, tone, language, pieces, on), "fault": None, "example": on}
    except Refused as no:
        return {"written": None, "fault": no, "example": on}


def _which(query: QueryDict) -> tuple[str, str, str]:
    kind, tone, language = query.get("kind", "first"), query.get("tone", "neutral"), query.get("language", "en")
    if kind not in KINDS or tone not in TONES or language not in LANGUAGES:
        raise Refused("There are no words for that. Choose a kind, a voice and a language.", code="not_found")
    return kind, tone, language


def _typed(query: QueryDict) -> Wording:
    return Wording(*(query.get(name, "").strip() for name in Wording._fields))


urls: list[URLPattern] = [
    path("reminders/words/", wording, name="wording"),
    path("reminders/words/preview/", preview, name="wording-preview"),
]
