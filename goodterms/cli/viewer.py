"""Decides for whom a command acts: the vendor that is named, or the only one there is; and what time it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed


def clock() -> datetime:
    """The one place where a command reads the clock; GOODTERMS_NOW (ISO 8601 with zone) stands in for it."""
    import os

    if given := os.environ.get("GOODTERMS_NOW"):
        return datetime.fromisoformat(given).astimezone(UTC)
    return datetime.now(UTC)


@contextmanager
def on_behalf_of(slug: str | None) -> Iterator[Listed]:
    """One transaction for the vendor named."""
    from goodterms.database.isolation import acting_for
    from goodterms.parties.directory import named

    vendor = named(slug)
    with acting_for([vendor.id]):
        yield vendor


def a_date(text: str) -> date:
    """For argparse: an ISO date, with a sentence for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it like 2026-11-16") from None


def an_instant(text: str) -> datetime:
    """For argparse: an ISO instant with its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant; write it like 2026-11-16T10:20:00+00:00") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; write it like {text}+00:00")
    return at.astimezone(UTC)


def say_json(document: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    json.dump(document, sys.stdout, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def amount(minor: int, currency: str) -> str:
    from goodterms.values.money import Money, exponent

    return f"{currency} {Money(minor, currency).major:,.{exponent(currency)}f}"
