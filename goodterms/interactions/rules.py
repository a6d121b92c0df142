"""Decides the seal of the log (I20): each row's hash takes in the one before, so that no row can be changed unseen."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NamedTuple
from uuid import UUID

Key = UUID | str  # as text where many are read; they are sealed as text
_dumps = partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_said: Callable[[str], str] = encode_basestring  # json's own way of writing a text, in C
START = bytes(32)  # what the first row of a vendor is chained to


class Logged(NamedTuple):
    """A row of the log as it is sealed: every column."""

    id: Key
    vendor_id: Key
    at: datetime
    kind: str
    by: str
    inbound: bool
    channel: str
    customer_id: Key | None
    invoice_id: Key | None
    payer_id: Key | None
    subject_id: Key | None
    data: str  # JSON, in whatever order the database gives it


class SealedRow(NamedTuple):
    """A row with its place in the chain and the hash recorded for it; a row that was taken out is None."""

    seq: int
    interaction_id: Key
    hash: bytes
    row: Logged | None


class Break(NamedTuple):
    """Where a chain does not hold, and in what way."""

    seq: int
    interaction_id: Key
    why: str  # changed, missing, order


def canonical(row: Logged) -> bytes:
    """The one way of writing a row down: JSON with sorted names, instants in UTC to the microsecond, no blanks."""
    data = "{}" if row.data == "{}" else _dumps(json.loads(row.data))
    return (  # as json.dumps of all columns would write it, four times as fast: proving reads every row of the log
        f'{{"at":"{row.at.astimezone(UTC).isoformat(timespec="microseconds")}","by":{_said(row.by)}'
        f',"channel":{_said(row.channel)},"customer_id":{_key(row.customer_id)},"data":{data},"id":"{row.id}"'
        f',"inbound":{"true" if row.inbound else "false"},"invoice_id":{_key(row.invoice_id)},"kind":{_said(row.kind)}'
        f',"payer_id":{_key(row.payer_id)},"subject_id":{_key(row.subject_id)},"vendor_id":"{row.vendor_id}"}}'
    ).encode()


def _key(key: Key | None) -> str:
    return "null" if key is None else f'"{key}"'


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
