"""Decides under which guard a page of sign-in runs: it may look for persons, speaks the browser's language, and asks again."""

from collections.abc import Callable
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _

from goodterms.database.ways_in import tell
from goodterms.desk.signin.proof import SAMPLE, is_proven
from goodterms.parties.models import Person

Page = Callable[..., HttpResponseBase]


def signing_in(page: Page) -> Page:
    """A page on which people come in. It answers within the request's own transaction, in which persons may be looked for."""

    @wraps(page)
    def guarded(request: HttpRequest, **given: object) -> HttpResponseBase:
        tell(signin="on")
        with translation.override(get_language_from_request(request)):
            try:
                answer = page(request, **given)
            except ReauthenticationRequired:
                answer = _ask_again(request)
            except ImmediateHttpResponse as done:
                answer = done.response
            if isinstance(answer, TemplateResponse):
                answer.render()
        answer["Cache-Control"] = "private, no-store"
        return answer

    return guarded


def of_anybody(page: Page) -> Page:
    """A page for who is signed in, with whatever; not for the people of the sample."""
    return signing_in(login_required(_not_of_sample(page)))


def of_person(page: Page) -> Page:
    """A page about one's own sign-in: for who is signed in with two factors, and not for the people of the sample."""

    def proven(request: HttpRequest, **given: object) -> HttpResponseBase:
        if not is_proven(request, _person(request)):
            return redirect(f"{reverse('second-factor')}?{urlencode({'next': request.path})}")
        return page(request, **given)

    return signing_in(login_required(_not_of_sample(proven)))


def of_newcomer(page: Page) -> Page:
    """A page on which a second factor is added: the first one by who has none yet, another one by who showed the first."""

    def first_or_proven(request: HttpRequest, **given: object) -> HttpResponseBase:
        person = _person(request)
        if is_proven(request, person) or not is_mfa_enabled(person):
            return page(request, **given)
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")

    return signing_in(login_required(_not_of_sample(first_or_proven)))


def _not_of_sample(page: Page) -> Page:
    """Who came by the sample's button proved nothing, so nothing may be set that would prove something later."""

    @wraps(page)
    def guarded(request: HttpRequest, **given: object) -> HttpResponseBase:
        if request.session.get(SAMPLE):
            sentence = _("You came in as one of the sample's people, who have no password, passkey or code to look after.")
            return render(request, "account/refused.html", {"sentence": sentence}, status=403)
        return page(request, **given)

    return guarded


def _ask_again(request: HttpRequest) -> HttpResponseBase:
    """Here and not in the middleware, which would look for second factors after the transaction that may see them."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    asked: HttpResponseBase = suspend_request(request, methods[0]["url"] if methods else reverse("account_login"))
    return asked


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
