"""Decides how a conversation, a promise or granted time keeps its invoices out of the reminders, and lets them go."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.invoicing.models import Hold, Invoice
from goodterms.values.keys import new_keys


def place(
    *,
    invoices: Sequence[Invoice],
    reason: str,
    subject_id: UUID,
    by: str,
    from_on: date,
    until_on: date | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """Hold each invoice for `reason`, because of `subject_id`, up to and including `until_on` (None: until it is lifted)."""
    Hold.objects.bulk_create(
        Hold(
            id=key, vendor_id=invoice.vendor_id, invoice=invoice, reason=reason, by=by, note=note,
            from_on=from_on, until_on=until_on, subject_id=subject_id, created_at=now,
        )
        for key, invoice in zip(new_keys(now, len(invoices)), invoices, strict=True)
    )  # fmt: skip


def lift(*, subject_id: UUID, by: str, now: datetime) -> None:
    """End every hold that stands because of `subject_id`; none is no fault."""
    Hold.objects.filter(subject_id=subject_id, ended_at=None).update(ended_at=now, ended_by=by)
