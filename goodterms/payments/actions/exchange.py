"""Decides how money of one currency settles an invoice of another: at a named rate, the difference on its own account."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
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
from goodterms.payments.actions.spending import withhold
from goodterms.payments.models import Allocation, Payment
from goodterms.rates.reading import known
from goodterms.rates.rules import Rate
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
    the money is worth beyond `settle` is a gain, what it falls short a loss. What is to be kept back is, once the rest is paid.
    """
    payment = lock_payment(payment_id=payment_id)
    must(verb="allocate", invoice_ids=[invoice_id], role=role, today=on)
    invoice = balance.lock_one(invoice_id=invoice_id)
    _must_fit(payment, invoice, spend, settle, rate_name)
    kept = invoice.to_withhold if settle == invoice.open - invoice.to_withhold else Money(0, invoice.currency)
    whole = settle + kept
    effective_on = settles_from(invoice, whole.minor, max(on, payment.received_on))
    key = new_key(now)
    Allocation.objects.create(
        id=key, vendor_id=payment.vendor_id, payment=payment, invoice_id=invoice_id, minor=settle.minor,
        spent_minor=spend.minor, withheld_minor=kept.minor, effective_on=effective_on, created_at=now,
    )  # fmt: skip
    withhold([(key, invoice, kept, effective_on)], payment.vendor_id, {}, by, now)
    entries = _entries(key, invoice, payment, (spend, settle, kept), (rate, rate_name), effective_on)
    post(vendor_id=payment.vendor_id, entries=entries, now=now)
    less = invoice._replace(withheld_minor=invoice.withheld_minor + kept.minor)
    balance.move(changes=[(less, -whole.minor, effective_on)])
    move_unapplied(payment_id=payment.id, change_minor=-spend.minor)
    data = {"minor": settle.minor, "spent_minor": spend.minor, "rate": str(rate), "rate_name": rate_name}
    about = (invoice.customer_id, invoice_id)
    record(at=now, deed=Deed(payment.vendor_id, "payment.allocated", by, *about, subject_id=payment.id, data=data))
    return key


def _entries(
    key: UUID, invoice: Standing, payment: Payment, sums: tuple[Money, Money, Money], at: tuple[Decimal, str], on: date
) -> list[EntryDraft]:  # fmt: skip
    """Of what is spent and settled, at its rate, and of what is kept back."""
    (spend, settle, kept), (rate, source) = sums, at
    who: dict[str, Any] = {"customer_id": invoice.customer_id, "invoice_id": invoice.invoice_id}
    both = booking.exchange(spent=spend, settled=settle, rate=rate, paid_by=payment.customer_id, **who)
    back = booking.withholding(amount=kept, **who)
    entries = [EntryDraft(Kind.EXCHANGE, on, key, sides, f"{source}: {rate}") for sides in both]
    return [*entries, *([EntryDraft(Kind.WITHHOLDING, on, key, back)] if back else [])]


class Exchanged(NamedTuple):
    """So much of the money was spent on so much of the invoice, at which rate, from where."""

    allocation_id: UUID
    spent_minor: int
    settled_minor: int
    rate: Decimal
    source: str


def exchange(
    *,
    payment_id: UUID,
    invoice_id: UUID,
    on: date,
    by: str,
    role: Role,
    now: datetime,
    spend: Money | None = None,
    rate: Decimal | None = None,
    rate_name: str = "",
) -> Exchanged:
    """Settle as much of an invoice of another currency as `spend` of a payment is worth (None: all that it takes), at the
    rate of the day on which the money came, unless another is named."""
    payment = lock_payment(payment_id=payment_id)
    invoice = balance.lock_one(invoice_id=invoice_id)
    named = _rate_of(payment, invoice.currency, rate, rate_name)
    amount, settle = _taken(spend or payment.free, invoice.open if spend else invoice.open - invoice.to_withhold, named)
    key = settle_in_other_currency(
        payment_id=payment_id, invoice_id=invoice_id, spend=amount, settle=settle, rate=named.value, rate_name=named.source,
        on=on, by=by, role=role, now=now,
    )  # fmt: skip
    return Exchanged(key, amount.minor, settle.minor, named.value, named.source)


def _rate_of(payment: Payment, currency: str, rate: Decimal | None, rate_name: str) -> Rate:
    pair, on = (payment.currency, currency), payment.received_on
    if payment.currency == currency:
        raise Refused(f"Both are in {currency}: allocate the payment, without a rate.", code="currency", field="invoice")
    if rate is None:
        return known(vendor_id=payment.vendor_id, currencies=pair, first_on=on).must(*pair, on)
    if not (rate.is_finite() and rate > 0):
        raise Refused("A rate is a number above zero.", code="rate", field="rate")
    return Rate(*pair, rate, on, rate_name)


def _taken(spend: Money, left: Money, rate: Rate) -> tuple[Money, Money]:
    """What is spent, and what it settles: no more than is open."""
    if spend.currency != rate.currency:
        raise Refused(f"This payment is in {rate.currency}.", code="currency", field="spend")
    settle = rate.worth(spend)
    if settle <= left:
        return spend, settle
    return min(spend, Money.of(left.major / rate.value, rate.currency)), left


def _must_fit(payment: Payment, invoice: Standing, spend: Money, settle: Money, rate_name: str) -> None:
    if (spend.currency, settle.currency) != (payment.currency, invoice.currency):
        raise Refused(
            f"This payment is in {payment.currency} and the invoice in {invoice.currency}.", code="currency", field="spend"
        )
    if not 0 < spend.minor <= payment.unapplied_minor:
        free = Money(payment.unapplied_minor, payment.currency)
        only = f"Only {free} of this payment are free." if free else "All of this payment settles something already."
        raise Refused(only, code="unapplied", field="spend")
    if not 0 < settle.minor <= invoice.open_minor:
        raise Refused("So much of this invoice is not open.", code="open", field="settle")
    if not rate_name:
        raise Refused("Say where the rate is from.", code="rate", field="rate_name")
