"""Decides how programs draft an invoice and change it, send back or plan what was approved, and have its order asked for."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router
from pydantic import AwareDatetime, Field

from goodterms.api.door import Request, operation
from goodterms.api.invoices import (
    InvoiceInFull,
    InvoiceOut,
    LineIn,
    TaxIn,
    found_invoice,
    line_of,
    said_by,
    tax_of,
)
from goodterms.api.invoices import router as invoices
from goodterms.api.shapes import Currency, Day, In, Minor, Name, Number, Out, Text
from goodterms.invoicing import actions
from goodterms.invoicing.line import Adjustment
from goodterms.invoicing.models import Invoice
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router = Router()  # the change of a draft stands with the invoices, whose address it has: a router knows all methods of one


class AdjustmentIn(In):
    """An allowance or a charge on the whole document."""

    kind: Literal["allowance", "charge"]
    amount: Number
    tax: TaxIn
    reason: Name


class DraftIn(In):
    """Amounts here are in major units, as strings: prices may be finer than the currency's minor unit."""

    customer_id: UUID
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1_000)]
    adjustments: Annotated[list[AdjustmentIn], Field(max_length=20)] = []
    currency: Currency | None = None
    work: Name = ""
    order_number: Name = ""
    order_minor: Annotated[Minor | None, Field(description="What that order is over, before tax; null: not said.")] = None
    tax_rounding: Annotated[Literal["group", "line"], Field(description="Where tax is rounded.")] = "group"


class EditIn(In):
    """What is other than before; what is left out, or null, stays. Lines, and adjustments, are said as a whole."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1_000)] | None = None
    adjustments: Annotated[list[AdjustmentIn], Field(max_length=20)] | None = None
    work: Name | None = None
    order_number: Annotated[Name | None, Field(description="Empty: it has none.")] = None
    order_minor: Annotated[Minor | None, Field(description="What that order is over, before tax.")] = None
    tax_rounding: Annotated[Literal["group", "line"] | None, Field(description="Where tax is rounded.")] = None


class SendBackIn(In):
    reason: Text


class LaterIn(In):
    on: Day


class OrderAskedOut(Out):
    """Who is asked, by e-mail, and when the letter leaves at the earliest."""

    contact_id: UUID
    name: str
    not_before: AwareDatetime


@operation(invoices, "POST", "/", "invoices:write", InvoiceInFull, 201)
def draft_invoice(request: Request, asked: DraftIn) -> Any:
    """Draft an invoice, in the customer's currency unless another is named."""
    made = actions.draft(
        vendor_id=request.auth.vendor.id, customer_id=asked.customer_id, lines=[line_of(one) for one in asked.lines],
        adjustments=[_adjustment_of(one) for one in asked.adjustments],
        currency=asked.currency or "", work=asked.work, order_number=asked.order_number, method=asked.tax_rounding,
        **said_by(request),
    )  # fmt: skip
    _expect_order(request, made, asked.order_minor)
    return made


@operation(invoices, "PATCH", "/{invoice_id}/", "invoices:write", InvoiceInFull)
def edit_invoice(request: Request, invoice_id: UUID, asked: EditIn) -> Any:
    """Change a draft. What is worked out of an agreed price keeps its lines; what was approved is sent back first."""
    given = asked.adjustments
    edited = actions.edit(
        invoice_id=found_invoice(request, invoice_id).id, work=asked.work, order_number=asked.order_number,
        lines=None if asked.lines is None else [line_of(one) for one in asked.lines],
        adjustments=None if given is None else [_adjustment_of(one) for one in given],
        method=asked.tax_rounding, **said_by(request),
    )  # fmt: skip
    _expect_order(request, edited, asked.order_minor)
    return edited


@operation(router, "POST", "/{invoice_id}/send-back/", "invoices:write", InvoiceOut)
def send_invoice_back(request: Request, invoice_id: UUID, asked: SendBackIn) -> Any:
    """An approved invoice is a draft again, to be changed; the reason stays in the log."""
    return actions.send_back(invoice_id=found_invoice(request, invoice_id).id, reason=asked.reason, **said_by(request))


@operation(router, "POST", "/{invoice_id}/order-request/", "invoices:write", OrderAskedOut, 201)
def request_order(request: Request, invoice_id: UUID) -> Any:
    """Ask whoever of the customer can supply it for the purchase order: one letter in three days, at their hours."""
    asked = actions.ask_for_order(invoice_id=found_invoice(request, invoice_id).id, **said_by(request))
    return {"contact_id": asked.contact.id, "name": asked.contact.name, "not_before": asked.not_before}


@operation(router, "POST", "/{invoice_id}/issue-day/", "invoices:write", InvoiceOut)
def plan_issue(request: Request, invoice_id: UUID, asked: LaterIn) -> Any:
    """Have an approved invoice issued, and sent, on a day after today, such as one on which its customer takes invoices."""
    return actions.issue_later(
        invoice_id=found_invoice(request, invoice_id).id, on=asked.on, today=request.auth.today, **said_by(request)
    )


@operation(router, "DELETE", "/{invoice_id}/issue-day/", "invoices:write", InvoiceOut)
def drop_issue_day(request: Request, invoice_id: UUID) -> Any:
    """It is issued on no day by itself any more."""
    return actions.issue_later(
        invoice_id=found_invoice(request, invoice_id).id, on=None, today=request.auth.today, **said_by(request)
    )


def _expect_order(request: Request, invoice: Invoice, minor: int | None) -> None:
    """What its purchase order is over: the customer is asked before they are billed more."""
    if minor is None:
        return
    if not invoice.order_number:
        raise Refused("This amount is of an order: say its order_number too.", code="order", field="order_minor")
    said: dict[str, Any] = {"name": invoice.order_number, "amount": Money(minor, invoice.currency)}
    actions.expect(customer_id=invoice.customer_id, kind="order", **said, **said_by(request))


def _adjustment_of(one: AdjustmentIn) -> Adjustment:
    return Adjustment(one.kind, one.amount, tax_of(one.tax), one.reason)
