"""Decides how it is kept what a customer was told that something costs: the last that was said counts, the log has the rest."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Expectation
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key
from goodterms.values.money import MINOR_MAX, Money, exponent
from goodterms.values.refusal import Refused, to_say

NO_AMOUNT = to_say("Write an amount above nothing, or leave it empty.")


def expect(
    *,
    customer_id: UUID,
    kind: Literal["estimate", "order"],
    name: str,
    amount: Money,
    by: str,
    role: Role,
    now: datetime,
    payer_id: UUID | None = None,
) -> Expectation:
    """An estimate of the project `name`, or the amount of the order of that number, before tax. Said again it changes nothing;
    another amount takes the place of the one before."""
    if role not in ("owner", "bookkeeper", "approver", "payer"):
        raise Refused("What was agreed is written down by an owner, a bookkeeper or an approver. Ask one of them.", code="role")
    exponent(amount.currency)
    if not 0 < amount.minor <= MINOR_MAX:
        raise Refused(NO_AMOUNT, code="amount", field="amount")
    customer = Customer.objects.filter(id=customer_id).first()
    if customer is None or not name.strip():
        raise Refused("Say for whom it is, and which project or order is meant.", code="expectation")
    row, is_new = Expectation.objects.select_for_update().get_or_create(
        customer=customer, kind=kind, name=name.strip(),
        defaults={
            "id": new_key(now), "vendor_id": customer.vendor_id, "currency": amount.currency, "minor": amount.minor, "by": by,
            "since_at": now,
        },
    )  # fmt: skip
    was = None if is_new else row.minor
    if was == amount.minor and row.currency == amount.currency:
        return row
    row.currency, row.minor, row.by, row.since_at = amount.currency, amount.minor, by, now
    row.save(update_fields=["currency", "minor", "by", "since_at"])
    data = {"of": kind, "name": row.name, "total_minor": row.minor, "currency": row.currency, "was_minor": was}
    inbound, channel = role == "payer", "portal" if role == "payer" else ""
    deed = Deed(
        customer.vendor_id, "expectation.set", by, customer.id, None, payer_id, row.id, channel, inbound, data
    )  # fmt: skip
    record(at=now, deed=deed)
    return row


def expected_of(*, customer_id: UUID, kind: Literal["estimate", "order"], name: str) -> Money | None:
    """What was said of it; None where nothing was."""
    row = Expectation.objects.filter(customer_id=customer_id, kind=kind, name=name.strip()).first()
    return Money(row.minor, row.currency) if row else None
