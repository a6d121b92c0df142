"""Decides how an invoice comes about before it counts: drafted, changed, approved, sent back, discarded."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing import document
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Facts, Role, may
from goodterms.invoicing.line import Adjustment, Line
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.totals import TaxMethod, Totals, totals
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def draft(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    lines: Sequence[Line],
    by: str,
    role: Role,
    now: datetime,
    adjustments: Sequence[Adjustment] = (),
    currency: str = "",
    work: str = "",
    order_number: str = "",
    method: TaxMethod = "group",
    key: UUID | None = None,
) -> Invoice:
    """A draft with its lines and totals, in the customer's currency unless another is named. `key`: of the invoice to be, so
    that a form sent twice makes one draft; the second finds it there."""
    may("edit", Facts(), role, now.date())
    if key is not None and (there := Invoice.objects.filter(id=key, vendor_id=vendor_id).first()):
        return there
    customer = Customer.objects.filter(id=customer_id, vendor_id=vendor_id).first()
    if customer is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    unit = currency or customer.currency
    sums = totals(unit, lines, adjustments=adjustments, method=method)
    invoice = Invoice.objects.create(
        id=key or new_key(now), vendor_id=vendor_id, customer=customer, work=work, order_number=order_number, currency=unit,
        document=held(adjustments, method), created_by=by, created_at=now, **sums_of(sums),
    )  # fmt: skip
    _write_lines(invoice, lines, sums, now)
    record(at=now, deed=_deed(invoice, "invoice.drafted", by))
    return invoice


def edit(
    *,
    invoice_id: UUID,
    lines: Sequence[Line],
    by: str,
    role: Role,
    now: datetime,
    adjustments: Sequence[Adjustment] = (),
    method: TaxMethod = "group",
    work: str | None = None,
    order_number: str | None = None,
) -> Invoice:
    """Other lines for a draft, and another name of the work or purchase order where given; what was approved is sent back
    first."""
    invoice = _found("edit", invoice_id, role, now.date())
    sums = totals(invoice.currency, lines, adjustments=adjustments, method=method)
    LineRow.objects.filter(invoice=invoice).delete()
    for name, value in sums_of(sums).items():
        setattr(invoice, name, value)
    invoice.document = held(adjustments, method)
    invoice.work = invoice.work if work is None else work
    invoice.order_number = invoice.order_number if order_number is None else order_number
    invoice.save(update_fields=["net_minor", "tax_minor", "total_minor", "document", "work", "order_number"])
    _write_lines(invoice, lines, sums, now)
    record(at=now, deed=_deed(invoice, "invoice.edited", by))
    return invoice


def approve(
    *, invoice_id: UUID, by: str, role: Role, now: datetime, up_to: Money | None = None, four_eyes: bool = False
) -> Invoice:
    """Approve a draft. `up_to` is the most this member may approve (None: any amount); with `four_eyes`, whoever drafted it
    does not approve it."""
    invoice = _found("approve", invoice_id, role, now.date())
    if four_eyes and invoice.created_by == by:
        raise Refused("You drafted this invoice, so somebody else approves it.", code="four_eyes")
    if up_to is not None and (up_to.currency != invoice.currency or up_to.minor < invoice.total_minor):
        raise Refused(f"You may approve up to {up_to.major} {up_to.currency}. Ask somebody with a higher limit.", code="limit")
    invoice.approved_at, invoice.approved_by = now, by
    invoice.save(update_fields=["approved_at", "approved_by"])
    record(at=now, deed=_deed(invoice, "invoice.approved", by))
    return invoice


def send_back(*, invoice_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Invoice:
    """An approved invoice is a draft again, to be changed."""
    invoice = _found("send back", invoice_id, role, now.date())
    invoice.approved_at, invoice.approved_by = None, ""
    invoice.save(update_fields=["approved_at", "approved_by"])
    record(at=now, deed=_deed(invoice, "invoice.sent_back", by, reason))
    return invoice


def discard(*, invoice_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Invoice:
    """A draft that will not be issued: void, without a number."""
    invoice = _found("discard", invoice_id, role, now.date())
    invoice.voided_at, invoice.void_reason = now, reason
    invoice.save(update_fields=["voided_at", "void_reason"])
    record(at=now, deed=_deed(invoice, "invoice.discarded", by, reason))
    return invoice


def _found(verb: str, invoice_id: UUID, role: Role, today: date) -> Invoice:
    must(verb=verb, invoice_ids=[invoice_id], role=role, today=today)
    return Invoice.objects.get(id=invoice_id)


def held(adjustments: Sequence[Adjustment], method: TaxMethod) -> dict[str, object]:
    return {"adjustments": [document.adjustment_out(one) for one in adjustments], "method": method}


def sums_of(sums: Totals) -> dict[str, int]:
    return {"net_minor": sums.net.minor, "tax_minor": sums.tax.minor, "total_minor": sums.total.minor}


def _write_lines(invoice: Invoice, lines: Sequence[Line], sums: Totals, now: datetime) -> None:
    rows = enumerate(zip(new_keys(now, len(lines)), lines, sums.lines, strict=True), 1)
    LineRow.objects.bulk_create(
        LineRow(
            id=key, vendor_id=invoice.vendor_id, invoice=invoice, position=position, project=line.project,
            description=line.description, quantity=line.quantity, unit=line.unit, unit_price=line.unit_price,
            discount_percent=line.discount_percent, discount_amount=line.discount_amount, includes_tax=line.includes_tax,
            tax_category=line.tax.category, tax_percent=line.tax.rate, tax_reason=line.tax.reason, net_minor=each.net.minor,
        )
        for position, (key, line, each) in rows
    )  # fmt: skip


def _deed(invoice: Invoice, kind: str, by: str, reason: str = "") -> Deed:
    data = {"total_minor": invoice.total_minor, "currency": invoice.currency} | ({"reason": reason} if reason else {})
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data)
