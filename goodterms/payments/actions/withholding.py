"""Decides how what a payer kept back for the tax office is booked by itself, proven by its certificate, and taken back."""

from datetime import date, datetime, timedelta
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import Standing, settles_from
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post, reverse, standing
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments.actions.spending import withheld_row
from goodterms.payments.models import Withheld
from goodterms.payments.withholding import Certificate, must_be_right
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def withhold(
    *,
    invoice_id: UUID,
    on: date,
    by: str,
    role: Role,
    now: datetime,
    amount: Money | None = None,
    certificate: Certificate | None = None,
    key: UUID | None = None,
) -> Withheld:
    """Settle so much of an invoice as its payer kept back for the tax office (None: what is left of what was agreed), where
    the money came without it. `key`: of what is booked, so that a form sent twice books it once."""
    if key is not None and (there := Withheld.objects.select_related("invoice").filter(id=key, invoice_id=invoice_id).first()):
        return there
    must(verb="allocate", invoice_ids=[invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=invoice_id)
    kept = _right(before, amount)
    vendor_id = Invoice.objects.values_list("vendor_id", flat=True).get(id=invoice_id)
    day = settles_from(before, kept.minor, on)
    row = withheld_row(
        key=key or new_key(now), vendor_id=vendor_id, one=before, amount=kept, on=day, by=by, now=now, certificate=certificate
    )
    row.save(force_insert=True)
    sides = booking.withholding(customer_id=before.customer_id, invoice_id=invoice_id, amount=kept)
    post(vendor_id=vendor_id, entries=[EntryDraft(Kind.WITHHOLDING, day, row.id, sides)], now=now)
    after = before._replace(withheld_minor=before.withheld_minor + kept.minor)
    balance.move(changes=[(after, -kept.minor, day)])
    record(at=now, deed=_deed(row, "payment.withheld", by, before))
    return row


def certify(
    *, withheld_id: UUID, certificate: Certificate, by: str, role: Role, now: datetime, on: date
) -> Withheld:  # fmt: skip
    """The certificate of what was kept back has come. Refused: for another sum, or another than the one that is here."""
    row = _locked(withheld_id)
    must(verb="send", invoice_ids=[row.invoice_id], role=role, today=on)  # at any stage of an issued invoice
    must_be_right(certificate, row.amount, on + timedelta(days=1))
    number = certificate.number.strip()
    if (row.certificate, row.certificate_on) == (number, certificate.on):
        return row
    if row.certificate:
        raise Refused(
            f"Certificate {row.certificate} of {row.certificate_on} is here for this already.", code="certificate",
            field="certificate",
        )  # fmt: skip
    row.certificate, row.certificate_on, row.certified_at, row.certified_by = number, certificate.on, now, by
    row.save(update_fields=["certificate", "certificate_on", "certified_at", "certified_by"])
    record(at=now, deed=_deed(row, "payment.certified", by, balance.look(invoice_ids=[row.invoice_id])[0]))
    return row


def take_back_withheld(*, withheld_id: UUID, on: date, reason: str, by: str, role: Role, now: datetime) -> None:
    """It was not kept back after all: the invoice is open again by it. What came with a payment is taken back with that."""
    row = _locked(withheld_id)
    if row.allocation_id is not None:
        raise Refused(
            "This was kept back of a payment. Take back what that payment settles on this invoice; this goes with it.",
            code="allocation",
        )
    if on < row.effective_on:
        raise Refused("Nothing is taken back before the day it counts from.", code="date", field="on")
    must(verb="reverse", invoice_ids=[row.invoice_id], role=role, today=on)
    before = balance.lock_one(invoice_id=row.invoice_id)
    reverse(vendor_id=row.vendor_id, entry_ids=standing(document_ids=[row.id]), effective_on=on, memo=reason, now=now)
    after = before._replace(withheld_minor=before.withheld_minor - row.minor)
    balance.move(changes=[(after, row.minor, on)], again=True)
    row.reversed_at = now
    row.save(update_fields=["reversed_at"])
    record(at=now, deed=_deed(row, "payment.withheld_back", by, before, reason))


def _right(before: Standing, amount: Money | None) -> Money:
    kept = before.to_withhold if amount is None else amount
    if amount is None and not kept:
        raise Refused(
            f"Nothing is to be kept back of {before.number} by its terms. Say how much was.", code="withheld", field="amount"
        )
    if kept.currency != before.currency or not 0 < kept.minor <= before.open_minor:
        raise Refused(f"Only {before.open} are open on this invoice.", code="open", field="amount")
    return kept


def _locked(withheld_id: UUID) -> Withheld:
    found = Withheld.objects.select_for_update(of=("self",)).select_related("invoice").filter(id=withheld_id).first()
    if found is None or found.reversed_at is not None:
        raise Refused("There is nothing kept back like that here.", code="withheld")
    return found


def _deed(row: Withheld, kind: str, by: str, one: Standing, reason: str = "") -> Deed:
    data = {
        "minor": row.minor, "currency": one.currency, "name": row.name, "certificate": row.certificate,
        **({"reason": reason} if reason else {}),
    }  # fmt: skip
    return Deed(row.vendor_id, kind, by, one.customer_id, row.invoice_id, subject_id=row.id, data=data)
