"""Decides where a letter stands and what may happen to it next, so that no letter leaves twice and no doubt is hidden.

Between the final dot and the server's 250 nobody can know whether a letter was taken (RFC 1047). So a mark is made
durable before the dot: without a mark nothing was sent, and a mark without an answer is a doubt, never sent again.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from goodterms.values.refusal import Refused


class State(StrEnum):
    PLANNED = "planned"
    READY = "ready"  # rendered: its bytes are frozen
    CLAIMED = "claimed"
    STREAMING = "streaming"
    COMMITTING = "committing"  # the mark before the dot is durable
    ACCEPTED = "accepted"
    AMBIGUOUS = "ambiguous"  # a doubt
    REJECTED = "rejected"
    HELD = "held"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    RESOLVED_SENT = "resolved_sent"
    RESOLVED_NOT_SENT = "resolved_not_sent"
    CLOSED_UNKNOWN = "closed_unknown"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Event(StrEnum):
    RENDERED = "rendered"
    CLAIMED = "claimed"
    STREAMED = "streamed"
    MARKED = "marked"
    ACCEPTED = "accepted"
    RETRIED = "retried"
    REJECTED = "rejected"
    DOUBTED = "doubted"
    LEASE_OVER = "lease over"
    POSTPONED = "postponed"
    HELD = "held"
    RELEASED = "released"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    PROVED_SENT = "proved sent"
    PROVED_NOT_SENT = "proved not sent"
    GIVEN_UP = "given up"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    RESTORED = "restored"


WITHDRAWN: Mapping[Event, State] = {
    Event.HELD: State.HELD,
    Event.CANCELLED: State.CANCELLED,
    Event.SUPERSEDED: State.SUPERSEDED,
    Event.EXPIRED: State.EXPIRED,
}
# Nothing with a dot has left in these two. A row may still say "claimed" while its bytes stream: they recover alike.
UNMARKED: Mapping[Event, State] = {
    **WITHDRAWN,
    Event.RETRIED: State.READY,
    Event.POSTPONED: State.READY,
    Event.LEASE_OVER: State.READY,
    Event.REJECTED: State.REJECTED,
    Event.RESTORED: State.AMBIGUOUS,
}
COMPLAINTS: Mapping[Event, State] = {Event.BOUNCED: State.BOUNCED, Event.COMPLAINED: State.COMPLAINED}

TABLE: Mapping[State, Mapping[Event, State]] = {
    State.PLANNED: {Event.RENDERED: State.READY, **WITHDRAWN, Event.RESTORED: State.HELD},
    # A letter that was ready when the backup was made may have left after it.
    State.READY: {Event.CLAIMED: State.CLAIMED, **WITHDRAWN, Event.RESTORED: State.AMBIGUOUS},
    State.CLAIMED: {Event.STREAMED: State.STREAMING, **UNMARKED},
    State.STREAMING: {Event.MARKED: State.COMMITTING, **UNMARKED},
    State.COMMITTING: {
        Event.ACCEPTED: State.ACCEPTED,
        Event.RETRIED: State.READY,
        Event.REJECTED: State.REJECTED,
        Event.DOUBTED: State.AMBIGUOUS,
        Event.LEASE_OVER: State.AMBIGUOUS,
        Event.RESTORED: State.AMBIGUOUS,
    },
    State.AMBIGUOUS: {
        Event.PROVED_SENT: State.RESOLVED_SENT,
        Event.PROVED_NOT_SENT: State.RESOLVED_NOT_SENT,
        Event.GIVEN_UP: State.CLOSED_UNKNOWN,
    },
    # Released letters are planned again; those with frozen bytes become ready with the same bytes.
    State.HELD: {**WITHDRAWN, Event.RELEASED: State.PLANNED, Event.RESTORED: State.HELD},
    State.ACCEPTED: COMPLAINTS,
    State.RESOLVED_SENT: COMPLAINTS,  # a bounce proves a doubt sent, then closes the address like any other
    State.REJECTED: {},
    State.CANCELLED: {},
    State.SUPERSEDED: {},
    State.EXPIRED: {},
    State.RESOLVED_NOT_SENT: {},
    State.CLOSED_UNKNOWN: {},
    State.BOUNCED: {},
    State.COMPLAINED: {},
}
TERMINAL = frozenset(state for state, exits in TABLE.items() if not exits)
IN_FLIGHT = frozenset({State.CLAIMED, State.STREAMING, State.COMMITTING})
DOUBT = State.AMBIGUOUS
# What contact limits and cadences count: every letter that the payer may have seen.
COUNTS_AS_SENT = frozenset(
    {
        State.COMMITTING,
        State.ACCEPTED,
        DOUBT,
        State.RESOLVED_SENT,
        State.CLOSED_UNKNOWN,
        State.BOUNCED,
        State.COMPLAINED,
    }
)


class Phase(StrEnum):
    """How far a letter had come on the wire. QUIT is none of them: by then the dot was answered."""

    CONNECT = "connect"
    GREETING = "greeting"
    HELLO = "hello"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  # up to the durable mark, and after it until the first byte of the dot
    DOT = "dot"


ABOUT_THE_RELAY = frozenset({Phase.CONNECT, Phase.GREETING, Phase.HELLO, Phase.TLS, Phase.AUTH})


class Reply(NamedTuple):
    code: int
    text: str


class Fault(NamedTuple):
    """No usable answer: refused, closed, reset, timed out, or not SMTP."""

    text: str


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"


class Outcome(NamedTuple):
    verdict: Verdict
    reason: str  # the server's words or the fault's; for an accepted letter the text with the queue id
    code: int = 0  # 0: there was no reply


EVENT_OF: Mapping[Verdict, Event] = {
    Verdict.ACCEPTED: Event.ACCEPTED,
    Verdict.RETRY: Event.RETRIED,
    Verdict.REJECTED: Event.REJECTED,
    Verdict.AMBIGUOUS: Event.DOUBTED,
}
EVIDENCE_OF: Mapping[Verdict, Event] = {
    Verdict.ACCEPTED: Event.PROVED_SENT,
    Verdict.RETRY: Event.PROVED_NOT_SENT,
    Verdict.REJECTED: Event.PROVED_NOT_SENT,
}
FIRST_RETRY = timedelta(minutes=30)  # RFC 5321, 4.5.4.1: at least 30 minutes
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, 4.5.4.1: at least 4 to 5 days
DOUBT_LASTS = timedelta(hours=72)


def after(state: State, event: Event) -> State:
    """The state that `event` leads to; refuses what the table does not list."""
    try:
        return TABLE[state][event]
    except KeyError:
        words = state.replace("_", " ")
        raise Refused(f"A letter that is {words} cannot be {event}.", code="transition") from None


def recover(state: State, *, lease_over: bool) -> State:
    """What a restart, or another worker, makes of a row from its state alone: a mark without an answer is a doubt."""
    return TABLE[state].get(Event.LEASE_OVER, state) if lease_over else state


def may_mark(state: State, *, row_fence: int, our_fence: int) -> bool:
    """Whether the worker that holds `our_fence` still owns the letter; that it is still due is asked beside this."""
    return row_fence == our_fence and state in (State.CLAIMED, State.STREAMING)


def settled(state: State, verdict: Verdict, *, row_fence: int, our_fence: int) -> State:
    """What a verdict makes of a row: nothing when it is no longer ours, evidence when it is in doubt meanwhile."""
    if row_fence != our_fence:
        return state
    if state == DOUBT:
        return after(state, EVIDENCE_OF[verdict]) if verdict in EVIDENCE_OF else state
    return after(state, EVENT_OF[verdict]) if state in IN_FLIGHT else state


def outcome_of(phase: Phase, answer: Reply | Fault) -> Outcome:
    """What a reply or fault at a phase means for the letter.

    Before the dot a server must forget what it has (RFC 5321, 4.1.1.10), so a fault there means "not sent". A 5yz
    before MAIL is about the relay or our password, not about the letter, which waits until somebody has mended that.
    """
    if phase == Phase.DOT:
        return _outcome_after_dot(answer)
    if isinstance(answer, Reply) and 500 <= answer.code <= 599 and not _is_about_the_relay(phase, answer.code):
        return Outcome(Verdict.REJECTED, answer.text, answer.code)
    return Outcome(Verdict.RETRY, answer.text, answer.code if isinstance(answer, Reply) else 0)


def backoff(attempt: int) -> timedelta:
    """How long to wait after failed attempt number `attempt` (1 is the first): 30 minutes, doubling up to 4 hours."""
    return min(FIRST_RETRY * (1 << min(attempt - 1, 8)), LONGEST_RETRY)


def retry_at(attempt: int, *, first_tried_at: datetime, now: datetime) -> datetime | None:
    """When to try again after failed attempt number `attempt`; None: five days are over, the letter expires."""
    at = now + backoff(attempt)
    return at if at <= first_tried_at + GIVE_UP_AFTER else None


def after_72_hours(state: State, *, doubted_at: datetime, now: datetime) -> State:
    """A doubt that nobody could resolve for 72 hours is closed as unknown, and counts as sent."""
    over = state == DOUBT and now >= doubted_at + DOUBT_LASTS
    return after(state, Event.GIVEN_UP) if over else state


def dedupe_key(
    *,
    vendor: str,
    channel: str,
    recipient: str,
    kind: str,
    subjects: Iterable[str],
    step: str,
    on: date,
    revision: int = 0,
) -> str:
    """The one name of a letter: planned again it gets the same, so the database's unique index refuses the second.

    `on` is the local date of the occurrence; `revision` rises only when a person sends a corrected letter.
    The subjects (invoices) go in as a digest: an index entry has a limit, a bundle has none.
    """
    bundle = hashlib.sha256("\n".join(sorted(set(subjects))).encode()).hexdigest()[:32]
    parts = (vendor, channel, recipient.lower(), kind, bundle, step, on.isoformat(), str(revision))
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def message_id(install_key: bytes, dedupe_key: str, mail_domain: str) -> str:
    """The Message-ID of a letter, angle brackets included: the same for every attempt (RFC 5322, 3.6.4)."""
    return f"<{_seal(install_key, dedupe_key)[:32]}@{mail_domain}>"


def bounce_address(install_key: bytes, message_id: str, mail_domain: str) -> str:
    """The envelope sender of a letter: bounces name their letter, and a forged one lacks the seal."""
    local = message_id.strip("<>").partition("@")[0]
    return f"b-{local}-{_seal(install_key, 'bounce ' + message_id)[:10]}@{mail_domain}".lower()


def _outcome_after_dot(answer: Reply | Fault) -> Outcome:
    if isinstance(answer, Fault):
        return Outcome(Verdict.AMBIGUOUS, answer.text)
    verdicts = {2: Verdict.ACCEPTED, 4: Verdict.RETRY, 5: Verdict.REJECTED}
    return Outcome(verdicts.get(answer.code // 100, Verdict.AMBIGUOUS), answer.text, answer.code)


def _is_about_the_relay(phase: Phase, code: int) -> bool:
    return phase in ABOUT_THE_RELAY or code in (530, 534, 535, 538)  # RFC 4954, 6: sign-in is wanted or failed


def _seal(install_key: bytes, text: str) -> str:
    return base64.b32encode(hmac.digest(install_key, text.encode(), "sha256")).decode()
