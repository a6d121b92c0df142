"""Decides how pages speak to a browser that is not let in: its language, its sentences, and no trace of what it asked for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_http_methods

from goodterms.portal.door import with_head
from goodterms.stationery.refusals import told
from goodterms.values.refusal import Refused

View = Callable[..., HttpResponse]


def at_the_door(*methods: str) -> Callable[[View], View]:
    """A page for anybody, in the language that the browser asks for; kept by no one between."""

    def door(page: View) -> View:
        @require_http_methods(with_head(methods))
        @wraps(page)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponse:
            with translation.override(translation.get_language_from_request(request)), transaction.atomic():
                answer = page(request, **given)
            answer["Cache-Control"] = "private, no-store"
            return answer

        return guarded

    return door


def outside(request: HttpRequest, template: str, status: int = 200, **more: Any) -> HttpResponse:
    return HttpResponse(render_to_string(template, more, request), status=status)


def wrong_door(request: HttpRequest, refusal: Refused, again: str = "") -> HttpResponse:
    """The sentence, that nothing was opened, and the way to a new link: `again` is where it is asked for without typing."""
    status = 404 if refusal.code == "not_found" else 410
    return outside(request, "portal/wrong_door.html", status, sentence=told(refusal), again=again)
