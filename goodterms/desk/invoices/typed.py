"""Decides what was typed into the form of an invoice means: its lines as the rules know them, its tax as one of a few."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from uuid import UUID

from django.http import QueryDict

from goodterms.invoicing.line import CATEGORIES, Line, Tax
from goodterms.invoicing.models import Line as LineRow
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

FIELDS = ("description", "project", "quantity", "unit", "price", "discount", "tax")
MOST_LINES = 200
LONGEST = 500


class Typed(NamedTuple):
    """One line as it stands in the form."""

    description: str = ""
    project: str = ""
    quantity: str = ""
    unit: str = ""
    price: str = ""
    discount: str = ""
    tax: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.description, self.quantity, self.price))


class Written(NamedTuple):
    """The form as a whole; `currency` is the customer's."""

    customer_id: UUID | None
    work: str
    order_number: str
    lines: list[Typed]
    order_amount: str = ""  # what that order is over, before tax


def written(given: QueryDict) -> Written:
    """As it was typed, with nothing refused yet."""
    columns = [given.getlist(name)[:MOST_LINES] for name in FIELDS]
    lines = [Typed(*(value.strip()[:LONGEST] for value in row)) for row in zip(*columns, strict=False)]
    return Written(
        _key(given.get("customer", "")),
        given.get("work", "").strip()[:200],
        given.get("order_number", "").strip()[:100],
        lines,
        given.get("order_amount", "").strip()[:40],
    )


def of_draft(customer_id: UUID, work: str, order_number: str, rows: Sequence[LineRow], order: Money | None) -> Written:
    """What is stored, as it would have been typed."""
    lines = [
        Typed(
            row.description, row.project, _plain(row.quantity), row.unit, _plain(row.unit_price),
            _plain(row.discount_percent) if row.discount_percent else "",
            code(row.tax_category, row.tax_percent, row.tax_reason),
        )
        for row in rows
    ]  # fmt: skip
    return Written(customer_id, work, order_number, lines, f"{order.major}" if order else "")


def read(given: Written, taxes: Mapping[str, Tax]) -> list[Line]:
    """The lines that say something; refuses what is no number, with the place of the line."""
    return [_line(at, line, taxes) for at, line in enumerate(given.lines, 1) if not line.is_empty]


def code(category: str, percent: Decimal, reason: str) -> str:
    """A tax as the value of a choice."""
    return f"{category}|{_plain(percent)}|{reason}"


def tax_of(written_code: str) -> Tax:
    """The inverse of `code`; refuses what is none."""
    category, _, rest = written_code.partition("|")
    percent, _, reason = rest.partition("|")
    return Tax(category, _number(percent, "tax", 0), reason)


def tax_words(tax: Tax) -> str:
    """`20%`, or why there is none."""
    return f"{_plain(tax.rate)}%" if tax.rate else tax.reason or CATEGORIES[tax.category].capitalize()


def _line(at: int, line: Typed, taxes: Mapping[str, Tax]) -> Line:
    if line.tax not in taxes:
        raise Refused(f"Line {at}: choose the tax of it.", code="line", field="tax")
    try:
        return Line(
            line.description, _number(line.quantity or "1", "quantity", at), _number(line.price, "price", at), taxes[line.tax],
            line.unit, _number(line.discount or "0", "discount", at), project=line.project,
        )  # fmt: skip
    except Refused as no:
        raise (
            no if no.sentence.startswith("Line ") else Refused(f"Line {at}: {no.sentence}", code=no.code, field=no.field)
        ) from no


def _number(typed: str, field: str, at: int) -> Decimal:
    plain = typed.replace(",", "").replace(" ", "").removesuffix("%")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and len(plain) <= 30:
        return number
    raise Refused(f"Line {at}: “{typed[:30]}” is not a number like 1,250.00.", code="line", field=field)


def _key(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"
