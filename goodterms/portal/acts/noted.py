"""Decides what the page after an act says: what was noted, what happens next and by when, and how to take it back."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from goodterms.conversations.actions import resolve, withdraw_promise
from goodterms.conversations.actions.declarations import withdraw_declaration
from goodterms.conversations.models import Conversation, Extension, Message, Promise
from goodterms.conversations.plans import Known
from goodterms.conversations.rules import held_until
from goodterms.invoicing.models import Hold, Invoice
from goodterms.portal.acts.planning import standing_plans
from goodterms.portal.acts.seeing import threads_of
from goodterms.portal.door import Visit, at_portal, one_of, shown
from goodterms.stationery.clocks import moment_of
from goodterms.values.money import Money

HEADS: dict[str, Callable[[], str]] = {
    "question": lambda: _("Your question is on its way"),
    "dispute": lambda: _("We are looking at it"),
    "time": lambda: _("More time"),
    "promise": lambda: _("Your word is noted"),
    "paid": lambda: _("Thank you, we look for it"),
    "handed": lambda: _("Thank you for naming the right person"),
    "back": lambda: _("Taken back"),
}


_FIRST = Subquery(
    Message.objects.filter(conversation=OuterRef("pk"), inbound=True, internal=False).order_by("position").values("words")[:1]
)


class Talk(NamedTuple):
    """A conversation that is open about the invoice, and until when we answer."""

    thread: Conversation
    by: str  # `15:20`, in the vendor's time; empty where no answer of ours is due
    said: str  # their first words


class Stands(NamedTuple):
    """All that was said about an invoice and holds now."""

    talks: list[Talk]
    promise: Promise | None
    promised: Money | None
    rests_until: date | None
    granted: Extension | None
    paid: Hold | None
    plans: list[Known]  # that wait or run
    rest: Money | None  # what is payable beside a dispute


@at_portal()
def noted(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """What stands now, by the books; `?of=` names what was done last."""
    invoice = one_of(visit, invoice_id)
    if invoice.kind != "invoice":
        raise Http404
    of = request.GET.get("of", "")
    stands = _stands(visit, invoice)
    return shown(
        request,
        visit,
        "portal/acts/noted.html",
        invoice=invoice,
        vendor=invoice.vendor,
        who=invoice.vendor.sender or invoice.vendor.name,
        head=_head(of, stands),
        stands=stands,
        open=invoice.to_pay,
        is_silent=not any((stands.talks, stands.promise, stands.granted, stands.paid, stands.plans)),
    )


def _head(of: str, stands: Stands) -> str:
    """What was done last; time that a person has yet to grant is not called more time."""
    if of == "time" and any(talk.thread.kind == "request" for talk in stands.talks):
        return _("You have asked for more time")
    return HEADS[of]() if of in HEADS else _("What is noted")


@at_portal("POST")
def take_back(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponse:
    """A promise, a payment that was none, or a question, dispute or request that is no more."""
    invoice = one_of(visit, invoice_id)
    who: dict[str, Any] = {"by": visit.called, "now": visit.now}
    what = request.POST.get("what", "")
    if what == "promise":
        withdraw_promise(invoice_id=invoice.id, payer_id=visit.payer.id, **who)
    elif what == "paid":
        withdraw_declaration(invoice_id=invoice.id, payer_id=visit.payer.id, **who)
    else:
        thread = threads_of(visit).filter(about__invoice=invoice, id=_uuid(what)).first()
        if thread is None:
            raise Http404
        resolve(conversation_id=thread.id, resolution="withdrawn", role="payer", **who)
    messages.success(request, _("Taken back. Nothing else changed."))
    return redirect(f"{reverse('portal-noted', kwargs={'invoice_id': invoice.id})}?of=back")


def _stands(visit: Visit, invoice: Invoice) -> Stands:
    """Five queries, and two more where a plan stands."""
    talks = list(
        threads_of(visit).filter(about__invoice=invoice, closed_at=None).annotate(said=_FIRST).order_by("opened_at", "id")
    )
    promise = Promise.objects.filter(invoice=invoice, ended_at=None, judged_at=None).first()
    granted = Extension.objects.filter(invoice=invoice).exclude(granted_at=None).order_by("-until_on").first()
    paid = Hold.objects.filter(invoice=invoice, reason="paid", ended_at=None).order_by("-created_at").first()
    disputed = next((one for one in talks if one.kind == "dispute"), None)
    rest = invoice.open_minor - disputed.disputed_minor if disputed and disputed.disputed_minor else 0
    timezone = invoice.vendor.timezone
    return Stands(
        talks=[_talk(one, visit, timezone) for one in talks],
        promise=promise,
        promised=_left_of(promise, invoice) if promise else None,
        rests_until=held_until(promise.promised_on) if promise else None,
        granted=granted,
        paid=paid,
        plans=standing_plans(visit, invoice.id),
        rest=Money(rest, invoice.currency) if rest > 0 else None,
    )


def _talk(thread: Conversation, visit: Visit, timezone: str) -> Talk:
    is_due = thread.waiting_since_at is not None
    return Talk(
        thread, moment_of(thread.answer_due_at, visit.now, timezone) if is_due else "", getattr(thread, "said", "") or ""
    )


def _left_of(promise: Promise, invoice: Invoice) -> Money:
    """What is still to come of it, after what was paid since it was given."""
    since = promise.open_then_minor - invoice.open_minor
    return Money(max(promise.minor - max(since, 0), 0), invoice.currency)


def _uuid(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError as wrong:
        raise Http404 from wrong


urls: list[URLPattern] = [
    path("pay/invoice/<uuid:invoice_id>/noted/", noted, name="portal-noted"),
    path("pay/invoice/<uuid:invoice_id>/take-back/", take_back, name="portal-take-back"),
]
