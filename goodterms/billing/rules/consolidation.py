"""Decides which work comes together on one invoice, and by whom it may be issued without being asked again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.line import Line

NAMED = 4  # of what was done under one rate


class Piece(NamedTuple):
    """Some lines that are to be billed: of a schedule's period, or of a project's finished items."""

    source: UUID
    customer: UUID
    currency: str
    order_number: str
    project: str
    work: str
    automatic: bool
    lines: Sequence[Line]


class Bill(NamedTuple):
    """One invoice to be: what it consists of, in order."""

    customer: UUID
    currency: str
    order_number: str
    work: str
    automatic: bool
    pieces: list[Piece]

    @property
    def lines(self) -> list[Line]:
        return [line for piece in self.pieces for line in piece.lines]


def bills(pieces: Iterable[Piece], *, apart: frozenset[UUID], summed: frozenset[UUID] = frozenset()) -> list[Bill]:
    """One invoice for each customer, currency and purchase order; for the customers in `apart` one for each project as well.
    The customers in `summed` read one line for each project and rate.

    What needs a person keeps all of its invoice waiting. The invoice is named after its work where that has one name, else
    after its projects.
    """
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        if piece.lines:
            alone = piece.project if piece.customer in apart else ""
            groups.setdefault((piece.customer, piece.currency, piece.order_number, alone), []).append(piece)
    return [
        _bill([piece._replace(lines=by_rate(piece.lines)) for piece in group] if group[0].customer in summed else group)
        for group in groups.values()
    ]


def by_rate(lines: Sequence[Line]) -> list[Line]:
    """Lines of one project, unit, price, discount and tax as one, in the order of the first of them: the quantities together,
    what was done listed once. A discount in an amount belongs to its own line, which stays."""
    groups: dict[object, list[Line]] = {}
    for at, line in enumerate(lines):
        alike = replace(line, description="", quantity=Decimal(1))
        groups.setdefault(at if line.discount_amount or line.quantity < 0 else alike, []).append(line)
    return [_together(group) for group in groups.values()]


def _together(lines: Sequence[Line]) -> Line:
    said = list(dict.fromkeys(line.description for line in lines))
    words = ", ".join(said[:NAMED]) + (f" and {len(said) - NAMED} more" if len(said) > NAMED else "")
    return replace(lines[0], description=words, quantity=sum((line.quantity for line in lines), Decimal(0)))


def _bill(pieces: list[Piece]) -> Bill:
    first = pieces[0]
    return Bill(
        first.customer, first.currency, first.order_number, _named(pieces), all(piece.automatic for piece in pieces), pieces
    )


def _named(pieces: Sequence[Piece]) -> str:
    works = list(dict.fromkeys(piece.work for piece in pieces if piece.work))
    projects = list(dict.fromkeys(piece.project for piece in pieces if piece.project))
    names = works if len(works) == 1 or not projects else projects
    return names[0] if len(names) == 1 else ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
