"""Decides what is said to sign in at a mail server: PLAIN, LOGIN or CRAM-MD5."""

import base64
import hmac
from collections.abc import Callable, Generator

# Each step is (line to send, first digit of the reply that is wanted) and is given the reply's text.
Talk = Generator[tuple[bytes, int], str, None]


def way_of(offered: str, *, is_clear: bool) -> Callable[[bytes, bytes], Talk] | None:
    """The best way among those that EHLO offers, or None. Where all can be overheard, the one that hides the password."""
    known = {"PLAIN": plain, "LOGIN": login, "CRAM-MD5": cram_md5}
    order = ["CRAM-MD5", "PLAIN", "LOGIN"] if is_clear else ["PLAIN", "LOGIN", "CRAM-MD5"]
    return next((known[name] for name in order if name in offered.split()), None)


def plain(user: bytes, password: bytes) -> Talk:
    yield b"AUTH PLAIN " + _coded(b"\0" + user + b"\0" + password), 2


def login(user: bytes, password: bytes) -> Talk:
    yield b"AUTH LOGIN\r\n", 3
    yield _coded(user), 3
    yield _coded(password), 2


def cram_md5(user: bytes, password: bytes) -> Talk:
    """RFC 2195; a challenge that cannot be read raises ValueError."""
    challenge = yield b"AUTH CRAM-MD5\r\n", 3
    question = base64.b64decode(challenge, validate=True)
    yield _coded(user + b" " + hmac.digest(password, question, "md5").hex().encode()), 2


def _coded(secret: bytes) -> bytes:
    return base64.b64encode(secret) + b"\r\n"
