"""Gathers what the pages of sign-in show: somebody's factors, sessions and desks, and how the door greets."""

import re
from datetime import datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from goodterms.database.isolation import acting_for
from goodterms.parties.directory import everyone, workplaces
from goodterms.parties.models import Member, Person
from goodterms.values.days import zone

_BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")  # in this order: each but the first also calls itself the later ones
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_ROLES = (
    gettext_noop("owner"), gettext_noop("bookkeeper"), gettext_noop("approver"), gettext_noop("receivables manager"),
    gettext_noop("reader"),
)  # fmt: skip
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


class Passkey(NamedTuple):
    """A passkey as its holder knows it."""

    id: int
    name: str
    since: datetime
    used: datetime | None


class Factors(NamedTuple):
    """What somebody can show beside a password."""

    passkeys: list[Passkey]
    app_since: datetime | None
    codes_left: int | None  # None: there are none


class OwnSession(NamedTuple):
    """A browser in which somebody is signed in."""

    id: int
    device: str
    ip: str
    since: datetime
    is_this: bool


class Desk(NamedTuple):
    """A vendor for whom somebody works."""

    slug: str
    name: str
    role: str


def factors_of(person: Person) -> Factors:
    """One statement; the secrets stay where they are."""
    passkeys, app_since, left = [], None, None
    for one in Authenticator.objects.filter(user=person).order_by("created_at"):
        if one.type == Authenticator.Type.WEBAUTHN:
            passkeys.append(Passkey(one.pk, one.wrap().name, one.created_at, one.last_used_at))
        elif one.type == Authenticator.Type.TOTP:
            app_since = one.created_at
        else:
            left = len(one.wrap().get_unused_codes())
    return Factors(passkeys, app_since, left)


def sessions_of(person: Person, current: str) -> list[OwnSession]:
    """Those that still are sessions, newest first."""
    rows = UserSession.objects.filter(user=person).order_by("-created_at")
    alive = set(Session.objects.filter(session_key__in=rows.values("session_key")).values_list("session_key", flat=True))
    return [
        OwnSession(row.pk, device(row.user_agent), row.ip, row.created_at, row.session_key == current)
        for row in rows
        if row.session_key in alive
    ]


def desks_of(person: Person) -> list[Desk]:
    """By name; found before any vendor is declared."""
    with acting_for(workplaces(person.id)):
        rows = Member.objects.filter(person=person, ended_at=None).order_by("vendor__name")
        return [Desk(slug, name, _(role)) for slug, name, role in rows.values_list("vendor__slug", "vendor__name", "role")]


def greeting(now: datetime) -> str:
    """By the clock of the house: that of its first vendor."""
    vendor = next(iter(everyone()), None)
    hour = (vendor.sandbox_now or now).astimezone(zone(vendor.timezone)).hour if vendor else now.hour
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if hour < 18 else _("Good evening")


def device(agent: str) -> str:
    """`Firefox on Linux`, of what a browser says about itself."""
    browser = next((_NAMES.get(word, word) for word in _BROWSERS if re.search(rf"\b{word}/", agent)), "")
    system = next((word for word in _SYSTEMS if word in agent), "")
    system = {"Mac OS X": "macOS"}.get(system, system)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("an unknown browser")
