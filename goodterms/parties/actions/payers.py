"""Keeps the word of payers about themselves, which stands in the log of every vendor that lists them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from goodterms.interactions.actions import Deed, record_all
from goodterms.parties.actions.rows import change, must_know
from goodterms.parties.models import PREFERENCES, Contact, Payer
from goodterms.values.refusal import Refused

_OF_PAYER = {*PREFERENCES, "letter_weekdays", "name"}


def change_wishes(*, payer_id: UUID, now: datetime, by: str, changes: dict[str, Any]) -> Payer:
    """A payer's own word about rhythm, language and quiet days; it goes before what customers said for them."""
    must_know(changes, _OF_PAYER)
    payer = _locked_payer(payer_id)
    if data := change(payer, changes):
        _record_for_each_vendor(payer_id, "wishes.changed", by, now, data)
    return payer


def verify_payer(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """The owner of the address showed that it is theirs; the first time counts."""
    payer = _locked_payer(payer_id)
    if payer.verified_at is None:
        payer.verified_at = now
        payer.save(update_fields=["verified_at"])
        _record_for_each_vendor(payer_id, "payer.verified", by, now)
    return payer


def stop_reminders(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """No reminder by e-mail to this payer any more, of any vendor (RFC 8058)."""
    payer = _locked_payer(payer_id)
    if payer.stopped_at is None:
        payer.stopped_at = now
        payer.save(update_fields=["stopped_at"])
        _record_for_each_vendor(payer_id, "reminders.stopped", by, now)
    return payer


def resume_reminders(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """The payer wants reminders by e-mail again."""
    payer = _locked_payer(payer_id)
    if payer.stopped_at is not None:
        payer.stopped_at = None
        payer.save(update_fields=["stopped_at"])
        _record_for_each_vendor(payer_id, "reminders.resumed", by, now)
    return payer


def _locked_payer(payer_id: UUID) -> Payer:
    payer = Payer.objects.select_for_update().filter(id=payer_id).first()
    if payer is None:
        raise Refused("There is no such payer.", code="not_found", field="payer")
    return payer


def _record_for_each_vendor(payer_id: UUID, kind: str, by: str, now: datetime, data: dict[str, Any] | None = None) -> None:
    """A payer's deed stands in the log of each vendor that lists them, as far as these are declared."""
    listing = Contact.objects.current().filter(payer_id=payer_id).order_by("vendor_id", "customer_id")
    seen = listing.values_list("vendor_id", "customer_id").distinct()
    deeds = [Deed(vendor, kind, by, customer, None, payer_id, inbound=True, data=data or {}) for vendor, customer in seen]
    record_all(at=now, deeds=deeds)
