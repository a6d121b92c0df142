"""Decides how a second factor is asked for, at the door and again later: as allauth does it, and a wrong one is noticed."""

import json
from functools import partial
from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView as PasskeyAgainView
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from goodterms.desk.signin.noticing import turned_away
from goodterms.parties.models import Person


class Second(AuthenticateView):  # type: ignore[misc]
    """The second factor after a password: a code, or a passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        way = "code" if "code" in self.request.POST else "passkey"
        turned_away(self.request, way, partial(_itself, self.stage.login.user))
        answer: HttpResponse = super().form_invalid(form)
        return answer


class CodeAgain(CodeAgainView):  # type: ignore[misc]
    """A code once more, before something that matters."""

    def form_invalid(self, form: Any) -> HttpResponse:
        turned_away(self.request, "code", partial(_itself, self.request.user))
        answer: HttpResponse = super().form_invalid(form)
        return answer


class PasskeyAgain(PasskeyAgainView):  # type: ignore[misc]
    """The passkey once more, before something that matters."""

    def form_invalid(self, form: Any) -> HttpResponse:
        turned_away(self.request, "passkey", partial(_itself, self.request.user))
        answer: HttpResponse = super().form_invalid(form)
        return answer


class Passkey(LoginWebAuthnView):  # type: ignore[misc]
    """The passkey alone; whose it claims to be is its own word."""

    def form_invalid(self, form: Any) -> HttpResponse:
        turned_away(self.request, "passkey", partial(_holder, self.request.POST.get("credential", "")))
        answer: HttpResponse = super().form_invalid(form)
        return answer


def _itself(person: Any) -> Person | None:
    return person if isinstance(person, Person) else None


def _holder(credential: str) -> Person | None:
    """Of what a browser sent, which may be anything."""
    try:
        return _itself(extract_user_from_response(json.loads(credential)))
    except (ValidationError, ValueError, TypeError, AttributeError):
        return None
