"""Decides what "I have paid" does: no reminder until the money should be here, or somebody has looked for it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.threads import day_at, locked_invoices, vendor_of
from goodterms.conversations.rules import expected_on
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.values.keys import new_key


@transaction.atomic
def declare_paid(
    *,
    invoice_ids: Sequence[UUID],
    paid_on: date,
    by: str,
    now: datetime,
    minor: int | None = None,
    reference: str = "",
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
) -> date:
    """They say that they paid on `paid_on`, `minor` in all (None: what is open). Returns the day by which we expect it,
    through which the invoices are held as paid. Nothing is booked: that takes the money itself."""
    invoices = locked_invoices(invoice_ids)
    vendor = vendor_of(invoices[0])
    today, declared = day_at(vendor, now), new_key(now)
    until_on = expected_on(paid_on, today, vendor.country)
    hold(
        invoice_ids=[one.id for one in invoices], reason="paid", from_on=today, until_on=until_on, by=by, role=role, now=now,
        note=reference, subject_id=declared,
    )  # fmt: skip
    data = {
        "paid_on": paid_on.isoformat(), "expected_on": until_on.isoformat(), "reference": reference,
        "minor": sum(invoice.open_minor for invoice in invoices) if minor is None else minor,
        "currency": invoices[0].currency,
    }  # fmt: skip
    record_all(
        at=now,
        deeds=[
            Deed(vendor.id, "payment.declared", by, one.customer_id, one.id, payer_id, declared, channel, True, data)
            for one in invoices
        ],
    )
    return until_on
