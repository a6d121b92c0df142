"""Decides how programs keep what customers pay ahead: begin a retainer, top it up, take finished work out of it, end it."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field, StrictInt

from goodterms.api.customers import found_customer
from goodterms.api.door import Request, operation
from goodterms.api.invoices import TaxIn, said_by, tax_of
from goodterms.api.pages import Page, Paging, page
from goodterms.api.parts import BillPartIn, goes
from goodterms.api.shapes import Currency, Ids, In, Name, Number, Out, Text
from goodterms.billing import actions
from goodterms.billing.models import Retainer
from goodterms.billing.standing import holding
from goodterms.invoicing.models import Invoice
from goodterms.values.refusal import Refused

router = Router()
Unit = Literal["sum", "hours"]


class RetainerIn(In):
    """A sum of money, or hours at `unit_price` before tax. `keeps_months`: after the month it is paid for; null: for good."""

    customer_id: UUID
    name: Name
    unit: Unit
    unit_price: Number | None = None
    tax: TaxIn
    keeps_months: Annotated[StrictInt, Field(ge=0, le=120)] | None = None
    currency: Currency | None = None
    order_number: Name = ""


class TopUpIn(BillPartIn):
    """So many hours, or such a sum before tax in major units."""

    quantity: Number


class DrawIn(BillPartIn):
    """Which finished items; null: all of the customer in this currency."""

    item_ids: Ids | None = None


class RetainerEndIn(In):
    reason: Text


class RetainerOut(Out):
    id: UUID
    customer_id: UUID
    name: str
    unit: Unit
    currency: str
    unit_price: Number | None
    keeps_months: int | None
    ended_on: date | None


class TopUpOut(Out):
    """What was paid ahead, and what is left of it before tax; nothing while it is a draft."""

    invoice_id: UUID
    number: str
    expires_on: date | None
    net_minor: int
    left_minor: int


class DrawingOut(Out):
    """An invoice of work that was taken out, and what was left to pay of it."""

    invoice_id: UUID
    number: str
    total_minor: int


class RetainerInFull(RetainerOut):
    """With what it holds today before tax, in hours too where it is of hours."""

    holds_minor: int
    holds_hours: Number | None
    expired_minor: int
    top_ups: list[TopUpOut]
    drawings: list[DrawingOut]


class RetainerBilledOut(RetainerInFull):
    """The same, and the invoice that was made just now."""

    invoice_id: UUID
    number: str


class RetainerFilter(Paging):
    customer_id: UUID | None = None


@operation(router, "GET", "/", "invoices:read", Page[RetainerOut])
def list_retainers(request: Request, asked: Query[RetainerFilter]) -> Any:
    """Retainers in the order in which they were begun."""
    rows = Retainer.objects.seen_by(request.auth.viewer)
    return page(rows if asked.customer_id is None else rows.filter(customer_id=asked.customer_id), "id", asked)


@operation(router, "POST", "/", "invoices:write", RetainerInFull, 201)
def begin_retainer(request: Request, asked: RetainerIn) -> Any:
    """Begin a retainer for a customer, or find it by its name. It holds nothing before it is topped up."""
    customer = found_customer(request, asked.customer_id)
    begun = actions.begin_retainer(
        vendor_id=request.auth.vendor.id, customer_id=customer.id, name=asked.name, unit=asked.unit, tax=tax_of(asked.tax),
        unit_price=asked.unit_price, keeps_months=asked.keeps_months, currency=asked.currency or "",
        order_number=asked.order_number, **said_by(request),
    )  # fmt: skip
    return _in_full(request, begun)


@operation(router, "GET", "/{retainer_id}/", "invoices:read", RetainerInFull)
def get_retainer(request: Request, retainer_id: UUID) -> Any:
    """One retainer with what it holds today."""
    return _in_full(request, _found(request, retainer_id))


@operation(router, "POST", "/{retainer_id}/top-up/", "invoices:write", RetainerBilledOut, 201)
def top_up(request: Request, retainer_id: UUID, asked: TopUpIn) -> Any:
    """Bill something ahead."""
    found = _found(request, retainer_id)
    return _made(
        request, found, actions.top_up(retainer_id=found.id, quantity=asked.quantity, **goes(request, asked, found.currency))
    )


@operation(router, "POST", "/{retainer_id}/drawing/", "invoices:write", RetainerBilledOut, 201)
def draw(request: Request, retainer_id: UUID, asked: DrawIn) -> Any:
    """Bill finished work, and take it out of the retainer as far as that goes."""
    found = _found(request, retainer_id)
    return _made(
        request, found, actions.draw(retainer_id=found.id, item_ids=asked.item_ids, **goes(request, asked, found.currency))
    )


@operation(router, "POST", "/{retainer_id}/end/", "invoices:write", RetainerInFull)
def end_retainer(request: Request, retainer_id: UUID, asked: RetainerEndIn) -> Any:
    """Top it up no more; what it holds can still be drawn."""
    found = _found(request, retainer_id)
    ended = actions.end_retainer(retainer_id=found.id, on=request.auth.today, reason=asked.reason, **said_by(request))
    return _in_full(request, ended)


def _made(request: Request, retainer: Retainer, invoice: Invoice) -> dict[str, Any]:
    return {**_in_full(request, retainer), "invoice_id": invoice.id, "number": invoice.number}


def _in_full(request: Request, one: Retainer) -> dict[str, Any]:
    holds = holding(one, request.auth.today)
    return {
        **{name: getattr(one, name) for name in RetainerOut.model_fields},
        **holds.told(),
    }  # fmt: skip


def _found(request: Request, retainer_id: UUID) -> Retainer:
    found = Retainer.objects.seen_by(request.auth.viewer).filter(id=retainer_id).first()
    if found is None:
        raise Refused("There is no such retainer.", code="not_found")
    return found
