"""Reads how a vendor's documents are numbered: the usual two series, whether they are there yet or not, and any named ones."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.models import Series
from goodterms.invoicing.numbers import PATTERNS, render
from goodterms.values.refusal import Refused


class Run(NamedTuple):
    """How one series stands; `next_number` is empty where it is full."""

    code: str
    kind: str
    pattern: str
    next: int
    is_begun: bool
    next_number: str


def runs_of(vendor_id: UUID, today: date) -> list[Run]:
    """Invoices first, then credit notes, then the others by name; one statement."""
    rows = {row.code: row for row in Series.objects.filter(vendor_id=vendor_id).order_by("code")}
    usual = [rows.pop(kind) if kind in rows else Series(code=kind, kind=kind, pattern=PATTERNS[kind]) for kind in PATTERNS]
    return [_run(row, today) for row in (*usual, *rows.values())]


def _run(row: Series, today: date) -> Run:
    try:
        number = render(row.pattern, row.next, today)
    except Refused:
        number = ""
    return Run(row.code, row.kind, row.pattern, row.next, row.last_at is not None, number)
