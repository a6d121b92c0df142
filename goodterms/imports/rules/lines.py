"""Decides how several rows of a file are the lines of one invoice, and what each of them comes to."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from goodterms.imports.file import Numbered
from goodterms.imports.profile import LINE_COLUMNS
from goodterms.imports.rules.words import Bad, No, amount_pattern, read_text
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import TaxGroup, TaxMethod, totals
from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused

FOLDED = "lines"  # the field that is put behind the others
_SIX = Decimal("0.000001")
_ZERO = Decimal(0)
_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,4})?)\s*%")  # as in "20% (VAT on Income)"
METHODS: tuple[TaxMethod, ...] = ("group", "line")


class Part(NamedTuple):
    """One line of an invoice. Without `category` its amount is what it adds to the total, tax and all; else before tax."""

    description: str
    quantity: Decimal
    price: Decimal
    minor: int
    category: str = ""
    percent: Decimal = _ZERO
    reason: str = ""


class Taxed(NamedTuple):
    """The taxes of an invoice by rate, worked out as `method` says, which its file came to as well."""

    net_minor: int
    tax_minor: int
    groups: tuple[TaxGroup, ...]
    method: TaxMethod


class Read(NamedTuple):
    parts: tuple[Part, ...]
    taxed: Taxed | None = None


class _Row(NamedTuple):
    """A line as it is written: `major` as its amount says, `tax` beside it or within."""

    text: str
    quantity: Decimal
    major: Decimal
    tax: Decimal
    rate: str


def folded(
    numbered: Iterator[Numbered], where: Mapping[str, int], headings: Sequence[str], tell: Callable[[list[Bad]], None]
) -> Iterator[Numbered]:
    """Rows with one number that follow each other as one row, with their lines in one more field. A row that says something
    else of the whole invoice than the first is told."""
    of_line = [where.get(word, -1) for word in LINE_COLUMNS]
    whole = [(word, at) for word, at in where.items() if word not in LINE_COLUMNS]
    first: tuple[int, list[str]] | None = None
    lines: list[list[str]] = []
    for line, fields in numbered:
        if len(fields) != len(headings):
            tell([Bad(line, "", f"The row has {len(fields)} fields; the headings are {len(headings)}.")])
            continue
        said = [fields[at] if at >= 0 else "" for at in of_line]
        if first is not None and fields[where["number"]] == first[1][where["number"]] != "":
            told = first[1]
            if unlike := [at for _, at in whole if fields[at] not in ("", told[at])]:
                reasons = [f"Line {first[0]} has {told[at] or 'nothing'} for this invoice." for at in unlike]
                tell([Bad(line, headings[at], why) for at, why in zip(unlike, reasons, strict=True)])
            lines.append(said)
            continue
        if first is not None:
            yield first[0], [*first[1], json.dumps(lines)]
        first, lines = (line, fields), [said]
    if first is not None:
        yield first[0], [*first[1], json.dumps(lines)]


def read_lines(text: str, minor: int, currency: str, decimal: str, thousands: str) -> Read:
    """The lines of an invoice where they come to its total, with their tax or holding it; none where they do not, for then
    the total stands alone. Their taxes are told apart by rate where our calculation comes to the same."""
    rows = [_row(each, decimal, thousands) for each in json.loads(text)]
    for is_within in (False, True):
        gross = [_minor(one.major if is_within else one.major + one.tax, currency) for one in rows]
        if sum(gross) == minor:
            kept = [(one, each) for one, each in zip(rows, gross, strict=True) if each or one.text]
            apart = _apart([one for one, _ in kept], minor, currency, is_within=is_within)
            return apart or Read(tuple(_part(one.text, one.quantity, each, currency) for one, each in kept))
    return Read(())


def _row(said: Sequence[str], decimal: str, thousands: str) -> _Row:
    description, quantity, price, amount, tax, rate = said
    count = _number(quantity, decimal, thousands) if quantity.strip() else Decimal(1)
    if amount.strip():
        major = _number(amount, decimal, thousands)
    else:
        major = count * _number(price, decimal, thousands) if price.strip() else _ZERO
    added = _number(tax, decimal, thousands) if tax.strip() else _ZERO
    plain = read_text(description.replace("\r", " ").replace("\n", " "), "line")
    return _Row(plain, count, major, added, read_text(rate, "line"))


def _apart(rows: Sequence[_Row], minor: int, currency: str, *, is_within: bool) -> Read | None:
    """Each line before its tax, with its rate; nothing where none is taxed, or no way of rounding meets the file's sums."""
    if not any(one.tax for one in rows):
        return None
    nets = [_minor(one.major - one.tax if is_within else one.major, currency) for one in rows]
    parts = tuple(_with_tax(one, net, currency) for one, net in zip(rows, nets, strict=True))
    tax_minor = sum(_minor(one.tax, currency) for one in rows)
    try:
        lines = [
            Line(one.description or "-", one.quantity, one.price, Tax(one.category, one.percent, one.reason)) for one in parts
        ]
        for method in METHODS:
            found = totals(currency, lines, method=method)
            if (found.net.minor, found.tax.minor, found.total.minor) == (minor - tax_minor, tax_minor, minor):
                return Read(parts, Taxed(found.net.minor, found.tax.minor, tuple(found.groups), method))
    except Refused:
        return None
    return None


def _with_tax(one: _Row, net: int, currency: str) -> Part:
    """The rate as the file says it, else the half per cent that its tax is nearest to."""
    said = _RATE.search(one.rate)
    if said:
        percent = Decimal(said[1].replace(",", "."))
    else:
        major = Money(net, currency).major
        percent = (one.tax / major * 200).to_integral_value() / 2 if major else _ZERO
    part = _part(one.text, one.quantity, net, currency)
    if percent:
        return part._replace(category="S", percent=percent)
    is_exempt = "exempt" in one.rate.casefold()
    return part._replace(category="E" if is_exempt else "Z", reason=one.rate if is_exempt else "")


def _part(description: str, quantity: Decimal, minor: int, currency: str) -> Part:
    """With its quantity where a price of six decimals comes to the amount, else as one."""
    major = Money(abs(minor), currency).major
    count = quantity if quantity > 0 else Decimal(1)
    price = (major / count).quantize(_SIX)
    if count != count.quantize(_SIX) or price * count != major:
        count, price = Decimal(1), major
    return Part(description, -count if minor < 0 else count, price, minor)


def _minor(major: Decimal, currency: str) -> int:
    return int(major.scaleb(exponent(currency)).to_integral_value(rounding="ROUND_HALF_UP"))


def _number(text: str, decimal: str, thousands: str) -> Decimal:
    said = text.strip()
    found = amount_pattern(decimal, thousands).fullmatch(said)
    if found is None:
        raise No(f"{said[:40]!r} is not a number.")
    whole = found["whole"].replace(thousands, "") if thousands else found["whole"]
    try:
        return Decimal(f"{found['sign']}{whole}.{found['cents'] or 0}")
    except InvalidOperation as odd:
        raise No(f"{said[:40]!r} is not a number.") from odd
