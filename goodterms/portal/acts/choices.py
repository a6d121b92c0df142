"""Decides how the page of choices is shown for one invoice: the form that was asked for first, the others below it."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from goodterms.conversations.rules import AT_MOST, SIZE_MAX
from goodterms.portal import saying
from goodterms.portal.acts.deeds import DEEDS
from goodterms.portal.acts.reading import Subject, subject_of
from goodterms.portal.acts.words import REASONS, WANTS
from goodterms.portal.door import Visit, at_portal, deciding, one_of, shown
from goodterms.stationery.clocks import moment_of
from goodterms.stationery.refusals import told
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

# The form, its words in the list at the top, and its address.
FORMS = {
    "ask": (_("Ask"), "portal-ask"),
    "wrong": (_("Something is wrong"), "portal-dispute"),
    "part": (_("Pay part"), "portal-part"),
    "time": (_("More time"), "portal-more-time"),
    "promise": (_("Name a day"), "portal-promise"),
    "paid": (_("I have paid"), "portal-paid"),
    "refer": (_("Hand it on"), "portal-hand-on"),
}
OF_OPEN = {"part", "time", "promise", "paid"}  # what only makes sense while something is open
STATUS = {"not_found": 404, "waiting": 409, "disputed": 409, "stage": 409}


def _page(form: str) -> Any:
    """The view of one form: GET shows it, POST does it or says why not, beside what was typed."""

    @at_portal("GET", "POST")
    def page(request: HttpRequest, visit: Visit, invoice_id: Any) -> HttpResponse:
        invoice = one_of(visit, invoice_id)
        if invoice.kind != "invoice" or invoice.voided_at is not None:
            raise Http404
        subject = subject_of(visit, invoice)
        if request.method != "POST":
            return _choices(request, visit, subject, form)
        with deciding() as outcome:
            after = DEEDS[form](request, visit, subject)
        return redirect(after) if outcome else _choices(request, visit, subject, form, outcome.refusal)

    return page


def _choices(request: HttpRequest, visit: Visit, subject: Subject, form: str, refusal: Refused | None = None) -> HttpResponse:
    names = [form, *(name for name in FORMS if name != form)]
    state, standing = saying.state(subject.standing)
    return shown(
        request,
        visit,
        "portal/acts/choices.html",
        STATUS.get(refusal.code, 400) if refusal else 200,
        subject=subject,
        vendor=subject.vendor,
        who=subject.vendor.sender or subject.vendor.name,
        forms=[_form(name, subject, form) for name in names if subject.is_open or name not in OF_OPEN],
        key=new_key(visit.clock),
        chosen_lines=request.POST.getlist("line") if refusal else [],
        typed=request.POST if refusal else {"choice": "day"},
        form=form,
        sentence=told(refusal) if refusal else "",
        field=refusal.field if refusal else "",
        reasons=REASONS,
        wants=WANTS,
        state=state,
        standing=standing,
        answers_in=saying.span(subject.answers.minutes) if subject.answers else "",
        answer_by=moment_of(subject.answer_by, visit.now, subject.vendor.timezone),
        rest_on=subject.time.at_once_until or subject.time.since + timedelta(days=14),
        files_max=AT_MOST,
        file_megabytes=SIZE_MAX // 1024**2,
    )


def _form(name: str, subject: Subject, first: str) -> dict[str, Any]:
    words, url = FORMS[name]
    return {
        "name": name,
        "words": words,
        "url": reverse(url, kwargs={"invoice_id": subject.id}),
        "template": f"portal/acts/{name}.html",
        "is_first": name == first,
    }


_PAGES = [
    ("ask", "ask", "portal-ask"), ("dispute", "wrong", "portal-dispute"), ("part", "part", "portal-part"),
    ("more-time", "time", "portal-more-time"),
    ("promise", "promise", "portal-promise"), ("paid", "paid", "portal-paid"),
    ("hand-on", "refer", "portal-hand-on"),
]  # fmt: skip
urls: list[URLPattern] = [
    path(f"pay/invoice/<uuid:invoice_id>/{place}/", _page(form), name=name) for place, form, name in _PAGES
]
