"""Decides how an invoice is left alone for a while, and taken up again. A hold is a row with who, why and until when."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold, Invoice
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused

# Which verb of life.py sets and which ends a hold of this reason; where none is named, its own rule ends it.
SETS: Mapping[str, str] = {
    "manual": "hold", "disputed": "dispute", "question_open": "ask", "promised": "promise", "extended": "extend",
    "on_plan": "plan", "paid": "promise",
}  # fmt: skip
ENDS: Mapping[str, str] = {"manual": "release", "disputed": "resolve", "question_open": "answer"}


def hold(
    *,
    invoice_ids: Sequence[UUID],
    reason: str,
    from_on: date,
    by: str,
    role: Role,
    now: datetime,
    until_on: date | None = None,
    note: str = "",
    subject_id: UUID | None = None,
) -> list[UUID]:
    """Hold invoices from `from_on` up to and with `until_on` (None: until somebody ends it); the keys of the holds.

    More time ("extended") also moves the day reminders count from. `subject_id` is the conversation or promise behind it.
    """
    if reason not in SETS:
        raise Refused(f"An invoice is held as one of {', '.join(SETS)}, not {reason!r}.", code="reason", field="reason")
    if until_on is not None and until_on < from_on:
        raise Refused("A hold does not end before it begins.", code="date", field="until_on")
    must(verb=SETS[reason], invoice_ids=invoice_ids, role=role, today=from_on)
    invoices = {one.id: one for one in Invoice.objects.filter(id__in=invoice_ids)}
    keys = new_keys(now, len(invoice_ids))
    Hold.objects.bulk_create(
        Hold(
            id=key, vendor_id=invoices[one].vendor_id, invoice_id=one, reason=reason, by=by, note=note, from_on=from_on,
            until_on=until_on, subject_id=subject_id, created_at=now,
        )
        for key, one in zip(keys, invoice_ids, strict=True)
    )  # fmt: skip
    _follow(reason, invoice_ids)
    record_all(at=now, deeds=[_deed(invoices[one], "invoice.held", by, reason, until_on) for one in invoice_ids])
    return keys


def release(*, hold_id: UUID, on: date, by: str, role: Role, now: datetime) -> None:
    """End a hold before its day; refuses what has ended already."""
    found = Hold.objects.filter(id=hold_id).select_related("invoice").first()
    if found is None:
        raise Refused("There is no hold like that here.", code="hold")
    if verb := ENDS.get(found.reason):
        must(verb=verb, invoice_ids=[found.invoice_id], role=role, today=on)
    if not Hold.objects.filter(id=hold_id, ended_at=None).update(ended_at=now, ended_by=by):
        raise Refused("This hold has ended already.", code="ended")
    _follow(found.reason, [found.invoice_id])
    record_all(at=now, deeds=[_deed(found.invoice, "invoice.released", by, found.reason, found.until_on)])


def _follow(reason: str, invoice_ids: Sequence[UUID]) -> None:
    """The day reminders count from moves with the time that was granted."""
    if reason == "extended":
        balance.move(changes=[(one, 0, one.issued_on) for one in balance.lock(invoice_ids=invoice_ids)])


def _deed(invoice: Invoice, kind: str, by: str, reason: str, until_on: date | None) -> Deed:
    data = {"reason": reason, "until_on": until_on and until_on.isoformat()}
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data)
