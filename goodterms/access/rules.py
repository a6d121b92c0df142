"""Decides how long links, sessions and figures hold, how often letters with them go out, and whether figures open."""

import hmac
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from goodterms.values.refusal import Refused, to_say

LINK_HOLDS = timedelta(days=14)  # from its letter, and that of a document from its due day
LINK_HOLDS_MOST = timedelta(days=120)
_LAST_SECOND = time(23, 59, 59)
SESSION_HOLDS = timedelta(hours=12)
OWN_DEVICE_HOLDS = timedelta(days=90)
CODE_HOLDS = timedelta(minutes=10)
WAIT = timedelta(minutes=10)  # after the last wrong try
TRIES = 3
FIGURES = 6
NO_CODE = to_say("These figures belong to no letter of ours. Ask for new ones.")
CODE_OVER = to_say("These figures were valid for ten minutes, which are over. Ask for new ones.")
WAITING = to_say("We wait ten minutes, to be safe. Then you can ask for new figures.")
WRONG = (
    to_say("That code does not match. We wait ten minutes, to be safe; then you can ask for new figures."),
    to_say("That code does not match. One try is left; then we wait ten minutes, to be safe."),
    to_say("That code does not match. Two tries are left; then we wait ten minutes, to be safe."),
)
LETTERS_AN_HOUR = 3  # with a code or a link, to one address (T20)


class Asked(NamedTuple):
    """Figures that were sent for one browser."""

    figures_sha256: str
    tries_left: int
    expires_at: datetime
    waits_until: datetime | None
    is_used: bool


class Tried(NamedTuple):
    """What trying figures came to: whether they open, how many tries are left, and until when nothing is tried."""

    opens: bool
    tries_left: int
    waits_until: datetime | None = None


def link_ends(sent_at: datetime) -> datetime:
    """When a link stops opening anything."""
    return sent_at + LINK_HOLDS


def document_link_ends(sent_at: datetime, due_on: date | None) -> datetime:
    """When the link in a document's own letter stops: not before who is to pay has had their time for it, and no reminder was
    needed. It shows nothing but the document that lies in the same letter."""
    if due_on is None:
        return link_ends(sent_at)
    after_due = datetime.combine(due_on, _LAST_SECOND, sent_at.tzinfo) + LINK_HOLDS
    return min(max(link_ends(sent_at), after_due), sent_at + LINK_HOLDS_MOST)


def session_ends(opened_at: datetime, *, own_device: bool) -> datetime:
    """When a browser is let go; only one that its owner calls their own stays for longer."""
    return opened_at + (OWN_DEVICE_HOLDS if own_device else SESSION_HOLDS)


def may_send(sent: Sequence[datetime], now: datetime) -> bool:
    """Whether one more letter may go to an address that got letters at these instants."""
    return sum(at > now - timedelta(hours=1) for at in sent) < LETTERS_AN_HOUR


def tried(asked: Asked, figures_sha256: str, now: datetime) -> Tried:
    """Figures typed in a browser against those that were sent for it; refuses while they wait, or when they are over."""
    if asked.is_used:
        raise Refused(NO_CODE, code="code", field="code")
    if asked.waits_until and now < asked.waits_until:
        raise Refused(WAITING, code="wait", field="code")
    if asked.waits_until or now >= asked.expires_at:
        raise Refused(CODE_OVER, code="code", field="code")
    if hmac.compare_digest(asked.figures_sha256.encode(), figures_sha256.encode()):
        return Tried(True, asked.tries_left)
    left = asked.tries_left - 1
    return Tried(False, left, now + WAIT if left <= 0 else None)


def no_match(left: int) -> str:
    """What is said of wrong figures."""
    return WRONG[max(0, min(left, TRIES - 1))]


def plain_figures(typed: str) -> str:
    """The figures as they were sent: people type them with blanks and dashes."""
    return re.sub(r"[\s-]", "", typed)


def device_of(agent: str) -> str:
    """`Firefox on Windows`, from what a browser says of itself; what is not known is not guessed."""
    program = next((name for mark, name in _PROGRAMS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{program} on {system}" if program and system else program or system


def masked(address: str) -> str:
    """`s•••••@bellwether.example`: enough to know which mailbox, not enough to learn it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••••@{domain}"


_PROGRAMS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
