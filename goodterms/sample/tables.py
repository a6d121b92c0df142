"""Decides how the sample's tables are read: who is in it (world.toml), what was billed, said and promised (the others)."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple

LINDQVIST = "lindqvist-rowe"  # the vendor whose house this is; the others share a payer with it


class Billed(NamedTuple):
    """One invoice and when its money came; `terms` only where they were other than the customer's."""

    vendor: str
    number: str
    customer: str
    work: str
    order: str
    issued_on: date
    terms: str
    net: Decimal
    paid_on: date | None
    method: str


class Said(NamedTuple):
    """A question or dispute, and our first answer after `minutes` of business hours (None: not answered yet)."""

    vendor: str
    number: str
    kind: str
    asked_at: datetime  # by the vendor's clock
    minutes: int | None
    line: int | None
    reason: str
    by: str
    words: str
    answered_by: str
    answer: str
    settled_on: date | None


class Promised(NamedTuple):
    """A word about paying all that is open."""

    number: str
    made_at: datetime  # by the vendor's clock
    promised_on: date
    by: str
    words: str


def world() -> dict[str, Any]:
    """Vendors, members, customers, contacts, wishes and tax rates."""
    return _toml("world.toml")


def told() -> dict[str, Any]:
    """What happened once: terms agreed, part payments, holds, notes, replies, drafts, and documents with several lines."""
    return _toml("told.toml")


def billed() -> list[Billed]:
    return [
        Billed(
            row["vendor"], row["number"], row["customer"], row["work"], row["order"], date.fromisoformat(row["issued_on"]),
            row["terms"], Decimal(row["net"]), _day(row["paid_on"]), row["method"],
        )
        for row in _csv("invoices.csv")
    ]  # fmt: skip


def said() -> list[Said]:
    return [
        Said(
            row["vendor"], row["number"], row["kind"], datetime.fromisoformat(row["asked_at"]),
            int(row["minutes"]) if row["minutes"] else None, int(row["line"]) if row["line"] else None, row["reason"],
            row["by"], row["words"], row["answered_by"], row["answer"], _day(row["settled_on"]),
        )
        for row in _csv("words.csv")
    ]  # fmt: skip


def promised() -> list[Promised]:
    return [
        Promised(
            row["number"], datetime.fromisoformat(row["made_at"]), date.fromisoformat(row["promised_on"]), row["by"],
            row["words"],
        )
        for row in _csv("promises.csv")
    ]  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _csv(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader((files(__package__) / name).read_text(encoding="utf-8").splitlines())


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))
