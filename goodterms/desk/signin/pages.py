"""Decides what is on the pages of sign-in that are ours: the door itself, one's own sign-in, the first factor, invitations."""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.views import LoginView, PasswordChangeView
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodterms.database.isolation import acting_for
from goodterms.desk.door import clock
from goodterms.desk.signin.noticing import turned_away
from goodterms.desk.signin.proof import is_proven
from goodterms.desk.signin.reading import desks_of, factors_of, greeting, sessions_of
from goodterms.parties.actions import accept_invitation, refuse_used_up
from goodterms.parties.directory import invitation_shown
from goodterms.parties.models import Invitation, Member, Person
from goodterms.stationery.refusals import told
from goodterms.values.refusal import Refused


class SignIn(LoginView):  # type: ignore[misc]
    """Passkey first; an address with its password where there is none on this machine."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "greeting": greeting(clock())}


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """Another password, for who has one."""

    def dispatch(self, request: HttpRequest, *given: Any, **more: Any) -> HttpResponseBase:
        if not person_of(request).has_usable_password():
            return _refused(request, Refused(_("You have no password to change: you sign in with your passkey alone.")))
        answer: HttpResponseBase = super().dispatch(request, *given, **more)
        return answer


@require_safe
def own_sign_in(request: HttpRequest) -> HttpResponse:
    """Passkeys, app, recovery codes, password and sessions of who is signed in, and the desks that open to them."""
    person = person_of(request)
    shown = {
        "person": person,
        "factors": factors_of(person),
        "sessions": sessions_of(person, request.session.session_key or ""),
        "desks": desks_of(person),
    }
    return render(request, "account/own.html", shown)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One other session ends, or all of them but this one."""
    others = UserSession.objects.filter(user=person_of(request)).exclude(session_key=request.session.session_key)
    chosen = request.POST.get("session", "")
    for session in others.filter(pk=chosen) if chosen.isdecimal() else others:
        session.end()
    return redirect("mfa_index")


@require_safe
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """Who came with a password alone sets up a second factor before any desk opens; who has one shows it."""
    person = person_of(request)
    onwards = request.GET.get("next", "/")
    safe = onwards if url_has_allowed_host_and_scheme(onwards, {request.get_host()}) else "/"
    if is_proven(request, person):
        return redirect(safe)
    if is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        return redirect("mfa_reauthenticate")
    return render(request, "account/second_factor.html", {"person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A link from an owner: read at GET, and at POST used up for a first password."""
    found = invitation_shown(secret)
    if found is None:
        return _refused(request, Refused(_("This link is not known here. Ask for a new one where you got it.")), 404)
    with acting_for([found.vendor_id]):
        member = Member.objects.select_related("person", "vendor").get(id=found.member_id)
        try:
            refuse_used_up(found, clock())
            if request.method == "POST":
                return _accept(request, found)
        except Refused as no:
            if no.code == "invitation":
                return _used_up(request, no, member.person)
            if no.field is None:
                return _refused(request, no)
            return render(request, "account/invitation.html", {"member": member, "refusal": told(no)}, status=409)
        return render(request, "account/invitation.html", {"member": member})


def _accept(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    password = request.POST.get("password", "")
    if password != request.POST.get("again", ""):
        raise Refused(_("The two are not the same. Type the password again."), field="password")
    person = accept_invitation(vendor_id=found.vendor_id, invitation_id=found.id, password=password, now=clock())
    request.session.flush()
    answer: HttpResponseBase = perform_login(request, Login(user=person, redirect_url=None))
    return answer


def _used_up(request: HttpRequest, no: Refused, person: Person) -> HttpResponse:
    """Whoever finds their link used up can say so: it may have been somebody else who used it."""
    is_told = request.method == "POST"
    if is_told:
        turned_away(request, "link", lambda: person)
    return render(request, "account/used_up.html", {"sentence": told(no), "is_told": is_told}, status=409)


def _refused(request: HttpRequest, no: Refused, status: int = 409) -> HttpResponse:
    return render(request, "account/refused.html", {"sentence": told(no)}, status=status)


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; the guards of these pages let nobody else come so far."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user
