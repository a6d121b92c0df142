"""Decides what "I have paid" does: no reminder until the money should be here, or somebody has looked for it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.holds import lift
from goodterms.conversations.actions.threads import day_at, locked_invoices, vendor_of
from goodterms.conversations.rules import expected_on
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


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
    key: UUID | None = None,
    withheld: Money | None = None,
    certificate: tuple[str, date] | None = None,
) -> date:
    """They say that they paid on `paid_on`, `minor` in all (None: what is to be paid), and what they kept back, by which
    certificate. The invoices are held as paid through the day returned; nothing is booked without the money. `key`: once."""
    invoices = locked_invoices(invoice_ids)
    vendor = vendor_of(invoices[0])
    today, declared = day_at(vendor, now), key or new_key(now)
    until_on = expected_on(paid_on, today, vendor.country)
    if key and Hold.objects.filter(subject_id=key).exists():
        return until_on
    hold(
        invoice_ids=[one.id for one in invoices], reason="paid", from_on=today, until_on=until_on, by=by, role=role, now=now,
        note=reference, subject_id=declared,
    )  # fmt: skip
    whole = sum(invoice.to_pay.minor for invoice in invoices) if minor is None else minor
    data = {
        "paid_on": paid_on.isoformat(), "expected_on": until_on.isoformat(), "reference": reference, "minor": whole,
        "currency": invoices[0].currency, **_kept_back(withheld, certificate),
    }  # fmt: skip
    record_all(
        at=now,
        deeds=[
            Deed(vendor.id, "payment.declared", by, one.customer_id, one.id, payer_id, declared, channel, True, data)
            for one in invoices
        ],
    )
    return until_on


def _kept_back(withheld: Money | None, certificate: tuple[str, date] | None) -> dict[str, str | int]:
    kept: dict[str, str | int] = {"withheld_minor": withheld.minor} if withheld else {}
    return kept | ({"certificate": certificate[0], "certificate_on": certificate[1].isoformat()} if certificate else {})


@transaction.atomic
def withdraw_declaration(
    *, invoice_id: UUID, by: str, now: datetime, role: Role = "payer", channel: str = "portal", payer_id: UUID | None = None
) -> None:
    """They were mistaken: what they said to have paid for with this invoice is reminded of again."""
    [invoice] = locked_invoices([invoice_id])
    resting = Hold.objects.filter(invoice=invoice, reason="paid", ended_at=None).exclude(subject_id=None).first()
    if resting is None or resting.subject_id is None:
        raise Refused("Nothing of this invoice is said to be paid.", code="not_found")
    lift(subject_id=resting.subject_id, by=by, role=role, on=day_at(vendor_of(invoice), now), now=now)
    record(at=now, deed=Deed(invoice.vendor_id, "payment.undeclared", by, invoice.customer_id, invoice.id, payer_id,
                             resting.subject_id, channel, inbound=True))  # fmt: skip
