"""Decides what somebody sees who comes to the front of an installation: what this is, and where to go on."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from goodterms.desk.outbox import may_look

POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What this is, with the ways on."""
    shown = {"outbox": may_look(request)}
    return HttpResponse(render_to_string("desk/front.html", shown, request), headers={"Content-Security-Policy": POLICY})
