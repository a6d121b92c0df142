"""Decides how programs ask before an invoice is issued, and put right what is: by a new one, given up, taken up again."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import Field

from goodterms.api.door import Request, operation
from goodterms.api.forewarnings import ForewarnIn, ForewarningOut
from goodterms.api.invoices import InvoiceInFull, InvoiceOut, found_invoice, said_by
from goodterms.api.shapes import Day, In, Minor, Out, Text
from goodterms.invoicing import actions
from goodterms.values.money import Money

router = Router()


class CorrectionIn(In):
    reason: Text
    issued_on: Annotated[Day | None, Field(description="Of the credit note; else today, in the vendor's time zone.")] = None


class CorrectedOut(Out):
    """The credit note over all that was left, and the draft that refers to the invoice it replaces."""

    note: InvoiceOut
    draft: InvoiceInFull


class WriteOffIn(In):
    reason: Text
    minor: Annotated[Minor | None, Field(description="Null: all that is open.")] = None
    on: Day | None = None


class RecoveryIn(In):
    minor: Annotated[Minor | None, Field(description="Null: all that was given up.")] = None
    on: Day | None = None


@operation(router, "POST", "/{invoice_id}/forewarning/", "invoices:write", ForewarningOut, 201)
def ask_first(request: Request, invoice_id: UUID, asked: ForewarnIn) -> Any:
    """Ask the customer before it is issued, where it is more than they expect: one letter, with a sentence of our own."""
    return actions.ask_first(invoice_id=found_invoice(request, invoice_id).id, note=asked.note, **said_by(request))


@operation(router, "POST", "/{invoice_id}/correction/", "invoices:write", CorrectedOut, 201)
def correct_invoice(request: Request, invoice_id: UUID, asked: CorrectionIn) -> Any:
    """Credit all that is left of an invoice, and draft it anew with the same lines."""
    found = found_invoice(request, invoice_id)
    on = asked.issued_on or request.auth.today
    done = actions.correct(invoice_id=found.id, reason=asked.reason, issued_on=on, **said_by(request))
    return {"note": done.credited.note, "draft": done.draft}


@operation(router, "POST", "/{invoice_id}/write-off/", "invoices:write", InvoiceOut)
def write_invoice_off(request: Request, invoice_id: UUID, asked: WriteOffIn) -> Any:
    """Give up what is open, or a part of it, with a reason."""
    found = found_invoice(request, invoice_id)
    amount = None if asked.minor is None else Money(asked.minor, found.currency)
    on = asked.on or request.auth.today
    actions.write_off(invoice_id=found.id, reason=asked.reason, amount=amount, on=on, **said_by(request))
    return found_invoice(request, invoice_id)


@operation(router, "POST", "/{invoice_id}/recovery/", "invoices:write", InvoiceOut)
def recover_invoice(request: Request, invoice_id: UUID, asked: RecoveryIn) -> Any:
    """What was given up is owed again, to be settled by the money that came in for it."""
    found = found_invoice(request, invoice_id)
    minor = actions.given_up_of(found.id) if asked.minor is None else asked.minor
    on = asked.on or request.auth.today
    actions.recover(invoice_id=found.id, amount=Money(minor, found.currency), on=on, **said_by(request))
    return found_invoice(request, invoice_id)
