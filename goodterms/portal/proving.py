"""Decides how somebody without a session comes in: a new link to the known address, or six figures, which prove it."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from goodterms.access.actions import ask_for_code, ask_for_link, open_by_code
from goodterms.access.actions.sessions import hashed
from goodterms.access.due import soon
from goodterms.access.models import Code
from goodterms.access.rules import masked
from goodterms.database.ways_in import tell
from goodterms.portal.cookies import CODE_COOKIE, forget, keep_code, keep_session
from goodterms.portal.door import COOKIE, Visit, clock, visit_of
from goodterms.portal.outside import at_the_door, outside
from goodterms.stationery.refusals import told
from goodterms.values.refusal import Refused


@at_the_door("GET", "POST")
def lost(request: HttpRequest) -> HttpResponse:
    """For who has no link, or an old one: their address, and what should go there. The answer is the same for every address."""
    if request.method != "POST":
        return outside(request, "portal/lost.html")
    address, now = request.POST.get("address", ""), clock()
    try:
        if request.POST.get("send") == "figures":
            return _sent(request, address, now)
        soon(ask_for_link(address=address, now=now), clock)
    except Refused as no:
        return outside(request, "portal/lost.html", address=address, sentence=told(no))
    return outside(request, "portal/said.html", title=_("Please look into your mailbox"), words=_(
        "If a vendor knows this address, a link is on its way there. At most three letters go out in an hour."
    ))  # fmt: skip


@at_the_door("GET", "POST")
def prove(request: HttpRequest) -> HttpResponse:
    """Six figures: sent after one press, typed within ten minutes. They open everything of the payer in this browser."""
    visit, now, onward = visit_of(request), clock(), _onward(request)
    if visit and visit.sees_all:
        return redirect(onward)
    if request.method == "POST" and "figures" in request.POST:
        return _typed(request, visit, now, onward)
    if request.method == "POST" and visit:
        return _sent(request, visit.payer.address, now)
    code = _pending(request, now)
    if visit is None and code is None and "sent" not in request.GET:
        return redirect(reverse("portal-lost"))
    return _form(request, visit, code, now, onward)


def _sent(request: HttpRequest, address: str, now: datetime) -> HttpResponse:
    secret, errand = ask_for_code(address=address, now=now)
    soon(errand, clock)
    answer = redirect(f"{reverse('portal-prove')}?{urlencode({'sent': 1, 'next': _onward(request)})}")
    keep_code(answer, secret, now)
    return answer


def _typed(request: HttpRequest, visit: Visit | None, now: datetime, onward: str) -> HttpResponse:
    try:
        opened = open_by_code(
            code_secret=request.COOKIES.get(CODE_COOKIE, ""), figures=request.POST["figures"],
            secret=request.COOKIES.get(COOKIE, ""), agent=request.headers.get("User-Agent", ""),
            own_device="own_device" in request.POST, now=now,
        )  # fmt: skip
    except Refused as no:
        opened = no
    if isinstance(opened, Refused):
        return _form(request, visit, _pending(request, now), now, onward, told(opened))
    answer = redirect(onward)
    keep_session(answer, opened)
    forget(answer, CODE_COOKIE)
    return answer


def _form(
    request: HttpRequest, visit: Visit | None, code: Code | None, now: datetime, onward: str, sentence: str = ""
) -> HttpResponse:
    minutes = max(1, -(-int((code.expires_at - now).total_seconds()) // 60)) if code else 0
    return outside(
        request,
        "portal/prove.html",
        address=masked(visit.payer.address) if visit else "",
        code=code,
        minutes=minutes,
        onward=onward,
        sentence=sentence,
        is_known=visit is not None,
        was_asked="sent" in request.GET,
    )


def _pending(request: HttpRequest, now: datetime) -> Code | None:
    """The figures that this browser waits for, while they can be typed."""
    secret = request.COOKIES.get(CODE_COOKIE, "")
    if not secret:
        return None
    tell(secret=hashed(secret))
    waiting = Code.objects.filter(secret_sha256=hashed(secret), used_at=None, waits_until=None, expires_at__gt=now)
    return waiting.first()


def _onward(request: HttpRequest) -> str:
    """Where to go when the address is proven: a page of the portal and nowhere else."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    home = reverse("portal")
    is_ours = wanted.startswith(home) and "\\" not in wanted and "//" not in wanted and wanted.isprintable()
    return wanted if is_ours else home


urls: list[URLPattern] = [
    path("pay/lost/", lost, name="portal-lost"),
    path("pay/prove/", prove, name="portal-prove"),
]
