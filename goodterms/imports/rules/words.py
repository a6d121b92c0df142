"""Decides what a written date, amount or name is: read as it is written or not at all, for nobody guesses with money."""

import re
from calendar import month_name, monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from goodterms.imports.file import broken_byte
from goodterms.imports.profile import date_parts
from goodterms.values.money import MINOR_MAX, exponent
from goodterms.values.refusal import Refused

YEARS = range(1970, 2101)
LONGEST = {"number": 64, "customer": 64, "order_number": 64, "name": 200, "contact": 200, "email": 254}
_ABOVE = {
    "invoice": "An invoice has an amount above zero; credit notes are taken over by a file of their own.",
    "credit": "A credit note has an amount above zero; write what it gives back.",
    "payment": "A payment has an amount above zero; money that went back is not taken over.",
}
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_FORMULA = tuple("=+-@\t\r")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Bad(NamedTuple):
    """Why a row cannot be taken over: the line it begins on, the column's heading in the file, and a sentence."""

    line: int
    column: str
    reason: str


class No(Exception):  # noqa: N818  (a reason on its way to its column)
    """Why a field cannot be read."""


def read_date(text: str, patterns: Sequence[str]) -> date:
    """The one day that `text` is by the patterns ("month/day/year"). Two patterns that read two days: refused, not guessed."""
    _must_be_plain(text, 40)
    parts = [found for found in (_parts(text, pattern) for pattern in patterns) if found]
    if not parts:
        raise No(f"{text[:40]!r} is not a date written {' or '.join(patterns)}.")
    days = {date(*found) for found in parts if _exists(*found)}
    if len(days) > 1:
        first, second = sorted(days)[:2]
        raise No(f"{text!r} can be {first:%d %B %Y} or {second:%d %B %Y}. Keep one way of writing dates in the profile.")
    if not days:
        year, month, day = parts[0]
        raise No(f"{text!r} does not exist: {_why_not(year, month, day)}.")
    (found,) = days
    if found.year not in YEARS:
        raise No(f"{text!r} is not a plausible date; years are {YEARS.start} to {YEARS.stop - 1}.")
    return found


def read_amount(text: str, currency: str, decimal: str, thousands: str, of: str = "invoice") -> int:
    """Minor units of an amount above zero; money is read as it is written or not at all."""
    said = text.strip()
    _must_be_plain(said, 40)
    if not said:
        raise No("The amount is missing.")
    found = amount_pattern(decimal, thousands).fullmatch(said)
    if found is None:
        raise No(f"{said[:40]!r} is not an amount written like {_example(decimal, thousands)}.")
    if found["sign"]:
        raise No(f"{said!r} is below zero. {_ABOVE[of]}")
    whole, cents = found["whole"], (found["cents"] or "").rstrip("0")
    if thousands:
        whole = whole.replace(thousands, "")
    digits = exponent(currency)
    if len(cents) > digits:
        raise No(f"{said!r} has more decimals than {currency} has ({digits}).")
    minor = int(whole + cents.ljust(digits, "0"))
    if minor == 0:
        raise No(f"The amount is zero. {_ABOVE[of].partition(';')[0].rstrip('.')}.")
    if minor > MINOR_MAX:
        raise No(f"{said!r} {currency} is larger than an amount can be here.")
    return minor


def read_text(text: str, column: str, *, needed: bool = False) -> str:
    """A text as it is kept. What a spreadsheet would run as a formula is refused (T10), and so is what nobody can see."""
    if text.startswith(_FORMULA):
        raise No(f"{text[:40]!r} begins like a formula ({text[0]!r}).")
    plain = text.strip()
    if plain.startswith(_FORMULA):
        raise No(f"{plain[:40]!r} begins like a formula ({plain[0]!r}).")
    _must_be_plain(plain, LONGEST.get(column, 500))
    if needed and not plain:
        raise No(f"The {column.replace('_', ' ')} is missing.")
    return plain


def _must_be_plain(text: str, longest: int) -> None:
    if len(text) > longest:
        raise No(f"{text[:40]!r}… is too long: {len(text)} letters, and {longest} fit.")
    if found := _INVISIBLE.search(text):
        if byte := broken_byte(text):
            raise No(f"It has {byte}, which is not of the file's encoding; save the file as UTF-8, or name another encoding.")
        raise No(f"It has a sign that cannot be seen ({'NUL' if found[0] == chr(0) else f'U+{ord(found[0]):04X}'}).")


def _parts(text: str, pattern: str) -> tuple[int, int, int] | None:
    """Year, month and day as whole numbers; None when `text` is not written like `pattern`."""
    order, (first, second) = date_parts(pattern)
    if pattern.endswith(" time"):
        text, _, clock = text.partition(" ")
        if not _CLOCK.fullmatch(clock):
            return None
    one, sign, rest = text.partition(first)
    two, other, three = rest.partition(second)
    said = dict(zip(order, (one, two, three), strict=True))
    digits = all(part.isascii() and part.isdigit() for part in said.values())
    if not (sign and other and digits and len(said["year"]) == 4 and all(len(said[word]) <= 2 for word in ("month", "day"))):
        return None
    return int(said["year"]), int(said["month"]), int(said["day"])


def _exists(year: int, month: int, day: int) -> bool:
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _why_not(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if year < 1 or day < 1:
        return "days and years are counted from 1"
    return f"{month_name[month]} {year} has {monthrange(year, month)[1]} days"


@cache
def amount_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    return re.compile(rf"(?P<sign>-?)(?P<whole>{grouped}\d{{1,30}})(?:{re.escape(decimal)}(?P<cents>\d{{1,30}}))?", re.ASCII)


def _example(decimal: str, thousands: str) -> str:
    return f"1{thousands}240{decimal}50"


Read = Callable[[str, Callable[[str], Any]], Any]


def reading(line: int, fields: Sequence[str], where: Mapping[str, int], headings: Sequence[str], bad: list[Bad]) -> Read:
    """Reads the columns of one row by name: what is wrong with a field goes to `bad`, with its place, and it is empty then."""

    def read(column: str, reader: Callable[[str], Any]) -> Any:
        at = where.get(column)
        try:
            return reader("" if at is None else fields[at])
        except (No, Refused) as no:
            bad.append(Bad(line, "" if at is None else headings[at], str(no)))
            return ""

    return read
