"""Decides which work comes together on one invoice, and by whom it may be issued without being asked again."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from goodterms.billing.rules.breakdown import Doer, broken_down
from goodterms.invoicing.line import Line

_AS_THEY_ARE: Mapping[UUID, str] = MappingProxyType({})


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
    doers: Sequence[Doer] = ()  # of each line; none where nobody is known


class Bill(NamedTuple):
    """One invoice to be: what it consists of, in order."""

    customer: UUID
    currency: str
    order_number: str
    work: str
    automatic: bool
    pieces: list[Piece]

    @property
    def lines(self) -> Sequence[Line]:
        """Those of one piece as they are: others may have the very same."""
        return self.pieces[0].lines if len(self.pieces) == 1 else [line for piece in self.pieces for line in piece.lines]


def bills(pieces: Iterable[Piece], *, apart: frozenset[UUID], breakdown: Mapping[UUID, str] = _AS_THEY_ARE) -> list[Bill]:
    """One invoice for each customer, currency and purchase order; for the customers in `apart` one for each project as well.
    `breakdown` says for a customer by what its lines are told; item by item where it says nothing.

    What needs a person keeps all of its invoice waiting. The invoice is named after its work where that has one name, else
    after its projects.
    """
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        if piece.lines:
            alone = piece.project if piece.customer in apart else ""
            groups.setdefault((piece.customer, piece.currency, piece.order_number, alone), []).append(piece)
    return [_bill([_told(piece, breakdown.get(piece.customer, "items")) for piece in group]) for group in groups.values()]


def _told(piece: Piece, by: str) -> Piece:
    if by == "items":
        return piece
    return piece._replace(lines=broken_down(piece.lines, piece.doers, by, piece.currency), doers=())


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
