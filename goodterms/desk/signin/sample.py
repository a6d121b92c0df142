"""Decides who may sit down at the sample's desks with one press: somebody at this machine, as a person of sandboxes alone."""

from ipaddress import ip_address
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from goodterms.database.isolation import acting_for
from goodterms.database.ways_in import tell
from goodterms.desk.door import clock
from goodterms.desk.signin.proof import SAMPLE
from goodterms.parties.actions import record_at_workplaces
from goodterms.parties.directory import everyone
from goodterms.parties.models import Member

HERE = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


class Part(NamedTuple):
    """A person of the sample at one desk."""

    member_id: UUID
    name: str
    role: str
    slug: str
    vendor: str


def is_here(request: HttpRequest) -> bool:
    """Somebody at this machine, who asks it by a name of its own and not through a proxy."""
    if any(header in request.headers for header in FORWARDED):
        return False
    try:
        return ip_address(request.META["REMOTE_ADDR"]).is_loopback and split_domain_port(request.get_host())[0] in HERE
    except ValueError:
        return False


def parts() -> list[Part]:
    """Everybody who works at a sandbox and nowhere else, by vendor and role; a person with a sign-in of their own has that."""
    known = everyone()
    sandboxes = {one.id for one in known if one.sandbox_now is not None}
    if not sandboxes:
        return []
    with acting_for([one.id for one in known]):
        rows = Member.objects.filter(ended_at=None, person__is_active=True).order_by("vendor__slug", "person__name")
        members = list(rows.select_related("person", "vendor"))
    real = {one.person_id for one in members if one.vendor_id not in sandboxes or one.person.has_usable_password()}
    return [
        Part(one.id, one.person.name, one.role, one.vendor.slug, one.vendor.name)
        for one in members
        if one.person_id not in real
    ]


@require_POST
def sit_down(request: HttpRequest) -> HttpResponse:
    """Sign in as a person of the sample, without any factor: the session is marked, and only sandboxes open to it."""
    part = (
        next((one for one in parts() if str(one.member_id) == request.POST.get("member")), None) if is_here(request) else None
    )
    if part is None:
        raise Http404
    tell(signin="on")
    with acting_for([one.id for one in everyone()]):
        person = Member.objects.select_related("person").get(id=part.member_id).person
    request.session.flush()
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[SAMPLE] = True
    record_at_workplaces(person=person, kind="person.signed_in", now=clock(), data={"with": "the sample's button"})
    return redirect("today", slug=part.slug)
