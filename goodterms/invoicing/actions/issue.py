"""Decides what happens when invoices are issued: numbered without a gap, dated, frozen with their day's facts, booked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection

from goodterms.database.arrays import arrays
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing import document
from goodterms.invoicing.actions.dispatch import send_out
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.forewarn import Then, hold_back
from goodterms.invoicing.actions.papers import make_papers, want_papers
from goodterms.invoicing.actions.series import Numbered, ensure_series, take
from goodterms.invoicing.document import Said
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.invoicing.readiness import must_be_right, must_have_papers
from goodterms.invoicing.saying import lines_of, named
from goodterms.invoicing.totals import Totals, totals
from goodterms.invoicing.weighing import Weighed, projects_of
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.actions import fix
from goodterms.rates.reading import rates_for
from goodterms.rates.rules import Rate
from goodterms.terms.actions import in_effect_for
from goodterms.terms.rules import Instalment as Part
from goodterms.terms.rules import Terms, instalments
from goodterms.values.days import NEVER
from goodterms.values.keys import new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def issue(
    *,
    invoice_id: UUID,
    issued_on: date,
    by: str,
    role: Role,
    now: datetime,
    series: str = "",
    send: bool = True,
    free_until_at: datetime | None = None,
    despite: str = "",
) -> Invoice:
    """Issue one approved invoice on the date `issued_on`, with its paper, and send it as its customer prefers unless told
    otherwise. Until `free_until_at`, by the real clock, the sending can be taken back; the invoice stays issued.

    What would surprise its customer is not issued but waits for their word, and comes back without a number; `despite` says
    why it is issued all the same."""
    invoice = Invoice.objects.filter(id=invoice_id).first()
    if invoice is None:
        raise Refused("There is no invoice like that here.", code="invoice", field="invoice")
    issue_many(
        vendor_id=invoice.vendor_id, invoice_ids=[invoice_id], issued_on=issued_on, by=by, role=role, now=now, series=series,
        send=send, free_until_at=free_until_at, despite=despite,
    )  # fmt: skip
    make_papers(vendor_id=invoice.vendor_id, invoice_ids=[invoice_id], now=now)
    return Invoice.objects.get(id=invoice_id)


def issue_many(
    *,
    vendor_id: UUID,
    invoice_ids: Sequence[UUID],
    issued_on: date,
    by: str,
    role: Role,
    now: datetime,
    series: str = "",
    send: bool = True,
    free_until_at: datetime | None = None,
    despite: str = "",
) -> list[str]:
    """Issue approved invoices together, all or none, with a constant number of statements; their numbers, in the order given,
    empty for those that wait for their customer's word. Their papers are made, and with `send` their letters written, by the
    clock.

    Terms are those in effect on `issued_on`; due days and instalments follow from them. Refused: what is not approved, what
    is not as its customer wants it (must_be_ready), and one in a foreign currency without a rate for that day.
    """
    if not invoice_ids:
        return []
    must(verb="issue", invoice_ids=invoice_ids, role=role, today=issued_on)
    vendor = Vendor.objects.get(id=vendor_id)
    sheets = sheets_of(vendor, invoice_ids, issued_on)
    must_be_ready(vendor, sheets)
    then = Then(by, sends=send, series=series, despite=despite)
    sheets = _unsurprising(vendor, sheets, then, now)
    numbers = _issue(vendor_id, sheets, issued_on, by, series, now) if sheets else {}
    if send and sheets:
        send_out(invoices=[sheet.invoice for sheet in sheets], by=by, now=now, free_until_at=free_until_at)
    return [numbers.get(key, "") for key in invoice_ids]


def _issue(vendor_id: UUID, sheets: Sequence["Sheet"], issued_on: date, by: str, series: str, now: datetime) -> dict[UUID, str]:
    """Numbered, frozen and booked; the numbers by invoice."""
    write_parts(sheets, vendor_id, now)
    post(vendor_id=vendor_id, entries=[sheet.entry() for sheet in sheets], now=now)
    run = ensure_series(vendor_id=vendor_id, code=series, now=now)
    numbered = take(series=run, days=[issued_on] * len(sheets), now=now)
    said = Said()
    _freeze([sheet.frozen(place, said) for sheet, place in zip(sheets, numbered, strict=True)], issued_on, numbered[0].at)
    fix_rates(sheets, vendor_id, now)
    record_all(at=now, deeds=[sheet.deed(place, by) for sheet, place in zip(sheets, numbered, strict=True)])
    want_papers(vendor_id=vendor_id, invoice_ids=[sheet.invoice.id for sheet in sheets])
    return {sheet.invoice.id: place.number for sheet, place in zip(sheets, numbered, strict=True)}


def _unsurprising(vendor: Vendor, sheets: list["Sheet"], then: Then, now: datetime) -> list["Sheet"]:
    """Those that may be issued now; the customers of the others are asked, and they stay as they are."""
    waiting = hold_back(vendor=vendor, drafts=[sheet.weighed() for sheet in sheets], then=then, now=now)
    return [sheet for sheet in sheets if sheet.invoice.id not in waiting]


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

    def frozen(self, place: Numbered, said: Said) -> "Frozen":
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


def sheets_of(vendor: Vendor, invoice_ids: Sequence[UUID], issued_on: date) -> list[Sheet]:
    """Drafts as they would be issued on a day; nothing is asked of them yet."""
    invoices = {one.id: one for one in Invoice.objects.filter(id__in=invoice_ids).select_related("customer")}
    lines, enclosed = lines_of(invoice_ids), named(invoice_ids)
    terms = in_effect_for(vendor.id, {one.customer_id for one in invoices.values()}, issued_on)
    currencies = {one.currency for one in invoices.values()}
    rates = rates_for(vendor_id=vendor.id, base=vendor.currency, currencies=currencies, on=issued_on)
    found = []
    for key in invoice_ids:
        one, rows = invoices[key], lines[key]
        agreed, rate = terms[one.customer_id].terms, rates.get(one.currency)
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


def fix_rates(sheets: Sequence[Sheet], vendor_id: UUID, now: datetime) -> None:
    """So that the books can be read in the vendor's own currency; nothing is written where all are in it."""
    if rates := [(sheet.invoice.id, sheet.rate) for sheet in sheets if sheet.rate]:
        fix(vendor_id=vendor_id, rates=rates, now=now)


def must_be_ready(vendor: Vendor, sheets: Sequence[Sheet]) -> None:
    """Refused: one without the papers that its customer asks for, or wrong by the rules of the format that they take."""
    for sheet in sheets:
        must_have_papers(sheet.invoice.customer, sheet.invoice.order_number, sheet.document.get("enclosures", ()))
    must_be_right(vendor, sheets)


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


def write_parts(sheets: Sequence[Sheet], vendor_id: UUID, now: datetime) -> None:
    rows = [(sheet.invoice.id, at, part) for sheet in sheets for at, part in enumerate(sheet.stored_parts, 1)]
    Instalment.objects.bulk_create(
        Instalment(id=key, vendor_id=vendor_id, invoice_id=of, position=at, due_on=part.due_on, minor=part.amount.minor)
        for key, (of, at, part) in zip(new_keys(now, len(rows)), rows, strict=True)
    )


def _terms_said(terms: Terms) -> str:
    return document.canonical(terms.to_json())


def _freeze(rows: Sequence[Frozen], issued_on: date, at: datetime) -> None:
    with refused_as_taken(), connection.cursor() as cursor:
        cursor.execute(_FREEZE, [issued_on, at, *arrays(rows)])


@contextmanager
def refused_as_taken() -> Iterator[None]:
    """A number that stands on another document, from elsewhere, is refused in words."""
    try:
        yield
    except IntegrityError as taken:
        if "invoice_number_once" in str(taken):
            raise Refused("This number is on another document already. Begin the series after it.", code="number") from taken
        raise


_FREEZE = """
update invoicing_invoice i
set issued_on = %s::date, issued_at = %s::timestamptz, series_id = n.series_id, seq = n.seq, number = n.number,
    due_on = n.due_on, terms = n.terms, document = n.document, document_sha256 = n.seal, on_paper = n.on_paper,
    open_minor = n.total, settled_on = n.settled_on, chase_on = n.chase_on, to_withhold_minor = n.to_withhold
from unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::date[], %s::jsonb[], %s::jsonb[], %s::bytea[],
            %s::boolean[], %s::bigint[], %s::date[], %s::date[], %s::bigint[])
  as n (id, series_id, seq, number, due_on, terms, document, seal, on_paper, total, settled_on, chase_on, to_withhold)
where i.id = n.id
"""
