"""Decides how the numbers of a series look: "LR-{year}-{n:04d}" makes LR-2026-0187."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Literal, NamedTuple
from uuid import UUID

from goodterms.values.refusal import Refused

PATTERNS = {"invoice": "{year}-{n:04d}", "credit_note": "CN-{year}-{n:04d}"}  # where a vendor says nothing
LENGTH_MAX = 30  # a bank's end-to-end reference holds 35 characters, and a prefix must fit before it
_TOKEN = re.compile(r"\{([^{}]*)\}")
_COUNT = re.compile(r"n(?::0([1-9])d)?")
_TEXT = re.compile(r"[A-Za-z0-9/._ -]*")
_PARTS: dict[str, Callable[[date], str]] = {
    "year": lambda on: f"{on.year:04d}",
    "yy": lambda on: f"{on.year % 100:02d}",
    "month": lambda on: f"{on.month:02d}",
}
_DIGITS = {"year": 4, "yy": 2, "month": 2}


class Numbered(NamedTuple):
    """A place in a series."""

    series_id: UUID
    seq: int
    number: str
    at: datetime  # of issue: never before that of the number before it, whose transaction may have begun later


def render(pattern: str, n: int, issued_on: date) -> str:
    """The `n`th number of the series (from 1) for a document issued on `issued_on`. A number with more digits than the
    pattern pads to is written in full."""
    check(pattern)
    if n < 1:
        raise Refused("The first number of a series is 1.", code="number")
    number = _TOKEN.sub(lambda token: _fill(token[1], n, issued_on), pattern)
    if len(number) > LENGTH_MAX:
        raise Refused(f"{number} has more than {LENGTH_MAX} characters. Start a new series.", code="number")
    return number


def read(pattern: str, number: str) -> int | None:
    """The `n` of a number that this pattern can have made, to continue a series after an import; None for any other."""
    match = _reader(pattern).fullmatch(number)
    return int(match["n"]) if match and int(match["n"]) > 0 and _padded(pattern, match["n"]) else None


def check(pattern: str) -> None:
    """Refuses a pattern that cannot number documents without doubt, and says what to write instead."""
    tokens = _TOKEN.findall(pattern)
    text = _TOKEN.sub("", pattern)
    counts = [token for token in tokens if _COUNT.fullmatch(token)]
    for token in tokens:
        if token not in _PARTS and token not in counts:
            raise Refused(
                f"{{{token}}} is not known in a number. Use {{n}}, {{n:04d}}, {{year}}, {{yy}} or {{month}}.",
                code="pattern",
            )
    if len(counts) != 1:
        raise Refused("A number counts once: write {n}, or {n:04d} for four digits, in one place.", code="pattern")
    if not _TEXT.fullmatch(text):
        odd = next(character for character in text if not _TEXT.fullmatch(character))
        raise Refused(f"{odd!r} cannot stand in a number. Use letters A to Z, digits, - / . _ or a space.", code="pattern")
    if pattern != pattern.strip():
        raise Refused("A number does not begin or end with a space.", code="pattern")
    if re.search(r"\d\{n|\}\{n|\{n[^}]*\}(\d|\{)", pattern):
        raise Refused(
            "The count touches other digits, so two documents could get one number. Put a - or / between.", code="pattern"
        )
    if _length(pattern) > LENGTH_MAX:
        raise Refused(f"A number has at most {LENGTH_MAX} characters; this one gets longer.", code="pattern")


def counts_within(pattern: str) -> Literal["year", "month", "ever"]:
    """The span in which `n` alone must be unique: a series may begin again at 1 only where the number names the span."""
    tokens = set(_TOKEN.findall(pattern))
    if not tokens & {"year", "yy"}:
        return "ever"
    return "month" if "month" in tokens else "year"


def _fill(token: str, n: int, issued_on: date) -> str:
    return _PARTS[token](issued_on) if token in _PARTS else f"{n:0{_width(token)}d}"


def _width(token: str) -> int:
    count = _COUNT.fullmatch(token)
    return int(count[1] or 1) if count else 1


def _length(pattern: str) -> int:
    """Of a number with room for a million documents."""
    return len(_TOKEN.sub(lambda token: "0" * (_DIGITS.get(token[1]) or max(6, _width(token[1]))), pattern))


def _padded(pattern: str, digits: str) -> bool:
    width = max(_width(token) for token in _TOKEN.findall(pattern))
    return len(digits) == width or (len(digits) > width and digits[0] != "0")


@cache
def _reader(pattern: str) -> re.Pattern[str]:
    check(pattern)
    pieces = _TOKEN.split(pattern)
    return re.compile("".join(re.escape(piece) if i % 2 == 0 else _digits(piece) for i, piece in enumerate(pieces)))


def _digits(token: str) -> str:
    return f"[0-9]{{{_DIGITS[token]}}}" if token in _DIGITS else "(?P<n>[0-9]{1,18})"
