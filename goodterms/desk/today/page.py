"""Decides what happens on the page of the day, and at the buttons of its rows and messages."""

from datetime import date, timedelta
from uuid import UUID

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.clickjacking import xframe_options_sameorigin

from goodterms.conversations.rules.undo import TEN_SECONDS
from goodterms.delivery.actions import resolve
from goodterms.delivery.models import Letter
from goodterms.desk.door import BOOKS, CARE, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.today import outgoing, queue
from goodterms.desk.today.saying import opening, rows, title, why
from goodterms.invoicing.actions import approve, issue
from goodterms.invoicing.models import Invoice
from goodterms.relationship.measures.expected import DEFINITION, expected_until
from goodterms.relationship.rules.queue import THE_RULE
from goodterms.reminders.actions import edit_message, hold_message, release_message
from goodterms.reminders.rules import LONGEST, checked_words
from goodterms.reminders.rules.own_words import Foreword
from goodterms.reminders.writing import preview
from goodterms.values.refusal import Refused

OPEN_MESSAGES = 6  # that stand open beside the queue
OPEN_MONEY = 8
LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@at_desk()
def today(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What needs a person, what goes out next, and which money is expected."""
    groups = rows(queue.found(queue.asked(visit.vendor.id, visit.today, visit.now)), visit, request.GET.get("whole", ""))
    coming = [(one, title(one), why(one)) for one in outgoing.messages(visit)]
    sunday = visit.today + timedelta(days=7 - visit.today.isoweekday())
    week = expected_until(vendor_id=visit.vendor.id, today=visit.today, until=sunday)
    total = sum(len(group.rows) + group.folded for group in groups)
    return shown(
        request, visit, "desk/today/page.html", "today", needed=total, groups=groups, first=opening(groups, visit),
        total=total, most=queue.MOST, rule=THE_RULE,
        coming=coming[:OPEN_MESSAGES], later=coming[OPEN_MESSAGES:], week=week, listed=week.coming[:OPEN_MONEY],
        unlisted=week.coming[OPEN_MONEY:], definition=DEFINITION, may_approve=visit.may(*STAFF), may_issue=visit.may(*BOOKS),
        may_care=visit.may(*CARE),
    )  # fmt: skip


@at_desk(*STAFF, methods=("POST",))
def approved(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """A draft is approved, and issued by whoever may; one that is approved is issued."""
    with deciding() as outcome:
        invoice = Invoice.objects.seen_by(visit.viewer).filter(id=invoice_id).select_related("customer").first()
        if invoice is None:
            raise Http404
        done = _approve(visit, invoice)
    if outcome:
        messages.success(request, done)
    else:
        messages.error(request, str(outcome.refusal))
    return redirect(at(visit, "today"))


@at_desk(*CARE, methods=("POST",))
def settled(request: HttpRequest, visit: Visit, letter_id: UUID) -> HttpResponseBase:
    """A doubt ends by a person's word: the letter arrived, or it did not."""
    was_sent = request.POST.get("arrived") == "yes"
    if not Letter.objects.filter(id=letter_id, vendors__contains=[visit.vendor.id]).exists():
        raise Http404
    with deciding() as outcome:
        if request.POST.get("arrived") not in ("yes", "no"):
            raise Refused("Say whether it arrived.", code="arrived")
        resolve(letter_id=letter_id, was_sent=was_sent, by=visit.by, now=visit.now)
    if outcome:
        messages.success(request, f"Settled: the letter {'arrived' if was_sent else 'did not arrive'}. It is not sent again.")
    else:
        messages.error(request, str(outcome.refusal))
    return redirect(at(visit, "today"))


@at_desk(*CARE, methods=("POST",))
def hold(request: HttpRequest, visit: Visit, payer_id: UUID, day: str) -> HttpResponseBase:
    """Our part of this message waits, from its day on."""
    on = _date(day)
    with deciding() as outcome:
        hold_message(
            vendor_id=visit.vendor.id,
            payer_id=payer_id,
            from_on=on,
            by=visit.by,
            now=visit.now,
            why=request.POST.get("why", ""),
        )
    return _said(request, visit, outcome.refusal, "Held. Nothing of ours goes out to them until somebody releases it.")


@at_desk(*CARE, methods=("POST",))
def release(request: HttpRequest, visit: Visit, payer_id: UUID) -> HttpResponseBase:
    """The message may go again."""
    with deciding() as outcome:
        release_message(vendor_id=visit.vendor.id, payer_id=payer_id, by=visit.by, now=visit.now)
    return _said(request, visit, outcome.refusal, "Released. It goes out with the next run of the day that their hours allow.")


@csp_update({"frame-src": ["'self'"]})
@at_desk(*CARE, methods=("GET", "HEAD", "POST"))
def edit(request: HttpRequest, visit: Visit, payer_id: UUID, day: str) -> HttpResponseBase:
    """A sentence of our own in front of the invoices, with the letter as it will be beside it."""
    on = _date(day)
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            words = request.POST.get("words", "")
            edit_message(vendor_id=visit.vendor.id, payer_id=payer_id, on=on, words=words, by=visit.by, now=visit.now)
        if outcome:
            return _said(request, visit, None, "Kept. The message says it, and the rehearsal shows it.")
        refusal = outcome.refusal
    found = outgoing.message_of(visit, payer_id, on)
    if found is None and (refusal is None or refusal.code == "not_found"):
        raise Http404
    words = request.POST.get("words", found[0].foreword if found else "")
    return shown(
        request, visit, "desk/today/edit.html", "reminders", 422 if refusal else 200, message=found and found[0],
        title=found and title(found[0]), words=words, refusal=refusal, payer_id=payer_id, on=on, most=LONGEST,
        back=_back(request, visit), may_care=visit.may(*CARE),
    )  # fmt: skip


@xframe_options_sameorigin
@at_desk()
def letter(request: HttpRequest, visit: Visit, payer_id: UUID, day: str) -> HttpResponseBase:
    """The letter alone, as it will be with these words, for the frame beside the form; only our own invoices are in it."""
    found = outgoing.message_of(visit, payer_id, _date(day))
    if found is None:
        raise Http404
    given = request.GET.get("words")
    try:
        own = checked_words(given) if given and given.strip() else ""
    except Refused as no:
        return HttpResponse(str(no), status=422, content_type="text/plain", headers={"Content-Security-Policy": LETTER_POLICY})
    decision = outgoing.only_ours(visit, found[1])
    if given is not None and decision.notice:
        words = (Foreword("", str(visit.vendor.id), decision.on, own),) if own else ()
        decision = decision._replace(notice=decision.notice._replace(forewords=words))
    written = preview(decision, decision.on)
    if written is None:
        raise Http404
    return HttpResponse(written.html, headers={"Content-Security-Policy": LETTER_POLICY})


def _approve(visit: Visit, invoice: Invoice) -> str:
    given = {"invoice_id": invoice.id, "by": visit.by, "role": visit.role, "now": visit.now}
    if invoice.approved_at is None:
        approve(**given, up_to=visit.approves_up_to)  # type: ignore[arg-type]
    if not visit.may(*BOOKS):
        return f"Approved for {invoice.customer.name}. Somebody who keeps the books issues it."
    until = visit.clock + TEN_SECONDS
    number = issue(**given, issued_on=visit.today, free_until_at=until).number  # type: ignore[arg-type]
    if not number:
        return f"It is more than {invoice.customer.name} expects, so it waits for their word."
    return f"{number} is issued to {invoice.customer.name}."


def _said(request: HttpRequest, visit: Visit, refusal: Refused | None, sentence: str) -> HttpResponseBase:
    if refusal and refusal.code == "not_found":
        raise Http404
    messages.error(request, str(refusal)) if refusal else messages.success(request, sentence)
    return redirect(_back(request, visit))


def _back(request: HttpRequest, visit: Visit) -> str:
    """Where the reader came from, at this desk only."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    home = at(visit, "today")
    return asked if asked.startswith(home) and url_has_allowed_host_and_scheme(asked, None) else home


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


_ONE = "messages/<uuid:payer_id>/<str:day>/"
urls: list[URLPattern] = [
    path("", today, name="today"),
    path("today/invoices/<uuid:invoice_id>/approve/", approved, name="approve-and-issue"),
    path("today/letters/<uuid:letter_id>/settle/", settled, name="settle-doubt"),
    path(f"{_ONE}hold/", hold, name="hold-message"),
    path("messages/<uuid:payer_id>/release/", release, name="release-message"),
    path(f"{_ONE}edit/", edit, name="edit-message"),
    path(f"{_ONE}letter/", letter, name="message-letter"),
]
