"""Decides what happens when invoices are issued: numbered without a gap, dated, frozen with their day's facts, booked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection

from goodterms.database.arrays import arrays
from goodterms.interactions.actions import record_all
from goodterms.invoicing.actions.dispatch import send_out
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.forewarn import Then, hold_back
from goodterms.invoicing.actions.papers import make_papers, want_papers
from goodterms.invoicing.actions.series import ensure_series, must_have_come, take
from goodterms.invoicing.document import Said
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.invoicing.readiness import must_be_right, must_have_papers
from goodterms.invoicing.sheet import Frozen, Sheet, sheets_of
from goodterms.ledger.actions import post
from goodterms.parties.models import Vendor
from goodterms.rates.actions import fix
from goodterms.values.keys import new_keys
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
    must_have_come(issued_on, now, "An invoice")
    vendor = Vendor.objects.get(id=vendor_id)
    sheets = sheets_of(vendor, invoice_ids, issued_on)
    must_be_ready(vendor, sheets)
    then = Then(by, sends=send, series=series, despite=despite)
    sheets = _unsurprising(vendor, sheets, then, now)
    numbers = _issue(vendor_id, sheets, issued_on, by, series, now) if sheets else {}
    if send and sheets:
        send_out(invoices=[sheet.invoice for sheet in sheets], by=by, now=now, free_until_at=free_until_at)
    return [numbers.get(key, "") for key in invoice_ids]


def _issue(vendor_id: UUID, sheets: Sequence[Sheet], issued_on: date, by: str, series: str, now: datetime) -> dict[UUID, str]:
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


def _unsurprising(vendor: Vendor, sheets: list[Sheet], then: Then, now: datetime) -> list[Sheet]:
    """Those that may be issued now; the customers of the others are asked, and they stay as they are."""
    waiting = hold_back(vendor=vendor, drafts=[sheet.weighed() for sheet in sheets], then=then, now=now)
    return [sheet for sheet in sheets if sheet.invoice.id not in waiting]


def fix_rates(sheets: Sequence[Sheet], vendor_id: UUID, now: datetime) -> None:
    """So that the books can be read in the vendor's own currency; nothing is written where all are in it."""
    if rates := [(sheet.invoice.id, sheet.rate) for sheet in sheets if sheet.rate]:
        fix(vendor_id=vendor_id, rates=rates, now=now)


def must_be_ready(vendor: Vendor, sheets: Sequence[Sheet]) -> None:
    """Refused: one without the papers that its customer asks for, or wrong by the rules of the format that they take."""
    for sheet in sheets:
        must_have_papers(sheet.invoice.customer, sheet.invoice.order_number, sheet.document.get("enclosures", ()))
    must_be_right(vendor, sheets)


def write_parts(sheets: Sequence[Sheet], vendor_id: UUID, now: datetime) -> None:
    rows = [(sheet.invoice.id, at, part) for sheet in sheets for at, part in enumerate(sheet.stored_parts, 1)]
    Instalment.objects.bulk_create(
        Instalment(id=key, vendor_id=vendor_id, invoice_id=of, position=at, due_on=part.due_on, minor=part.amount.minor)
        for key, (of, at, part) in zip(new_keys(now, len(rows)), rows, strict=True)
    )


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
