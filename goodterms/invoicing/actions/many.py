"""Decides how many invoices come about together: drafted, or drafted, approved and issued at once, in a few statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.database.staging import drop, insert, stage_laid_out, text
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing import document
from goodterms.invoicing.actions.dispatch import send_out
from goodterms.invoicing.actions.draft import held, sums_of
from goodterms.invoicing.actions.forewarn import Then, ask_about
from goodterms.invoicing.actions.issue import fix_rates, must_be_ready, refused_as_taken, write_parts
from goodterms.invoicing.actions.papers import want_papers
from goodterms.invoicing.actions.series import ensure_series, take
from goodterms.invoicing.line import Line, columns
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.numbers import Numbered
from goodterms.invoicing.sheet import Sheet, made_of
from goodterms.invoicing.surprise import Expected
from goodterms.invoicing.totals import Totals, totals
from goodterms.invoicing.weighing import weigh
from goodterms.ledger.actions import post
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.reading import rates_for
from goodterms.terms.actions import in_effect_for
from goodterms.values.days import NEVER
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused


class Wanted(NamedTuple):
    """An invoice to be: for whom, with which lines."""

    customer_id: UUID
    currency: str
    lines: Sequence[Line]
    work: str = ""
    order_number: str = ""


class Made(NamedTuple):
    """What came of it; a draft has no number yet."""

    invoice_id: UUID
    number: str


Known = Mapping[UUID, Customer]  # customers that whoever wants invoices has read already


def draft_many(
    *, vendor_id: UUID, wanted: Sequence[Wanted], by: str, now: datetime, customers: Known | None = None
) -> list[Made]:
    """Drafts that wait for approval, with their lines and totals, in the order given."""
    if not wanted:
        return []
    drafts = _drafts(vendor_id, wanted, customers, by, now)
    _insert(_rows(drafts), _lines_of(drafts, now))
    record_all(at=now, deeds=[_deed(draft.invoice, "invoice.drafted", by) for draft in drafts])
    return [Made(draft.invoice.id, "") for draft in drafts]


def issue_new(
    *,
    vendor_id: UUID,
    wanted: Sequence[Wanted],
    issued_on: date,
    approved_by: str,
    by: str,
    now: datetime,
    series: str = "",
    customers: Known | None = None,
) -> list[Made]:
    """Invoices that nobody looks at again, since what they say was agreed before: numbered, frozen and booked, all or none.

    The same documents, entries and deeds as if each had been drafted, approved and issued one after the other, and refused
    alike. Their papers and letters follow by the clock. What would surprise its customer is approved and not issued: it waits
    for their word, without a number.
    """
    if not wanted:
        return []
    vendor = Vendor.objects.get(id=vendor_id)
    drafts = _drafts(vendor_id, wanted, customers, by, now)
    every = _sheets(vendor, drafts, issued_on, approved_by, now)
    must_be_ready(vendor, every)
    surprising = weigh(vendor, [sheet.weighed() for sheet in every])
    sheets = [sheet for sheet in every if sheet.invoice.id not in surprising]
    numbers = _issue_new(vendor_id, sheets, issued_on, by, series, now) if sheets else {}
    waiting = [draft for draft in drafts if draft.invoice.id in surprising]
    if waiting:
        _let_wait(vendor, waiting, surprising, Then(by, series=series), now)
    return [Made(draft.invoice.id, numbers.get(draft.invoice.id, "")) for draft in drafts]


def _issue_new(
    vendor_id: UUID, sheets: Sequence[Sheet], issued_on: date, by: str, series: str, now: datetime
) -> dict[UUID, str]:
    """Written, numbered and booked; the numbers by invoice."""
    post(vendor_id=vendor_id, entries=[sheet.entry() for sheet in sheets], now=now)
    numbered = take(series=ensure_series(vendor_id=vendor_id, code=series, now=now), days=[issued_on] * len(sheets), now=now)
    places, said = list(zip(sheets, numbered, strict=True)), document.Said()
    with refused_as_taken():
        _insert([_issued_row(sheet, place, said) for sheet, place in places], _lines_of(sheets, now))
    write_parts(sheets, vendor_id, now)
    fix_rates(sheets, vendor_id, now)
    deeds = [_deed(sheet.invoice, kind, by) for sheet in sheets for kind in ("invoice.drafted", "invoice.approved")]
    record_all(at=now, deeds=[*deeds, *(sheet.deed(place, by) for sheet, place in places)])
    want_papers(vendor_id=vendor_id, invoice_ids=[sheet.invoice.id for sheet in sheets])
    send_out(invoices=[sheet.invoice for sheet in sheets], by=by, now=now)
    return {sheet.invoice.id: place.number for sheet, place in places}


def _let_wait(
    vendor: Vendor, drafts: Sequence["_Draft"], surprising: Mapping[UUID, Expected], then: Then, now: datetime
) -> None:
    """Approved as agreed, and issued once their customers say that it is fine."""
    for draft in drafts:
        draft.invoice.issued_on = None
    _insert(_rows(drafts), _lines_of(drafts, now))
    kinds = ("invoice.drafted", "invoice.approved")
    record_all(at=now, deeds=[_deed(draft.invoice, kind, then.by) for draft in drafts for kind in kinds])
    found = {draft.invoice.id: draft.invoice for draft in drafts}
    ask_about(vendor=vendor, invoices=found, surprising=surprising, then=then, now=now)


def held_back(
    *, vendor_id: UUID, wanted: Sequence[Wanted], issued_on: date, now: datetime, customers: Known | None = None
) -> dict[int, str]:
    """Which of these, by their place, would be refused, each with the sentence: not as its customer wants it. Whoever issues
    many drafts those instead, so that none is lost and the others go out."""
    if not wanted:
        return {}
    vendor, found = Vendor.objects.get(id=vendor_id), {}
    for at, sheet in enumerate(_sheets(vendor, _drafts(vendor_id, wanted, customers, "", now), issued_on, "", now)):
        try:
            must_be_ready(vendor, [sheet])
        except Refused as no:
            found[at] = no.sentence
    return found


def tell_waiting(*, vendor_id: UUID, waiting: Mapping[UUID, str], by: str, now: datetime) -> None:
    """Drafts that were to go out by themselves and wait for a person: why, on record."""
    customers = dict(Invoice.objects.filter(id__in=waiting).values_list("id", "customer_id"))
    record_all(
        at=now,
        deeds=[Deed(vendor_id, "invoice.waits", by, customers[key], key, data={"reason": why}) for key, why in waiting.items()],
    )


class _Alike(NamedTuple):
    """What invoices of the very same lines have in common, worked out once for all of them."""

    sums: Totals
    columns: dict[str, int]
    held: dict[str, object]
    groups: list[dict[str, Any]]
    lines: list[dict[str, Any]]


class _Draft(NamedTuple):
    invoice: Invoice
    alike: _Alike

    @property
    def lines(self) -> list[dict[str, Any]]:
        return self.alike.lines


def _drafts(vendor_id: UUID, wanted: Sequence[Wanted], customers: Known | None, by: str, now: datetime) -> list[_Draft]:
    if customers is None:
        customers = Customer.objects.filter(vendor_id=vendor_id).in_bulk({one.customer_id for one in wanted})
    alike: dict[tuple[str, int], _Alike] = {}  # the lines of `wanted` stay where they are, so their places tell them apart
    for one in wanted:
        if (key := (one.currency, id(one.lines))) not in alike:
            alike[key] = _worked_out(one)
    return [
        _Draft(_invoice(vendor_id, customers[one.customer_id], one, shared, key, by, now), shared)
        for key, one in zip(new_keys(now, len(wanted)), wanted, strict=True)
        for shared in (alike[one.currency, id(one.lines)],)
    ]


def _worked_out(one: Wanted) -> _Alike:
    sums = totals(one.currency, one.lines)
    lines = [
        {"position": at, **columns(line), "net_minor": each.net.minor}
        for at, (line, each) in enumerate(zip(one.lines, sums.lines, strict=True), 1)
    ]  # fmt: skip
    return _Alike(sums, sums_of(sums), held([], "group", one.lines, one.currency), document.groups_out(sums.groups), lines)


def _invoice(vendor_id: UUID, customer: Customer, one: Wanted, alike: _Alike, key: UUID, by: str, now: datetime) -> Invoice:
    """As read from its row: to tell each field by name takes Django twice as long."""
    given = {
        **_BLANK, "id": key, "vendor_id": vendor_id, "customer_id": one.customer_id, "work": one.work,
        "order_number": one.order_number, "currency": one.currency, "document": alike.held, "created_by": by, "created_at": now,
        "settled_on": NEVER, **alike.columns,
    }  # fmt: skip
    invoice = Invoice.from_db(None, _COLUMNS, [given[name] for name in _COLUMNS])
    _OF_CUSTOMER.set_cached_value(invoice, customer)
    return invoice


def _sheets(vendor: Vendor, drafts: Sequence[_Draft], issued_on: date, approved_by: str, now: datetime) -> list[Sheet]:
    terms = in_effect_for(vendor.id, {draft.invoice.customer_id for draft in drafts}, issued_on)
    currencies = {draft.invoice.currency for draft in drafts}
    rates = rates_for(vendor_id=vendor.id, base=vendor.currency, currencies=currencies, on=issued_on)
    for draft in drafts:
        draft.invoice.approved_at, draft.invoice.approved_by = now, approved_by
    seller = document.seller(vendor)
    return [
        made_of(
            vendor, one, alike.lines, alike.sums, terms[one.customer_id].terms, issued_on, rates.get(one.currency),
            shared=document.Shared(seller, alike.groups),
        )
        for one, alike in drafts
    ]  # fmt: skip


def _issued_row(sheet: Sheet, place: Numbered, said: document.Said) -> str:
    frozen = sheet.frozen(place, said)._asdict()
    return _row(sheet.invoice, {**frozen, "issued_at": place.at})


_COLUMNS = [field.attname for field in Invoice._meta.concrete_fields]
_OF_CUSTOMER = Invoice._meta.get_field("customer")
_BLANK = {field.attname: field.get_default() for field in Invoice._meta.concrete_fields}
_LINE_COLUMNS = ["id", "vendor_id", "invoice_id", *document.OF_LINE]


def _rows(drafts: Iterable[_Draft]) -> Iterator[str]:
    """Of drafts that have no number."""
    said = document.Said()
    for one, _ in drafts:
        yield _row(one, {"document": said.document(one.document), "terms": said.of(one.terms)})


def _row(invoice: Invoice, given: Mapping[str, Any]) -> str:
    """The invoice as a row; what `given` names stands in for what the draft has."""
    found = {**invoice.__dict__, **given}
    return "\t".join([text(found[column]) for column in _COLUMNS])


def _lines_of(drafts: Sequence[_Draft | Sheet], now: datetime) -> Iterator[str]:
    """The lines of each as rows; those that have the very same lines differ in the first three columns only."""
    laid_out: dict[int, list[str]] = {}
    keys = iter(new_keys(now, sum(len(draft.lines) for draft in drafts)))
    for draft in drafts:
        if (tails := laid_out.get(id(draft.lines))) is None:
            tails = laid_out[id(draft.lines)] = [
                "\t".join(text(line[name]) for name in document.OF_LINE) for line in draft.lines
            ]
        of = f"{draft.invoice.vendor_id}\t{draft.invoice.id}"
        for tail in tails:
            yield f"{next(keys)}\t{of}\t{tail}"


def _insert(invoices: Iterable[str], lines: Iterable[str]) -> None:
    for table, names, rows in (("invoicing_invoice", _COLUMNS, invoices), ("invoicing_line", _LINE_COLUMNS, lines)):
        stage_laid_out(f"new_{table}", table, names, rows)
        insert(table, f"new_{table}", names)
        drop(f"new_{table}")


def _deed(invoice: Invoice, kind: str, by: str) -> Deed:
    data = {"total_minor": invoice.total_minor, "currency": invoice.currency}
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data)
