"""An invoice that says all that EN 16931, or Factur-X EXTENDED, can say: each term once, its value telling which term it is."""

from datetime import date
from decimal import Decimal
from typing import Any

from goodterms.einvoices.model import Invoice
from goodterms.einvoices.profiles import EXTENDED
from goodterms.einvoices.terms import Record, Shape, built, shape

# Where a value has to be of a certain kind for a syntax to take it at all.
SAID: dict[str, Any] = {
    "BT-3": "380", "BT-5": "EUR", "BT-6": "SEK", "BT-8": "35", "BT-81": "58", "BT-84": "DE75512108001245126199",
    "BT-21": "AAI", "BT-125-1": "application/pdf", "BT-125": b"%PDF", "BT-124": "https://example.org/hours",
}  # fmt: skip


def everything(*, credit_note: bool = False, extended: bool = False) -> Invoice:
    record = _filled(shape(Invoice), extended=extended)
    said = ({"BT-3": "381"} if credit_note else {}) | ({"BT-24": EXTENDED.guideline} if extended else {})
    return built(Invoice, record | said)


def _filled(kind: Shape, *, extended: bool) -> Record:
    record: Record = {}
    for part in kind.parts:
        if part.term == "BT-20-00" and not extended:
            continue
        if part.below and part.many:
            if found := _filled(part.below, extended=extended):
                record[part.term] = [found]
        elif part.below:
            record |= _filled(part.below, extended=extended)
        elif part.term and (extended or "-X-" not in part.term):
            record[part.term] = SAID.get(part.term, _value(part.term, part.type))
    return record


def _value(term: str, kind: type | None) -> Any:
    number = int(term.replace("-X-", "-").split("-")[1])
    if kind is Decimal:
        return Decimal(number) / 4
    return date(2026, 1 + number % 12, 1 + number % 28) if kind is date else f"{term} says <this> & that"
