"""Decides how two currencies meet at the desk: a rate typed where one is needed, an invoice settled by other money."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices.sums import money_typed
from goodterms.invoicing.models import Invoice
from goodterms.payments.actions import TypedRate, exchange, give_rate_for, give_rate_in
from goodterms.payments.models import Payment
from goodterms.rates.reading import known
from goodterms.rates.rules import Rate
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

MOST = 100  # open invoices that the form lists, the oldest


class Foreign(NamedTuple):
    """An open invoice of another currency than the money, and what all of the money is worth in it, where a rate is known."""

    invoice: Invoice
    open: Money
    rate: Rate | None
    worth: Money | None

    @property
    def said_rate(self) -> str:
        return _said(self.rate.value) if self.rate else ""


def asks_rate(visit: Visit, currency: str) -> str:
    """The vendor's own currency, where an invoice of `currency` cannot be issued today without a rate into it; else nothing."""
    home = visit.vendor.currency
    if currency == home:
        return ""
    book = known(vendor_id=visit.vendor.id, currencies={currency, home}, first_on=visit.today)
    return "" if book.find(currency, home, visit.today) else home


def keep_rate(visit: Visit, invoice_id: UUID, given: QueryDict) -> None:
    """A rate that was typed where the invoice is issued, given for today; nothing where none was typed."""
    if typed := _typed(given):
        give_rate_for(invoice_id=invoice_id, typed=typed, on=visit.today, by=visit.by, now=visit.now)


def keep_rate_in(visit: Visit, currency: str, given: QueryDict) -> None:
    """The same where the invoice is made and issued in one step: for a currency."""
    if typed := _typed(given):
        give_rate_in(vendor_id=visit.vendor.id, currency=currency, typed=typed, on=visit.today, by=visit.by, now=visit.now)


def asking(visit: Visit, currency: str, given: QueryDict | None) -> dict[str, Any]:
    """What a page with `rate.html` on it needs."""
    return {"rate_from": currency, "asks_rate": asks_rate(visit, currency), "given_rate": given or {}}


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def settle(request: HttpRequest, visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """Which invoice of another currency this money settles, how much of it, at which rate and where that is from."""
    payment = Payment.objects.seen_by(visit.viewer).select_related("customer").filter(id=payment_id).first()
    if payment is None:
        raise Http404
    given: Mapping[str, Any] = request.POST if request.method == "POST" else {}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            said, invoice_id = _settled(visit, payment, request.POST)
        if outcome:
            messages.success(request, said)
            return redirect(at(visit, "invoice", invoice_id=invoice_id))
        refusal = outcome.refusal
    rows = _foreign(visit, payment)
    return shown(
        request, visit, "desk/invoices/settle.html", "invoices", 409 if refusal else 200, payment=payment, given=given,
        refusal=refusal, free=payment.free, rows=rows, chosen=given.get("invoice") or (str(rows[0].invoice.id) if rows else ""),
    )  # fmt: skip


def _settled(visit: Visit, payment: Payment, given: QueryDict) -> tuple[str, UUID]:
    key = _key(given)
    invoice = Invoice.objects.filter(id=key, customer=payment.customer_id, vendor=visit.vendor).first() if key else None
    if invoice is None:
        raise Refused("Choose which invoice it settles.", code="invoice", field="invoice")
    typed = given.get("amount", "").strip()
    done = exchange(
        payment_id=payment.id, invoice_id=invoice.id, on=visit.today, by=visit.by, role=visit.role, now=visit.now,  # type: ignore[arg-type]
        spend=money_typed(typed, payment.currency, "amount") if typed else None,
        rate=_rate(given), rate_name=given.get("rate_source", "").strip()[:200],
    )  # fmt: skip
    spent, of_it = Money(done.spent_minor, payment.currency), Money(done.settled_minor, invoice.currency)
    at_rate = f"at {_said(done.rate)} ({done.source})"
    return f"{spoken(spent, 'en')} settled {spoken(of_it, 'en')} of {invoice.number}, {at_rate}.", invoice.id


def _foreign(visit: Visit, payment: Payment) -> Sequence[Foreign]:
    """The oldest due first, with the rate of the day on which the money came: two statements."""
    opened = Invoice.objects.filter(customer=payment.customer_id, vendor=visit.vendor, open_minor__gt=0, voided_at=None)
    rows = list(opened.exclude(currency=payment.currency).order_by("due_on", "id")[:MOST])
    if not rows:
        return []
    codes = {payment.currency, *(row.currency for row in rows)}
    book = known(vendor_id=visit.vendor.id, currencies=codes, first_on=payment.received_on)
    rates = {code: book.find(payment.currency, code, payment.received_on) for code in codes - {payment.currency}}
    return [
        Foreign(
            row, Money(row.open_minor, row.currency), rate := rates[row.currency], rate.worth(payment.free) if rate else None
        )
        for row in rows
    ]


def _typed(given: QueryDict) -> TypedRate | None:
    rate = _rate(given)
    return None if rate is None else TypedRate(rate, given.get("rate_source", "")[:200], _day(given.get("rate_on", "")))


def _said(rate: Decimal) -> str:
    """To seven figures: one that was turned round has more than anybody reads. The books keep all of them."""
    return f"{Context(prec=7).plus(rate).normalize():f}"


def _rate(given: QueryDict) -> Decimal | None:
    said = given.get("rate", "").strip()
    try:
        return Decimal(said) if said else None
    except InvalidOperation:
        raise Refused(f"{said[:20]!r} is no rate; write it like 0.8567.", code="rate", field="rate") from None


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said.strip()) if said.strip() else None
    except ValueError:
        raise Refused(f"{said[:20]!r} is no day; write it like 2026-11-16.", code="date", field="rate_on") from None


def _key(given: QueryDict) -> UUID | None:
    try:
        return UUID(given.get("invoice", ""))
    except ValueError:
        return None


urls: list[URLPattern] = [path("payments/<uuid:payment_id>/settle/", settle, name="settle-payment")]
