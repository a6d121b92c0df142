"""Decides which mail server takes our letters, and that a password never travels in clear."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from goodterms.values.refusal import Refused

KNOWN_SETTINGS = {"starttls", "ca", "hello"}
HOW = "Write it like smtp://user:password@mail.firm.example:587?starttls=1 or smtps://user:password@mail.firm.example."


@dataclass(frozen=True)
class Relay:
    """A mail server and how to sign in there. `ca_file`: certificates to trust instead of the system's."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False  # TLS from the first byte
    is_starttls: bool = False
    ca_file: str = ""
    hello: str = ""  # our name in EHLO; empty: the address of our end

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read GOODTERMS_SMTP_URL; refuses what is not clear, without repeating the password."""
        parts, port = _split(url)
        settings = dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := sorted(set(settings) - KNOWN_SETTINGS):
            raise _refused(f"The mail server's address has an unknown setting: {', '.join(unknown)}.")
        if settings.get("starttls", "0") not in ("0", "1"):
            raise _refused("The setting starttls of the mail server's address is 1 or 0.")
        is_tls, is_starttls = parts.scheme == "smtps", settings.get("starttls") == "1"
        if is_tls and is_starttls:
            raise _refused("smtps:// is encrypted from the start; leave out starttls=1.")
        relay = cls(
            host=parts.hostname or "",
            port=port or (465 if is_tls else 587 if is_starttls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_tls=is_tls,
            is_starttls=is_starttls,
            ca_file=settings.get("ca", ""),
            hello=settings.get("hello", ""),
        )
        relay._check()
        return relay

    @property
    def is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def may_sign_in(self) -> bool:
        return self.is_tls or self.is_starttls or self.is_loopback

    def tls(self) -> ssl.SSLContext:
        """A context that verifies certificate and name; raises OSError when `ca_file` cannot be read."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _check(self) -> None:
        for text in (self.host, self.user, self.password, self.hello):
            if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
                raise _refused("The mail server's address holds a control character.")
        if bool(self.user) != bool(self.password):
            raise _refused("The mail server's address has a user without a password, or a password without a user.")
        if self.user and not self.may_sign_in:
            raise _refused("A password must not travel in clear: add ?starttls=1, or use smtps://.")
        if not self.hello.isascii() or " " in self.hello:
            raise _refused("The setting hello of the mail server's address is a host name.")


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _refused("The mail server's address has a port or host that cannot be read.") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise _refused("The mail server's address begins with smtp:// or smtps://.")
    if not parts.hostname or port == 0:
        raise _refused("The mail server's address names no host, or port 0.")
    if parts.path not in ("", "/") or parts.fragment:
        raise _refused("The mail server's address has something after the port; write # / ? in a password as %23 %2F %3F.")
    return parts, port


def _refused(sentence: str) -> Refused:
    return Refused(f"{sentence} {HOW}", code="smtp_url", field="GOODTERMS_SMTP_URL")
