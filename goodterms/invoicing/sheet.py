"""Decides what an invoice about to be issued is: everything that will be on it but its number, and the row that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.interactions.actions import Deed
from goodterms.invoicing import document
from goodterms.invoicing.chosen import terms_for
from goodterms.invoicing.document import Said
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.numbers import Numbered
from goodterms.invoicing.saying import lines_of, named
from goodterms.invoicing.totals import Totals, totals
from goodterms.invoicing.weighing import Weighed, projects_of
from goodterms.ledger import rules as booking
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.reading import rates_for
from goodterms.rates.rules import Rate
from goodterms.terms.actions import in_effect_for
from goodterms.terms.rules import Instalment as Part
from goodterms.terms.rules import Terms, instalments
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Sheet(NamedTuple):
    """An invoice about to be issued, with everything that will be on it but its number."""

    invoice: Invoice
    lines: list[dict[str, Any]]
    sums: Totals
    terms: Terms
    due_on: date
    parts: list[Part]
    document: dict[str, Any]
    on_paper: bool
    rate: Rate | None = None  # into the vendor's own currency, where it is in another

    def weighed(self) -> Weighed:
        return Weighed(self.invoice, projects_of((one["project"], one["net_minor"]) for one in self.lines))

    @property
    def stored_parts(self) -> list[Part]:
        return self.parts if self.terms.instalments else []

    @property
    def to_withhold_minor(self) -> int:
        """What the payer will keep back of it for the tax office."""
        kept = self.terms.withholding
        return min(kept.of(self.sums.net).minor, self.invoice.total_minor) if kept else 0

    def frozen(self, place: Numbered, said: Said) -> Frozen:
        one, say = self.invoice, document.canonical
        words = said.of(self.terms, _terms_said), said.document(self.document)
        facts = {
            "kind": say(one.kind), "number": say(place.number), "work": say(one.work), "order_number": say(one.order_number),
            "currency": say(one.currency), "issued_on": say(one.issued_on), "due_on": say(self.due_on),
            "net_minor": say(one.net_minor), "tax_minor": say(one.tax_minor), "total_minor": say(one.total_minor),
            "terms": words[0], "document": words[1],
        }  # fmt: skip
        parts = [(part.due_on, part.amount.minor) for part in self.stored_parts]
        seal = document.sealed(facts, said.of(self.lines, document.canonical_lines), parts)
        settled_on = NEVER if one.total_minor else one.issued_on
        return Frozen(
            one.id, *place[:3], self.due_on, *words, seal, self.on_paper, one.total_minor, settled_on, self.parts[0].due_on,
            self.to_withhold_minor,
        )  # fmt: skip

    def entry(self) -> EntryDraft:
        one = self.invoice
        assert one.issued_on is not None
        sides = booking.invoice(customer_id=one.customer_id, invoice_id=one.id, net=self.sums.net, tax=self.sums.tax)
        return EntryDraft(Kind.INVOICE, one.issued_on, one.id, sides)

    def deed(self, place: Numbered, by: str) -> Deed:
        one = self.invoice
        data = {
            "number": place.number, "total_minor": one.total_minor, "currency": one.currency, "due_on": self.due_on.isoformat(),
        }  # fmt: skip
        return Deed(one.vendor_id, "invoice.issued", by, one.customer_id, one.id, data=data)


class Frozen(NamedTuple):
    """What the row of an invoice gets when it is issued."""

    id: UUID
    series_id: UUID
    seq: int
    number: str
    due_on: date
    terms: str
    document: str
    document_sha256: bytes
    on_paper: bool
    open_minor: int
    settled_on: date | None
    chase_on: date
    to_withhold_minor: int


def sheets_of(
    vendor: Vendor, invoice_ids: Sequence[UUID], issued_on: date, rates: Mapping[str, Rate] | None = None
) -> list[Sheet]:  # fmt: skip
    """Drafts as they would be issued on a day; nothing is asked of them yet. `rates` into the vendor's currency, for whoever
    only looks; without them one that is not known for the day is refused."""
    invoices = {one.id: one for one in Invoice.objects.filter(id__in=invoice_ids).select_related("customer")}
    lines, enclosed = lines_of(invoice_ids), named(invoice_ids)
    terms = in_effect_for(vendor.id, {one.customer_id for one in invoices.values()}, issued_on)
    if rates is None:
        currencies = {one.currency for one in invoices.values()}
        rates = rates_for(vendor_id=vendor.id, base=vendor.currency, currencies=currencies, on=issued_on)
    found = []
    for key in invoice_ids:
        one, rows = invoices[key], lines[key]
        agreed, rate = terms_for(one.document, terms[one.customer_id].terms), rates.get(one.currency)
        found.append(made_of(vendor, one, rows, _sums_of(one, rows), agreed, issued_on, rate, enclosed.get(key, ())))
    return found


def made_of(
    vendor: Vendor,
    invoice: Invoice,
    lines: list[dict[str, Any]],
    sums: Totals,
    terms: Terms,
    issued_on: date,
    rate: Rate | None,
    enclosed: Sequence[Mapping[str, Any]] = (),
    shared: document.Shared | None = None,
) -> Sheet:
    """Everything that will be on an invoice but its number."""
    customer = invoice.customer
    invoice.issued_on = issued_on
    country = customer.country or vendor.country
    parts = instalments(terms, issued_on, sums.total, country)
    held = document.snapshot(vendor, customer, sums.groups, invoice.document, rate, enclosed, shared)
    return Sheet(invoice, lines, sums, terms, parts[-1].due_on, parts, held, _on_paper(customer, issued_on), rate)


def _sums_of(invoice: Invoice, lines: list[dict[str, Any]]) -> Totals:
    """Worked out again from what is stored: what was approved is what is issued, or nothing is."""
    priced = document.lines_in(lines, invoice.document, invoice.currency)
    adjustments = [document.adjustment_in(one) for one in invoice.document.get("adjustments", [])]
    sums = totals(invoice.currency, priced, adjustments=adjustments, method=invoice.document.get("method", "group"))
    if sums.total != Money(invoice.total_minor, invoice.currency):
        raise Refused("The lines of this invoice do not add up to its total. Send it back and save it again.", code="total")
    return sums


def _on_paper(customer: Customer, issued_on: date) -> bool:
    if customer.paperless_on is not None:
        return issued_on < customer.paperless_on
    return customer.channel == "post"


def _terms_said(terms: Terms) -> str:
    return document.canonical(terms.to_json())
