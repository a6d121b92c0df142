"""Decides what is done to several invoices at once, and says beforehand which of them it cannot touch, and why."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string

from goodterms.delivery.spoken import amounts as spoken
from goodterms.desk.door import STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices.filter import asked
from goodterms.desk.invoices.listing import PAGE
from goodterms.desk.invoices.reading import PAGE as MOST
from goodterms.desk.invoices.reading import Row, rows_of
from goodterms.invoicing.actions import hold, release
from goodterms.invoicing.actions.facts import known_of
from goodterms.invoicing.life import Role, may
from goodterms.invoicing.models import Hold
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TOUCH = (*STAFF, "receivables manager")
DEEDS = {"hold": "Hold reminders", "release": "Release"}


class Chosen(NamedTuple):
    """Those a deed can be done to, and those it cannot, each with the reason."""

    able: list[Row]
    unable: list[tuple[Row, str]]


@at_desk(*TOUCH, methods=("POST",))
def selected(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The bar below the list, for what is selected now: its sums, and what cannot be touched."""
    keys = _keys(request)
    ways = {name: _chosen(visit, name, keys) for name in DEEDS}
    rows = [*ways["hold"].able, *(row for row, _ in ways["hold"].unable)]
    buts = [(DEEDS[name], len(way.able), way.unable) for name, way in ways.items() if way.unable]
    return HttpResponse(render_to_string("desk/invoices/bulk.html", {"count": len(rows), "sums": _sums(rows), "buts": buts}))


@at_desk(*TOUCH, methods=("POST",))
def together(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """First the page that says what will be done to which and what not; then, pressed there, the deed to those it can touch."""
    deed, keys = request.POST.get("deed", ""), _keys(request)
    if deed not in DEEDS or not keys:
        raise Refused("Choose at least one invoice first, then what to do with it.", code="nothing")
    chosen = _chosen(visit, deed, keys)
    until = _day(request.POST.get("until", ""))
    back = f"{at(visit, PAGE)}{asked(request.POST.dict()).address()}"
    refusal = None
    if "sure" in request.POST and chosen.able:
        with deciding() as outcome:
            _do(visit, deed, [row.id for row in chosen.able], until, request.POST.get("note", "").strip()[:500])
        if outcome:
            messages.success(request, _said(deed, len(chosen.able), len(chosen.unable)))
            return redirect(back)
        refusal = outcome.refusal
    more: dict[str, Any] = {
        "deed": deed, "title": DEEDS[deed], "chosen": chosen, "back": back,
        "sums": spoken(_sums(chosen.able), "en"), "refusal": refusal,
        "given": request.POST,
    }  # fmt: skip
    return shown(request, visit, "desk/invoices/together.html", PAGE, 409 if refusal else 200, **more)


def _chosen(visit: Visit, deed: str, keys: Sequence[UUID]) -> Chosen:
    rows = rows_of(keys, visit.today)
    known = known_of(invoice_ids=[row.id for row in rows], today=visit.today)
    able, unable = list[Row](), list[tuple[Row, str]]()
    for row in sorted(rows, key=lambda row: (row.customer, row.number)):
        no = _why_not(deed, known.get(row.id), visit)
        unable.append((row, no)) if no else able.append(row)
    return Chosen(able, unable)


def _why_not(deed: str, known: Any, visit: Visit) -> str:
    """As life.py says it for each; a credit note has no life of its own."""
    if known is None:
        return "A credit note is not reminded of."
    by_hand = "manual" in known.reasons
    if deed == "hold" and by_hand:
        return "It is held already."
    role: Role = visit.role  # type: ignore[assignment]
    try:
        may(deed, known.facts._replace(held=by_hand) if deed == "release" else known.facts, role, visit.today)
    except Refused as no:
        return no.sentence
    return ""


def _do(visit: Visit, deed: str, keys: list[UUID], until: date | None, note: str) -> None:
    who: dict[str, Any] = {"by": visit.by, "role": visit.role, "now": visit.now}
    if deed == "hold":
        hold(invoice_ids=keys, reason="manual", from_on=visit.today, until_on=until, note=note, **who)
        return
    running = Hold.objects.filter(invoice_id__in=keys, reason="manual", ended_at=None).values_list("id", flat=True)
    for hold_id in list(running):
        release(hold_id=hold_id, on=visit.today, **who)


def _said(deed: str, done: int, left: int) -> str:
    what = "held; no reminder goes out for it" if deed == "hold" else "released; its cadence goes on"
    rest = f" {left} could not be touched and stay as they were." if left else ""
    return (
        f"{done} {what}.{rest}" if done == 1 else f"{done} {what.replace('for it', 'for them').replace('its', 'their')}.{rest}"
    )


def _keys(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(written) for written in request.POST.getlist("id")[:MOST]]
    except ValueError as odd:
        raise Refused("One of these invoices is not known. Choose again.", code="not_found") from odd


def _sums(rows: Sequence[Row]) -> list[Money]:
    sums: dict[str, Money] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, Money(0, row.currency)) + row.amount
    return list(sums.values())


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written.strip() else None
    except ValueError as odd:
        raise Refused(f"“{written[:40]}” is not a day like 2026-12-01.", code="form", field="until") from odd
