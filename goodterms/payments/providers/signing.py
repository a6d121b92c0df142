"""Decides whether a call comes from whom it says: HMAC-SHA256 over its time and its raw bytes, compared in constant time."""

import hmac
from datetime import datetime

from goodterms.values.refusal import Refused

SECONDS = 300  # older calls are replays


def signed(secret: bytes, body: bytes, at: datetime) -> str:
    """`t=1794824400,v1=5257a8…`, the value of the header."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_seal(secret, body, stamp)}"


def must_be_signed(secret: bytes, body: bytes, header: str, *, at: datetime) -> None:
    """Refuses a call without this secret's signature over exactly these bytes, or from another time than now."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp, seal = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        raise Refused("This call is not signed.", code="signature")
    if not hmac.compare_digest(_seal(secret, body, int(stamp)).encode(), seal.encode()):
        raise Refused("The signature of this call does not fit its words.", code="signature")
    if abs(at.timestamp() - int(stamp)) > SECONDS:
        raise Refused("This call was signed too long ago.", code="signature")


def _seal(secret: bytes, body: bytes, stamp: int) -> str:
    return hmac.digest(secret, b"%d." % stamp + body, "sha256").hex()
