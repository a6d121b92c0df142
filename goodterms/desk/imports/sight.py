"""Decides what the page of a file shows: its columns with why, its lines with what stops them, and its sums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from goodterms.imports.actions import Sight
from goodterms.imports.actions.uploads import holds_of
from goodterms.imports.models import Upload
from goodterms.imports.profile import COLUMNS_OF
from goodterms.values.money import Money

SHOWN = 12  # good lines that are shown as they are
BAD_SHOWN = 60
SAID = {
    "number": "Invoice number", "customer": "Customer", "issued": "Issued", "amount": "Amount", "due": "Due",
    "currency": "Currency", "terms": "Terms", "name": "Customer’s name", "contact": "Who pays", "email": "Payer’s address",
    "country": "Country", "work": "Work", "order_number": "Purchase order", "disputed": "In dispute", "settled": "Paid on",
    "paperless": "No paper from", "open": "Still open", "line": "Line", "line_quantity": "Line: quantity",
    "line_price": "Line: price", "line_amount": "Line: amount", "line_tax": "Line: tax",
    "line_rate": "Line: tax rate",
}  # fmt: skip
SAID_OF = {
    "invoices": SAID,
    "customers": {
        "number": "Customer’s number", "name": "Customer’s name", "contact": "Who pays", "email": "Payer’s address",
        "phone": "Telephone", "address": "Address", "street": "Street", "city": "City", "region": "Region",
        "post_code": "Post code", "country": "Country", "legal_name": "Legal name", "company_number": "Company number",
        "endpoint_scheme": "Electronic address: scheme", "endpoint_id": "Electronic address: id",
        "buyer_reference": "Their reference", "parent": "Belongs to", "tax_id": "Tax id", "language": "Language",
        "currency": "Currency", "terms": "Terms", "order_required": "Purchase order needed",
        "enclosure_required": "Paper needed", "invoice_format": "Format", "bill_days": "Billing days", "note": "Note",
    },
    "credits": {
        "number": "Credit note’s number", "invoice": "Invoice it corrects", "customer": "Customer", "issued": "Issued",
        "amount": "Amount", "left": "Still to be used", "currency": "Currency", "reason": "Reason", "name": "Customer’s name",
        "email": "Payer’s address",
    },
    "payments": {
        "number": "Payment number", "customer": "Customer", "received": "Received", "amount": "Amount", "currency": "Currency",
        "method": "How", "reference": "Reference", "invoices": "Invoices it settles",
        "withheld": "Kept back for the tax office", "certificate": "Certificate of that", "certificate_on": "Its day",
    },
}  # fmt: skip
THINGS = {"credits": "credit note"}
DATES = (
    ("day/month/year", "31/12/2026"), ("month/day/year", "12/31/2026"), ("year-month-day", "2026-12-31"),
    ("day.month.year", "31.12.2026"), ("day-month-year", "31-12-2026"), ("year/month/day", "2026/12/31"),
)  # fmt: skip
AMOUNTS = ((".", ",", "1,240.50"), (",", ".", "1.240,50"), (".", "", "1240.50"), (",", "", "1240,50"), (",", " ", "1 240,50"))


class Column(NamedTuple):
    """A column of the file: its first value, our word for it (empty: not imported), and why."""

    at: int
    heading: str
    first: str
    word: str
    why: str


class Field(NamedTuple):
    place: int
    said: str
    is_wrong: bool


class Row(NamedTuple):
    """A line as it is shown: the fields of our words in their order, and what stops it."""

    line: int
    fields: list[Field]
    reasons: list[str]
    is_out: bool


class Kept(NamedTuple):
    """Credit notes of one currency that name no invoice, in a file of invoices."""

    notes: int
    amount: Money


class Shown(NamedTuple):
    words: list[str]
    rows: list[Row]
    more_bad: int
    stops: int
    totals: list[tuple[int, Money]]
    credits: list[Kept]
    left: frozenset[int]  # lines that stay out by themselves; their reasons are told above the table


ORDER_OF = {
    "invoices": ("number", "customer", "email", "issued", "due", "amount"),
    "customers": ("number", "name", "contact", "email", "terms"),
    "credits": ("number", "invoice", "customer", "issued", "amount"),
    "payments": ("received", "customer", "invoices", "method", "amount"),
}


def columns(upload: Upload, sight: Sight) -> list[Column]:
    said, reasons = upload.profile["columns"], upload.profile.get("reasons", {})
    of = {heading: word for word, heading in reversed(said.items())}  # one that stands for two is shown as the first
    first = sight.first[0][1] if sight.first else []
    return [
        Column(at, heading, first[at] if at < len(first) else "", of.get(heading, ""), reasons.get(of.get(heading, ""), ""))
        for at, heading in enumerate(sight.headings)
    ]


def shown(upload: Upload, sight: Sight, bad_rows: Sequence[tuple[int, list[str]]]) -> Shown:
    """The first good lines, and each line that stops the file beside them, in the order of the file."""
    answer = sight.answer or {"bad": [], "bad_count": 0, "totals": []}
    why: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for bad in answer["bad"]:
        why[bad["line"]].append(bad)
    places = {word: sight.headings.index(upload.profile["columns"][word]) for word in _words(upload, sight)}
    lines = dict(sight.first) | dict(bad_rows)
    rows = [_row(line, lines[line], why.get(line, []), places, sight.headings) for line in sorted(lines)]
    good = [row for row in rows if not row.reasons][:SHOWN]
    stopped = [row for row in rows if row.reasons][:BAD_SHOWN]
    out = [Row(int(line), [], [], True) for line, change in upload.mended.items() if change is None]
    return Shown(
        [SAID_OF[holds_of(upload)][word] for word in places],
        sorted([*good, *stopped, *out]),
        max(0, len(why) - len(stopped)),
        len(why),
        [_total(total) for total in answer["totals"]],
        [Kept(one["credits"], Money(one["left_minor"], one["currency"])) for one in answer.get("credits", ())],
        frozenset(one["line"] for one in answer.get("left_out_lines", ())),
    )


def _total(total: dict[str, Any]) -> tuple[int, Money]:
    """How many, and what is open in them; of payments and credit notes, all of it."""
    for word in ("payments", "credits"):
        if word in total:
            return total[word], Money(total["total_minor"], total["currency"])
    return total["invoices"], Money(total["open_minor"], total["currency"])


def _words(upload: Upload, sight: Sight) -> Iterator[str]:
    return (word for word in ORDER_OF[holds_of(upload)] if upload.profile["columns"].get(word) in sight.headings)


def _row(line: int, fields: list[str], why: list[dict[str, Any]], places: dict[str, int], headings: list[str]) -> Row:
    wrong = {bad["column"] for bad in why}
    told = [Field(at, fields[at] if at < len(fields) else "", headings[at] in wrong) for at in places.values()]
    return Row(line, told, [bad["reason"] for bad in why], False)


def chosen(posted: dict[str, str], headings: Sequence[str], holds: str) -> dict[str, str]:
    """Our words to headings, from the form: `column-3=due`. A word is used once; the later choice wins."""
    found = {}
    for at, heading in enumerate(headings):
        word = posted.get(f"column-{at}", "")
        if word in COLUMNS_OF[holds]:
            found[word] = heading
    return found


def kilobytes(size: int) -> str:
    """`3.4 kB`"""
    return f"{(Decimal(size) / 1000).quantize(Decimal('0.1'))} kB" if size >= 1000 else f"{size} bytes"
