"""Decides the seal of the log (I20): each row's hash takes in the one before, so that no row can be changed unseen."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

START = bytes(32)  # what the first row of a vendor is chained to


class Logged(NamedTuple):
    """A row of the log as it is sealed: every column."""

    id: UUID
    vendor_id: UUID
    at: datetime
    kind: str
    by: str
    inbound: bool
    channel: str
    customer_id: UUID | None
    invoice_id: UUID | None
    payer_id: UUID | None
    subject_id: UUID | None
    data: str  # JSON, in whatever order the database gives it


class SealedRow(NamedTuple):
    """A row with its place in the chain and the hash recorded for it; a row that was taken out is None."""

    seq: int
    interaction_id: UUID
    hash: bytes
    row: Logged | None


class Break(NamedTuple):
    """Where a chain does not hold, and in what way."""

    seq: int
    interaction_id: UUID
    why: str  # changed, missing, order


def canonical(row: Logged) -> bytes:
    """The one way of writing a row down: JSON with sorted names, instants in UTC to the microsecond, no blanks."""
    plain: dict[str, Any] = row._asdict()
    plain["at"] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    plain["data"] = json.loads(row.data)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def sealed(before: bytes, row: Logged) -> bytes:
    """The hash of a row whose predecessor has the hash `before`: h(n) = SHA-256(h(n-1) || canonical(n))."""
    return sha256(before + canonical(row)).digest()


def breaks(chain: Iterable[SealedRow], before: bytes = START, seq: int = 0) -> Iterable[Break]:
    """Every place where the chain of one vendor, in order of `seq`, does not hold; after one it goes on from what is recorded,
    so that a single change is told once."""
    for place in chain:
        seq += 1
        if place.seq != seq:
            yield Break(place.seq, place.interaction_id, "order")
            seq = place.seq
        elif place.row is None:
            yield Break(place.seq, place.interaction_id, "missing")
        elif sealed(before, place.row) != place.hash:
            yield Break(place.seq, place.interaction_id, "changed")
        before = place.hash
