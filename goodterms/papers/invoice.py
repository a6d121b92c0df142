"""Decides what a printed invoice or credit note says: lines by project, taxes, terms with their days, and how it is paid."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from babel.numbers import format_decimal

from goodterms.delivery.spoken import locale_of
from goodterms.delivery.words import spoken_language
from goodterms.papers.letterhead import (
    Firm,
    To,
    figures,
    full_day,
    in_words,
    letterhead,
    parted,
    soft,
    tax_number,
    weekday_and_day,
)
from goodterms.papers.slip import Slip, slip_data, swiss_data
from goodterms.papers.swiss import Bill
from goodterms.papers.words import words
from goodterms.values.money import Money, exponent

# What the tax is called where it is not called tax; in both languages the same.
TAXES = {
    "VAT": "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK",
    "GST": "AU CA IN NZ SG",
    "PPN": "ID",
}
_TAX_OF = {country: name for name, countries in TAXES.items() for country in countries.split()}


class Line(NamedTuple):
    """One line; `small` stands below what was done. `discount` is in words, such as `10%`."""

    what: str
    small: str
    project: str
    quantity: Decimal
    unit: str
    rate: Decimal
    discount: str
    net: Money


class Adjustment(NamedTuple):
    """An allowance or a charge on the whole document, with its reason; an allowance is negative."""

    reason: str
    amount: Money


class Tax(NamedTuple):
    """The tax of one category (UNCL5305) and rate; `reason` where there is none."""

    category: str
    rate: Decimal
    taxable: Money
    tax: Money
    reason: str


class Exchange(NamedTuple):
    """The rate of a document in a foreign currency into the vendor's own, and its tax at it (VAT Directive, art. 230)."""

    rate: Decimal  # of one unit of the document's currency
    on: date
    source: str
    tax: Money


class Withheld(NamedTuple):
    """What the payer keeps back of the total for the tax office, as the tax is called there."""

    name: str
    rate: Decimal
    amount: Money


class Corrected(NamedTuple):
    """What a credit note corrects, and why; without a number it corrects nothing, and is a credit to be spent."""

    number: str
    issued_on: date | None
    reason: str


class Sheet(NamedTuple):
    """A document as it was issued, in plain values. `agreed` are pairs of a label and a sentence."""

    firm: Firm
    country: str  # the vendor's
    to: To
    number: str
    order_number: str
    issued_on: date
    due_on: date | None
    lines: Sequence[Line]
    with_tax: bool  # the rates hold the tax
    adjustments: Sequence[Adjustment]
    net: Money
    taxes: Sequence[Tax]
    total: Money
    tax_ids: tuple[str, str]  # the vendor's and the customer's
    agreed: Sequence[tuple[str, str]] = ()
    slip: Slip | None = None
    swiss: Bill | None = None
    corrects: Corrected | None = None  # a credit note
    replaces: str = ""  # a corrected invoice: the number of the one it stands in for
    exchange: Exchange | None = None
    withheld: Withheld | None = None
    part: str = ""  # deposit, progress or final, where it is one of an agreed price
    customer_country: str = ""
    before: Money | None = None  # what was paid of it before it was issued


def data(sheet: Sheet, language: str) -> dict[str, Any]:
    """What typst/invoice.typ sets."""
    said = words(language)["invoice"]
    kind = said["credit_note"] if sheet.corrects else said[sheet.part or "kind"]
    title = in_words(said["title"], {"kind": kind, "number": sheet.number, "firm": sheet.firm.name})
    head = letterhead(
        firm=sheet.firm, to=sheet.to, kind=kind, title=title, number=sheet.number, facts=_facts(sheet, language),
        on=sheet.issued_on, language=language,
    )  # fmt: skip
    heads = {"what": said["credited_head"]} if sheet.corrects else {}
    return head | {
        "said": {key: words_ for key, words_ in said.items() if isinstance(words_, str)} | heads,
        "bold": said[_due(sheet)],
        "groups": _groups(sheet, language),
        "sums": _sums(sheet, language),
        "total": parted(sheet.total, language),
        "after": _after(sheet, language),
        "notes": _notes(sheet, language),
        "agreed": [[label, f"{sentence}."] for label, sentence in sheet.agreed],
        "slip": slip_data(sheet.slip, language) if sheet.slip else None,
        "swiss": swiss_data(sheet.swiss, language) if sheet.swiss else None,
    }


def tax_name(country: str, language: str) -> str:
    return _TAX_OF.get(country) or str(words(language)["invoice"]["tax"])


def in_own(exchange: Exchange, currency: str, country: str, language: str) -> str:
    """The tax in the vendor's currency where tax is charged, else the rate alone; `currency` is the document's."""
    said, home = words(language)["invoice"], exchange.tax.currency
    rate = f"1 {currency} = {_decimal(exchange.rate, '0.00##########', language)} {home}"
    values = {"rate": rate, "day": full_day(exchange.on, language), "source": exchange.source, "currency": home}
    if not exchange.tax:
        return in_words(said["exchange"], values)
    values |= {"tax": tax_name(country, language), "amount": figures(exchange.tax, language)}
    return in_words(said["exchange_tax"], values)


def _facts(sheet: Sheet, language: str) -> list[tuple[str, str]]:
    said = words(language)["invoice"]
    facts = [(said["issued"], weekday_and_day(sheet.issued_on, language))]
    if sheet.corrects:
        if sheet.corrects.issued_on:
            facts.append((said["corrects"], sheet.corrects.number))
            facts.append((said["of"], full_day(sheet.corrects.issued_on, language)))
    elif sheet.due_on:
        facts.append((said[_due(sheet)], weekday_and_day(sheet.due_on, language)))
    if sheet.replaces:
        facts.append((said["replaces"], sheet.replaces))
    if sheet.order_number:
        facts.append((said["order"], sheet.order_number))
    if sheet.tax_ids[1]:
        name, number = tax_number(sheet.tax_ids[1], sheet.customer_country, language)
        facts.append((in_words(said["their_tax"], {"tax": name}) if name.isupper() else said["their_number"], number))
    return facts


def _due(sheet: Sheet) -> str:
    return "last_due" if sheet.slip and sheet.slip.in_parts else "due"


def _groups(sheet: Sheet, language: str) -> list[dict[str, Any]]:
    """Lines by project in the order in which each first appears; a heading with its sum where there is more than one."""
    by: dict[str, list[Line]] = {}
    for line in sheet.lines:
        by.setdefault(line.project, []).append(line)
    several = len(by) > 1
    said = words(language)["invoice"]
    return [
        {
            "name": soft(project or said["other_work"]) if several else "",
            "sum": figures(Money.total((line.net for line in lines), sheet.total.currency), language) if several else "",
            "rows": [_row(line, several, language) for line in lines],
        }
        for project, lines in by.items()
    ]


def _row(line: Line, several: bool, language: str) -> list[str]:
    said = words(language)["invoice"]
    small = [line.small, "" if several else line.project]
    if line.discount:
        small.append(in_words(said["discount"], {"discount": line.discount}))
    quantity = f"{_decimal(line.quantity, '#,##0.######', language)} {line.unit}".strip()
    least = exponent(line.net.currency)
    rate = _decimal(line.rate, f"#,##0.{'0' * least}{'#' * (8 - least)}", language)
    return [soft(line.what), soft("\n".join(filter(None, small))), soft(quantity), rate, figures(line.net, language)]


def _sums(sheet: Sheet, language: str) -> list[list[str]]:
    """Between the lines and the total: what was taken off or added, the sum before tax, and the tax of each rate."""
    said, name = words(language)["invoice"], tax_name(sheet.country, language)
    rows = []
    if sheet.adjustments:
        lines = Money.total((line.net for line in sheet.lines), sheet.total.currency)
        rows.append([said["lines"], figures(lines, language)])
        rows += [[one.reason, figures(one.amount, language)] for one in sheet.adjustments]
    rows.append([in_words(said["before"], {"tax": name}), figures(sheet.net, language)])
    several = len(sheet.taxes) > 1
    for one in sheet.taxes:
        if one.category == "O":
            continue
        rate = _decimal(one.rate, "0.####", language)
        on = in_words(said["on"], {"amount": figures(one.taxable, language)}) if several else ""
        rows.append([f"{in_words(said['rate'], {'tax': name, 'rate': rate})}{on}", figures(one.tax, language)])
    return rows


def _after(sheet: Sheet, language: str) -> list[list[str]]:
    """Below the total: what was paid before, what is kept back of it, and what is then to be paid."""
    said, rows, rest = words(language)["invoice"], [], sheet.total
    if sheet.before:
        rows.append([said["paid_before"], figures(-sheet.before, language)])
        rest -= sheet.before
    if kept := sheet.withheld:
        name = in_words(said["kept_back"], {"name": kept.name, "rate": _decimal(kept.rate, "0.####", language)})
        rows.append([name, figures(-kept.amount, language)])
        rest -= kept.amount
    return [*rows, [said["to_pay"], figures(rest, language)]] if rows else []


def credit_in_words(one: Corrected, language: str) -> str:
    """What becomes of the sum of a credit note."""
    values = {"number": one.number, "reason": one.reason.rstrip(".")}
    if one.issued_on:
        values["day"] = full_day(one.issued_on, language)
    return in_words(words(language)["invoice"]["credits" if one.issued_on else "on_account"], values)


def _notes(sheet: Sheet, language: str) -> list[str]:
    """Sentences that the law or the reader wants: why there is no tax, what the rates hold, what is credited and why."""
    said, name = words(language)["invoice"], tax_name(sheet.country, language)
    notes = []
    if sheet.corrects:
        notes.append(credit_in_words(sheet.corrects, language))
    for one in sheet.taxes:
        if one.category == "AE":
            notes.append(in_words(said["reverse_charge"], {"tax": name}))
        if one.reason and one.reason.rstrip(".").lower() not in " ".join(notes).lower():
            notes.append(f"{one.reason.rstrip('.')}.")
    if sheet.with_tax:
        notes.append(in_words(said["with_tax"], {"tax": name}))
    if sheet.exchange:
        notes.append(in_own(sheet.exchange, sheet.total.currency, sheet.country, language))
    return notes


def _decimal(number: Decimal, pattern: str, language: str) -> str:
    written = str(format_decimal(number.normalize(), pattern, locale=locale_of(spoken_language(language)[1])))
    return written.replace("-", "\N{MINUS SIGN}")
