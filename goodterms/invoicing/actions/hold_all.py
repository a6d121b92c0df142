"""Decides how everything open of one customer is left alone by hand at once, and taken up again."""

from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.hold import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold, Invoice
from goodterms.values.refusal import Refused


def hold_all(
    *, customer_id: UUID, note: str, from_on: date, by: str, role: Role, now: datetime, until_on: date | None = None
) -> int:
    """Hold what is open of a customer and not held by hand yet, with the reason; how many invoices. What is billed later is
    not held: it is not known today whether it should be."""
    if not note.strip():
        raise Refused("Say why, so that a colleague knows when to let go.", code="note", field="note")
    held = Hold.objects.filter(invoice__customer_id=customer_id, reason="manual", ended_at=None).values("invoice_id")
    wanted = Invoice.objects.filter(customer_id=customer_id, kind="invoice", open_minor__gt=0, voided_at=None)
    ids = list(wanted.exclude(id__in=held).order_by("id").values_list("id", flat=True))
    if not ids:
        raise Refused("Nothing is open that is not held already, so there is nothing to hold.", code="nothing")
    hold(
        invoice_ids=ids, reason="manual", from_on=from_on, by=by, role=role, now=now, until_on=until_on, note=note.strip()
    )  # fmt: skip
    return len(ids)


def release_all(*, customer_id: UUID, on: date, by: str, role: Role, now: datetime) -> int:
    """End every hold that was set by hand on invoices of a customer; how many. A promise or a dispute ends in its own way."""
    running = Hold.objects.filter(invoice__customer_id=customer_id, reason="manual", ended_at=None)
    holds = list(running.select_related("invoice").order_by("invoice_id"))
    if not holds:
        raise Refused("Nothing of this customer is held by hand.", code="nothing")
    over = [one for one in holds if one.until_on is not None and one.until_on < on]
    must(verb="release", invoice_ids=_living([one for one in holds if one not in over]), role=role, today=on)
    Hold.objects.filter(id__in=[one.id for one in holds], ended_at=None).update(ended_at=now, ended_by=by)
    data = {"reason": "manual"}
    deeds = [Deed(one.vendor_id, "invoice.released", by, customer_id, one.invoice_id, data=data) for one in holds]
    record_all(at=now, deeds=deeds)
    return len(holds)


def _living(holds: list[Hold]) -> list[UUID]:
    """Each invoice once, in the order of keys; what was settled or voided meanwhile needs nobody's leave."""
    return sorted({one.invoice_id for one in holds if one.invoice.open_minor > 0 and one.invoice.voided_at is None})
