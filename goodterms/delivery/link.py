"""Decides what a link that needs no row carries: what about, for whom, since when; sealed, so that only we can make one.

Nothing of it is kept: whoever has the letter has the link, and an old one says by itself that it is old.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

_SEAL = 16  # bytes
_LENGTH = 16 + 16 + 4 + _SEAL


class Carried(NamedTuple):
    """What a link of ours says."""

    subject_id: UUID
    payer_id: UUID
    sent_at: datetime


def sealed(install_key: str, purpose: str, carried: Carried) -> str:
    """As it stands in an address: small letters and figures, none of which a mail program takes for the end of it. A link of
    one purpose is none of another."""
    seconds = int(carried.sent_at.timestamp())
    plain = carried.subject_id.bytes + carried.payer_id.bytes + seconds.to_bytes(4, "big")
    return _written(plain + _seal(install_key, purpose, plain))


def opened(install_key: str, purpose: str, token: str) -> Carried | None:
    """What a link carries; nothing where it is not one of ours to the letter: one that was closed has no second spelling."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    plain, seal = raw[:-_SEAL], raw[-_SEAL:]
    if len(raw) != _LENGTH or token != _written(raw) or not hmac.compare_digest(seal, _seal(install_key, purpose, plain)):
        return None
    at = datetime.fromtimestamp(int.from_bytes(plain[32:], "big"), UTC)
    return Carried(UUID(bytes=plain[:16]), UUID(bytes=plain[16:32]), at)


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower().rstrip("=")


def _seal(install_key: str, purpose: str, plain: bytes) -> bytes:
    return hmac.digest(install_key.encode(), f"{purpose} ".encode() + plain, hashlib.sha256)[:_SEAL]
