"""An invoice that says everything that EN 16931 can say, each term once, each value telling which term it is."""

from datetime import date
from decimal import Decimal
from typing import Any

from goodterms.einvoices.model import Invoice
from goodterms.einvoices.terms import Record, Shape, built, shape

# Where a value has to be of a certain kind for a syntax to take it at all.
SAID: dict[str, Any] = {
    "BT-3": "380", "BT-5": "EUR", "BT-6": "SEK", "BT-8": "35", "BT-81": "58", "BT-84": "DE75512108001245126199",
    "BT-21": "AAI", "BT-125-1": "application/pdf", "BT-125": b"%PDF", "BT-124": "https://example.org/hours",
}  # fmt: skip


def everything(*, credit_note: bool = False) -> Invoice:
    record = _filled(shape(Invoice))
    return built(Invoice, record | ({"BT-3": "381"} if credit_note else {}))


def _filled(kind: Shape) -> Record:
    record: Record = {}
    for part in kind.parts:
        if part.below and part.many:
            record[part.term] = [_filled(part.below)]
        elif part.below:
            record |= _filled(part.below)
        elif part.term:
            record[part.term] = SAID.get(part.term, _value(part.term, part.type))
    return record


def _value(term: str, kind: type | None) -> Any:
    number = int(term.split("-")[1])
    if kind is Decimal:
        return Decimal(number) / 4
    return date(2026, 1 + number % 12, 1 + number % 28) if kind is date else f"{term} says <this> & that"
