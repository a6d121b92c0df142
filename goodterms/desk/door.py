"""Decides who comes to the desk of a vendor, in which role, by which clock; and how a refusal is shown to them."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from goodterms.database.isolation import declare
from goodterms.database.ways_in import tell
from goodterms.desk.counts import counted
from goodterms.desk.signin.proof import may_enter
from goodterms.parties.directory import everyone
from goodterms.parties.models import Member, Person, Vendor
from goodterms.parties.rules import Viewer
from goodterms.stationery.door import Outcome, clock, deciding, page
from goodterms.values.days import day_in
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

__all__ = [
    "BOOKS", "CARE", "EVERYBODY", "STAFF", "Outcome", "Visit", "at", "at_desk", "clock", "deciding", "refused", "shown",
    "signed_in",
]  # fmt: skip
BOOKS = ("owner", "bookkeeper")  # who may move money and documents
CARE = (*BOOKS, "receivables manager")  # who may write to customers
STAFF = (*BOOKS, "approver")
EVERYBODY = (*STAFF, "receivables manager", "reader")


class Visit(NamedTuple):
    """Who stands at whose desk. `now` and `today` are the vendor's, which a sandbox keeps still; `clock` is the real one."""

    person: Person
    member: Member
    vendor: Vendor
    viewer: Viewer
    now: datetime
    today: date
    clock: datetime

    @property
    def by(self) -> str:
        """As the log will say it."""
        return self.person.name

    @property
    def role(self) -> str:
        return self.member.role

    @property
    def initials(self) -> str:
        """`TO`, for the round mark at the corner."""
        return "".join(word[0] for word in self.person.name.split()[:2]).upper() or "?"

    @property
    def approves_up_to(self) -> Money | None:
        """The most this member may approve, which is said in the vendor's own currency; None: any amount."""
        most = self.member.approves_up_to_minor
        return None if most is None else Money(most, self.vendor.currency)

    def may(self, *roles: str) -> bool:
        return self.member.role in roles


Page = Callable[..., HttpResponseBase]


def at_desk(*roles: str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[Page], Page]:
    """A page at the desk of the vendor whose slug is in its address, as `page(request, visit, …)`.

    Who is not signed in is asked to, with two factors; who does not work there finds nothing, whether the vendor exists
    or not. With POST among the methods only `roles` may come in (none named: those who keep the books); reading is for
    everybody there.
    """
    change = roles or BOOKS

    def door(page: Page) -> Page:
        @require_http_methods(list(methods))
        @wraps(page)
        def guarded(request: HttpRequest, slug: str, **given: Any) -> HttpResponseBase:
            visit = _visit(request, slug)
            if isinstance(visit, HttpResponseBase):
                return visit
            if request.method == "POST" and not visit.may(*change):
                return refused(request, visit, f"Your role here is {visit.role}, and this is for: {', '.join(change)}.", 403)
            try:
                with transaction.atomic():
                    return page(request, visit, **given)
            except Refused as no:
                return refused(request, visit, str(no), 404 if no.code == "not_found" else 409)

        return guarded

    return door


def shown(
    request: HttpRequest, visit: Visit, template: str, entry: str, status: int = 200, needed: int | None = None, **more: Any
) -> HttpResponse:
    """A page of the desk; `entry` is the one of the main navigation that it belongs to; `needed` as in `counted`."""
    context = {
        "visit": visit,
        "vendor": visit.vendor,
        "today": visit.today,
        "page": entry,
        "counts": counted(visit.viewer, visit.today, visit.now, needed),
        **more,
    }
    return page(request, template, status, **context)


def refused(request: HttpRequest, visit: Visit, sentence: str, status: int = 409) -> HttpResponse:
    """The sentence on a page of its own, with the way back; nothing was changed."""
    return shown(request, visit, "desk/refused.html", "", status, sentence=sentence)


def at(visit: Visit, name: str, **given: Any) -> str:
    """The address of a page at the same desk."""
    return reverse(name, kwargs={"slug": visit.vendor.slug, **given})


def _visit(request: HttpRequest, slug: str) -> Visit | HttpResponseBase:
    """Whose session it is and as what they work here; or the way to sign in, or to a second factor."""
    person = signed_in(request)
    if person is None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
    vendor_id = next((one.id for one in everyone() if one.slug == slug), None)
    if vendor_id is None:
        raise Http404
    declare([vendor_id])
    member = Member.objects.select_related("vendor").filter(vendor_id=vendor_id, person=person, ended_at=None).first()
    if member is None:
        raise Http404
    if not may_enter(request, person, member.vendor):
        return redirect(f"{reverse('second-factor')}?{urlencode({'next': request.get_full_path()})}")
    now = member.vendor.sandbox_now or clock()
    viewer = Viewer(person.name, frozenset({vendor_id}), role=member.role)
    return Visit(person, member, member.vendor, viewer, now, day_in(member.vendor.timezone, now), clock())


def signed_in(request: HttpRequest) -> Person | None:
    """The person whose session this is. Their own row is theirs to see; no vendor is declared yet."""
    known = request.session.get(SESSION_KEY)
    if known is None:
        return None
    tell(person=str(UUID(known)))
    user = request.user
    return user if isinstance(user, Person) and user.is_active else None
