"""Decides how many invoices come about together: drafted, or drafted, approved and issued at once, in a few statements."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.database.staging import drop, insert, stage
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing import document
from goodterms.invoicing.actions.dispatch import send_out
from goodterms.invoicing.actions.draft import held, sums_of
from goodterms.invoicing.actions.forewarn import Then, ask_about
from goodterms.invoicing.actions.issue import Sheet, fix_rates, made_of, must_be_ready, refused_as_taken, write_parts
from goodterms.invoicing.actions.papers import want_papers
from goodterms.invoicing.actions.series import Numbered, ensure_series, take
from goodterms.invoicing.line import Line, columns
from goodterms.invoicing.models import Invoice
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


def draft_many(*, vendor_id: UUID, wanted: Sequence[Wanted], by: str, now: datetime) -> list[Made]:
    """Drafts that wait for approval, with their lines and totals, in the order given."""
    if not wanted:
        return []
    drafts = _drafts(vendor_id, wanted, by, now)
    rows = [_row(draft.invoice, draft.invoice.document, {}) for draft in drafts]
    _insert(rows, _lines_of(drafts, now))
    record_all(at=now, deeds=[_deed(draft.invoice, "invoice.drafted", by) for draft in drafts])
    return [Made(draft.invoice.id, "") for draft in drafts]


def issue_new(
    *, vendor_id: UUID, wanted: Sequence[Wanted], issued_on: date, approved_by: str, by: str, now: datetime, series: str = ""
) -> list[Made]:
    """Invoices that nobody looks at again, since what they say was agreed before: numbered, frozen and booked, all or none.

    The same documents, entries and deeds as if each had been drafted, approved and issued one after the other, and refused
    alike. Their papers and letters follow by the clock. What would surprise its customer is approved and not issued: it waits
    for their word, without a number.
    """
    if not wanted:
        return []
    vendor = Vendor.objects.get(id=vendor_id)
    drafts = _drafts(vendor_id, wanted, by, now)
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
    places = list(zip(sheets, numbered, strict=True))
    with refused_as_taken():
        _insert([_issued_row(sheet, place) for sheet, place in places], _lines_of(sheets, now))
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
    _insert([_row(draft.invoice, draft.invoice.document, {}) for draft in drafts], _lines_of(drafts, now))
    kinds = ("invoice.drafted", "invoice.approved")
    record_all(at=now, deeds=[_deed(draft.invoice, kind, then.by) for draft in drafts for kind in kinds])
    found = {draft.invoice.id: draft.invoice for draft in drafts}
    ask_about(vendor=vendor, invoices=found, surprising=surprising, then=then, now=now)


def held_back(*, vendor_id: UUID, wanted: Sequence[Wanted], issued_on: date, now: datetime) -> dict[int, str]:
    """Which of these, by their place, would be refused, each with the sentence: not as its customer wants it. Whoever issues
    many drafts those instead, so that none is lost and the others go out."""
    if not wanted:
        return {}
    vendor, found = Vendor.objects.get(id=vendor_id), {}
    for at, sheet in enumerate(_sheets(vendor, _drafts(vendor_id, wanted, "", now), issued_on, "", now)):
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


class _Draft(NamedTuple):
    invoice: Invoice
    lines: list[dict[str, Any]]
    sums: Totals


def _drafts(vendor_id: UUID, wanted: Sequence[Wanted], by: str, now: datetime) -> list[_Draft]:
    customers = Customer.objects.filter(vendor_id=vendor_id).in_bulk({one.customer_id for one in wanted})
    return [
        _draft(vendor_id, customers[one.customer_id], one, key, by, now)
        for key, one in zip(new_keys(now, len(wanted)), wanted, strict=True)
    ]


def _draft(vendor_id: UUID, customer: Customer, one: Wanted, key: UUID, by: str, now: datetime) -> _Draft:
    sums = totals(one.currency, one.lines)
    invoice = Invoice(
        id=key, vendor_id=vendor_id, customer=customer, work=one.work, order_number=one.order_number, currency=one.currency,
        document=held([], "group", one.lines, one.currency), created_by=by, created_at=now, settled_on=NEVER, **sums_of(sums),
    )  # fmt: skip
    lines = [
        {"position": at, **columns(line), "net_minor": each.net.minor}
        for at, (line, each) in enumerate(zip(one.lines, sums.lines, strict=True), 1)
    ]  # fmt: skip
    return _Draft(invoice, lines, sums)


def _sheets(vendor: Vendor, drafts: Sequence[_Draft], issued_on: date, approved_by: str, now: datetime) -> list[Sheet]:
    terms = in_effect_for(vendor.id, {draft.invoice.customer_id for draft in drafts}, issued_on)
    currencies = {draft.invoice.currency for draft in drafts}
    rates = rates_for(vendor_id=vendor.id, base=vendor.currency, currencies=currencies, on=issued_on)
    for draft in drafts:
        draft.invoice.approved_at, draft.invoice.approved_by = now, approved_by
    return [
        made_of(
            vendor, draft.invoice, draft.lines, draft.sums, terms[draft.invoice.customer_id].terms, issued_on,
            rates.get(draft.invoice.currency),
        )
        for draft in drafts
    ]  # fmt: skip


def _issued_row(sheet: Sheet, place: Numbered) -> tuple[Any, ...]:
    _, series_id, seq, number, due_on, terms, held, seal, on_paper, total, settled_on, chase_on = sheet.frozen(place)
    given = {
        "series_id": series_id, "seq": seq, "number": number, "due_on": due_on, "terms": terms, "document_sha256": seal,
        "on_paper": on_paper, "open_minor": total, "settled_on": settled_on, "chase_on": chase_on, "issued_at": place.at,
        "issued_on": sheet.invoice.issued_on,
    }  # fmt: skip
    return _row(sheet.invoice, held, given)


_COLUMNS = [field.attname for field in Invoice._meta.concrete_fields]
_LINE_COLUMNS = ["id", "vendor_id", "invoice_id", *document.OF_LINE]


def _row(invoice: Invoice, held: object, given: dict[str, Any]) -> tuple[Any, ...]:
    """The invoice as a row; what `given` names stands in for what the draft has."""
    found = {**invoice.__dict__, "document": held, **given}
    return tuple(_stored(found[column]) for column in _COLUMNS)


def _stored(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


def _lines_of(drafts: Sequence[_Draft | Sheet], now: datetime) -> Iterable[tuple[Any, ...]]:
    keys = iter(new_keys(now, sum(len(draft.lines) for draft in drafts)))
    for draft in drafts:
        for line in draft.lines:
            yield (next(keys), draft.invoice.vendor_id, draft.invoice.id, *(line[name] for name in document.OF_LINE))


def _insert(invoices: Iterable[Sequence[Any]], lines: Iterable[Sequence[Any]]) -> None:
    for table, names, rows in (("invoicing_invoice", _COLUMNS, invoices), ("invoicing_line", _LINE_COLUMNS, lines)):
        stage(f"new_{table}", table, names, rows)
        insert(table, f"new_{table}", names)
        drop(f"new_{table}")


def _deed(invoice: Invoice, kind: str, by: str) -> Deed:
    data = {"total_minor": invoice.total_minor, "currency": invoice.currency}
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data)
