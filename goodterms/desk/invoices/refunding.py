"""Decides how money is given back from the desk: what is free of a payment, what has to be taken back for it, and once."""

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.database.afterwards import afterwards
from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices.paying import money_typed
from goodterms.payments.actions import refund_freeing, resolve_doubt, resolve_refund
from goodterms.payments.due import give_money_back
from goodterms.payments.models import Allocation, Checkout, Payment, Refund
from goodterms.payments.providers import PROVIDERS
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Part(NamedTuple):
    """An invoice that the payment settles, and with how much."""

    invoice_id: UUID
    number: str
    work: str
    amount: Money


class Given(NamedTuple):
    """What went back before, and how that stands."""

    refund: Refund
    amount: Money


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def refund(request: HttpRequest, visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """How much, and why; by the provider through whom it came, else by the hand of whoever does this."""
    payment = Payment.objects.seen_by(visit.viewer).select_related("customer").filter(id=payment_id).first()
    if payment is None:
        raise Http404
    given: Any = request.POST if request.method == "POST" else {"key": str(new_key(visit.clock))}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            amount = _give(visit, payment, request.POST)
        if outcome:
            if payment.provider in PROVIDERS:
                afterwards(lambda: _ask(visit), "A refund")
            messages.success(request, _said(payment, amount))
            return redirect(at(visit, "customer", customer_id=payment.customer_id))
        refusal = outcome.refusal
    return shown(
        request, visit, "desk/invoices/refund.html", "invoices", 409 if refusal else 200, payment=payment, given=given,
        refusal=refusal, free=Money(payment.unapplied_minor, payment.currency), whole=Money(payment.minor, payment.currency),
        parts=_parts(payment), earlier=_earlier(payment), by_provider=payment.provider in PROVIDERS,
    )  # fmt: skip


@at_desk(*BOOKS, methods=("POST",))
def settle_refund(request: HttpRequest, visit: Visit, refund_id: UUID) -> HttpResponseBase:
    """A doubt about a refund ends by a person's word: it went back, or it did not."""
    if not Refund.objects.filter(id=refund_id, vendor=visit.vendor).exists():
        raise Http404
    with deciding() as outcome:
        if request.POST.get("went_back") not in ("yes", "no"):
            raise Refused("Say whether the money went back.", code="went_back")
        went_back = request.POST["went_back"] == "yes"
        resolve_refund(refund_id=refund_id, went_back=went_back, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if outcome:
        told = "it went back" if went_back else "it did not go back, and is free again"
        messages.success(request, f"Settled: {told}. The provider is not asked again.")
    else:
        messages.error(request, str(outcome.refusal))
    return redirect(at(visit, "today"))


@at_desk(*BOOKS, methods=("POST",))
def settle_checkout(request: HttpRequest, visit: Visit, checkout_id: UUID) -> HttpResponseBase:
    """A doubt about a payment ends by a person's word: so much came, or nothing did."""
    checkout = Checkout.objects.filter(id=checkout_id, vendor=visit.vendor).first()
    if checkout is None:
        raise Http404
    with deciding() as outcome:
        came = _came(request.POST, checkout.currency)
        resolve_doubt(checkout_id=checkout_id, received=came, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if outcome:
        told = f"{spoken(came, 'en')} came, and is booked on what it was for" if came else "nothing came"
        messages.success(request, f"Settled: {told}.")
    else:
        messages.error(request, str(outcome.refusal))
    return redirect(at(visit, "today"))


def _came(given: QueryDict, currency: str) -> Money | None:
    if given.get("came") not in ("yes", "no"):
        raise Refused("Say whether the money came.", code="came")
    return money_typed(given.get("amount", ""), currency, "amount") if given["came"] == "yes" else None


def _give(visit: Visit, payment: Payment, given: QueryDict) -> Money:
    amount = money_typed(given.get("amount", ""), payment.currency, "amount")
    reason = " ".join(given.get("reason", "").split())[:200]
    if not reason:
        raise Refused("Say why it goes back; it stands with the payment.", code="reason", field="reason")
    refund_freeing(
        payment_id=payment.id, amount=amount, reason=reason, refunded_on=visit.today,
        idempotency_key=f"desk:{given.get('key', '')[:40]}", by=visit.by, role=visit.role, now=visit.now,  # type: ignore[arg-type]
    )  # fmt: skip
    return amount


def _ask(visit: Visit) -> None:
    give_money_back(vendor_id=visit.vendor.id, at=visit.clock, now=visit.now)


def _parts(payment: Payment) -> list[Part]:
    rows = Allocation.objects.filter(payment=payment, reversed_at=None).select_related("invoice").order_by("created_at", "id")
    return [
        Part(one.invoice_id, one.invoice.number, one.invoice.work, Money(one.spent_minor or one.minor, payment.currency))
        for one in rows
    ]


def _earlier(payment: Payment) -> list[Given]:
    rows = Refund.objects.filter(payment=payment).order_by("recorded_at", "id")
    return [Given(one, Money(one.minor, payment.currency)) for one in rows]


def _said(payment: Payment, amount: Money) -> str:
    told = spoken(amount, "en")
    if payment.provider in PROVIDERS:
        return f"{told} goes back the way it came. If nobody knows whether it did, that stands on Today."
    return f"{told} is booked as given back. Nothing moves by itself: send it from your bank."
