"""Decides how a payer lets browsers go: one, all of them, or the one that turned out to be somebody else's."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from goodterms.access.actions import end_all, end_session
from goodterms.access.actions.links import disown
from goodterms.portal.cookies import forget
from goodterms.portal.door import COOKIE, Visit, at_portal, shown
from goodterms.portal.outside import outside


@at_portal("POST", proven=True)
def end(request: HttpRequest, visit: Visit, session_id: UUID) -> HttpResponse:
    """One browser is out; this one too, where it is the one."""
    end_session(payer_id=visit.payer.id, session_id=session_id, now=visit.clock)
    return _out(request) if session_id == visit.session.id else redirect(reverse("portal-preferences"))


@at_portal("POST")
def leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """This browser is out."""
    end_session(payer_id=visit.payer.id, session_id=visit.session.id, now=visit.clock)
    return _out(request)


@at_portal("POST", proven=True)
def end_every(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All browsers are out, this one too."""
    end_all(payer_id=visit.payer.id, now=visit.clock)
    return _out(request)


@at_portal("GET", "POST")
def somebody_else(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Not the payer: this browser is out, and so is every other that came by the same letter."""
    if request.method == "POST":
        disown(session=visit.session, now=visit.clock)
        return _out(request)
    return shown(request, visit, "portal/not_me.html")


def _out(request: HttpRequest) -> HttpResponse:
    answer = outside(
        request,
        "portal/said.html",
        title=_("You are out"),
        words=_("This browser shows nothing any more. Goodbye, and thank you."),
    )
    forget(answer, COOKIE)
    return answer


urls: list[URLPattern] = [
    path("pay/browsers/<uuid:session_id>/end/", end, name="portal-end"),
    path("pay/browsers/end/", end_every, name="portal-end-all"),
    path("pay/leave/", leave, name="portal-leave"),
    path("pay/not-me/", somebody_else, name="portal-not-me"),
]
