"""Decides what somebody sees who comes to the front of an installation: their own desk, or what this is and the ways on."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from goodterms.desk.door import signed_in
from goodterms.desk.outbox import may_look
from goodterms.desk.signin.reading import desks_of
from goodterms.desk.signin.sample import is_here, parts


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """Who is signed in goes on to their first desk; everybody else reads what this is."""
    person = signed_in(request)
    desks = desks_of(person) if person else []
    if desks:
        return redirect("today", slug=desks[0].slug)
    here = is_here(request)
    shown = {"outbox": may_look(request), "parts": parts() if here else [], "person": person}
    return HttpResponse(render_to_string("desk/front.html", shown, request))
