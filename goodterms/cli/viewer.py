"""Decides for whom a command acts (the vendor named, or the only one), what time it is, and how words are read."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed
    from goodterms.values.money import Money

BY = "operator"  # who the log says it was
YEARS = range(1970, 2200)  # outside of it no invoice is meant, and days overflow
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?")


def clock() -> datetime:
    """The one place where a command reads the clock; GOODTERMS_NOW (ISO 8601 with zone) stands in for it."""
    given = os.environ.get("GOODTERMS_NOW")
    if not given:
        return datetime.now(UTC)
    try:
        return an_instant(given)
    except argparse.ArgumentTypeError as odd:
        raise Refused(f"GOODTERMS_NOW: {odd}. Nothing was done.") from odd


def clock_of(vendor: Listed) -> datetime:
    """What time it is for a vendor: a sandbox has a clock of its own."""
    return vendor.sandbox_now or clock()


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
        on = date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it like 2026-11-16") from None
    if on.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date here; years are {YEARS.start} to {YEARS.stop - 1}")
    return on


def an_instant(text: str) -> datetime:
    """For argparse: an ISO instant with its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant; write it like 2026-11-16T10:20:00+00:00") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; write it like 2026-11-16T10:20:00+00:00")
    if at.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant here; years are {YEARS.start} to {YEARS.stop - 1}")
    return at.astimezone(UTC)


def a_count(text: str) -> int:
    """For argparse: a whole number above zero."""
    if not _COUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of that kind; write it like 14")
    return int(text)


def a_decimal(text: str) -> Decimal:
    """For argparse: an amount in major units, with a point."""
    if not _AMOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write it like 1250.50")
    return Decimal(text)


def a_key(text: str) -> UUID:
    """For argparse: a UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a UUID") from None


def a_table(path: Path, undone: str) -> Any:
    """What a file says, as TOML or, when its name ends so, as JSON, which may be no table; figures are Decimals. `undone` ends
    the sentence of a refusal, such as `no cadence was changed`."""
    kind, read = ("JSON", json.loads) if path.suffix == ".json" else ("TOML", tomllib.loads)
    try:
        return read(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as fault:
        raise Refused(f"{path} could not be read ({fault.strerror}), so {undone}.") from fault
    except ValueError as odd:  # not UTF-8, not TOML, not JSON
        raise Refused(f"{path} is not {kind} ({odd}), so {undone}.") from odd


def say_json(document: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    json.dump(document, sys.stdout, ensure_ascii=False, default=_word)
    sys.stdout.write("\n")


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date as well


def amount(minor: int, currency: str) -> str:
    from goodterms.values.money import Money, exponent

    return f"{currency} {Money(minor, currency).major:,.{exponent(currency)}f}"


def exactly(major: Decimal, currency: str) -> Money:
    """The sum itself, or a refusal where the currency has no such part."""
    from goodterms.values.money import Money, exponent

    money = Money.of(major, currency)
    if money.major != major:
        raise Refused(
            f"{major} is no amount of {currency}, which has {exponent(currency)} digits after the point.", code="amount"
        )
    return money
