"""Decides what the links of our one question lead to: the three answers with a button, since mail filters follow links."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from goodterms.database.isolation import declare
from goodterms.database.ways_in import found, tell
from goodterms.parties.actions import stop_reminders
from goodterms.parties.directory import vendors_listing
from goodterms.parties.models import Payer, Vendor
from goodterms.portal.door import clock
from goodterms.portal.outside import at_the_door, outside
from goodterms.relationship.actions import answer_feedback
from goodterms.relationship.models import Feedback
from goodterms.relationship.rules import ANSWERS
from goodterms.reminders.token import link_token

CALLED = {"good": gettext_lazy("Good"), "mixed": gettext_lazy("Mixed"), "poor": gettext_lazy("Poor")}


class Asked(NamedTuple):
    """Whom we asked, for which vendor, and what time it is there."""

    question: Feedback
    vendor: Vendor
    payer: Payer
    now: datetime


@at_the_door("GET", "POST")
def answer(request: HttpRequest, feedback_id: UUID, token: str, given: str) -> HttpResponse:
    """The answers, with the one of the link chosen; the first that is pressed counts."""
    if given not in ANSWERS:
        raise Http404
    with _speaking(_asked(feedback_id, token)) as asked:
        if asked.question.answered_at is not None:
            return _thanks(request, asked)
        if request.method != "POST":
            return _question(request, asked, given)
        chosen = request.POST.get("answer", given)
        if chosen not in ANSWERS:
            return _question(request, asked, given, _("Choose one of the three."))
        answer_feedback(
            feedback_id=feedback_id, answer=chosen, by=asked.payer.name or asked.payer.address, now=asked.now,
            words=request.POST.get("words", ""),
        )  # fmt: skip
        return _thanks(request, asked)


@at_the_door("GET")
def preferences(request: HttpRequest, feedback_id: UUID, token: str) -> HttpResponse:
    """On to the payer's own page, whose door asks who they are."""
    _asked(feedback_id, token)
    return redirect(reverse("portal-preferences"))


@csrf_exempt  # a mail program presses this (RFC 8058) and has no cookie; the token is what proves that the letter was read
@at_the_door("GET", "POST")
def stop(request: HttpRequest, feedback_id: UUID, token: str) -> HttpResponse:
    """No more questions and no more reminders by e-mail, of any vendor."""
    with _speaking(_asked(feedback_id, token)) as asked:
        if request.method == "POST":
            tell(payer=str(asked.payer.id))
            declare(vendors_listing(asked.payer.id))
            stop_reminders(payer_id=asked.payer.id, now=asked.now)
            words = _("Receipts and answers to what you ask still come. On your page you can have reminders again.")
            return outside(request, "portal/said.html", title=_("No more questions and reminders by e-mail"), words=words)
        return outside(
            request, "portal/press.html", title=_("No more questions and reminders by e-mail?"), button=_("Stop them"),
            words=_("This holds for all vendors together. Your invoices stay open, and your page shows them."),
        )  # fmt: skip


def _asked(feedback_id: UUID, token: str) -> Asked:
    """The question whose letter carried this token; without the token there is none."""
    if not hmac.compare_digest(token.encode(), link_token(settings.SECRET_KEY, feedback_id).encode()):
        raise Http404
    rows = found("vendor_of_feedback", feedback_id)
    if not rows:
        raise Http404
    declare([UUID(str(rows[0][0]))])
    question = Feedback.objects.filter(id=feedback_id).select_related("vendor").first()
    payer = Payer.objects.filter(id=question.payer_id).first() if question else None
    if question is None or payer is None:
        raise Http404
    return Asked(question, question.vendor, payer, question.vendor.sandbox_now or clock())


@contextmanager
def _speaking(asked: Asked) -> Iterator[Asked]:
    with translation.override(asked.payer.language or asked.vendor.language):
        yield asked


def _question(request: HttpRequest, asked: Asked, given: str, sentence: str = "") -> HttpResponse:
    chosen = request.POST.get("answer", given)
    answers = [(one, CALLED[one], one == chosen) for one in ANSWERS]
    return outside(
        request, "portal/acts/feedback.html", 400 if sentence else 200, vendor=asked.vendor, answers=answers, sentence=sentence,
        words=request.POST.get("words", ""),
    )  # fmt: skip


def _thanks(request: HttpRequest, asked: Asked) -> HttpResponse:
    words = _("Your answer is kept, once; %s reads it.") % (asked.vendor.sender or asked.vendor.name)
    return outside(request, "portal/said.html", title=_("Thank you"), words=words)


_AT = "feedback/<uuid:feedback_id>/<slug:token>"
urls: list[URLPattern] = [
    path(f"{_AT}/preferences", preferences, name="feedback-preferences"),
    path(f"{_AT}/stop", stop, name="feedback-stop"),
    path(f"{_AT}/<slug:given>", answer, name="feedback"),
]
