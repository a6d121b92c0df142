"""Decides what the links of letters lead to: a page to read, one button that lets the browser in, and on to what was asked.

Mail filters follow links by themselves, so looking changes nothing. After the press the address with the token is left.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from goodterms.access.actions import ask_for_link, not_me, open_by_link
from goodterms.access.actions.sessions import held
from goodterms.access.due import soon
from goodterms.access.links import arrival
from goodterms.parties.actions import stop_reminders
from goodterms.portal.cookies import keep_session
from goodterms.portal.door import COOKIE, clock
from goodterms.portal.letter import Shown, shown_by
from goodterms.portal.outside import at_the_door, outside, wrong_door
from goodterms.values.refusal import Refused

# What the links of a letter call an act, and the page that does it, for one invoice.
ACTS = {"ask": "portal-ask", "dispute": "portal-dispute", "time": "portal-more-time", "see": "portal-invoice"}


@at_the_door("GET", "POST")
def arrive(request: HttpRequest, token: str, way: str = "") -> HttpResponse:
    """From whom, for whom, what the letter showed; the button opens the page."""
    now, secret = clock(), request.COOKIES.get(COOKIE, "")
    try:
        came = arrival(token, now)
        came.must_open()
    except Refused as no:
        return wrong_door(request, no, reverse("portal-again", kwargs={"token": token}) if no.code == "over" else "")
    letter = shown_by(came)
    if request.method == "POST":
        opened = open_by_link(token=token, secret=secret, agent=request.headers.get("User-Agent", ""), now=now)
        answer = redirect(_onward(way, letter))
        keep_session(answer, opened)
        return answer
    session = held(secret, now)
    if session and session.payer_id == came.payer_id and session.notice_id in (None, came.notice_id):
        return redirect(_onward(way, letter))
    with translation.override(letter.language):
        return outside(request, "portal/arrive.html", letter=letter, token=token)


@at_the_door("GET", "POST")
def say_not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody else got the letter: after the press its link opens nothing any more."""
    try:
        came = arrival(token, clock())
        came.must_open()
        letter = shown_by(came)
        if request.method == "POST":
            not_me(token=token, now=clock())
            return outside(request, "portal/said.html", title=_("Thank you for telling us"), words=_(
                "The link opens nothing any more, and the vendors have been told that the address may be wrong."
            ))  # fmt: skip
    except Refused as no:
        return wrong_door(request, no)
    return outside(
        request, "portal/press.html", title=_("Not %s?") % letter.name, button=_("This is not for me"),
        words=_("Press the button, and the link in this letter opens nothing any more; nobody sees anything."),
    )  # fmt: skip


@at_the_door("POST")
def again(request: HttpRequest, token: str) -> HttpResponse:
    """A new link goes to the address that the vendors know, whoever asks."""
    try:
        came = arrival(token, clock())
    except Refused as no:
        return wrong_door(request, no)
    soon(ask_for_link(address=shown_by(came).address, now=clock()), clock)
    return outside(request, "portal/said.html", title=_("A new link is on its way"), words=_(
        "It goes to the address that the vendors know, and to no other. Please look there in a minute or two."
    ))  # fmt: skip


@csrf_exempt  # a mail program presses this (RFC 8058) and has no cookie; the token is what proves that the letter was read
@at_the_door("GET", "POST")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more reminders by e-mail: by a button on a page, or by one press in a mail program. It opens nothing, so an old link
    does it as well."""
    try:
        came = arrival(token, clock())
    except Refused as no:
        return wrong_door(request, no)
    letter = shown_by(came)
    with translation.override(letter.language):
        if request.method == "POST":
            stop_reminders(payer_id=came.payer_id, now=clock())
            return outside(request, "portal/said.html", title=_("No more reminders by e-mail"), words=_(
                "Receipts and answers to what you ask still come. On your page you can have reminders again."
            ))  # fmt: skip
        return outside(
            request, "portal/press.html", title=_("No more reminders by e-mail?"), button=_("Stop reminders"),
            words=_("This holds for all vendors together. Your invoices stay open, and your page shows them."),
        )  # fmt: skip


def _onward(way: str, letter: Shown) -> str:
    """The page that the link asked for; an answer leads to its conversation, the letter of a document to that."""
    if not way and letter.conversation_id:
        return reverse("portal-conversation", kwargs={"conversation_id": letter.conversation_id})
    if not way and letter.invoice_id:
        return reverse("portal-invoice", kwargs={"invoice_id": letter.invoice_id})
    parts = way.split("/")
    keys: list[UUID] = [line.id for line in letter.lines]
    if parts[0] == "invoices" and len(parts) == 3 and parts[1] in {str(key) for key in keys}:
        if parts[2] == "pay":
            return _paying([UUID(parts[1])])
        if parts[2] in ACTS:
            return reverse(ACTS[parts[2]], kwargs={"invoice_id": parts[1]})
    if way == "pay" and keys:
        return _paying(keys)
    if way == "time" and len(keys) == 1:
        return reverse("portal-more-time", kwargs={"invoice_id": keys[0]})
    return reverse("portal-preferences" if way == "preferences" else "portal")


def _paying(keys: list[UUID]) -> str:
    return f"{reverse('portal-pay')}?{urlencode([('invoice', str(key)) for key in keys])}"


urls: list[URLPattern] = [
    path("p/<slug:token>/stop", stop, name="portal-stop"),
    path("p/<slug:token>/not-me", say_not_me, name="portal-link-not-me"),
    path("p/<slug:token>/again", again, name="portal-again"),
    path("p/<slug:token>", arrive, name="portal-link"),
    path("p/<slug:token>/<path:way>", arrive, name="portal-way"),
]
