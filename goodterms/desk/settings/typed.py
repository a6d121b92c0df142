"""Decides how what was typed into the settings is read: sums, hours and scopes, or a sentence about what cannot be read."""

from collections.abc import Iterable
from datetime import time
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from goodterms.parties.rules.viewer import NOUNS
from goodterms.values.money import to_minor
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas


def approves_up_to(typed: QueryDict, currency: str) -> int | None:
    return a_sum(typed, "approves", currency)


def a_sum(typed: QueryDict, field: str, currency: str) -> int | None:
    """A sum in major units, such as `5,000` or `2000.50`; empty: any sum."""
    written = without_commas(typed.get(field, ""))
    if not written:
        return None
    try:
        sum_ = Decimal(written)
    except InvalidOperation:
        sum_ = Decimal("nan")
    if not sum_.is_finite() or not 0 <= sum_ < 10**12:
        raise Refused(f"{written[:30]!r} is not a sum. Write it like 5,000, or leave it empty for any.", field=field)
    return to_minor(sum_, currency)


def numbers(typed: QueryDict, columns: Iterable[str]) -> dict[str, int]:
    """Whole numbers; the action says which are too many."""
    found = {}
    for column in columns:
        written = typed.get(column, "").strip()
        if not (written.isascii() and written.isdigit() and len(written) < 5):
            raise Refused(f"{written[:30]!r} is not a whole number. Write it like 4.", field=column)
        found[column] = int(written)
    return found


def an_hour(typed: QueryDict, column: str) -> time:
    """`17:30`"""
    try:
        return time.fromisoformat(typed.get(column, ""))
    except ValueError:
        raise Refused(f"{typed.get(column, '')[:30]!r} is not a time of day. Write it like 17:30.", field=column) from None


def scopes_of(typed: QueryDict) -> list[str]:
    """What was ticked, for each noun nothing, reading or writing."""
    return [f"{noun}:{typed[noun]}" for noun in NOUNS if typed.get(noun) in ("read", "write")]
