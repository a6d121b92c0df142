"""Decides what allauth may do here: nobody signs up, every success is recorded, secrets are kept encrypted, words are ours."""

from base64 import urlsafe_b64encode
from functools import partial
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from goodterms.desk.door import clock
from goodterms.desk.signin.noticing import by_address, turned_away
from goodterms.parties.actions import record_at_workplaces
from goodterms.parties.models import Person

NO_MATCH = _("This address and password do not belong together. Nothing was opened.")
WRONG_CODE = _("That code does not match. Nothing was opened.")
TOO_OFTEN = _("That was tried too often. Wait five minutes, to be safe, and try again.")
INACTIVE = _("This person may not sign in here any more. An owner can help.")


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by e-mail address. Invitations are the only way to become somebody here."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "invalid_login": NO_MATCH,
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password. Nothing was changed."),
        "enter_current_password": _("This is not your password. Nothing was changed."),
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
        "account_inactive": INACTIVE,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Person, **given: Any) -> HttpResponse:
        """Whoever came in stands in the log of every vendor for whom they work."""
        answer: HttpResponse = super().post_login(request, user, **given)
        record_at_workplaces(person=user, kind="person.signed_in", now=clock(), data={"with": came_with(request, user)})
        record_authentication(request, user, method="sign-in", reauthenticated=True)  # so that nobody is asked twice in a row
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """The same is answered whether anybody signs in with this address or not."""
        turned_away(request, "password", partial(by_address, str(credentials.get("email", ""))))

    def set_password(self, user: Person, password: str) -> None:
        super().set_password(user, password)
        record_at_workplaces(person=user, kind="person.password_changed", now=clock())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The same ways, in our words."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method | {"description": _AGAIN[method["id"]]} for method in methods]

    def add_message(self, request: HttpRequest, level: int, message_template: Any = None, *given: Any, **more: Any) -> None:
        """Pages say what was done by showing it; only a refusal needs words."""
        if more.get("message"):
            super().add_message(request, level, message_template, *given, **more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No letter leaves but by the delivery room, and sign-in has none: links are handed over by people."""
        raise RuntimeError(f"Sign-in sends no mail, and was asked to send {template_prefix}.")


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys, codes of an app, and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": _("This is your only second factor. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _lock().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Never the last one: a desk opens to nobody without."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def build_totp_svg(self, url: str) -> str:
        """Black on white, as every app reads it."""
        drawn = segno.make(url, error="m").svg_inline(scale=5, border=4, light="white")
        return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)  # it is shown as a picture

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return str(_("Passkey %(number)d") % {"number": count + 1})

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.name}


_AGAIN = {
    "reauthenticate": _("With my password"),
    "mfa_reauthenticate": _("With a code"),
    "mfa_reauthenticate:webauthn": _("With my passkey"),
}


def came_with(request: HttpRequest, user: Person) -> str:
    """What opened the door in this session, for the log: passkey, password, app code, recovery code."""
    shown = [record.get("type") or record.get("method") for record in get_authentication_records(request, user)]
    return ", ".join(dict.fromkeys(_WORDS[word] for word in shown if word in _WORDS)) or "invitation"


_WORDS = {"webauthn": "passkey", "totp": "app code", "recovery_codes": "recovery code", "password": "password"}


def _lock() -> Fernet:
    """Its key follows from the secret of the installation, which is not in the database."""
    derived = salted_hmac("goodterms.second-factors", "", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(derived))
