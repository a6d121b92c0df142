"""Decides what the page shows on which an invoice is written: its preview, its terms with their days, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from goodterms.billing.rules import accepted_on
from goodterms.delivery.spoken import listed
from goodterms.desk.customers.liking import nth
from goodterms.desk.door import Visit
from goodterms.desk.invoices import typed
from goodterms.desk.invoices.typed import Written, brought_tax, code_of, tax_words
from goodterms.invoicing import document
from goodterms.invoicing.actions import Written as What
from goodterms.invoicing.actions import written as as_written
from goodterms.invoicing.chosen import terms_for
from goodterms.invoicing.line import Line, Tax, columns
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.orders import supplier_of
from goodterms.invoicing.totals import Totals, totals
from goodterms.papers.letterhead import figures
from goodterms.parties.models import Contact, Customer
from goodterms.rates.reading import known
from goodterms.rates.rules import Rate
from goodterms.stationery.sheet import (
    Party,
    Sheet,
    adjusted,
    before_tax,
    own_currency,
    parts_of,
    rows_of,
    tax_row,
)
from goodterms.terms.actions import InEffect, in_effect
from goodterms.terms.rules import Clause, due_on, in_words
from goodterms.values.refusal import Refused

LATEST = 400  # lines of the vendor that are looked through for the taxes it uses


class Preview(NamedTuple):
    """The invoice as it will look when it is issued today; empty while a line cannot be read."""

    sheet: Sheet | None = None
    sums: Totals | None = None
    refusal: Refused | None = None


class Choices(NamedTuple):
    """The taxes that the vendor used before, the customer's own last; by their code, and the one to begin with. A first one is
    chosen by somebody: nothing is free of tax because nobody said otherwise."""

    taxes: Mapping[str, Tax]
    usual: str

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(name, tax_words(tax)) for name, tax in self.taxes.items()]


def choices(visit: Visit, customer: Customer | None, more: Iterable[str] = ()) -> Choices:
    """One query: the newest lines of the vendor tell which taxes it uses; none yet: a few rates. Then what anybody may need who
    bills abroad, and `more`: those, by their code, that this form brings with it."""
    newest = LineRow.objects.filter(vendor=visit.vendor).order_by("-id").values_list("invoice__customer_id", *_TAX)[:LATEST]
    seen = [(customer_id, tax) for customer_id, *said in newest if (tax := _tax(*said))]
    taxes = {code_of(tax): tax for _, tax in seen} or _first_taxes()
    theirs = [tax for customer_id, tax in seen if customer and customer_id == customer.id]
    usual = code_of((theirs or [seen[0][1]])[0]) if seen else ""
    brought = {written: tax for written in more if (tax := brought_tax(written))}
    return Choices({**taxes, **_ABROAD, **brought}, usual)


def said(given: Written, choices: Choices, currency: str, before: What | None) -> What:
    """What a form says. `before`: what the draft said that it changes; a line that is as it was keeps the tax that it brought,
    and tax is rounded as it was."""
    lines = typed.read(given, choices.taxes)
    if before is None:
        return What(lines, typed.on_whole(given, choices.taxes, lines, currency), "group")
    kept = [_as_brought(line, was) for line, was in zip_longest(lines, before.lines[: len(lines)])]
    return What(kept, typed.on_whole(given, choices.taxes, lines, currency), before.method)


def _as_brought(line: Line, was: Line | None) -> Line:
    same = was is not None and columns(line) == columns(was)
    return replace(line, tax_amount=was.tax_amount) if was and same else line


def agreed_with(visit: Visit, customer: Customer) -> InEffect:
    """The terms of what is issued today."""
    return in_effect(visit.vendor.id, customer.id, visit.today)


def agreed_for(visit: Visit, customer: Customer, invoice: Invoice | None) -> InEffect:
    """The same for a draft for which something else was chosen."""
    agreed = agreed_with(visit, customer)
    return agreed if invoice is None else agreed._replace(terms=terms_for(invoice.document, agreed.terms))


def preview(
    visit: Visit, customer: Customer, order_number: str, said: What, agreed: InEffect, currency: str = ""
) -> Preview:  # fmt: skip
    """Worked out by the same rules as the invoice itself, on the day it would be issued: today. In the customer's currency,
    unless another is named."""
    if not said.lines:
        return Preview()
    sums = totals(currency or customer.currency, said.lines, adjustments=said.adjustments, method=said.method)
    return Preview(_sheet(visit, customer, order_number, said, sums, agreed, visit.today), sums)


def sheet_of_draft(visit: Visit, invoice: Invoice, rows: Sequence[LineRow]) -> Sheet:
    """A stored draft as it would look if it were issued today, or on the day that it has: nothing is copied into it before."""
    said = as_written(invoice, rows)
    sums = totals(invoice.currency, said.lines, adjustments=said.adjustments, method=said.method)
    agreed, on = agreed_for(visit, invoice.customer, invoice), max(invoice.issues_on or visit.today, visit.today)
    return _sheet(visit, invoice.customer, invoice.order_number, said, sums, agreed, on)


class When(NamedTuple):
    """When it goes out and is to be paid, in sentences with their days."""

    issued_on: date
    due_on: date
    clauses: Sequence[Clause]
    version: int
    own: bool
    accepts: str  # on which days of the month they take invoices, where they said so; empty when today is one of them
    to: str  # who pays there
    later: date | None  # the next day on which they take invoices, where that is not today


def when(visit: Visit, customer: Customer, sums: Totals | None, agreed: InEffect) -> When:
    country = customer.country or visit.vendor.country
    total, net = (sums.total, sums.net) if sums else (None, None)
    words = in_words(agreed.terms, "en", issued_on=visit.today, total=total, net=net, country=country)
    payer = Contact.objects.current().filter(customer=customer, pays=True).values_list("name", flat=True).first()
    due = due_on(agreed.terms, visit.today, country)
    accepts = _accepts(customer, visit.today)
    return When(visit.today, due, words, agreed.version, agreed.own, accepts, payer or "", later_for(customer, visit.today))


def later_for(customer: Customer, today: date) -> date | None:
    on = accepted_on(today, frozenset(customer.bill_days), customer.cut_off_day)
    return on if on > today else None


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


def _sheet(
    visit: Visit, customer: Customer, order_number: str, said: What, sums: Totals, agreed: InEffect, on: date
) -> Sheet:  # fmt: skip
    vendor, country = visit.vendor, customer.country or visit.vendor.country
    held = document.snapshot(vendor, customer, sums.groups, {}, _rate_today(visit, sums.total.currency))
    nets = [each.net for each in sums.lines]
    rows = rows_of(said.lines, nets, "en")
    return Sheet(
        kind="invoice",
        number="number on issue",
        vendor=_party(held["vendor"]),
        customer=_party(held["customer"]),
        issued_on=on,
        due_on=due_on(agreed.terms, on, country),
        order_number=order_number,
        rows=rows,
        parts=parts_of(list(zip(rows, nets, strict=True)), sums.total.currency, "en"),
        before=before_tax(vendor.country, "en"),
        net=figures(sums.net, "en"),
        taxes=[tax_row(group.rate, group.reason, group.tax, vendor.country, "en") for group in sums.groups],
        total=sums.total,
        agreed=in_words(agreed.terms, "en", issued_on=on, total=sums.total, net=sums.net, country=country),
        withheld=document.kept_back(agreed.terms.to_json(), sums.net, sums.total),
        adjusted=adjusted(said.adjustments, nets, sums.total.currency, "en"),
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
    return Party(of["name"], of["legal_name"], address, of["tax_id"], of.get("email", ""), of.get("country", ""))


@lru_cache(maxsize=256)
def _tax(category: str, percent: Decimal, reason: str) -> Tax | None:
    """None where a line came from elsewhere with a tax that no new invoice may have."""
    try:
        return Tax(category, percent, reason)
    except Refused:
        return None


_ABROAD = {
    code_of(tax): tax
    for tax in (
        Tax("Z", Decimal(0)), Tax("AE", Decimal(0), typed.USUAL_REASON["AE"]), Tax("G", Decimal(0), typed.USUAL_REASON["G"]),
    )
}  # fmt: skip
_TAX = ("tax_category", "tax_percent", "tax_reason")


def _first_taxes() -> dict[str, Tax]:
    first = [Tax("Z", Decimal(0)), *(Tax("S", Decimal(rate)) for rate in (5, 10, 20, 21))]
    return {code_of(tax): tax for tax in first}
