"""Decides what a payer sees of a plan and does about it: its parts and what came of them, the next to pay, a yes, a no more."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from goodterms.conversations.actions import accept_plan, resolve
from goodterms.conversations.models import Plan
from goodterms.conversations.plans import Known, known
from goodterms.portal.door import Visit, at_portal, deciding, shown
from goodterms.portal.paying.selecting import query_of
from goodterms.stationery.clocks import moment_of
from goodterms.stationery.refusals import told
from goodterms.values.refusal import Refused

HEADS = {
    "proposed": gettext_noop("Your request is with the vendor"),
    "offered": gettext_noop("Other parts are offered to you"),
    "agreed": gettext_noop("In parts, as agreed"),
    "kept": gettext_noop("All parts are paid. Thank you."),
    "broken": gettext_noop("A part did not come by its day"),
    "renegotiated": gettext_noop("Other parts were agreed since"),
    "ended": gettext_noop("This plan has ended"),
    "declined": gettext_noop("Not agreed"),
    "withdrawn": gettext_noop("Taken back"),
    "countered": gettext_noop("Other parts were offered since"),
}


@at_portal("GET", "POST")
def planned(request: HttpRequest, visit: Visit, plan_id: UUID) -> HttpResponse:
    """The plan; POST says yes to what was offered, or takes a request back."""
    found = _found(visit, plan_id)
    if request.method != "POST":
        return _page(request, visit, found)
    with deciding() as outcome:
        said = _done(request, visit, found)
    if outcome.refusal:
        return _page(request, visit, found, outcome.refusal)
    messages.success(request, said)
    return redirect(reverse("portal-planned", kwargs={"plan_id": plan_id}))


def pay_next(plan: Known) -> str:
    """Where the next part is paid; empty where nothing is."""
    paying = plan.next_paying
    return f"{reverse('portal-pay')}?{query_of(dict(paying))}" if paying else ""


def _found(visit: Visit, plan_id: UUID) -> Known:
    """Of the customers that list the payer; who came by a letter sees those over its invoices alone."""
    plan = Plan.objects.seen_by(visit.viewer).select_related("vendor", "conversation").filter(id=plan_id).first()
    if plan is None:
        raise Http404
    [found] = known([plan])
    shares = [one.invoice_id for one in found.shares]
    if visit.invoices().filter(id__in=shares).count() < len(shares):
        raise Http404
    return found


def _done(request: HttpRequest, visit: Visit, found: Known) -> str:
    if request.POST.get("do") == "agree":
        accept_plan(plan_id=found.plan.id, by=visit.called, now=visit.now, payer_id=visit.payer.id)
        return _("Agreed.")
    if found.plan.conversation_id is None or found.standing not in ("proposed", "offered"):
        raise Refused(_("This was decided already."), code="closed")
    resolve(
        conversation_id=found.plan.conversation_id, resolution="withdrawn", by=visit.called, role="payer", now=visit.now
    )  # fmt: skip
    return _("Taken back. Nothing else changed.")


def _page(request: HttpRequest, visit: Visit, found: Known, refusal: Refused | None = None) -> HttpResponse:
    plan, thread = found.plan, found.plan.conversation
    vendor = visit.vendors[plan.vendor_id]
    is_due = thread is not None and thread.waiting_since_at is not None
    return shown(
        request,
        visit,
        "portal/acts/planned.html",
        409 if refusal else 200,
        one=found,
        head=_(HEADS[found.standing]),
        vendor=vendor,
        who=vendor.sender or vendor.name,
        first=next(iter(found.open or found.shares)),
        answer_by=moment_of(thread.answer_due_at, visit.now, vendor.timezone) if thread and is_due else "",
        pay=pay_next(found) if found.standing == "agreed" else "",
        sentence=told(refusal) if refusal else "",
    )


urls: list[URLPattern] = [path("pay/plans/<uuid:plan_id>/", planned, name="portal-planned")]
