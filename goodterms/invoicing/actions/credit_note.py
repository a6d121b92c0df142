"""Decides how an issued invoice is corrected: by a credit note of its own series, never beyond what is left of it (I8)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing import credits, document
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.dispatch import send_out
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.papers import make_papers, want_papers
from goodterms.invoicing.actions.series import ensure_series, must_have_come, take
from goodterms.invoicing.actions.taking_off import groups_of, must_stand_alone, taken_of
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.numbers import Numbered
from goodterms.invoicing.saying import lines_of
from goodterms.invoicing.standing import Standing, settles_from
from goodterms.invoicing.totals import TaxGroup
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.papers.letterhead import in_words
from goodterms.papers.words import words
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.actions import fix
from goodterms.rates.reading import fixed
from goodterms.rates.rules import Rate
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Credited(NamedTuple):
    """The credit note, how much of it settled its invoice, and how much is left as a credit of the customer."""

    note: Invoice
    allocated: Money
    unapplied: Money


def credit(
    *,
    invoice_id: UUID,
    reason: str,
    issued_on: date,
    by: str,
    role: Role,
    now: datetime,
    amount: Money | None = None,
    lines: Mapping[int, Money | None] | None = None,
    rates: Mapping[credits.Group, Money | None] | None = None,
    series: str = "",
    send: bool = True,
    number: str = "",
) -> Credited:
    """Credit an invoice: `amount` of it, tax included; or `lines`, so much before tax of each position (None: what is left
    of it); or `rates`, so much before tax of each tax rate; or, with none of these, all that is left. It settles what is
    open; the rest is a credit on the unapplied account. One that comes to nothing because it takes off what was paid ahead is
    credited as a whole, and that can be taken off again. With `send` it goes to the customer as they prefer. `number`: of one
    that was written elsewhere; it takes no place in a series, and has its paper and its letter from there."""
    if not reason or sum(one is not None for one in (amount, lines, rates)) > 1:
        raise Refused("A credit note has a reason, and an amount, lines or tax rates, only one of these.", code="credit")
    must(verb="credit", invoice_ids=[invoice_id], role=role, today=issued_on)
    before = balance.lock_one(invoice_id=invoice_id)
    must_be_after(before, issued_on)
    must_have_come(issued_on, now, "A credit note")
    invoice = Invoice.objects.select_related("customer", "vendor").get(id=invoice_id)
    sheet = _sheet(invoice, amount, lines, rates)
    note = write(_to_be_corrected(invoice), sheet, reason, issued_on, by, series, number, now)
    total = Money(note.total_minor, note.currency)
    spent = min(total, before.open)
    entries, change = entries_of(note, before)
    balance.move(changes=[change] if change else [])
    post(vendor_id=note.vendor_id, entries=entries, now=now)
    data = {"number": note.number, "corrects": before.number, "total_minor": total.minor, "reason": reason}
    deed = Deed(note.vendor_id, "invoice.credited", by, note.customer_id, invoice_id, subject_id=note.id, data=data)
    record(at=now, deed=deed)
    let_out(note, send=send, by=by, now=now)
    return Credited(note, spent, total - spent)


def let_out(note: Invoice, *, send: bool, by: str, now: datetime) -> None:
    """Its paper, and its letter where one is wanted; what was written elsewhere has both from there."""
    if note.series_id is None:
        return
    want_papers(vendor_id=note.vendor_id, invoice_ids=[note.id])
    make_papers(vendor_id=note.vendor_id, invoice_ids=[note.id], now=now)
    if send:
        send_out(invoices=[note], by=by, now=now)


def must_be_after(before: Standing, issued_on: date) -> None:
    if issued_on < before.issued_on:
        raise Refused("A credit note is not older than its invoice.", code="date", field="issued_on")


class Sheet(NamedTuple):
    """What a credit note gives back."""

    groups: list[TaxGroup]
    rows: list[dict[str, Any]]  # lines of the credit note, without keys


def _sheet(
    invoice: Invoice,
    amount: Money | None,
    lines: Mapping[int, Money | None] | None,
    rates: Mapping[credits.Group, Money | None] | None,
) -> Sheet:
    notes = list(Invoice.objects.filter(corrects=invoice, kind="credit_note", voided_at=None))
    if not invoice.total_minor:
        return _of_nothing(invoice, notes, whole=amount is None and lines is None and rates is None)
    remaining = _left_beside(invoice, notes)
    if not any(group.taxable or group.tax for group in remaining):
        must_stand_alone(invoice=invoice)
    if lines is not None:
        return _by_lines(invoice, notes, remaining, lines)
    whole = Money.total((group.taxable + group.tax for group in remaining), invoice.currency)
    if amount is not None and amount.currency != invoice.currency:
        raise Refused(f"This invoice is in {invoice.currency}.", code="currency", field="amount")
    if rates is not None:
        groups = credits.by_rate(remaining, rates)
    else:
        groups = credits.by_amount(remaining, whole if amount is None else amount)
    return _at_rates(invoice, groups)


def _of_nothing(invoice: Invoice, notes: Sequence[Invoice], *, whole: bool) -> Sheet:
    """An invoice that comes to nothing, since it takes off what was paid ahead: its lines once more, so that what it took off
    can be taken off again."""
    if notes:
        raise Refused("All of this invoice is credited already. Write a new invoice if that was wrong.", code="credited")
    if invoice.document.get("part") or not invoice.takes_off.exists():
        raise Refused(
            "This invoice comes to nothing, so there is nothing to credit. Credit what was billed before it instead.",
            code="nothing",
        )
    if not whole:
        raise Refused(
            "This invoice comes to nothing, so it is credited as a whole. Leave amounts, lines and rates out.", code="credit"
        )
    lines = lines_of([invoice.id])[invoice.id]
    return Sheet(groups_of(invoice), [{name: line[name] for name in document.OF_LINE} for line in lines])


def left_of(invoice: Invoice) -> list[TaxGroup]:
    """What each tax rate of it has left to credit."""
    return _left_beside(invoice, list(Invoice.objects.filter(corrects=invoice, kind="credit_note", voided_at=None)))


def by_sum(invoice: Invoice, notes: Sequence[Invoice], taken: Sequence[TaxGroup], amount: Money) -> Sheet:
    """So much of an invoice, tax included, beside its credit notes and what later invoices take off it."""
    remaining = credits.left(groups_of(invoice), [*(group for note in notes for group in groups_of(note)), *taken])
    if not any(group.taxable or group.tax for group in remaining):
        must_stand_alone(invoice=invoice)
    return _at_rates(invoice, credits.by_amount(remaining, amount))


def _at_rates(invoice: Invoice, groups: list[TaxGroup]) -> Sheet:
    said = words(invoice.customer.language or invoice.vendor.language)["invoice"]
    what = in_words(said["credit_for"], {"number": invoice.number})
    return Sheet(groups, [_row(at, what, group) for at, group in enumerate(groups, 1_001)])


def _left_beside(invoice: Invoice, notes: Sequence[Invoice]) -> list[TaxGroup]:
    """Beside its credit notes also without what a later invoice takes off: that is credited there."""
    gone = [group for note in notes for group in groups_of(note)]
    return credits.left(groups_of(invoice), [*gone, *taken_of([invoice.id]).get(invoice.id, ())])


def _by_lines(
    invoice: Invoice, notes: Sequence[Invoice], remaining: Sequence[TaxGroup], lines: Mapping[int, Money | None]
) -> Sheet:
    billed = {one["position"]: one for one in lines_of([invoice.id])[invoice.id]}
    before = [one for rows in lines_of([note.id for note in notes]).values() for one in rows]
    rows, nets = [], dict[credits.Group, Money]()
    for position, wanted in sorted(lines.items()):
        if position not in billed:
            raise Refused(f"Invoice {invoice.number} has no line {position}.", code="line", field="lines")
        line = billed[position]
        done = sum(one["net_minor"] for one in before if one["position"] == position)
        free = Money(line["net_minor"] - done, invoice.currency)
        net = free if wanted is None else wanted
        if net.minor <= 0 or free < net:
            raise Refused(f"Of line {position} only {free} are left to credit.", code="credit")
        group = (line["tax_category"], line["tax_percent"].normalize())
        nets[group] = nets.get(group, Money(0, net.currency)) + net
        rows.append(line | _as_one(net))
    by_rate = {(group.category, group.rate.normalize()): group for group in remaining}
    groups = credits.by_net([group._replace(rate=rate) for (_, rate), group in by_rate.items()], nets)
    return Sheet(groups, rows)


def _as_one(net: Money) -> dict[str, Any]:
    """One piece at the credited sum: the quantity of a part of a line is not known."""
    return {
        "quantity": Decimal(1), "unit": "", "unit_price": net.major, "discount_percent": Decimal(0),
        "discount_amount": Decimal(0), "includes_tax": False, "net_minor": net.minor,
    }  # fmt: skip


def _row(position: int, description: str, group: TaxGroup) -> dict[str, Any]:
    tax = {"tax_category": group.category, "tax_percent": group.rate, "tax_reason": group.reason}
    return {"position": position, "project": "", "description": description, **tax, **_as_one(group.taxable)}


class Subject(NamedTuple):
    """For whom and in what a credit note is written, and the invoice that it corrects where there is one."""

    vendor: Vendor
    customer: Customer
    currency: str
    rate: Rate | None  # into the vendor's own currency
    corrects: Invoice | None = None
    key: UUID | None = None  # of the note to be
    beside: Mapping[str, Any] = MappingProxyType({})  # what its document says besides

    @property
    def refers(self) -> dict[str, Any]:
        if self.corrects is None:
            return dict(self.beside)
        assert self.corrects.issued_on is not None
        return {"corrects": {"number": self.corrects.number, "issued_on": self.corrects.issued_on.isoformat()}}


def _to_be_corrected(invoice: Invoice) -> Subject:
    vendor = invoice.vendor
    rate = fixed([invoice.id]).get(invoice.id) if invoice.currency != vendor.currency else None  # its own
    return Subject(vendor, invoice.customer, invoice.currency, rate, invoice)


def write(
    of: Subject, sheet: Sheet, reason: str, issued_on: date, by: str, series: str, number: str, now: datetime
) -> Invoice:  # fmt: skip
    """The note with its lines, issued and frozen; not booked yet."""
    run = None if number else ensure_series(vendor_id=of.vendor.id, kind="credit_note", code=series, now=now)
    place = take(series=run, days=[issued_on], now=now)[0] if run else None
    note = built(of, sheet, reason, issued_on, by, place, number, now)
    note.series = run
    keep([(note, sheet, of.rate)], vendor_id=of.vendor.id, now=now)
    return note


def built(
    of: Subject, sheet: Sheet, reason: str, issued_on: date, by: str, place: Numbered | None, number: str, now: datetime
) -> Invoice:
    """The note as it will be frozen; nothing is written yet. Without a place it has the number that it has from elsewhere."""
    vendor, currency, wrong = of.vendor, of.currency, of.corrects
    net = Money.total((group.taxable for group in sheet.groups), currency)
    tax = Money.total((group.tax for group in sheet.groups), currency)
    refers = of.refers | {"reason": reason}
    note = Invoice(
        id=of.key or new_key(now), vendor=vendor, customer=of.customer, kind="credit_note", corrects=wrong,
        seq=place.seq if place else None, number=place.number if place else number, work=wrong.work if wrong else "",
        order_number=wrong.order_number if wrong else "", currency=currency,
        issued_on=issued_on, net_minor=net.minor, tax_minor=tax.minor, total_minor=(net + tax).minor, settled_on=issued_on,
        document=document.snapshot(vendor, of.customer, sheet.groups, refers, of.rate), created_by=by, created_at=now,
        approved_at=now, approved_by=by, issued_at=place.at if place else now,
    )  # fmt: skip
    stored = note.document = json.loads(json.dumps(note.document))
    facts = {name: getattr(note, name) for name in document.OF_INVOICE} | {"document": stored}
    note.document_sha256 = document.digest(facts, sheet.rows, [])
    return note


def keep(notes: Sequence[tuple[Invoice, Sheet, Rate | None]], *, vendor_id: UUID, now: datetime) -> None:
    """Write notes with their lines and rates; three statements."""
    Invoice.objects.bulk_create(note for note, _, _ in notes)
    fix(vendor_id=vendor_id, rates=[(note.id, rate) for note, _, rate in notes if rate], now=now)
    rows = [(note, row) for note, sheet, _ in notes for row in sheet.rows]
    LineRow.objects.bulk_create(
        LineRow(id=key, vendor_id=vendor_id, invoice=note, **{name: row[name] for name in document.OF_LINE})
        for key, (note, row) in zip(new_keys(now, len(rows)), rows, strict=True)
    )


def entry_of(note: Invoice) -> EntryDraft:
    """That its customer has it to their credit."""
    assert note.issued_on is not None
    net, tax = Money(note.net_minor, note.currency), Money(note.tax_minor, note.currency)
    given = booking.credit(customer_id=note.customer_id, credit_note_id=note.id, net=net, tax=tax)
    return EntryDraft(Kind.CREDIT, note.issued_on, note.id, given)


def entries_of(note: Invoice, before: Standing | None) -> tuple[list[EntryDraft], tuple[Standing, int, date] | None]:
    """How a note is booked: what it gives, and how much of that its invoice takes at once, whose caches change by it."""
    entries = [entry_of(note)]
    spent = min(Money(note.total_minor, note.currency), before.open) if before else None
    if before is None or not spent:
        return entries, None
    assert note.issued_on is not None
    who, what = note.customer_id, before.invoice_id
    sides = booking.allocation(customer_id=who, invoice_id=what, amount=spent, credit_note_id=note.id)
    day = settles_from(before, spent.minor, note.issued_on)
    left = before._replace(credited_net_minor=before.credited_net_minor + note.net_minor)
    return [*entries, EntryDraft(Kind.ALLOCATION, day, note.id, sides)], (left, -spent.minor, day)
