"""Decides when two ways of writing a name or an e-mail address mean the same one, and which addresses are let in (T14)."""

import re
import unicodedata
from functools import lru_cache
from uuid import UUID, uuid5

from goodterms.values.refusal import Refused, to_say

# Fixed for good: the id of every payer follows from it.
_PAYERS = UUID("7a1d5c1e-5f0e-5b52-9c1b-6f2f0d8a4e11")
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


def fold(text: str) -> str:
    """Lower case, no accents, one space between words: what names are searched and compared by."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def payer_key(address: str) -> UUID:
    """The id of the payer at `address`: the same for every vendor that lists it. Refuses what is no address."""
    return uuid5(_PAYERS, checked_address(address))


@lru_cache(maxsize=4_096)
def checked_address(address: str) -> str:
    """`address` as payers are known by it: lower case, an international domain in its ASCII form.

    Letters outside ASCII before the @ are refused, not folded: taking the accent off a mailbox would name another's.
    """
    return shown_address(address).lower()


def shown_address(address: str) -> str:
    """`address` without outer spaces, checked and otherwise as it was written, for letters to that person."""
    written = address.strip(" ")
    local, _, domain = written.rpartition("@")
    ascii_form = f"{local}@{_ascii(domain)}"
    if len(local) > 64 or len(ascii_form) > 254 or not _ADDRESS.fullmatch(ascii_form):
        raise Refused(_fault(written), code="address", field="email", address=repr(written[:80]), count=written.count("@"))
    return ascii_form


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _fault(written: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") for letter in written):
        return to_say("{address} is not an e-mail address; it holds a line break or another invisible sign.")
    if "@" not in written:
        return to_say("{address} is not an e-mail address; it has no @ sign.")
    if written.count("@") > 1:
        return to_say("{address} is not an e-mail address; it has {count} @ signs.")
    if not written.rpartition("@")[0].isascii():
        return to_say(
            "{address} is not an e-mail address; before the @ only plain letters, digits and a few signs can be written to."
        )
    return to_say("{address} is not an e-mail address; write it like name@company.example.")
