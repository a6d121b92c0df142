"""Decides what the links of a notice carry: bits that only this installation can make. The notice keeps their hash."""

import base64
import hashlib
import hmac
from uuid import UUID


def link_token(install_key: str, notice_id: UUID) -> str:
    """160 bits in base 32, small letters."""
    seal = hmac.digest(install_key.encode(), f"link {notice_id}".encode(), "sha256")
    return base64.b32encode(seal[:20]).decode().lower()


def hash_of(token: str) -> bytes:
    """What is stored of a token, and looked up by."""
    return hashlib.sha256(token.encode()).digest()
