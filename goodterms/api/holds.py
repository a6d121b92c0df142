"""Decides how programs leave an invoice alone for a while, and take it up again."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import Field

from goodterms.api.door import Request, operation
from goodterms.api.invoices import HoldOut, found_invoice, said_by
from goodterms.api.shapes import Day, In, Text
from goodterms.invoicing import actions
from goodterms.values.refusal import Refused

router = Router()


class HoldIn(In):
    note: Text = ""
    from_on: Day | None = None
    until_on: Annotated[Day | None, Field(description="The last day it holds; null: until it is released.")] = None


@operation(router, "POST", "/{invoice_id}/hold/", "invoices:write", list[HoldOut], 201)
def hold_invoice(request: Request, invoice_id: UUID, asked: HoldIn) -> Any:
    """Stop the reminders of an invoice for a while; its holds by hand."""
    found = found_invoice(request, invoice_id)
    actions.hold(
        invoice_ids=[found.id], reason="manual", from_on=asked.from_on or request.auth.today, until_on=asked.until_on,
        note=asked.note, **said_by(request),
    )  # fmt: skip
    return found.holds.filter(reason="manual", ended_at=None).order_by("id")


@operation(router, "DELETE", "/{invoice_id}/hold/", "invoices:write", None, 204)
def release_invoice(request: Request, invoice_id: UUID) -> Any:
    """End every hold by hand; what a question, a dispute or a promise holds stays held."""
    found = found_invoice(request, invoice_id)
    running = list(found.holds.filter(reason="manual", ended_at=None).order_by("id"))
    if not running:
        raise Refused("This invoice is not held by hand, so there is nothing to release.", code="not_held")
    for one in running:
        actions.release(hold_id=one.id, on=request.auth.today, **said_by(request))
