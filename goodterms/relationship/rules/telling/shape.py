"""Decides what a timeline is told of an interaction, and what it is given to say."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from goodterms.values.money import Money

Side = Literal["us", "them", "both"]


class Told(NamedTuple):
    """An interaction and what its rows say of it; what is not known is empty."""

    kind: str
    by: str = ""
    inbound: bool = False
    channel: str = ""
    data: Mapping[str, Any] = {}
    currency: str = ""  # of the invoice or payment that it is about
    quote: str = ""  # what was said in a conversation at that moment
    line: int | None = None  # of the invoice that a conversation is about
    tone: str = ""  # of a reminder
    vendors: int = 1  # that speak in its message
    state: str = ""  # of its letter, or "withdrawn"
    method: str = ""  # of a payment
    name: str = ""  # of a contact
    terms: Mapping[str, Any] | None = None


class Said(NamedTuple):
    """`title` in bold, then `of` and the amount, then `about` and the numbers where there are any, then `rest`."""

    side: Side
    title: str
    rest: str = ""
    amount: Money | None = None
    of: str = ""
    about: str = "for"
    quote: str = ""
    quoted: str = ""  # whose words these are
