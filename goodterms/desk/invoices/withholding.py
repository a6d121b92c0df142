"""Decides what the desk does with tax that payers keep back: booked, proven by its certificate, taken back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import QueryDict

from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import Visit
from goodterms.desk.invoices.sums import money_typed
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import choose_withholding, withhold_as_agreed
from goodterms.invoicing.models import Invoice
from goodterms.payments.actions import certify, take_back_withheld, withhold
from goodterms.payments.models import Withheld
from goodterms.payments.withholding import Certificate, Kept
from goodterms.terms.rules import Withholding
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas


def keep_back(visit: Visit, key: UUID, given: QueryDict) -> str:
    """The money came without it, and this is why."""
    currency = str(Invoice.objects.values_list("currency", flat=True).get(id=key))
    kept = kept_in(given, currency, "amount", "certificate", "certificate_on")
    row = withhold(
        invoice_id=key, amount=kept.amount if kept else None, certificate=kept.certificate if kept else None, on=visit.today,
        key=_key_in(given), **_who(visit),
    )  # fmt: skip
    rest = "" if row.certificate else " Give the certificate here when it comes."
    return f"{spoken(Money(row.minor, currency), 'en')} is booked as kept back for the tax office.{rest}"


def choose(visit: Visit, key: UUID, given: QueryDict) -> str:
    """Of this draft alone, whatever its customer's terms say."""
    how = given.get("how", "")
    if how == "agreed":
        withhold_as_agreed(invoice_id=key, **_who(visit))
        return "It goes by their terms again."
    if how not in ("nothing", "this"):
        raise Refused("Choose what they keep back of it.", code="how", field="how")
    percent = _percent(given.get("percent", "")) if how == "this" else Decimal(0)
    kept = Withholding(given.get("name", "").strip()[:60], percent) if how == "this" else None
    choose_withholding(invoice_id=key, withholding=kept, **_who(visit))
    return f"They keep {f'{percent.normalize():f} % of it' if kept else 'nothing of it'} back; all else is as agreed."


def _percent(typed: str) -> Decimal:
    try:
        found = Decimal(without_commas(typed).removesuffix("%"))
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite():
        return found
    raise Refused(f"“{typed[:30]}” is not a per cent like 15.", code="percent", field="percent")


def give_certificate(visit: Visit, key: UUID, given: QueryDict) -> str:
    row = _row(key, given)
    certificate = _certificate(given.get("certificate", ""), given.get("certificate_on", ""))
    if certificate is None:
        raise Refused("Write the number of the certificate, and its day.", code="certificate", field="certificate")
    certify(withheld_id=row.id, certificate=certificate, on=visit.today, **_who(visit))
    return f"Certificate {certificate.number} is kept with it."


def return_it(visit: Visit, key: UUID, given: QueryDict) -> str:
    reason = " ".join(given.get("reason", "").split())[:500]
    if not reason:
        raise Refused("Say why, in a few words: it stays in the log.", code="reason", field="reason")
    take_back_withheld(withheld_id=_row(key, given).id, on=visit.today, reason=reason, **_who(visit))
    return "Taken back. The invoice is open again by it."


def kept_in(given: Mapping[str, str], currency: str, amount: str, number: str, on: str) -> Kept | None:
    """What a form says of it, in the fields of these names; nothing where none is filled in."""
    certificate = _certificate(given.get(number, ""), given.get(on, ""))
    typed = given.get(amount, "").strip()
    if not typed:
        return Kept(None, certificate) if certificate else None
    return Kept(money_typed(typed, currency, amount), certificate)


def declared_of(invoice: Invoice) -> dict[str, str]:
    """What its payer said last that they kept back, in the fields of the form for a payment."""
    told = Interaction.objects.about(
        vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, invoice_id=invoice.id
    ).filter(kind="payment.declared")
    said = told.order_by("-at", "-id").values_list("data", flat=True).first() or {}
    if not said.get("withheld_minor"):
        return {}
    kept = str(Money(int(said["withheld_minor"]), invoice.currency).major)
    names = fields_of(invoice.id)
    return dict(zip(names, (kept, said.get("certificate", ""), said.get("certificate_on", "")), strict=True))


def fields_of(invoice_id: UUID) -> tuple[str, str, str]:
    """What they kept back of it, the number of the certificate, and its day."""
    return f"kept-{invoice_id}", f"certificate-{invoice_id}", f"certificate-on-{invoice_id}"


def _certificate(number: str, on: str) -> Certificate | None:
    if not number.strip() and not on.strip():
        return None
    try:
        return Certificate(number.strip(), date.fromisoformat(on.strip()))
    except ValueError as odd:
        raise Refused(
            "Say of which day the certificate is, like 2026-11-16.", code="date", field="certificate_on"
        ) from odd  # fmt: skip


def _row(invoice_id: UUID, given: Mapping[str, str]) -> Withheld:
    """Only what was kept back of this very invoice."""
    try:
        found = Withheld.objects.filter(id=UUID(given.get("withheld", "")), invoice_id=invoice_id).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused("Nothing like that was kept back of this invoice.", code="withheld")
    return found


def _key_in(given: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(given.get("key", ""))
    except ValueError:
        return None


def _who(visit: Visit) -> dict[str, Any]:
    return {"by": visit.by, "role": visit.role, "now": visit.now}
