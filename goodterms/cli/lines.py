"""Decides how lines are read out of a file, and whatever else stands there in tables: each key by its kind, or a sentence
that names the file, the line and the key."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import a_date
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.line import Adjustment, Line, Tax

TAX_KEYS = frozenset({"tax_category", "tax_percent", "tax_reason"})
LINE_KEYS = frozenset({"description", "quantity", "unit", "price", "discount_percent", "includes_tax"}) | TAX_KEYS
ON_INVOICE = LINE_KEYS | {"project", "discount_amount"}
ADJUSTMENT_KEYS = frozenset({"kind", "amount", "reason"}) | TAX_KEYS
_FIGURE = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?", re.ASCII)
_YES = {"true": True, "yes": True, "false": False, "no": False}


class Table:
    """One table of a file, as TOML and JSON have it, or a row of CSV, whose cells are words. `where` begins its sentences."""

    def __init__(self, said: Any, where: str, what: str, known: Collection[str], needed: Collection[str] = ()) -> None:
        self.said, self.where = said, where
        odd = sorted(set(said) - set(known)) if isinstance(said, dict) else ["something else"]
        lacking = [name for name in needed if name not in said] if isinstance(said, dict) else []
        if odd or lacking:
            fault = f"and {odd[0][:40]!r} is nothing that it can say" if odd else f"and this one has no {lacking[0]}"
            raise self.no(f"{what}, {fault}. It may say {', '.join(sorted(known))}. Nothing was done.")

    def no(self, sentence: str) -> Refused:
        return Refused(f"{self.where}: {sentence}", code="file")

    def text(self, name: str, usual: str = "") -> str:
        value = self.said.get(name, usual)
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)) or "\0" in str(value):
            raise self.no(f"{name} is not a text, so nothing was done.")
        return str(value)

    def figure(self, name: str, usual: int | str = 0) -> Decimal:
        value = self.said.get(name, usual)
        known = isinstance(value, (int, Decimal)) or (isinstance(value, str) and _FIGURE.fullmatch(value))
        if isinstance(value, bool) or not known or not Decimal(value).is_finite():
            raise self.no(f"{name} {str(value)[:40]!r} is not a number, so nothing was done.")
        return Decimal(value)

    def figure_or_none(self, name: str) -> Decimal | None:
        return self.figure(name) if name in self.said else None

    def yes(self, name: str, *, usual: bool) -> bool:
        value = self.said.get(name, usual)
        found = value if isinstance(value, bool) else _YES.get(value.strip().lower()) if isinstance(value, str) else None
        if found is None:
            raise self.no(f"{name} is true or false, not {str(value)[:40]!r}. Nothing was done.")
        return found

    def day(self, name: str) -> date:
        value = self.said[name]
        try:
            if isinstance(value, datetime) or not isinstance(value, (date, str)):
                raise argparse.ArgumentTypeError(f"{str(value)[:40]!r} is not a date; write it like 2026-11-16")
            return a_date(value.isoformat() if isinstance(value, date) else value)
        except argparse.ArgumentTypeError as odd:
            raise self.no(f"{name}: {odd}. Nothing was done.") from odd


def lines_said(said: Any, path: Path, known: Collection[str] = LINE_KEYS) -> list[Line]:
    """The lines of a file, at least one."""
    if not isinstance(said, list) or not said:
        raise Refused(f"{path}: its lines are tables, such as [[lines]], and there is one at least. Nothing was done.")
    return [line_in(a_line(one, at, path, known)) for at, one in enumerate(said, 1)]


def a_line(said: Any, at: int, path: Path, known: Collection[str]) -> Table:
    return Table(said, f"Line {at} in {path}", "a line has a description and a price", known, ("description", "price"))


def line_in(table: Table) -> Line:
    """What it says of a line; what a line may not say is refused with its place."""
    from goodterms.invoicing.line import Line

    figures = [table.figure(name, usual) for name, usual in _FIGURES.items()]
    texts = [table.text(name) for name in ("description", "unit", "project")]
    includes_tax = table.yes("includes_tax", usual=False)
    try:
        quantity, price, percent, amount = figures
        description, unit, project = texts
        return Line(description, quantity, price, _tax(table), unit, percent, amount, includes_tax, project)
    except Refused as no:
        raise table.no(no.sentence) from no


def adjustments_said(said: Any, path: Path) -> list[Adjustment]:
    """The allowances and charges of a file, as many as there are."""
    if not isinstance(said, list):
        raise Refused(f"{path}: its adjustments are tables, such as [[adjustments]]. Nothing was done.")
    return [_adjustment(one, at, path) for at, one in enumerate(said, 1)]


def _adjustment(said: Any, at: int, path: Path) -> Adjustment:
    from goodterms.invoicing.line import Adjustment

    what = "an adjustment has a kind, which is allowance or charge, an amount and a reason"
    table = Table(said, f"Adjustment {at} in {path}", what, ADJUSTMENT_KEYS, ("kind", "amount", "reason"))
    kind: Any = table.text("kind")
    amount, reason = table.figure("amount"), table.text("reason")
    try:
        return Adjustment(kind, amount, _tax(table), reason)
    except Refused as no:
        raise table.no(no.sentence) from no


def _tax(table: Table) -> Tax:
    """Standard rate where there is a rate, else zero rate, unless it says its category."""
    from goodterms.invoicing.line import Tax

    percent = table.figure("tax_percent")
    return Tax(table.text("tax_category", "S" if percent else "Z"), percent, table.text("tax_reason"))


def rows_of(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """The rows of a CSV with a heading, each with its line; a cell that is empty says nothing."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            heading = [cell.strip() for cell in next(reader, [])]
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, _row(heading, cells, reader.line_num, path)
    except OSError as fault:
        raise Refused(f"{path} could not be read ({fault.strerror}), so nothing was done.") from fault
    except (ValueError, csv.Error) as odd:  # not UTF-8, not CSV
        raise Refused(f"{path} is not CSV ({odd}), so nothing was done.") from odd


def _row(heading: list[str], cells: list[str], line: int, path: Path) -> dict[str, str]:
    if len(cells) != len(heading):
        raise Refused(f"Line {line} in {path} has {len(cells)} cells, and its heading {len(heading)}. Nothing was done.")
    return {name: cell.strip() for name, cell in zip(heading, cells, strict=True) if cell.strip()}


_FIGURES: dict[str, int | str] = {"quantity": 1, "price": 0, "discount_percent": 0, "discount_amount": 0}
