"""Decides how a payer asks to pay in parts: which invoices, how many parts from when on, and the days and sums beforehand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodterms.conversations.actions import Wish, request_plan
from goodterms.conversations.actions.plans import weigh
from goodterms.conversations.actions.threads import word_until
from goodterms.conversations.models import Plan
from goodterms.conversations.plans import Known, known, running_over
from goodterms.conversations.rules import PARTS_MOST, RHYTHMS, Part, Verdict
from goodterms.conversations.rules.plans import FIRST_WITHIN_DAYS
from goodterms.conversations.wording import listed_parts
from goodterms.invoicing.models import Invoice
from goodterms.portal.acts.typed import day_of, key_of
from goodterms.portal.door import Visit, at_portal, deciding, one_of, shown
from goodterms.stationery.clocks import moment_of
from goodterms.stationery.refusals import told
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.days import day_in
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

MOST_BESIDE = 20  # other open invoices that can be chosen with it


class Line(NamedTuple):
    """An open invoice that can be part of it."""

    invoice: Invoice
    open: Money
    is_chosen: bool
    is_first: bool  # the one that the page is about


class Shown(NamedTuple):
    """What the form comes to: the parts and the answer that they would get, or why they cannot be."""

    parts: Sequence[tuple[date, Money]]
    total: Money
    verdict: Verdict | None
    refusal: Refused | None


class Subject(NamedTuple):
    """One invoice, those that can be paid with it, and the plan that runs over it."""

    invoice: Invoice
    lines: list[Line]
    runs: Known | None
    waits: Plan | None
    today: date

    @property
    def chosen(self) -> list[Invoice]:
        return [line.invoice for line in self.lines if line.is_chosen]

    @property
    def at_once(self) -> int:
        return self.invoice.vendor.plan_parts_max


@at_portal("GET", "POST")
def plan(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """GET shows the days and sums of what was chosen; POST asks for them."""
    said = request.POST if request.method == "POST" else request.GET
    subject = _subject(visit, one_of(visit, invoice_id), said)
    if subject.waits is not None:
        return redirect(reverse("portal-planned", kwargs={"plan_id": subject.waits.id}))
    if request.method != "POST":
        return _page(request, visit, subject, said)
    with deciding() as outcome:
        asked = request_plan(
            invoice_ids=[one.id for one in subject.chosen], wish=_wish(said, subject), by=visit.called, now=visit.now,
            words=said.get("words", ""), asking=_asking(said, subject), payer_id=visit.payer.id,
            key=key_of(said.get("key", ""), visit.clock),
        )  # fmt: skip
    if outcome.refusal:
        return _page(request, visit, subject, said, outcome.refusal)
    messages.success(request, _("Agreed.") if asked.plan.agreed_at else _("Your request is on its way."))
    return redirect(reverse("portal-planned", kwargs={"plan_id": asked.plan.id}))


def _subject(visit: Visit, invoice: Invoice, said: QueryDict) -> Subject:
    """The invoice, and what else is open of the same customer and currency and this browser may see."""
    if invoice.kind != "invoice" or invoice.voided_at is not None or invoice.open_minor <= 0:
        raise Http404
    beside = visit.invoices().filter(customer=invoice.customer_id, currency=invoice.currency, open_minor__gt=0, kind="invoice")
    found = [invoice, *beside.filter(voided_at=None).exclude(id=invoice.id).order_by("due_on", "number")[:MOST_BESIDE]]
    plans = running_over([one.id for one in found])
    of = {share.invoice_id: plan for plan in plans for share in plan.shares}
    runs = of.get(invoice.id)
    own = {share.invoice_id for share in runs.shares} if runs else set()
    chosen = set(said.getlist("with")) if "parts" in said else {str(key) for key in own}
    lines = [
        Line(one, one.to_pay, one.id == invoice.id or one.id in own or str(one.id) in chosen,
             one.id == invoice.id or one.id in own)
        for one in found if one.id not in of or one.id == invoice.id or one.id in own
    ]  # fmt: skip
    waits = Plan.objects.waiting().over([invoice.id]).first()
    return Subject(invoice, lines, runs, waits, day_in(invoice.vendor.timezone, visit.now))


def _page(
    request: HttpRequest, visit: Visit, subject: Subject, said: QueryDict, refusal: Refused | None = None
) -> HttpResponse:
    vendor = subject.invoice.vendor
    typed = _typed(said, subject)
    seen = _foreseen(subject, typed)
    no = refusal or seen.refusal
    return shown(
        request,
        visit,
        "portal/acts/plan.html",
        400 if refusal else 200,
        subject=subject,
        vendor=vendor,
        who=vendor.sender or vendor.name,
        typed={**typed, "words": said.get("words", "")},
        seen=seen,
        counts=range(2, max(12, vendor.plan_parts_max) + 1),
        latest=subject.today + timedelta(days=FIRST_WITHIN_DAYS),
        last_at_once=subject.today + timedelta(days=vendor.plan_days_max),
        most_at_once=_most(vendor.plan_minor_max, vendor.currency),
        at_once=seen.verdict is not None and seen.verdict.answer == "granted",
        answer_by=moment_of(word_until(vendor, visit.now), visit.now, vendor.timezone),
        key=new_key(visit.clock),
        sentence=told(no) if no else "",
        field=no.field if no else "",
        is_refused=refusal is not None,
    )


def _typed(said: QueryDict, subject: Subject) -> dict[str, str]:
    """As it was chosen; else what the vendor agrees to at once, from the day that counts on."""
    counts_from = subject.invoice.chase_on or subject.invoice.due_on or subject.today
    first = min(max(counts_from, subject.today), subject.today + timedelta(days=FIRST_WITHIN_DAYS))
    usual = {"parts": str(min(max(subject.at_once, 2), 3)), "every": "monthly", "first_on": first.isoformat()}
    return {name: said.get(name) or value for name, value in usual.items()}


def _wish(said: Mapping[str, str], subject: Subject) -> Wish:
    parts = said.get("parts", "")
    if not (parts.isascii() and parts.isdigit() and len(parts) < 4):
        raise Refused(_("Choose how many parts."), code="parts", field="parts")
    every = said.get("every", "")
    return Wish(int(parts), day_of(said.get("first_on", ""), "first_on"), every if every in RHYTHMS else "monthly")


def _foreseen(subject: Subject, typed: Mapping[str, str]) -> Shown:
    currency = subject.invoice.currency
    total = Money.total((one.to_pay for one in subject.chosen), currency)
    try:
        parts, verdict = weigh(subject.chosen, subject.invoice.vendor, _wish(typed, subject), subject.today)
    except Refused as no:
        return Shown([], total, None, no)
    return Shown([(part.on, Money(part.minor, currency)) for part in parts], total, verdict, None)


def _asking(said: QueryDict, subject: Subject) -> str:
    """The parts in the payer's language, so that whoever answers reads what was seen."""
    seen = _foreseen(subject, _typed(said, subject))
    parts = listed_parts([Part(on, sum_.minor) for on, sum_ in seen.parts], subject.invoice.currency, tongue())
    asked = ngettext("In %(n)s part, please: %(parts)s.", "In %(n)s parts, please: %(parts)s.", len(seen.parts))
    return asked % {"n": len(seen.parts), "parts": parts}


def _most(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def standing_plans(visit: Visit, invoice_id: UUID) -> list[Known]:
    """The plans over an invoice that wait or run, for the page of what is noted."""
    rows = Plan.objects.seen_by(visit.viewer).filter(ended_at=None).over([invoice_id])
    return known(rows.order_by("asked_at", "id"))


assert PARTS_MOST >= 12
urls: list[URLPattern] = [path("pay/invoice/<uuid:invoice_id>/plan/", plan, name="portal-plan")]
