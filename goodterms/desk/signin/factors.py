"""Decides how second factors are set up and taken away: passkeys that verify who holds them, codes of an app; never none."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from goodterms.desk.door import clock
from goodterms.parties.actions import record_at_workplaces
from goodterms.parties.models import Person


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """Each passkey stays on its device and verifies its holder, so that it alone is two factors."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        shown["js_data"] = {"creation_options": begin_registration(self.request.user, True)}
        return shown

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _added(self.request, "webauthn", "passkey")
        return answer


class AddApp(ActivateTOTPView):  # type: ignore[misc]
    """An app on a telephone that shows another six figures every half minute (RFC 6238)."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _added(self.request, "totp", "app")
        return answer


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    """One passkey less, while another factor stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = self.get_object()
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(passkey):
            messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        _removed(self.request, "passkey")
        return answer


class RemoveApp(DeactivateTOTPView):  # type: ignore[misc]
    """No codes of an app any more, while another factor stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _removed(self.request, "app")
        return answer


def _added(request: HttpRequest, kind: str, word: str) -> None:
    """Whoever has just shown the new factor need not show it again in this session."""
    assert isinstance(request.user, Person)
    record_authentication(request, request.user, method="mfa", type=kind)
    record_at_workplaces(person=request.user, kind="person.factor_added", now=clock(), data={"factor": word})


def _removed(request: HttpRequest, word: str) -> None:
    assert isinstance(request.user, Person)
    record_at_workplaces(person=request.user, kind="person.factor_removed", now=clock(), data={"factor": word})
