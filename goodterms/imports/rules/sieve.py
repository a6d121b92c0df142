"""Decides which rows of a file are not taken over (drafts, voided ones, other documents, those with nothing to pay), and
which of a file of invoices are credit notes."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from goodterms.imports.file import Numbered
from goodterms.imports.profile import Profile
from goodterms.imports.rules.words import Bad

NOTHING = "nothing to pay"
PAID = "paid before, and the file does not say when"
USED = "used up before"
NO_CREDIT = "nothing to their credit"
LATER = "of a later day"
LINES_MOST = 1_000


class Left(NamedTuple):
    """A line that is left out: its document, and why."""

    line: int
    number: str
    reason: str


class LeftOut:
    """What is left out: all lines are counted by the word for it, the first thousand are named."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self._lines: list[Left] = []

    def leave(self, word: str, line: int, number: str, heading: str = "") -> None:
        """`heading`: of the column that says the word."""
        self.count[word] += 1
        self.name(line, number, f"{heading}: {word}" if heading else word)

    def name(self, line: int, number: str, reason: str) -> None:
        """One that is counted elsewhere."""
        if len(self._lines) < LINES_MOST:
            self._lines.append(Left(line, number.strip()[:64], reason))

    def __bool__(self) -> bool:
        return bool(self.count)

    def told(self) -> dict[str, Any]:
        lines = [one._asdict() for one in sorted(self._lines)]
        return {"left_out": dict(sorted(self.count.items())), "left_out_lines": lines}


class Sieve:
    """Lets through what the profile takes; what it leaves out is told by line and counted by its word. A word of which the
    profile knows neither is a fault, for it may be one that counts. Credit notes go aside."""

    def __init__(self, profile: Profile, headings: Sequence[str], left: LeftOut) -> None:
        self.credits: list[Numbered] = []
        self._left_out = left
        self._headings = list(headings)
        self._taken = {headings.index(name): _plain(words) for name, words in profile.taken.items() if name in headings}
        self._left = {headings.index(name): _plain(words) for name, words in profile.left_out.items() if name in headings}
        self._credits = {headings.index(name): _plain(words) for name, words in profile.credits.items() if name in headings}
        opened = profile.columns.get("open") in headings
        self._amount = headings.index(profile.columns["amount"]) if opened and profile.holds == "invoices" else None
        self._number = headings.index(profile.columns["number"])

    def through(self, numbered: Iterator[Numbered], tell: Callable[[list[Bad]], None]) -> Iterator[Numbered]:
        """The rows that are left."""
        for line, fields in numbered:
            if len(fields) != len(self._headings):
                yield line, fields
            elif not self._is_left_out(line, fields, tell):
                if self._is_credit(fields):
                    self.credits.append((line, fields))
                else:
                    yield line, fields

    def _is_credit(self, fields: Sequence[str]) -> bool:
        return any(fields[at].strip().casefold() in words for at, words in self._credits.items())

    def _is_left_out(self, line: int, fields: Sequence[str], tell: Callable[[list[Bad]], None]) -> bool:
        """Also where nobody said what it is, so that it was told as a fault."""
        for at in sorted({*self._taken, *self._left}):
            said = fields[at].strip()
            known = {*self._taken.get(at, ()), *self._credits.get(at, ())}
            if said.casefold() in self._left.get(at, ()) or (known and said.casefold() not in known and at not in self._left):
                self._left_out.leave(said or "without a word", line, fields[self._number], self._headings[at])
                return True
            if known and said.casefold() not in known:
                words = ", ".join(sorted({*known, *self._left[at]}))
                tell([Bad(line, self._headings[at], f"{said[:40]!r} is not one of the words known here ({words}).")])
                return True
        if self._amount is not None and fields[self._amount].strip() and not fields[self._amount].strip(" 0.,"):
            self._left_out.leave(NOTHING, line, fields[self._number])
            return True
        return False


def _plain(words: Sequence[str]) -> set[str]:
    return {word.strip().casefold() for word in words}
