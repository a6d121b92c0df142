"""Decides how an invoice comes about before it counts: drafted, changed, approved, sent back, discarded."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.interactions.models import Interaction
from goodterms.invoicing import chosen, document
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.forewarn import end_forewarning
from goodterms.invoicing.actions.taking_off import Taken, take_off
from goodterms.invoicing.approval import WRITING, may_approve
from goodterms.invoicing.life import Facts, Role, may
from goodterms.invoicing.line import Adjustment, Line, columns, of_columns
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.totals import TaxMethod, Totals, totals
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Written(NamedTuple):
    """What somebody wrote, and its sums follow from."""

    lines: Sequence[Line]
    adjustments: Sequence[Adjustment]
    method: TaxMethod


def written(invoice: Invoice, rows: Sequence[LineRow] | None = None) -> Written:
    """Out of what is stored; `rows`: its lines in order, where they were read already."""
    rows = list(LineRow.objects.filter(invoice=invoice).order_by("position")) if rows is None else rows
    lines = document.lines_in([vars(row) for row in rows], invoice.document, invoice.currency)
    of = invoice.document
    return Written(lines, [document.adjustment_in(one) for one in of.get("adjustments", ())], of.get("method", "group"))


def draft(
    *, vendor_id: UUID, customer_id: UUID, lines: Sequence[Line], by: str, role: Role, now: datetime,
    adjustments: Sequence[Adjustment] = (), currency: str = "", work: str = "", order_number: str = "",
    method: TaxMethod = "group", key: UUID | None = None, replaces: Mapping[str, str] | None = None, part: str = "",
    takes_off: Sequence[Taken] = (),
) -> Invoice:  # fmt: skip
    """A draft with its lines and totals, in the customer's currency unless another is named. `key`: of the invoice to be, so
    that a form sent twice makes one draft; the second finds it there. `replaces`: number and day of the invoice it corrects.
    `part`: of what it is one; `takes_off`: what its lines take off that was invoiced before."""
    may("edit", Facts(), role, now.date())
    if key is not None and (there := Invoice.objects.filter(id=key, vendor_id=vendor_id).first()):
        return there
    customer = Customer.objects.filter(id=customer_id, vendor_id=vendor_id).first()
    if customer is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    unit = currency or customer.currency
    sums = totals(unit, lines, adjustments=adjustments, method=method)
    said = {
        "vendor_id": vendor_id, "customer": customer, "work": work, "order_number": order_number, "currency": unit,
        "document": held(adjustments, method, lines, unit) | _beside(replaces, part, takes_off), "created_by": by,
        "created_at": now, **sums_of(sums),
    }  # fmt: skip
    invoice, is_new = _row(key, said, now)
    if not is_new:
        return invoice
    _write_lines(invoice, lines, sums, now)
    take_off(invoice=invoice, taken=takes_off, now=now)
    record(at=now, deed=_deed(invoice, "invoice.drafted", by))
    return invoice


def edit(
    *,
    invoice_id: UUID,
    by: str,
    role: Role,
    now: datetime,
    lines: Sequence[Line] | None = None,
    adjustments: Sequence[Adjustment] | None = None,
    method: TaxMethod | None = None,
    work: str | None = None,
    order_number: str | None = None,
) -> Invoice:
    """Change a draft; what is None stays as it is. What was approved is sent back first. What changes nothing writes nothing:
    whoever only looked at it did not write it."""
    invoice = _found("edit", invoice_id, role, now.date())
    was = written(invoice)
    new = Written(
        was.lines if lines is None else lines, was.adjustments if adjustments is None else adjustments, method or was.method
    )
    sums = totals(invoice.currency, new.lines, adjustments=new.adjustments, method=new.method)
    if document.is_worked_out(invoice.document):
        return _renamed(invoice, was, new, work, order_number, by, now)
    kept = {name: invoice.document[name] for name in ("corrects", chosen.KEY) if name in invoice.document}
    said = held(new.adjustments, new.method, new.lines, invoice.currency) | kept
    if _is_same(invoice, new.lines, said, work, order_number):
        return invoice
    LineRow.objects.filter(invoice=invoice).delete()
    for name, value in sums_of(sums).items():
        setattr(invoice, name, value)
    invoice.document = said
    invoice.work = invoice.work if work is None else work
    invoice.order_number = invoice.order_number if order_number is None else order_number
    invoice.save(update_fields=["net_minor", "tax_minor", "total_minor", "document", "work", "order_number"])
    _write_lines(invoice, new.lines, sums, now)
    end_forewarning(invoice_id=invoice.id, why="changed", now=now)
    record(at=now, deed=_deed(invoice, "invoice.edited", by))
    return invoice


def approve(
    *, invoice_id: UUID, by: str, role: Role, now: datetime, up_to: Money | None = None, is_program: bool = False
) -> Invoice:
    """Approve a draft. `up_to` is the most this member may approve (None: any amount). Whether four eyes are wanted is read
    here, so that no door can forget it."""
    invoice = _found("approve", invoice_id, role, now.date())
    four_eyes = Vendor.objects.values_list("four_eyes", flat=True).get(id=invoice.vendor_id)
    may_approve(
        total=Money(invoice.total_minor, invoice.currency), by=by, written_by=_written_by(invoice) if four_eyes else (),
        up_to=up_to, four_eyes=four_eyes, is_program=is_program,
    )  # fmt: skip
    invoice.approved_at, invoice.approved_by = now, by
    invoice.save(update_fields=["approved_at", "approved_by"])
    record(at=now, deed=_deed(invoice, "invoice.approved", by))
    return invoice


def send_back(*, invoice_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Invoice:
    """An approved invoice is a draft again, to be changed."""
    if not reason.strip():
        raise Refused("Say why, in a few words: it stays in the log.", code="reason", field="reason")
    invoice = _found("send back", invoice_id, role, now.date())
    invoice.approved_at, invoice.approved_by, invoice.issues_on = None, "", None
    invoice.save(update_fields=["approved_at", "approved_by", "issues_on"])
    record(at=now, deed=_deed(invoice, "invoice.sent_back", by, reason))
    return invoice


def discard(*, invoice_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Invoice:
    """A draft that will not be issued: void, without a number."""
    invoice = _found("discard", invoice_id, role, now.date())
    invoice.voided_at, invoice.void_reason = now, reason
    invoice.save(update_fields=["voided_at", "void_reason"])
    end_forewarning(invoice_id=invoice.id, why="discarded", now=now)
    record(at=now, deed=_deed(invoice, "invoice.discarded", by, reason))
    return invoice


def _row(key: UUID | None, said: dict[str, Any], now: datetime) -> tuple[Invoice, bool]:
    """New, or made by the same form at the same time."""
    if key is None:
        return Invoice.objects.create(id=new_key(now), **said), True
    return Invoice.objects.get_or_create(id=key, defaults=said)


def _written_by(invoice: Invoice) -> set[str]:
    """Everybody who wrote any of it, as the log says."""
    told = Interaction.objects.about(vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, invoice_id=invoice.id)
    return {invoice.created_by, *told.filter(kind__in=WRITING).values_list("by", flat=True)}


def _found(verb: str, invoice_id: UUID, role: Role, today: date) -> Invoice:
    must(verb=verb, invoice_ids=[invoice_id], role=role, today=today)
    return Invoice.objects.get(id=invoice_id)


def held(adjustments: Sequence[Adjustment], method: TaxMethod, lines: Sequence[Line], currency: str) -> dict[str, object]:
    brought = document.line_taxes(lines, currency)
    return {
        "adjustments": [document.adjustment_out(one) for one in adjustments], "method": method,
        **({"line_taxes": brought} if brought else {}),
    }  # fmt: skip


def _beside(replaces: Mapping[str, str] | None, part: str, takes_off: Sequence[Taken]) -> dict[str, object]:
    """What a draft says of invoices before it."""
    earlier = [one.as_json() for one in takes_off]
    said = {"corrects": dict(replaces) if replaces else None, "part": part, "earlier": earlier}
    return {name: value for name, value in said.items() if value}


def _renamed(
    invoice: Invoice, was: Written, new: Written, work: str | None, order_number: str | None, by: str, now: datetime
) -> Invoice:  # fmt: skip
    """What is worked out of an agreed price keeps its lines; its name and purchase order may change."""
    if list(was.adjustments) != list(new.adjustments) or not _says(invoice, new.lines):
        raise Refused(
            "The lines of this draft are worked out of what was agreed and invoiced before. Change what was agreed, or discard"
            " it and bill anew.",
            code="part",
        )
    given = {"work": work, "order_number": order_number}
    other = {name: said for name, said in given.items() if said not in (None, getattr(invoice, name))}
    if other:
        for name, said in other.items():
            setattr(invoice, name, said)
        invoice.save(update_fields=list(other))
        record(at=now, deed=_deed(invoice, "invoice.edited", by))
    return invoice


def sums_of(sums: Totals) -> dict[str, int]:
    return {"net_minor": sums.net.minor, "tax_minor": sums.tax.minor, "total_minor": sums.total.minor}


def _write_lines(invoice: Invoice, lines: Sequence[Line], sums: Totals, now: datetime) -> None:
    rows = enumerate(zip(new_keys(now, len(lines)), lines, sums.lines, strict=True), 1)
    LineRow.objects.bulk_create(
        LineRow(
            id=key, vendor_id=invoice.vendor_id, invoice=invoice, position=position, net_minor=each.net.minor, **columns(line)
        )
        for position, (key, line, each) in rows
    )  # fmt: skip


def _is_same(
    invoice: Invoice, lines: Sequence[Line], document: dict[str, object], work: str | None, order_number: str | None
) -> bool:
    words = (work in (None, invoice.work), order_number in (None, invoice.order_number), document == invoice.document)
    return all(words) and _says(invoice, lines)


def _says(invoice: Invoice, lines: Sequence[Line]) -> bool:
    stored = LineRow.objects.filter(invoice=invoice).order_by("position")
    return [columns(of_columns(vars(row))) for row in stored] == [columns(line) for line in lines]


def _deed(invoice: Invoice, kind: str, by: str, reason: str = "") -> Deed:
    data = {"total_minor": invoice.total_minor, "currency": invoice.currency} | ({"reason": reason} if reason else {})
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data)
