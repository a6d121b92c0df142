"""Decides how money of one currency settles an invoice of another: at a named rate, the difference on its own account."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.standing import Standing, settles_from
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.payments.actions.allocation import lock_payment, move_unapplied
from goodterms.payments.models import Allocation, Payment
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def settle_in_other_currency(
    *,
    payment_id: UUID,
    invoice_id: UUID,
    spend: Money,
    settle: Money,
    rate: Decimal,
    rate_name: str,
    on: date,
    by: str,
    role: Role,
    now: datetime,
) -> UUID:
    """Spend `spend` of a payment on `settle` of an invoice in another currency; returns the allocation's key.

    `rate` is what one unit of the payment's currency is worth in the invoice's on `on`, `rate_name` where it is from. What
    the money is worth beyond `settle` is booked as a gain, what it falls short as a loss.
    """
    payment = lock_payment(payment_id=payment_id)
    must(verb="allocate", invoice_ids=[invoice_id], role=role, today=on)
    invoice = balance.lock_one(invoice_id=invoice_id)
    _must_fit(payment, invoice, spend, settle, rate_name)
    effective_on = settles_from(invoice, settle.minor, max(on, payment.received_on))
    who = {"customer_id": invoice.customer_id, "paid_by": payment.customer_id}
    both = booking.exchange(invoice_id=invoice_id, spent=spend, settled=settle, rate=rate, **who)
    key = new_key(now)
    Allocation.objects.create(
        id=key, vendor_id=payment.vendor_id, payment=payment, invoice_id=invoice_id, minor=settle.minor,
        spent_minor=spend.minor, effective_on=effective_on, created_at=now,
    )  # fmt: skip
    entries = [EntryDraft(Kind.EXCHANGE, effective_on, key, sides, f"{rate_name}: {rate}") for sides in both]
    post(vendor_id=payment.vendor_id, entries=entries, now=now)
    balance.move(changes=[(invoice, -settle.minor, effective_on)])
    move_unapplied(payment_id=payment.id, change_minor=-spend.minor)
    data = {"minor": settle.minor, "spent_minor": spend.minor, "rate": str(rate), "rate_name": rate_name}
    source, whose = payment.id, invoice.customer_id
    record(at=now, deed=Deed(payment.vendor_id, "payment.allocated", by, whose, invoice_id, subject_id=source, data=data))
    return key


def _must_fit(payment: Payment, invoice: Standing, spend: Money, settle: Money, rate_name: str) -> None:
    if (spend.currency, settle.currency) != (payment.currency, invoice.currency):
        raise Refused(
            f"This payment is in {payment.currency} and the invoice in {invoice.currency}.", code="currency", field="spend"
        )
    if not 0 < spend.minor <= payment.unapplied_minor:
        raise Refused("So much of this payment is not free.", code="unapplied", field="spend")
    if not 0 < settle.minor <= invoice.open_minor:
        raise Refused("So much of this invoice is not open.", code="open", field="settle")
    if not rate_name:
        raise Refused("Say where the rate is from.", code="rate", field="rate_name")
