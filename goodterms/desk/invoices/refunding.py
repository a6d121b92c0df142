"""Decides how money is given back from the desk: what is free of a payment or left of a credit note, and once."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.database.afterwards import afterwards
from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices.sums import money_typed
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.payments.actions import refund_credit, refund_freeing, resolve_doubt, resolve_refund
from goodterms.payments.due import give_money_back
from goodterms.payments.keeping import left_of_notes
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


class Source(NamedTuple):
    """What money goes back out of: a payment, or a credit note of which something is left."""

    customer: Customer
    since_on: date
    whole: Money
    free: Money
    payment: Payment | None = None
    note: Invoice | None = None

    @property
    def by_provider(self) -> bool:
        return self.payment is not None and self.payment.provider in PROVIDERS


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def refund(request: HttpRequest, visit: Visit, source_id: UUID) -> HttpResponseBase:
    """How much, and why; by the provider through whom it came, else by the hand of whoever does this."""
    source = _source(visit, source_id)
    given: Any = request.POST if request.method == "POST" else {"key": str(new_key(visit.clock))}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            amount = _give(visit, source, request.POST)
        if outcome:
            if source.by_provider:
                afterwards(lambda: _ask(visit), "A refund")
            messages.success(request, _said(source, amount))
            return redirect(at(visit, "customer", customer_id=source.customer.id))
        refusal = outcome.refusal
    elif source.note and source.free:
        given["amount"] = f"{source.free.major:f}"
    return shown(
        request, visit, "desk/invoices/refund.html", "invoices", 409 if refusal else 200, source=source, given=given,
        refusal=refusal, parts=_parts(source), earlier=_earlier(source),
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


def _source(visit: Visit, source_id: UUID) -> Source:
    payment = Payment.objects.seen_by(visit.viewer).select_related("customer").filter(id=source_id).first()
    if payment is not None:
        whole = Money(payment.minor, payment.currency)
        return Source(payment.customer, payment.received_on, whole, payment.free, payment=payment)
    notes = Invoice.objects.filter(id=source_id, vendor=visit.vendor, kind="credit_note", voided_at=None)
    note = notes.select_related("customer").first()
    if note is None or note.issued_on is None:
        raise Http404
    left = Money(left_of_notes([note.id]).get(note.id, 0), note.currency)
    return Source(note.customer, note.issued_on, Money(note.total_minor, note.currency), left, note=note)


def _give(visit: Visit, source: Source, given: QueryDict) -> Money:
    amount = money_typed(given.get("amount", ""), source.free.currency, "amount")
    reason = " ".join(given.get("reason", "").split())[:200]
    if not reason:
        raise Refused("Say why it goes back; it is kept with it.", code="reason", field="reason")
    said: dict[str, Any] = {
        "amount": amount, "reason": reason, "refunded_on": visit.today, "idempotency_key": f"desk:{given.get('key', '')[:40]}",
        "by": visit.by, "role": visit.role, "now": visit.now,
    }  # fmt: skip
    if source.payment:
        refund_freeing(payment_id=source.payment.id, **said)
    elif source.note:
        refund_credit(credit_note_id=source.note.id, **said)
    return amount


def _ask(visit: Visit) -> None:
    give_money_back(vendor_id=visit.vendor.id, at=visit.clock, now=visit.now)


def _parts(source: Source) -> list[Part]:
    rows = Allocation.objects.filter(payment=source.payment, credit_note=source.note, reversed_at=None)
    code = source.free.currency
    return [
        Part(one.invoice_id, one.invoice.number, one.invoice.work, Money(one.spent_minor or one.minor, code))
        for one in rows.select_related("invoice").order_by("created_at", "id")
    ]


def _earlier(source: Source) -> list[Given]:
    rows = Refund.objects.filter(payment=source.payment, credit_note=source.note).order_by("recorded_at", "id")
    return [Given(one, Money(one.minor, source.free.currency)) for one in rows]


def _said(source: Source, amount: Money) -> str:
    told = spoken(amount, "en")
    if source.by_provider:
        return f"{told} goes back the way it came. If nobody knows whether it did, that stands on Today."
    return f"{told} is booked as given back. Nothing moves by itself: send it from your bank."


urls: list[URLPattern] = [
    path("credits/<uuid:source_id>/refund/", refund, name="refund"),
    path("today/checkouts/<uuid:checkout_id>/settle/", settle_checkout, name="settle-checkout"),
    path("today/refunds/<uuid:refund_id>/settle/", settle_refund, name="settle-refund"),
]
