"""Decides what stands around every printed document: who writes to whom, the facts beside the window, the company line."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from babel.dates import format_skeleton
from babel.numbers import format_decimal, get_decimal_symbol

from goodterms.delivery import spoken
from goodterms.delivery.words import spoken_language
from goodterms.papers.words import words
from goodterms.parties.rules import vat_id
from goodterms.values.money import Money, exponent

_TAX_NUMBERS = {"ID": "NPWP", "AU": "ABN", "IN": "GSTIN"}
_LONG, _NO_WIDTH = re.compile(r"[^\s/-]{26,}"), "\N{ZERO WIDTH SPACE}"


class Firm(NamedTuple):
    """Who writes. `address` is in lines; `trade` says what the firm does, `logo` is an SVG and `colour` such as `#1d43b4`."""

    name: str
    legal_name: str
    address: Sequence[str]
    tax_id: str
    email: str
    trade: str = ""
    phone: str = ""
    company_number: str = ""
    logo: str = ""
    colour: str = ""
    country: str = ""


class To(NamedTuple):
    """Who is written to: what shows in the window."""

    name: str
    contact: str
    address: Sequence[str]


def letterhead(
    *, firm: Firm, to: To, kind: str, title: str, number: str, facts: Sequence[tuple[str, str]], on: date, language: str
) -> dict[str, Any]:
    """What typst/letterhead.typ sets; the documents add their own to it."""
    said, (base, tag), legal = words(language), spoken_language(language), firm.legal_name or firm.name
    line = ", ".join([legal, *firm.address])
    registered = [(said["company"], firm.company_number), tax_number(firm.tax_id, firm.country, language)]
    return {
        "language": base,
        "direction": spoken.direction(tag),
        "day": [on.year, on.month, on.day],
        "title": title,
        "firm": firm.name,
        "trade": firm.trade,
        "logo": firm.logo,
        "colour": firm.colour,
        "kind": kind,
        "number": number,
        "sender": ", ".join([firm.name, *firm.address]),
        "to": [soft(line) for line in (to.name, *([to.contact] if to.contact else []), *to.address)],
        "facts": [[name, soft(value)] for name, value in facts],
        "foot": [
            line,
            ", ".join(f"{word} {value}" for word, value in registered if value),
            "\n".join(filter(None, (firm.email, firm.phone))),
        ],
        "page": said["page"],
    }


def tax_number(number: str, country: str, language: str) -> tuple[str, str]:
    """What the number at the tax office is called there, and the number; a VAT number with its country, as the law wants it on
    an invoice (VAT Directive, art. 226, 3)."""
    if vat := vat_id(number, country):
        return "VAT", vat
    return _TAX_NUMBERS.get(country) or str(words(language)["tax_number"]), number


def abroad(address: Sequence[str], country: str, home: str, language: str) -> list[str]:
    """The lines of an address, with its country below where a letter leaves the sender's, unless its last line says that."""
    if not country or not home or country == home or not address:
        return list(address)
    tag = spoken_language(language)[1]
    names = [str(spoken.locale_of(one).territories.get(country, country)) for one in (tag, "en", f"und-{country}")]
    is_said = address[-1].strip().casefold() in (name.casefold() for name in names)
    return list(address) if is_said else [*address, names[0].upper()]


def soft(text: str) -> str:
    """The same, where a word longer than a column may be broken: by a space of no width, every twelve signs."""
    return _LONG.sub(lambda found: _NO_WIDTH.join(re.findall(".{1,12}", found[0])), text)


def in_words(text: str, values: Mapping[str, str]) -> str:
    """The phrase with its names filled in; a brace in a name stays a brace."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def parted(money: Money, language: str) -> list[str]:
    """`£1,942` and `.80`, which is set lighter."""
    tag = spoken_language(language)[1]
    whole, point, part = spoken.amount(money, tag).rpartition(get_decimal_symbol(spoken.locale_of(tag)))
    return [whole, f"{point}{part}"] if whole and part.isdigit() else [f"{whole}{point}{part}", ""]


def figures(money: Money | None, language: str) -> str:
    """`4,320.00`, in a column whose currency is said elsewhere; nothing for nothing there. A minus is U+2212."""
    if money is None:
        return ""
    digits = "0" * exponent(money.currency)
    pattern = f"#,##0.{digits}" if digits else "#,##0"
    written = str(format_decimal(money.major, pattern, locale=spoken.locale_of(spoken_language(language)[1])))
    return written.replace("-", "\N{MINUS SIGN}")


def day_in_row(on: date, language: str) -> str:
    """`1 Oct`"""
    return str(format_skeleton("MMMd", on, locale=spoken.locale_of(spoken_language(language)[1])))


def day_and_month(on: date, language: str) -> str:
    """`1 October`"""
    return spoken.short_day(on, spoken_language(language)[1])


def full_day(on: date, language: str) -> str:
    """`1 October 2026`"""
    return spoken.day(on, spoken_language(language)[1])


def weekday_and_day(on: date, language: str) -> str:
    """`Thursday 1 October 2026`"""
    return spoken.weekday_and_day(on, spoken_language(language)[1])
