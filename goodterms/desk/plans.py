"""Decides what the page of a plan answers at the desk: its parts, what of them came, and its end by a person with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.conversations import actions
from goodterms.conversations.models import Plan
from goodterms.conversations.plans import Known, known
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.stationery.templatetags.stationery import long_day, plain_amount
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


@at_desk()
def plan(request: HttpRequest, visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """The plan as it stands."""
    return _page(request, visit, _found(visit, plan_id))


@at_desk(*BOOKS, methods=("POST",))
def end(request: HttpRequest, visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """A person ends it; the agreed days count again."""
    found, reason = _found(visit, plan_id), request.POST.get("reason", "")
    with deciding() as outcome:
        actions.end_plan(plan_id=plan_id, reason=reason, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if outcome.refusal:
        return _page(request, visit, found, outcome.refusal, reason)
    messages.success(request, "The plan has ended. The agreed days count again, and reminders go on.")
    return redirect(at(visit, "plan", plan_id=plan_id))


def in_a_sentence(one: Known) -> str:
    """How it stands, as somebody would say it on the telephone."""
    parts, total, plan = len(one.parts), plain_amount(one.total), one.plan
    if one.standing == "agreed" and one.next_on and one.next_sum:
        until = f"; reminders rest until {long_day(one.rests_until)}" if one.rests_until else ""
        return f"{total} in {parts} parts. The next, {plain_amount(one.next_sum)}, is due by {long_day(one.next_on)}{until}."
    said = {
        "agreed": "Everything is paid; the plan ends with the next day.",
        "proposed": f"They ask to pay {total} in {parts} parts. Nothing is agreed yet.",
        "offered": f"We offer {total} in {parts} parts, and wait for their yes.",
        "kept": f"Kept: {total} came in {parts} parts.",
        "renegotiated": "Other parts were agreed in its place.",
        "countered": "Other parts were offered in its place.",
        "declined": "Not agreed; the agreed days stayed.",
        "withdrawn": "Taken back by them before it was decided.",
        "ended": f"Ended by {plan.ended_by}: {plan.reason}",
    }
    if one.standing == "broken" and plan.missed_on:
        return f"The part of {long_day(plan.missed_on)} did not come within three days; {plain_amount(one.left)} is left of it."
    return said[one.standing]


def _found(visit: Visit, plan_id: UUID) -> Known:
    plans = Plan.objects.seen_by(visit.viewer).select_related("customer").filter(id=plan_id)
    found = next(iter(known(plans)), None)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, visit: Visit, one: Known, refusal: Refused | None = None, typed: str = "") -> HttpResponseBase:
    return shown(
        request, visit, "desk/plans/page.html", "customers", 409 if refusal else 200, one=one, said=in_a_sentence(one),
        shares=[(share, Money(share.to_pay_minor, one.plan.currency)) for share in one.shares], refusal=refusal, typed=typed,
        may_end=one.standing == "agreed" and visit.may(*BOOKS),
    )  # fmt: skip


urls: list[URLPattern] = [
    path("plans/<uuid:plan_id>/", plan, name="plan"),
    path("plans/<uuid:plan_id>/end/", end, name="end-plan"),
]
