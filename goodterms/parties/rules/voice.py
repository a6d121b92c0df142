"""Decides what is never said in our voice, whoever writes the words."""

import re

from goodterms.values.refusal import Refused

# What is never said in our voice, in the languages of the house; legal steps are a person's letter, not a reminder's.
NEVER = (
    "final notice", "final reminder", "last warning", "demand", "demands", "demanded", "immediate", "immediately", "debt",
    "debts", "debtor", "legal action", "legal steps", "legal proceedings", "lawyer", "solicitor", "court", "bailiff",
    "collection agency", "delinquent", "failed to pay",
    "segera", "utang", "hutang", "somasi", "peringatan terakhir", "tuntutan", "jalur hukum", "pengadilan", "pengacara",
)  # fmt: skip
_NEVER = re.compile(rf"\b({'|'.join(re.escape(word) for word in NEVER)})\b", re.I)
_SHOUTED = re.compile(r"\b[^\W\d_]{6,}\b|\b[^\W\d_]{2,}(?:\s+[^\W\d_]{2,})+\b")


def checked_voice(plain: str, of: str = "A reminder") -> str:
    """The words as they are; refuses what our voice never says, and shouting. `of`: what speaks here."""
    if found := _NEVER.search(plain):
        raise Refused(f"{of} never says “{found[0]}”. Say what is so, and leave a way out.", code="voice", field="words")
    if "!" in plain:
        raise Refused(f"{of} has no exclamation marks; a full stop is friendlier.", code="voice", field="words")
    if any(found[0].isupper() for found in _SHOUTED.finditer(plain)):
        raise Refused(f"{of} does not shout: write it in small letters.", code="voice", field="words")
    return plain
