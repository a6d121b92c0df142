"""Decides what the page shows on which an invoice is written: its preview, its terms with their days, and what is missing."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from goodterms.delivery.spoken import listed
from goodterms.desk.customers.liking import nth
from goodterms.desk.door import Visit
from goodterms.desk.invoices.typed import Written, code, tax_words
from goodterms.invoicing import document
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.orders import supplier_of
from goodterms.invoicing.totals import Totals, totals
from goodterms.papers.letterhead import figures
from goodterms.parties.models import Contact, Customer
from goodterms.rates.reading import known
from goodterms.rates.rules import Rate
from goodterms.stationery.sheet import Party, Row, Sheet, before_tax, discount_words, own_currency, parts_of, tax_row
from goodterms.terms.actions import InEffect, in_effect
from goodterms.terms.rules import Clause, due_on, in_words
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

LATEST = 400  # lines of the vendor that are looked through for the taxes it uses


class Preview(NamedTuple):
    """The invoice as it will look when it is issued today; empty while a line cannot be read."""

    sheet: Sheet | None = None
    sums: Totals | None = None
    refusal: Refused | None = None


class Choices(NamedTuple):
    """The taxes that the vendor used before, the customer's own last; by their code, and the one to begin with."""

    taxes: Mapping[str, Tax]
    usual: str

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(name, tax_words(tax)) for name, tax in self.taxes.items()]


def choices(visit: Visit, customer: Customer | None) -> Choices:
    """One query: the newest lines of the vendor tell which taxes it uses; none yet: no tax, or what is typed as a rate."""
    newest = LineRow.objects.filter(vendor=visit.vendor).order_by("-id").values_list("invoice__customer_id", *_TAX)[:LATEST]
    seen = [(customer_id, tax) for customer_id, *said in newest if (tax := _tax(*said))]
    taxes = {code(tax.category, tax.rate, tax.reason): tax for _, tax in seen} or _first_taxes()
    theirs = [tax for customer_id, tax in seen if customer and customer_id == customer.id]
    usual = theirs[0] if theirs else seen[0][1] if seen else next(iter(taxes.values()))
    return Choices(taxes, code(usual.category, usual.rate, usual.reason))


def agreed_with(visit: Visit, customer: Customer) -> InEffect:
    """The terms of what is issued today."""
    return in_effect(visit.vendor.id, customer.id, visit.today)


def preview(visit: Visit, customer: Customer, given: Written, lines: Sequence[Line], agreed: InEffect) -> Preview:
    """Worked out by the same rules as the invoice itself, on the day it would be issued: today."""
    if not lines:
        return Preview()
    sums = totals(customer.currency, lines)
    return Preview(_sheet(visit, customer, given.order_number, lines, sums, agreed), sums)


def sheet_of_draft(visit: Visit, invoice: Invoice, rows: Sequence[LineRow]) -> Sheet:
    """A stored draft as it would look if it were issued today: nothing is copied into it before."""
    lines = document.lines_in([vars(row) for row in rows], invoice.document, invoice.currency)
    held = [document.adjustment_in(one) for one in invoice.document.get("adjustments", [])]
    sums = totals(invoice.currency, lines, adjustments=held, method=invoice.document.get("method", "group"))
    return _sheet(visit, invoice.customer, invoice.order_number, lines, sums, agreed_with(visit, invoice.customer))


class When(NamedTuple):
    """When it goes out and is to be paid, in sentences with their days."""

    issued_on: date
    due_on: date
    clauses: Sequence[Clause]
    version: int
    own: bool
    accepts: str  # on which days of the month they take invoices, where they said so; empty when today is one of them
    to: str  # who pays there


def when(visit: Visit, customer: Customer, sums: Totals | None, agreed: InEffect) -> When:
    country = customer.country or visit.vendor.country
    total, net = (sums.total, sums.net) if sums else (None, None)
    words = in_words(agreed.terms, "en", issued_on=visit.today, total=total, net=net, country=country)
    payer = Contact.objects.current().filter(customer=customer, pays=True).values_list("name", flat=True).first()
    due = due_on(agreed.terms, visit.today, country)
    return When(visit.today, due, words, agreed.version, agreed.own, _accepts(customer, visit.today), payer or "")


def order_hint(customer: Customer) -> str:
    """How their purchase orders look: the last one."""
    last = Invoice.objects.filter(customer=customer).exclude(order_number="").order_by("-id").first()
    return last.order_number if last else ""


def is_blocked(customer: Customer, order_number: str) -> bool:
    return customer.order_required and not order_number


def who_supplies(customer: Customer) -> Contact | None:
    """Who can supply a missing purchase order there."""
    return supplier_of(Contact.objects.current().filter(customer=customer))


def _accepts(customer: Customer, today: date) -> str:
    if customer.bill_days and today.day not in customer.bill_days:
        days = listed([nth(day) for day in customer.bill_days], "en")
        return f"They take invoices on the {days} of the month, and today is another day."
    if customer.cut_off_day and today.day > customer.cut_off_day:
        return f"They take no invoices after the {nth(customer.cut_off_day)} of the month."
    return ""


def _sheet(visit: Visit, customer: Customer, order_number: str, lines: Sequence[Line], sums: Totals, agreed: InEffect) -> Sheet:
    vendor, country = visit.vendor, customer.country or visit.vendor.country
    held = document.snapshot(vendor, customer, sums.groups, {}, _rate_today(visit, sums.total.currency))
    rows = [(_row(line, each.net), each.net) for line, each in zip(lines, sums.lines, strict=True)]
    return Sheet(
        kind="invoice",
        number="number on issue",
        vendor=_party(held["vendor"]),
        customer=_party(held["customer"]),
        issued_on=visit.today,
        due_on=due_on(agreed.terms, visit.today, country),
        order_number=order_number,
        rows=[row for row, _ in rows],
        parts=parts_of(rows, sums.total.currency, "en"),
        before=before_tax(vendor.country, "en"),
        net=figures(sums.net, "en"),
        taxes=[tax_row(group.rate, group.reason, group.tax, vendor.country, "en") for group in sums.groups],
        total=sums.total,
        agreed=in_words(agreed.terms, "en", issued_on=visit.today, total=sums.total, net=sums.net, country=country),
        in_own=own_currency(document.exchange_in(held, sums.total.currency), vendor.country, "en"),
    )


def _rate_today(visit: Visit, currency: str) -> Rate | None:
    """As it would be fixed at issue; where none is known that is said then."""
    home = visit.vendor.currency
    if currency == home:
        return None
    return known(vendor_id=visit.vendor.id, currencies=[currency, home], first_on=visit.today).find(currency, home, visit.today)


def _party(of: Mapping[str, str]) -> Party:
    address = [line for line in of["address"].splitlines() if line.strip()]
    return Party(of["name"], of["legal_name"], address, of["tax_id"], of.get("email", ""))


def _row(line: Line, net: Money) -> Row:
    return Row(
        line.description,
        line.project,
        f"{line.quantity.normalize():f}",
        line.unit,
        f"{line.unit_price:,.2f}",
        figures(net, "en"),
        discount_words(line, net.currency, "en"),
    )


@lru_cache(maxsize=256)
def _tax(category: str, percent: Decimal, reason: str) -> Tax | None:
    """None where a line came from elsewhere with a tax that no new invoice may have."""
    try:
        return Tax(category, percent, reason)
    except Refused:
        return None


_TAX = ("tax_category", "tax_percent", "tax_reason")


def _first_taxes() -> dict[str, Tax]:
    first = [Tax("Z", Decimal(0)), *(Tax("S", Decimal(rate)) for rate in (5, 10, 20, 21))]
    return {code(tax.category, tax.rate, tax.reason): tax for tax in first}
