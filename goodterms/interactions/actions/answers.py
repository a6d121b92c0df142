"""Decides what a request with an idempotency key is told the second time: what the first was told, word for word."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

KEY_MAX = 200
PATIENCE_SECONDS = 10


class Answered(NamedTuple):
    """What the first request was told."""

    status: int
    body: str


def claim_answer(*, vendor_id: UUID, key: str, route: str, request_sha256: bytes, now: datetime) -> Answered | None:
    """Claim an idempotency key for a request (I26): None means go on, and keep the answer in the same transaction.

    The same request again gets its stored answer; another request under the key is refused ("idempotency"). One that
    comes while the first is at work waits for it here, by the unique key, up to PATIENCE_SECONDS, then is refused
    ("in_progress").
    """
    if not 1 <= len(key) <= KEY_MAX or not key.isprintable():
        raise Refused(f"An idempotency key has 1 to {KEY_MAX} printable letters.", code="idempotency", field="Idempotency-Key")
    if _claimed([new_key(now), vendor_id, key, route, request_sha256, now]):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [vendor_id, key, route])
        first, status, body = cursor.fetchone()
    if bytes(first) != request_sha256:
        raise Refused(
            "This idempotency key was used for another request. Use a new key for a new request.",
            code="idempotency",
            field="Idempotency-Key",
        )
    if status is None:
        raise _still_at_work()
    return Answered(status, body)


def keep_answer(*, vendor_id: UUID, key: str, route: str, status: int, body: str) -> None:
    """Keep what the request that claimed the key was told, to be said again in the same words."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [status, body, vendor_id, key, route])


def forget_answers(*, vendor_id: UUID, before: datetime) -> int:
    """Drop the answers to requests made before that instant; returns their number."""
    with connection.cursor() as cursor:
        cursor.execute("delete from interactions_answer where vendor_id = %s and at < %s", [vendor_id, before])
        return int(cursor.rowcount)


def _claimed(row: Sequence[Any]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [f"{PATIENCE_SECONDS}s"])
            cursor.execute(_CLAIM, row)
            first = cursor.fetchone() is not None
            cursor.execute("select set_config('lock_timeout', '0', true)")
            return first
    except OperationalError as fault:
        if isinstance(fault.__cause__, LockNotAvailable):
            raise _still_at_work() from fault
        raise


def _still_at_work() -> Refused:
    return Refused("The first request with this key is still at work. Ask again in a moment.", code="in_progress")


_CLAIM = """
insert into interactions_answer (id, vendor_id, key, route, request_sha256, body, at)
values (%s, %s, %s, %s, %s, '', %s) on conflict (vendor_id, key, route) do nothing returning id
"""
_FIRST = "select request_sha256, status, body from interactions_answer where vendor_id = %s and key = %s and route = %s"
_KEEP = "update interactions_answer set status = %s, body = %s where vendor_id = %s and key = %s and route = %s"
