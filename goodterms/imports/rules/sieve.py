"""Decides which rows of a file are not taken over: drafts, voided ones, other documents, those with nothing to pay."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from goodterms.imports.file import Numbered
from goodterms.imports.profile import Profile
from goodterms.imports.rules.words import Bad

NOTHING = "nothing to pay"
PAID = "paid before, and the file does not say when"


class Sieve:
    """Lets through what the profile takes; what it leaves out is counted by its word. A word of which the profile knows
    neither is told, for it may be one that counts."""

    def __init__(self, profile: Profile, headings: Sequence[str]) -> None:
        self.left_out: Counter[str] = Counter()
        self._headings = list(headings)
        self._taken = {headings.index(name): _plain(words) for name, words in profile.taken.items() if name in headings}
        self._left = {headings.index(name): _plain(words) for name, words in profile.left_out.items() if name in headings}
        opened = profile.columns.get("open") in headings
        self._amount = headings.index(profile.columns["amount"]) if opened and profile.holds == "invoices" else None

    def through(self, numbered: Iterator[Numbered], tell: Callable[[list[Bad]], None]) -> Iterator[Numbered]:
        """The rows that are left."""
        for line, fields in numbered:
            word = self._word(line, fields, tell) if len(fields) == len(self._headings) else ""
            if word:
                self.left_out[word] += 1
            elif word is not None:
                yield line, fields

    def _word(self, line: int, fields: Sequence[str], tell: Callable[[list[Bad]], None]) -> str | None:
        """Why a row is left out; empty: it is not; None: nobody said, so it was told."""
        for at in sorted({*self._taken, *self._left}):
            said = fields[at].strip()
            if said.casefold() in self._left.get(at, ()):
                return said or "without a word"
            if at in self._taken and said.casefold() not in self._taken[at]:
                if at not in self._left:
                    return said or "without a word"
                known = ", ".join(sorted({*self._taken[at], *self._left[at]}))
                tell([Bad(line, self._headings[at], f"{said[:40]!r} is not one of the words known here ({known}).")])
                return None
        zero = self._amount is not None and fields[self._amount].strip() and not fields[self._amount].strip(" 0.,")
        return NOTHING if zero else ""


def _plain(words: Sequence[str]) -> set[str]:
    return {word.strip().casefold() for word in words}
