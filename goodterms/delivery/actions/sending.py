"""Decides what a worker may do with letters: claim, mark before the dot, settle, and clear up after one that died.

A worker lives as long as its session holds an advisory lock whose number stands on the letters it claimed. The session
that marks is the session that holds the lock, so a worker without it can mark nothing. (Behind a pooler: session mode.)
"""

import secrets
import zlib
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from goodterms.database.isolation import acting_for
from goodterms.database.together import acting_together_for
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


_LATE = Why(Event.EXPIRED, "its time was over before it could leave")
Recheck = Callable[[Sequence[UUID], datetime], Mapping[UUID, Why]]


class Claim(NamedTuple):
    """A letter as this worker holds it."""

    letter: UUID
    fence: int
    attempts: int
    created_at: datetime
    expires_at: datetime | None


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

    def finds_any(self) -> bool:
        """Whether there is anything to claim now, or to expire."""
        asked: dict[str, Any] = {"now": self.clock(), "channel": self.channel, "kinds": self.kinds}
        with acting_for(self.vendors), connection.cursor() as cursor:
            cursor.execute(_FIND, asked)
            return bool(cursor.fetchone()[0])

    def claim(self, most: int = BATCH) -> list[Outgoing]:
        """Up to `most` letters that are ready now; those whose time is over expire instead."""
        with acting_for(self.vendors), connection.cursor() as cursor:
            if not self._is_locked:
                # Planning a group's statements anew takes longer than running them, and every group is asked the same.
                cursor.execute("set plan_cache_mode = force_generic_plan")
                cursor.execute("select pg_advisory_lock(%s::bigint)", [self.worker])
                connection.connection.prepare_threshold = 0
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
            claimed = [_outgoing(Claim(*row[:5]), *row[5:]) for row in cursor.fetchall()]
            failpoint.passed("claiming")
        failpoint.passed("claimed")
        return claimed

    def commit(self, marks: Sequence[Outgoing], settlements: Sequence[Settlement]) -> Collection[Hashable]:
        """Outcomes and marks of all lanes in one durable transaction; returns the claims that may have their dot."""
        now, claims = self.clock(), [outgoing.id for outgoing in marks]
        with connection.cursor() as settled, connection.cursor() as marked:
            with acting_together_for(self.vendors):
                if settlements:
                    self._settle(settled, settlements, now)
                refused = self._refused(claims, now) if claims else {}  # type: ignore[arg-type]
                if settlements:
                    remember(settled.fetchall(), now=now)
                    failpoint.passed("settling")
                if refused:
                    self._refuse(refused, now)
                if claims:
                    self._mark(marked, [claim for claim in claims if claim.letter not in refused], now)  # type: ignore[attr-defined,misc]
                    failpoint.passed("marking")
            allowed = {id for (id,) in marked.fetchall()} if claims else set()
        if settlements:
            failpoint.passed("settled")
        if marks:
            failpoint.passed("marked")
        return {claim for claim in claims if claim.letter in allowed}  # type: ignore[attr-defined]

    def close(self) -> None:
        """Let go of the lock, so that another worker can tell that this one is gone."""
        connection.close()
        self._is_locked = False

    def _refused(self, claims: Sequence[Claim], now: datetime) -> dict[UUID, Why]:
        """The letters that must not leave after all: what they say is no longer true, or their time is over."""
        late = {claim.letter: _LATE for claim in claims if claim.expires_at is not None and claim.expires_at <= now}
        return {**late, **self.recheck([claim.letter for claim in claims], now)}

    def _refuse(self, refused: Mapping[UUID, Why], now: datetime) -> None:
        whys = list(refused.values())
        states = [after(State.CLAIMED, why.event) for why in whys]
        with connection.cursor() as cursor:
            cursor.execute(_REFUSE, [now, list(refused), states, [why.reason for why in whys], self.worker])
            remember(cursor.fetchall(), now=now)

    def _mark(self, cursor: CursorWrapper, claims: Sequence[Claim], now: datetime) -> None:
        """Those of the claims that are still ours; which they are can be fetched when all of it is durable."""
        ids, fences = _listed(claim.letter for claim in claims), _listed(claim.fence for claim in claims)
        words: dict[str, Any] = {"now": now, "ids": ids, "fences": fences, "worker": self.worker, "server": self.server}
        cursor.execute(_MARK, words)

    def _settle(self, cursor: CursorWrapper, settlements: Sequence[Settlement], now: datetime) -> None:
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
        columns: list[Any] = [_listed(c.letter for c in claims), _listed(c.fence for c in claims), _listed(words), again]
        reasons = [settlement.outcome.reason.replace("\x00", "")[:500] for settlement in settlements]
        cursor.execute(_SETTLE, [now, *columns, reasons])


def _listed(plain: Iterable[object]) -> str:
    """An array as PostgreSQL reads it, of values that need no quotes."""
    return "{" + ",".join(map(str, plain)) + "}"


def _transitions() -> str:
    """rules.settled as rows: from state, verdict, to state."""
    rows = [(state, verdict, TABLE[state].get(EVENT_OF[verdict])) for state in IN_FLIGHT for verdict in Verdict]
    rows += [(DOUBT, verdict, TABLE[DOUBT][event]) for verdict, event in EVIDENCE_OF.items()]
    known = [(state.value, verdict.value, to.value) for state, verdict, to in rows if to]
    # An unmarked letter has left nothing behind, whatever was heard; one that gave up after five days is expired.
    known += [(state.value, "expired", State.EXPIRED.value) for state in IN_FLIGHT]
    known += [(DOUBT.value, "expired", TABLE[DOUBT][EVIDENCE_OF[Verdict.RETRY]].value)]
    return ", ".join(f"('{was}', '{verdict}', '{becomes}')" for was, verdict, becomes in known)


def _outgoing(claim: Claim, recipient: str, name: str, packed: bytes) -> Outgoing:
    sender = bounce_address(settings.SECRET_KEY.encode(), name, settings.MAIL_DOMAIN)
    return Outgoing(claim, zlib.decompress(packed), sender, recipient, name)


_FIND = """
select exists (
  select from delivery_letter
  where is_moving and state = 'ready' and channel = %(channel)s and (not_before <= %(now)s or expires_at <= %(now)s)
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[])))
"""
_EXPIRE = f"""
update delivery_letter l set state = 'expired', settled_at = %(now)s, answer = '{_LATE.reason}'
where is_moving and state = 'ready' and channel = %(channel)s and expires_at <= %(now)s
  and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[]))
{RETURNING}
"""
_CLAIM = """
with due as (
  select id from delivery_letter
  where is_moving and state = 'ready' and channel = %(channel)s and not_before <= %(now)s
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[]))
  order by not_before, id limit %(most)s for update skip locked
), claimed as (
  update delivery_letter l
  set state = 'claimed', fence = fence + 1, attempts = attempts + 1, worker = %(worker)s
  from due where l.id = due.id
  returning l.id, l.fence, l.attempts, l.created_at, l.expires_at, l.recipient, l.message_id, l.not_before
)
select c.id, fence, attempts, created_at, expires_at, recipient, message_id, packed
from claimed c join delivery_body b on b.letter_id = c.id order by c.not_before, c.id
"""
_MARK = """
update delivery_letter l
set state = 'committing', committing_at = %(now)s, settled_at = null, answer = '', server = %(server)s
from unnest(%(ids)s::uuid[], %(fences)s::int[]) as m (id, fence)
where l.id = m.id and l.fence = m.fence and l.worker = %(worker)s and l.state in ('claimed', 'streaming')
  and (l.expires_at is null or l.expires_at > %(now)s)
returning l.id
"""
_REFUSE = f"""
update delivery_letter l set state = r.state, answer = r.reason, settled_at = %s, worker = null
from unnest(%s::uuid[], %s::text[], %s::text[]) as r (id, state, reason)
where l.id = r.id and l.worker = %s and l.state in ('claimed', 'streaming')
{RETURNING}
"""
_SETTLE = f"""
update delivery_letter l
set state = way.becomes, answer = s.reason, not_before = coalesce(s.again_at, l.not_before), worker = null,
    settled_at = case when way.becomes = 'ready' then null else %s::timestamptz end
from unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::text[]) as s (id, fence, verdict, again_at, reason),
  (values {_transitions()}) as way (was, verdict, becomes)
where l.id = s.id and l.fence = s.fence and way.was = l.state and way.verdict = s.verdict
{RETURNING}
"""
_GONE = """
select worker, pg_try_advisory_xact_lock(worker)
from (select distinct worker from delivery_letter
      where is_moving and state = any(%(states)s) and worker is not null and worker <> %(own)s) w
"""
_RECOVER = f"""
update delivery_letter l
set state = t.becomes, worker = null, settled_at = case when t.becomes = %(doubt)s then %(now)s else l.settled_at end,
    answer = case when t.becomes = %(doubt)s then 'the sender stopped between its mark and the answer' else l.answer end
from unnest(%(from)s::text[], %(to)s::text[]) as t (was, becomes)
where l.is_moving and l.state = t.was and l.worker = any(%(gone)s)
{RETURNING}
"""
