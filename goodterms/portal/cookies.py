"""Decides what a payer's browser keeps: the secret of its session, and that of figures on their way. No script reads them."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpResponse

from goodterms.access.actions import Opened
from goodterms.access.rules import CODE_HOLDS, WAIT
from goodterms.portal.door import COOKIE

CODE_COOKIE = "goodterms_figures"
_SAME_SITE: Literal["Lax"] = "Lax"


def keep_session(answer: HttpResponse, opened: Opened) -> None:
    """Nothing where the browser keeps the session that it has."""
    if opened.secret:
        _keep(answer, COOKIE, opened.secret, opened.session.expires_at)


def keep_code(answer: HttpResponse, secret: str, now: datetime) -> None:
    """For as long as figures may be typed or waited for."""
    if secret:
        _keep(answer, CODE_COOKIE, secret, now + CODE_HOLDS + WAIT)


def forget(answer: HttpResponse, *names: str) -> None:
    for name in names:
        answer.delete_cookie(name, samesite=_SAME_SITE)


def _keep(answer: HttpResponse, name: str, secret: str, until: datetime) -> None:
    is_safe = settings.BASE_URL.startswith("https:")
    answer.set_cookie(name, secret, expires=until, httponly=True, samesite=_SAME_SITE, secure=is_safe)
