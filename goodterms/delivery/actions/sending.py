"""Decides what a worker may do with letters: claim, mark before the dot, settle, and clear up after one that died.

A worker lives as long as its session holds an advisory lock whose number stands on the letters it claimed. The session
that marks is the session that holds the lock, so a worker without it can mark nothing. (Behind a pooler: session mode.)
"""

import secrets
import zlib
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery import failpoint
from goodterms.delivery.actions.ends import RETURNING, remember
from goodterms.delivery.channels.commit import Outgoing, Settlement
from goodterms.delivery.rules import (
    DOUBT,
    EVENT_OF,
    EVIDENCE_OF,
    IN_FLIGHT,
    TABLE,
    Event,
    State,
    Verdict,
    after,
    bounce_address,
    recover,
    retry_at,
)

BATCH = 200


class Why(NamedTuple):
    """Why a letter must not leave after all: what becomes of it, and the reason in a word."""

    event: Event
    reason: str


Recheck = Callable[[Sequence[UUID], datetime], Mapping[UUID, Why]]


class Claim(NamedTuple):
    """A letter as this worker holds it."""

    letter: UUID
    fence: int
    attempts: int
    created_at: datetime


class Sender:
    """One worker's dealings with the books, all on the connection of the thread that calls it.

    `recheck` is asked for all letters of a group once more, in the transaction of their mark, and locks what it reads.
    """

    def __init__(
        self,
        vendors: Collection[UUID],
        channel: str,
        clock: Callable[[], datetime],
        recheck: Recheck,
        server: str = "",
        kinds: Collection[str] | None = None,
    ) -> None:
        self.vendors = vendors
        self.channel = channel
        self.clock = clock
        self.recheck = recheck
        self.server = server
        self.kinds = list(kinds) if kinds is not None else None  # None: letters of every kind
        self.worker = secrets.randbits(62)
        self._is_locked = False

    def recover(self) -> int:
        """Letters of workers that are gone: unmarked ones are ready again, marked ones are doubts. Returns the doubts."""
        ends = {state.value: recover(state, lease_over=True).value for state in IN_FLIGHT}
        now = self.clock()
        with acting_for(self.vendors), connection.cursor() as cursor:
            cursor.execute(_GONE, {"own": self.worker, "states": list(ends)})
            gone = [worker for worker, is_free in cursor.fetchall() if is_free]
            cursor.execute(_RECOVER, {"from": list(ends), "to": list(ends.values()), "gone": gone, "now": now, "doubt": DOUBT})
            recovered = cursor.fetchall()
            remember(recovered, now=now)
            failpoint.passed("recovering")
        failpoint.passed("recovered")
        return sum(state == DOUBT for state, *_ in recovered)

    def claim(self, most: int = BATCH) -> list[Outgoing]:
        """Up to `most` letters that are ready now; those whose time is over expire instead."""
        with acting_for(self.vendors), connection.cursor() as cursor:
            if not self._is_locked:
                # Planning a group's statements anew takes longer than running them, and every group is asked the same.
                cursor.execute("set plan_cache_mode = force_generic_plan")
                cursor.execute("select pg_advisory_lock(%s::bigint)", [self.worker])
                self._is_locked = True
            now = self.clock()
            cursor.execute(_EXPIRE, {"now": now, "channel": self.channel, "kinds": self.kinds})
            remember(cursor.fetchall(), now=now)
            asked: dict[str, Any] = {
                "now": now,
                "channel": self.channel,
                "kinds": self.kinds,
                "most": most,
                "worker": self.worker,
            }
            cursor.execute(_CLAIM, asked)
            claimed = [_outgoing(*row) for row in cursor.fetchall()]
            failpoint.passed("claiming")
        failpoint.passed("claimed")
        return claimed

    def commit(self, marks: Sequence[Outgoing], settlements: Sequence[Settlement]) -> Collection[Hashable]:
        """Outcomes and marks of all lanes in one durable transaction; returns the claims that may have their dot."""
        marked: set[Claim] = set()
        with acting_for(self.vendors):
            now = self.clock()
            if settlements:
                self._settle(settlements, now)
                failpoint.passed("settling")
            if marks:
                marked = self._mark([outgoing.id for outgoing in marks], now)  # type: ignore[misc]
                failpoint.passed("marking")
        if settlements:
            failpoint.passed("settled")
        if marks:
            failpoint.passed("marked")
        return marked

    def close(self) -> None:
        """Let go of the lock, so that another worker can tell that this one is gone."""
        connection.close()
        self._is_locked = False

    def _mark(self, claims: Sequence[Claim], now: datetime) -> set[Claim]:
        """The claims that are still ours, still due and still in time; the others are settled as what they are."""
        refused = self.recheck([claim.letter for claim in claims], now)
        passed = [claim for claim in claims if claim.letter not in refused]
        ids, fences = [claim.letter for claim in passed], [claim.fence for claim in passed]
        with connection.cursor() as cursor:
            if refused:
                whys = list(refused.values())
                states = [after(State.CLAIMED, why.event) for why in whys]
                cursor.execute(_REFUSE, [now, list(refused), states, [why.reason for why in whys], self.worker])
            words: dict[str, Any] = {"now": now, "ids": ids, "fences": fences, "worker": self.worker, "server": self.server}
            cursor.execute(_MARK, words)
            rows = cursor.fetchall()
        remember(rows, now=now)
        marked = {id for state, id, *_ in rows if state == State.COMMITTING}
        return {claim for claim in passed if claim.letter in marked}

    def _settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        claims: list[Claim] = [settlement.outgoing.id for settlement in settlements]  # type: ignore[misc]
        verdicts = [settlement.outcome.verdict for settlement in settlements]
        again = [
            retry_at(claim.attempts, first_tried_at=claim.created_at, now=now) if verdict == Verdict.RETRY else None
            for claim, verdict in zip(claims, verdicts, strict=True)
        ]
        words = [
            "expired" if verdict == Verdict.RETRY and at is None else verdict.value
            for verdict, at in zip(verdicts, again, strict=True)
        ]
        columns: list[list[Any]] = [[c.letter for c in claims], [c.fence for c in claims], words, again]
        reasons = [settlement.outcome.reason.replace("\x00", "")[:500] for settlement in settlements]
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [*_TRANSITIONS, now, *columns, reasons])
            remember(cursor.fetchall(), now=now)


def _transitions() -> list[list[str]]:
    """rules.settled as three columns: from state, verdict, to state."""
    rows = [(state, verdict, TABLE[state].get(EVENT_OF[verdict])) for state in IN_FLIGHT for verdict in Verdict]
    rows += [(DOUBT, verdict, TABLE[DOUBT][event]) for verdict, event in EVIDENCE_OF.items()]
    known = [(state.value, verdict.value, to.value) for state, verdict, to in rows if to]
    # An unmarked letter has left nothing behind, whatever was heard; one that gave up after five days is expired.
    known += [(state.value, "expired", State.EXPIRED.value) for state in IN_FLIGHT]
    known += [(DOUBT.value, "expired", TABLE[DOUBT][EVIDENCE_OF[Verdict.RETRY]].value)]
    return [list(column) for column in zip(*known, strict=True)]


_TRANSITIONS = _transitions()


def _outgoing(id: UUID, fence: int, attempts: int, created_at: datetime, recipient: str, name: str, packed: bytes) -> Outgoing:
    sender = bounce_address(settings.SECRET_KEY.encode(), name, settings.MAIL_DOMAIN)
    return Outgoing(Claim(id, fence, attempts, created_at), zlib.decompress(packed), sender, recipient, name)


_EXPIRE = f"""
update delivery_letter l set state = 'expired', settled_at = %(now)s, answer = 'its time was over before it could leave'
where state = 'ready' and channel = %(channel)s and expires_at <= %(now)s
  and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[]))
{RETURNING}
"""
_CLAIM = """
with due as (
  select id from delivery_letter
  where state = 'ready' and channel = %(channel)s and not_before <= %(now)s
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[]))
  order by not_before, id limit %(most)s for update skip locked
), claimed as (
  update delivery_letter l
  set state = 'claimed', fence = fence + 1, attempts = attempts + 1, worker = %(worker)s
  from due where l.id = due.id
  returning l.id, l.fence, l.attempts, l.created_at, l.recipient, l.message_id, l.not_before
)
select c.id, fence, attempts, created_at, recipient, message_id, packed
from claimed c join delivery_body b on b.letter_id = c.id order by c.not_before, c.id
"""
_MARK = f"""
update delivery_letter l
set state = case when l.expires_at <= %(now)s then 'expired' else 'committing' end,
    committing_at = case when l.expires_at <= %(now)s then l.committing_at else %(now)s end,
    settled_at = case when l.expires_at <= %(now)s then %(now)s::timestamptz end,
    answer = case when l.expires_at <= %(now)s then 'its time was over before it could leave' else '' end,
    worker = case when l.expires_at <= %(now)s then null else l.worker end,
    server = %(server)s
from unnest(%(ids)s::uuid[], %(fences)s::int[]) as m (id, fence)
where l.id = m.id and l.fence = m.fence and l.worker = %(worker)s and l.state in ('claimed', 'streaming')
{RETURNING}
"""
_REFUSE = """
update delivery_letter l set state = r.state, answer = r.reason, settled_at = %s, worker = null
from unnest(%s::uuid[], %s::text[], %s::text[]) as r (id, state, reason)
where l.id = r.id and l.worker = %s and l.state in ('claimed', 'streaming')
"""
_SETTLE = f"""
with way as (select * from unnest(%s::text[], %s::text[], %s::text[]) as t (was, verdict, becomes))
update delivery_letter l
set state = way.becomes, answer = s.reason, not_before = coalesce(s.again_at, l.not_before), worker = null,
    settled_at = case when way.becomes = 'ready' then null else %s end
from unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::text[]) as s (id, fence, verdict, again_at, reason), way
where l.id = s.id and l.fence = s.fence and way.was = l.state and way.verdict = s.verdict
{RETURNING}
"""
_GONE = """
select worker, pg_try_advisory_xact_lock(worker)
from (select distinct worker from delivery_letter where state = any(%(states)s) and worker is not null and worker <> %(own)s) w
"""
_RECOVER = f"""
update delivery_letter l
set state = t.becomes, worker = null, settled_at = case when t.becomes = %(doubt)s then %(now)s else l.settled_at end,
    answer = case when t.becomes = %(doubt)s then 'the sender stopped between its mark and the answer' else l.answer end
from unnest(%(from)s::text[], %(to)s::text[]) as t (was, becomes)
where l.state = t.was and l.worker = any(%(gone)s)
{RETURNING}
"""
