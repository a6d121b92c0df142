"""Decides how several rows of a file are the lines of one invoice, and what each of them comes to."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from goodterms.imports.file import Numbered
from goodterms.imports.profile import LINE_COLUMNS
from goodterms.imports.rules.words import Bad, No, amount_pattern, read_text
from goodterms.values.money import Money, exponent

FOLDED = "lines"  # the field that is put behind the others
_SIX = Decimal("0.000001")


class Part(NamedTuple):
    """One line of an invoice; its amount is what it adds to the total, tax and all."""

    description: str
    quantity: Decimal
    price: Decimal
    minor: int


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


def read_lines(text: str, minor: int, currency: str, decimal: str, thousands: str) -> tuple[Part, ...]:
    """The lines of an invoice where they come to its total, with their tax or holding it; none where they do not, for then
    the total stands alone."""
    rows = []
    for description, quantity, price, amount, tax in json.loads(text):
        count = _number(quantity, decimal, thousands) if quantity.strip() else Decimal(1)
        if amount.strip():
            major = _number(amount, decimal, thousands)
        else:
            major = count * _number(price, decimal, thousands) if price.strip() else Decimal(0)
        added = _number(tax, decimal, thousands) if tax.strip() else Decimal(0)
        rows.append((read_text(description.replace("\r", " ").replace("\n", " "), "line"), count, major, added))
    for gross in ([major + tax for *_, major, tax in rows], [major for *_, major, _ in rows]):
        minors = [_minor(one, currency) for one in gross]
        if sum(minors) == minor:
            kept = [(one, each) for one, each in zip(rows, minors, strict=True) if each or one[0]]
            return tuple(_part(text, count, each, currency) for (text, count, *_), each in kept)
    return ()


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
