"""Decides how a wrong invoice is put right in one step: what is left of it is credited, and a new draft stands in for it."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.actions.choosing import carry_choice
from goodterms.invoicing.actions.credit_note import Credited, credit
from goodterms.invoicing.actions.draft import draft, written
from goodterms.invoicing.actions.enclosing import carry_over
from goodterms.invoicing.document import is_worked_out
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.values.refusal import Refused


class Corrected(NamedTuple):
    """The credit note, and the draft that refers to the invoice it replaces (BT-25)."""

    credited: Credited
    draft: Invoice


def correct(
    *, invoice_id: UUID, reason: str, issued_on: date, by: str, role: Role, now: datetime, send: bool = True
) -> Corrected:
    """Credit all that is left of an invoice, and draft it anew with the same lines and files, to be put right
    before it is issued."""
    wrong = Invoice.objects.get(id=invoice_id)
    said = written(wrong)
    if not said.lines:
        raise Refused(
            "This invoice was taken over without its lines, so none can be filled in. Credit it, and write a new invoice.",
            code="lines",
        )
    if is_worked_out(wrong.document):
        raise Refused(
            "This invoice was worked out of what was agreed and invoiced before. Credit it, then bill anew where it came from.",
            code="part",
        )
    credited = credit(invoice_id=invoice_id, reason=reason, issued_on=issued_on, by=by, role=role, now=now, send=send)
    assert wrong.issued_on is not None
    again = draft(
        vendor_id=wrong.vendor_id, customer_id=wrong.customer_id, lines=said.lines, currency=wrong.currency,
        adjustments=said.adjustments, method=said.method, work=wrong.work, order_number=wrong.order_number,
        replaces={"number": wrong.number, "issued_on": wrong.issued_on.isoformat()}, by=by, role=role, now=now,
    )  # fmt: skip
    carry_choice(earlier=wrong, to=again)
    carry_over(earlier=wrong, to=again, by=by, now=now)
    return Corrected(credited, again)
