"""Decides how finely an invoice tells what was done: item by item, or by rate, person, team or project."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from goodterms.invoicing.line import Line
from goodterms.invoicing.totals import totals

NAMED = 4  # of what was done in one line


class Doer(NamedTuple):
    """Whose work a line is, as far as that was noted."""

    person: str = ""
    team: str = ""


def broken_down(lines: Sequence[Line], doers: Sequence[Doer], by: str, currency: str) -> list[Line]:
    """The lines of one piece of work as its customer reads them; `doers` are those of the lines, empty where nobody is known.

    However coarse, no line is lost, and what a customer is taxed by is never mixed.
    """
    match by:
        case "rates":
            return by_rate(lines)
        case "people" | "teams":
            return _by_doer(lines, [one.person if by == "people" else one.team for one in doers] or [""] * len(lines))
        case "projects":
            return _by_project(lines, currency)
    return list(lines)


def by_rate(lines: Sequence[Line]) -> list[Line]:
    """Lines of one project, unit, price, discount and tax as one, in the order of the first of them: the quantities together,
    what was done listed once. A discount in an amount belongs to its own line, which stays, and so does what is taken back."""
    return _by_doer(lines, [""] * len(lines))


def _by_doer(lines: Sequence[Line], names: Sequence[str]) -> list[Line]:
    """By rate, with the name before what was done: `Priya: Retouching, prints`."""
    groups: dict[object, list[Line]] = {}
    whose: dict[object, str] = {}
    for at, (line, name) in enumerate(zip(lines, names, strict=True)):
        key = (
            at if line.discount_amount or line.quantity < 0 else (name, replace(line, description="alike", quantity=Decimal(1)))
        )
        groups.setdefault(key, []).append(line)
        whose[key] = name
    return [
        replace(group[0], description=_words(group, whose[key]), quantity=sum((one.quantity for one in group), Decimal(0)))
        for key, group in groups.items()
    ]


def _by_project(lines: Sequence[Line], currency: str) -> list[Line]:
    """One sum for each project and tax, of the lines as each is rounded by itself. What is taken back keeps its own line."""
    groups: dict[object, list[Line]] = {}
    for at, line in enumerate(lines):
        is_own = line.quantity < 0 or line.tax_amount is not None
        groups.setdefault(at if is_own else (line.project, line.tax, line.includes_tax), []).append(line)
    return [group[0] if len(group) == 1 else _one_sum(group, currency) for group in groups.values()]


def _one_sum(group: Sequence[Line], currency: str) -> Line:
    first = group[0]
    as_written = [replace(line, includes_tax=False) for line in group]  # with its tax or without: their prices add up as such
    price = totals(currency, as_written).line_sum.major
    return Line(_words(group), Decimal(1), price, first.tax, includes_tax=first.includes_tax, project=first.project)


def _words(lines: Sequence[Line], name: str = "") -> str:
    said = list(dict.fromkeys(line.description for line in lines))
    words = ", ".join(said[:NAMED]) + (f" and {len(said) - NAMED} more" if len(said) > NAMED else "")
    return f"{name}: {words}" if name else words
