"""Decides how ten seconds to take something back are shown: a bar for whatever was sent at once and waits so long."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Undo(NamedTuple):
    """`desk/undo.html` draws it: what is on its way to whom, how many seconds are left, and where pressing it posts."""

    words: str  # such as "Sent to Graham Tait"
    seconds: int
    action: str
    given: Mapping[str, str]  # hidden fields of its form


def undo_of(words: str, *, free_until_at: datetime | None, clock: datetime, action: str, **given: str) -> Undo | None:
    """The bar, while there is time by the real clock; nothing after."""
    if free_until_at is None or clock >= free_until_at:
        return None
    return Undo(words, max(1, round((free_until_at - clock).total_seconds())), action, given)
