"""Decides what the sheet of an issued document says, from what was copied into it on the day of issue."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from babel.numbers import format_decimal

from goodterms.delivery.spoken import locale_of
from goodterms.delivery.words import spoken_language
from goodterms.invoicing import document
from goodterms.invoicing.line import Adjustment
from goodterms.invoicing.models import Invoice, Line
from goodterms.papers.invoice import Exchange, in_own, tax_name
from goodterms.papers.letterhead import figures
from goodterms.papers.letterhead import in_words as filled_in
from goodterms.papers.words import words
from goodterms.terms.rules import Clause, Terms, in_words
from goodterms.values.money import Money


class AnyLine(Protocol):
    """A line, stored or not."""

    @property
    def description(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def discount_percent(self) -> Decimal: ...
    @property
    def discount_amount(self) -> Decimal: ...


class Party(NamedTuple):
    """A firm as it was on the day of issue."""

    name: str
    legal_name: str
    address: Sequence[str]
    tax_id: str
    email: str
    country: str = ""


class Row(NamedTuple):
    """One line; `quantity` and `rate` as they are written, without zeros that say nothing."""

    description: str
    project: str
    quantity: str
    unit: str
    rate: str
    net: str
    discount: str = ""  # "less 10%", as the paper says it


class Part(NamedTuple):
    """The lines of one project, with its sum before tax. Of a single one the name is empty, and nothing stands above it."""

    name: str
    sum: str
    rows: Sequence[Row]


class TaxRow(NamedTuple):
    """The tax of one rate, and what it is called: `VAT 20%`, or why there is none."""

    name: str
    tax: str


class SumRow(NamedTuple):
    """A sum between the lines and what is before tax: that of the lines, and what was taken off or added on the whole."""

    name: str
    sum: str


class Sheet(NamedTuple):
    """A whole document, for one template on the desk and in the portal."""

    kind: str
    number: str
    vendor: Party
    customer: Party
    issued_on: date
    due_on: date | None
    order_number: str
    rows: Sequence[Row]
    before: str  # "Before VAT"
    net: str
    taxes: Sequence[TaxRow]
    total: Money
    agreed: Sequence[Clause]
    parts: Sequence[Part] = ()  # the same rows by project, as the paper has them
    withheld: document.KeptBack | None = None
    adjusted: Sequence[SumRow] = ()
    in_own: str = ""  # in a foreign currency: the rate into the vendor's own, and the tax in it

    @property
    def to_pay(self) -> Money:
        """What is to be paid to us."""
        return self.total - self.withheld.amount if self.withheld else self.total


def sheet_of(invoice: Invoice, lines: Sequence[Line], language: str) -> Sheet:
    """The document as it was issued. `lines` are its lines, in order."""
    of, currency = invoice.document, invoice.currency
    total, net = Money(invoice.total_minor, currency), Money(invoice.net_minor, currency)
    issued_on = invoice.issued_on or invoice.created_at.date()
    terms = Terms.from_json(invoice.terms) if invoice.terms and invoice.kind == "invoice" else None
    country = of.get("vendor", {}).get("country", "")
    nets = [Money(line.net_minor, currency) for line in lines]
    rows = rows_of(lines, nets, language)
    return Sheet(
        kind=invoice.kind,
        number=invoice.number,
        vendor=_party(of.get("vendor", {})),
        customer=_party(of.get("customer", {})),
        issued_on=issued_on,
        due_on=invoice.due_on,
        order_number=invoice.order_number,
        rows=rows,
        parts=parts_of(list(zip(rows, nets, strict=True)), currency, language),
        before=before_tax(country, language),
        net=figures(net, language),
        taxes=[_tax(group, currency, country, language) for group in of.get("tax_groups", [])],
        total=total,
        agreed=in_words(
            terms,
            spoken_language(language)[1],
            issued_on=issued_on,
            total=total,
            net=net,
            country=country,
        )
        if terms
        else (),
        withheld=document.kept_back(invoice.terms, net, total) if terms else None,
        adjusted=adjusted([document.adjustment_in(one) for one in of.get("adjustments", ())], nets, currency, language),
        in_own=own_currency(document.exchange_in(of, currency), country, language),
    )


def own_currency(exchange: document.Exchange | None, country: str, language: str) -> str:
    """The sentence of the paper, for a vendor of that country."""
    if exchange is None:
        return ""
    rate = exchange.rate
    return in_own(Exchange(rate.value, rate.on, rate.source, exchange.tax), rate.currency, country, language)


def rows_of(lines: Sequence[AnyLine], nets: Sequence[Money], language: str) -> list[Row]:
    """Lines of a document, issued or not, with what each comes to before tax, as a page writes them."""
    return [_row(line, net, language) for line, net in zip(lines, nets, strict=True)]


def adjusted(adjustments: Sequence[Adjustment], nets: Sequence[Money], currency: str, language: str) -> list[SumRow]:
    """As the paper says it: the sum of the lines, and each discount or charge by its reason. Nothing where there is none."""
    if not adjustments:
        return []
    lines = SumRow(words(language)["invoice"]["lines"], figures(Money.total(nets, currency), language))
    off_or_on = [(one.reason, Money.of(one.amount if one.kind == "charge" else -one.amount, currency)) for one in adjustments]
    return [lines, *(SumRow(reason, figures(sum_, language)) for reason, sum_ in off_or_on)]


def parts_of(rows: Sequence[tuple[Row, Money]], currency: str, language: str) -> list[Part]:
    """By project, in the order in which each first appears."""
    by: dict[str, list[tuple[Row, Money]]] = {}
    for row, net in rows:
        by.setdefault(row.project, []).append((row, net))
    other = words(language)["invoice"]["other_work"]
    return [
        Part(
            (project or other) if len(by) > 1 else "",
            figures(Money.total((net for _, net in lines), currency), language),
            [row for row, _ in lines],
        )
        for project, lines in by.items()
    ]


def _party(of: dict[str, Any]) -> Party:
    address = [line for line in of.get("address", "").splitlines() if line.strip()]
    return Party(of.get("name", ""), of.get("legal_name", ""), address, of.get("tax_id", ""), of.get("email", ""),
                 of.get("country", ""))  # fmt: skip


def _row(line: AnyLine, net: Money, language: str) -> Row:
    quantity = str(format_decimal(line.quantity.normalize(), "#,##0.######", locale=locale_of(language)))
    rate = str(format_decimal(line.unit_price, "#,##0.00######", locale=locale_of(language)))
    off = discount_words(line, net.currency, language)
    return Row(line.description, line.project, quantity, line.unit, rate, figures(net, language), off)


def discount_words(line: AnyLine, currency: str, language: str) -> str:
    """Without it the quantity and the rate would not come to the amount. Empty where nothing is taken off."""
    if line.discount_percent:
        off = f"{line.discount_percent.normalize():f}%"
    elif line.discount_amount:
        off = f"{line.discount_amount.normalize():f} {currency}"
    else:
        return ""
    return filled_in(words(language)["invoice"]["discount"], {"discount": off})


def before_tax(country: str, language: str) -> str:
    """What the sum before tax is called, as on the paper of a vendor of that country: `Before VAT`."""
    return filled_in(words(language)["invoice"]["before"], {"tax": tax_name(country, language)})


def tax_row(rate: Decimal, reason: str, tax: Money, country: str, language: str) -> TaxRow:
    """As the paper names it; without a rate the reason stands for the name."""
    values = {"tax": tax_name(country, language), "rate": str(format_decimal(rate, "0.####", locale=locale_of(language)))}
    return TaxRow(filled_in(words(language)["invoice"]["rate"], values) if rate else reason, figures(tax, language))


def _tax(group: dict[str, Any], currency: str, country: str, language: str) -> TaxRow:
    return tax_row(Decimal(group["rate"]), group.get("reason", ""), Money(group["tax_minor"], currency), country, language)
