"""Decides which sentence of our own may stand in front of the invoices of a message, and how long it waits for it."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from goodterms.values.refusal import Refused

LONGEST = 400
WAITS = timedelta(days=14)  # a message that was put off takes it along for so long; later it would puzzle its reader
# What is never said in our voice, in the languages of the house; legal steps are a person's letter, not a reminder's.
NEVER = (
    "final notice", "final reminder", "last warning", "demand", "demands", "demanded", "immediate", "immediately", "debt",
    "debts", "debtor", "legal action", "legal steps", "legal proceedings", "lawyer", "solicitor", "court", "bailiff",
    "collection agency", "delinquent", "failed to pay",
    "segera", "utang", "hutang", "somasi", "peringatan terakhir", "tuntutan", "jalur hukum", "pengadilan", "pengacara",
)  # fmt: skip
_NEVER = re.compile(rf"\b({'|'.join(re.escape(word) for word in NEVER)})\b", re.I)
_SHOUTED = re.compile(r"\b[^\W\d_]{6,}\b|\b[^\W\d_]{2,}(?:\s+[^\W\d_]{2,})+\b")


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


def checked_voice(plain: str) -> str:
    """The words as they are; refuses what our voice never says, and shouting."""
    if found := _NEVER.search(plain):
        raise Refused(f"A reminder never says “{found[0]}”. Say what is so, and leave a way out.", code="voice", field="words")
    if "!" in plain:
        raise Refused("A reminder has no exclamation marks; a full stop is friendlier.", code="voice", field="words")
    if any(found[0].isupper() for found in _SHOUTED.finditer(plain)):
        raise Refused("A reminder does not shout: write it in small letters.", code="voice", field="words")
    return plain
