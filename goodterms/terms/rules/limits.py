"""Decides which numbers and choices terms may hold, and says so where they may not."""

from decimal import Decimal
from typing import get_args

from goodterms.values.refusal import Refused


def must_be_percent(value: Decimal, of: str) -> None:
    if not (value.is_finite() and 0 < value <= 100):
        raise Refused(f"The {of} is a percentage above 0 and up to 100, not {value}.", code="terms", field=of)


def must_be_whole(value: int, low: int, high: int, of: str) -> None:
    if type(value) is not int or not low <= value <= high:
        raise Refused(f"{of.capitalize()}: a whole number from {low} to {high}, not {value}.", code="terms", field=of)


def must_be_one_of(value: str, choices: object, of: str) -> None:
    if value not in get_args(choices):
        raise Refused(f"{value!r} is not known here; choose {' or '.join(get_args(choices))}.", code="terms", field=of)
