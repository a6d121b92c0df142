"""Decides which numbers and choices terms may hold, and says so where they may not."""

from decimal import Decimal
from functools import cache
from typing import get_args

from goodterms.values.refusal import Refused


def must_be_percent(value: Decimal, of: str) -> None:
    if not (value.is_finite() and 0 < value <= 100):
        raise Refused(f"The {of} is a percentage above 0 and up to 100, not {value}.", code="terms", field=of)


def must_be_whole(value: int, low: int, high: int, of: str) -> None:
    if type(value) is not int or not low <= value <= high:
        raise Refused(f"{of.capitalize()}: a whole number from {low} to {high}, not {value}.", code="terms", field=of)


def must_be_one_of(value: str, choices: object, of: str) -> None:
    if value not in _words(choices):
        raise Refused(f"{value!r} is not known here; choose {' or '.join(_words(choices))}.", code="terms", field=of)


@cache
def _words(choices: object) -> tuple[str, ...]:
    """What a Literal allows; asked of every term of a book that is taken over."""
    return get_args(choices)
