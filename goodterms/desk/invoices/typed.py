"""Decides what was typed into the form of an invoice means: its lines as the rules know them, its tax as one of a few."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

from django.http import QueryDict

from goodterms.invoicing.actions import Written as What
from goodterms.invoicing.line import CATEGORIES, Adjustment, Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import percent_off
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas

FIELDS = ("description", "project", "quantity", "unit", "price", "discount", "tax", "includes")
OF_WHOLE = ("whole_kind", "whole_reason", "whole_amount", "whole_tax")
MOST_LINES, MOST_OF_WHOLE, MOST_TAXES = 200, 20, 20
LONGEST = 500
# What stands on the invoice where there is no tax and nobody says why; exemptions differ, so theirs is always said.
USUAL_REASON = {"AE": "Reverse charge", "K": "Intra-Community supply", "G": "Export"}
NEW_TAXES = [(category, words.capitalize()) for category, words in CATEGORIES.items()]
RATES_ARE = [("net", "before tax"), ("gross", "with the tax in them")]
MIXED = ("mixed", "as each line was written")


class Typed(NamedTuple):
    """One line as it stands in the form. `discount`: `10%`, or an amount; `includes` whether its price holds the tax, where
    the form does not say so for all of them."""

    description: str = ""
    project: str = ""
    quantity: str = ""
    unit: str = ""
    price: str = ""
    discount: str = ""
    tax: str = ""
    includes: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.description, self.quantity, self.price))


class OfWhole(NamedTuple):
    """A discount or a charge on the whole, as it stands in the form. A discount may be `5%`."""

    kind: str = "allowance"
    reason: str = ""
    amount: str = ""
    tax: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.reason, self.amount))


class Written(NamedTuple):
    """The form as a whole. `currency` is empty for the customer's; `more`: taxes, by their code, that it brings with it."""

    customer_id: UUID | None
    work: str
    order_number: str
    lines: list[Typed]
    order_amount: str = ""  # what that order is over, before tax
    currency: str = ""
    rates: str = "net"
    whole: Sequence[OfWhole] = ()
    more: Sequence[str] = ()


def written(given: QueryDict) -> Written:
    """As it was typed, with nothing refused yet."""
    return Written(
        key(given.get("customer", "")),
        given.get("work", "").strip()[:200],
        given.get("order_number", "").strip()[:100],
        [Typed(*row) for row in _rows(given, FIELDS, MOST_LINES)],
        given.get("order_amount", "").strip()[:40],
        given.get("currency", "").strip().upper()[:3],
        given.get("rates", MIXED[0]),
        [OfWhole(*row) for row in _rows(given, OF_WHOLE, MOST_OF_WHOLE)],
        [code[:LONGEST] for code in given.getlist("more")[:MOST_TAXES]],
    )


def _rows(given: QueryDict, names: Sequence[str], most: int) -> list[tuple[str, ...]]:
    columns = [[value.strip()[:LONGEST] for value in given.getlist(name)[:most]] for name in names]
    return list(zip_longest(*columns, fillvalue=""))


def in_percent(given: QueryDict) -> Written:
    """Of a form whose discounts are per cent alone."""
    said = written(given)
    return said._replace(lines=[one._replace(discount=_percent(one.discount)) for one in said.lines])


def _percent(discount: str) -> str:
    return f"{discount.removesuffix('%')}%" if discount else ""


GROWS = ("line", "whole", "tax")


def grown(given: Written, by: str, said: QueryDict) -> tuple[Written, Refused | None]:
    """The form with one more line, one more discount on the whole, or one more tax to choose from, which the lines take that
    say nothing yet."""
    if by == "line":
        return given._replace(lines=[*given.lines, Typed()]), None
    if by == "whole":
        return given._replace(whole=[*given.whole, OfWhole()]), None
    try:
        code = code_of(new_tax(said))
    except Refused as no:
        return given, no
    lines = [line._replace(tax=code) if line.is_empty else line for line in given.lines]
    return given._replace(lines=lines, more=[*given.more, code]), None


def of_draft(invoice: Invoice, said: What, order: Money | None) -> Written:
    """What is stored, as it would have been typed."""
    lines = [of_line(line) for line in said.lines]
    whole = [OfWhole(one.kind, one.reason, _plain(one.amount), code_of(one.tax)) for one in said.adjustments]
    ways = {line.includes_tax for line in said.lines}
    rates = MIXED[0] if len(ways) > 1 else "gross" if True in ways else "net"
    taxes = dict.fromkeys([*(line.tax for line in lines), *(one.tax for one in whole)])
    return Written(
        invoice.customer_id, invoice.work, invoice.order_number, lines, f"{order.major}" if order else "", invoice.currency,
        rates, whole, list(taxes),
    )  # fmt: skip


def of_line(line: Line) -> Typed:
    return Typed(
        line.description, line.project, _plain(line.quantity), line.unit, _plain(line.unit_price), _discount(line),
        code_of(line.tax), "1" if line.includes_tax else "",
    )  # fmt: skip


def read(given: Written, taxes: Mapping[str, Tax]) -> list[Line]:
    """The lines that say something; refuses what is no number, with the place of the line."""
    return [_line(at, line, taxes, given.rates) for at, line in enumerate(given.lines, 1) if not line.is_empty]


def on_whole(given: Written, taxes: Mapping[str, Tax], lines: Sequence[Line], currency: str) -> list[Adjustment]:
    """The discounts and charges on the whole that say something."""
    said = enumerate((one for one in given.whole if not one.is_empty), 1)
    return [each for at, one in said for each in _on_whole(at, one, taxes, lines, currency)]


def code_of(tax: Tax) -> str:
    """A tax as the value of a choice."""
    return f"{tax.category}|{_plain(tax.rate)}|{tax.reason}"


def tax_of(written_code: str) -> Tax:
    """The inverse of `code_of`; refuses what is none."""
    category, _, rest = written_code.partition("|")
    percent, _, reason = rest.partition("|")
    return Tax(category, _number(percent, "tax", 0), reason)


def brought_tax(written_code: str) -> Tax | None:
    """What a form brings with it; nothing where that is no tax."""
    try:
        return tax_of(written_code)
    except Refused:
        return None


def new_tax(given: QueryDict) -> Tax:
    """Another tax than those that were used before; refuses what is none."""
    category, percent = given.get("new_category", ""), given.get("new_percent", "").strip().removesuffix("%")
    reason = given.get("new_reason", "").strip()[:200] or USUAL_REASON.get(category, "")
    try:
        return Tax(category, Decimal(percent or 0), reason)
    except InvalidOperation:
        raise Refused(f"“{percent[:30]}” is no rate like 20 or 8.1.", code="tax", field="new_percent") from None


def tax_words(tax: Tax) -> str:
    """`20%`, or why there is none."""
    return f"{_plain(tax.rate)}%" if tax.rate else tax.reason or CATEGORIES[tax.category].capitalize()


def _line(at: int, line: Typed, taxes: Mapping[str, Tax], rates: str) -> Line:
    if line.tax not in taxes:
        raise Refused(f"Line {at}: choose the tax of it.", code="line", field="tax")
    percent, amount = _off(line.discount, at)
    includes = line.includes == "1" if rates == MIXED[0] else rates == "gross"
    with _named(f"Line {at}: "):
        return Line(
            line.description, _number(line.quantity or "1", "quantity", at), _number(line.price, "price", at), taxes[line.tax],
            line.unit, percent, amount, includes, line.project,
        )  # fmt: skip


def _off(typed: str, at: int) -> tuple[Decimal, Decimal]:
    """Per cent, or an amount."""
    number = _number(typed or "0", "discount", at)
    return (number, Decimal(0)) if typed.endswith("%") else (Decimal(0), number)


def _discount(line: Line) -> str:
    if line.discount_percent:
        return f"{_plain(line.discount_percent)}%"
    return _plain(line.discount_amount) if line.discount_amount else ""


def _on_whole(
    at: int, one: OfWhole, taxes: Mapping[str, Tax], lines: Sequence[Line], currency: str
) -> list[Adjustment]:  # fmt: skip
    name = f"{'Charge' if one.kind == 'charge' else 'Discount'} {at}: "
    with _named(name):
        number = _number(one.amount, "amount", 0)
        if one.amount.endswith("%") and one.kind == "allowance":
            if not 0 < number <= 100:
                raise Refused("A discount in per cent is above 0, and 100 at most.", code="adjustment", field="whole_amount")
            return percent_off(currency, lines, number, one.reason)
        if one.amount.endswith("%"):
            raise Refused("A charge is an amount, like 25.00.", code="adjustment", field="whole_amount")
        if one.tax not in taxes:
            raise Refused("Choose the tax of it.", code="adjustment", field="whole_tax")
        return [Adjustment("charge" if one.kind == "charge" else "allowance", number, taxes[one.tax], one.reason)]


@contextmanager
def _named(what: str) -> Iterator[None]:
    """A refusal says which line it means."""
    try:
        yield
    except Refused as no:
        if no.sentence.startswith(what):
            raise
        raise Refused(f"{what}{no.sentence}", code=no.code, field=no.field) from no


def _number(typed: str, field: str, at: int) -> Decimal:
    plain = without_commas(typed).removesuffix("%")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and len(plain) <= 30:
        return number
    where = f"Line {at}: " if at else ""
    raise Refused(f"{where}“{typed[:30]}” is not a number like 1,250.00.", code="line", field=field)


def key(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"
