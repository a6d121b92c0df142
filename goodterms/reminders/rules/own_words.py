"""Decides which sentence of our own may stand in front of the invoices of a message, and how long it waits for it."""

from datetime import date, timedelta
from typing import NamedTuple

from goodterms.parties.rules.voice import checked_voice
from goodterms.values.refusal import Refused

LONGEST = 400
WAITS = timedelta(days=14)  # a message that was put off takes it along for so long; later it would puzzle its reader


class Foreword(NamedTuple):
    """A sentence of one vendor, kept for the message that is planned for the day `on`."""

    id: str
    vendor_id: str
    on: date
    words: str

    def is_due(self, today: date) -> bool:
        return self.on <= today <= self.on + WAITS


def checked_words(words: str) -> str:
    """The sentence as it is kept: plain, on one line; refuses what our voice never says."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    if not plain:
        raise Refused("There is nothing in this sentence yet.", code="words", field="words")
    if len(plain) > LONGEST:
        raise Refused(
            f"This is {len(plain)} characters long; {LONGEST} are the most. A longer story is better told in a letter.",
            code="words",
            field="words",
        )
    checked_voice(plain)
    if "<" in plain or "{{" in plain or "{%" in plain or "://" in plain:
        raise Refused(
            "Plain words only: no links, marks or names in brackets. The links come below.", code="plain", field="words"
        )
    return plain
