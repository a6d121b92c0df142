"""Decides how the desk gives a customer a credit that corrects no invoice, and how what they have to their credit is spent."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting, typed
from goodterms.desk.invoices.sums import money_typed
from goodterms.invoicing.actions import credit_on_account
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.payments.actions import allocate, allocate_credit
from goodterms.payments.keeping import Credit, left_of_notes
from goodterms.payments.models import Allocation, Payment
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

MOST = 100  # open invoices that the form lists, the oldest
LINES = 3  # of a credit in the form


class Open(NamedTuple):
    """An invoice that it can be spent on: what is open of it, and what was typed."""

    invoice: Invoice
    open: Money
    is_chosen: bool
    typed: str


class Used(NamedTuple):
    """An invoice that it settled so much of."""

    invoice_id: UUID
    number: str
    work: str
    amount: Money


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def spend(request: HttpRequest, visit: Visit, source_id: UUID) -> HttpResponseBase:
    """On which invoices a credit, or money that settles nothing yet, is spent, and how much on each."""
    source = _source(visit, source_id)
    given: Any = request.POST if request.method == "POST" else QueryDict(f"invoice={request.GET.get('invoice', '')}")
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            answer = _spend(visit, source, request.POST)
        if outcome:
            many = len(answer["allocations"])
            rest = Money(answer["unapplied_minor"], source.free.currency)
            left = f"{spoken(rest, 'en')} of it are left." if rest else "All of it is used."
            messages.success(request, f"It settles {'one invoice' if many == 1 else f'{many} invoices'}. {left}")
            return redirect(at(visit, "customer", customer_id=source.customer_id))
        refusal = outcome.refusal
    customer = Customer.objects.get(id=source.customer_id)
    return shown(
        request, visit, "desk/invoices/spend.html", "invoices", 409 if refusal else 200, source=source, refusal=refusal,
        customer=customer, rows=_open(visit, source, given), used=_used(source), seen=source.free.minor,
    )  # fmt: skip


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def give(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """A credit note without an invoice: what for, how much before tax, at which tax, and why."""
    customer = Customer.objects.filter(id=customer_id, vendor=visit.vendor).first()
    if customer is None:
        raise Http404
    choices = drafting.choices(visit, customer)
    given = request.POST if request.method == "POST" else QueryDict(f"key={new_key(visit.clock)}")
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            note = _give(visit, customer, request.POST, choices)
        if outcome:
            told = f"Credit note {note.number} for {spoken(Money(note.total_minor, note.currency), 'en')} is written."
            messages.success(request, f"{told} It is kept for {customer.name} until it is spent.")
            return redirect(at(visit, "customer", customer_id=customer.id))
        refusal = outcome.refusal
    lines = (typed.written(given).lines + [typed.Typed()] * LINES)[:LINES]
    return shown(
        request, visit, "desk/invoices/credit.html", "invoices", 409 if refusal else 200, customer=customer, given=given,
        refusal=refusal, parts=lines, choices=choices,
    )  # fmt: skip


def _source(visit: Visit, source_id: UUID) -> Credit:
    """A payment of which something may be free, or a credit note."""
    paid = Payment.objects.seen_by(visit.viewer).filter(id=source_id).first()
    if paid is not None:
        return Credit(paid.id, paid.vendor_id, paid.customer_id, "", paid.received_on, paid.free)
    notes = Invoice.objects.filter(id=source_id, vendor=visit.vendor, kind="credit_note", voided_at=None)
    note = notes.exclude(issued_on=None).first()
    if note is None or note.issued_on is None:
        raise Http404
    left = Money(left_of_notes([note.id]).get(note.id, 0), note.currency)
    return Credit(note.id, note.vendor_id, note.customer_id, note.number, note.issued_on, left)


def _spend(visit: Visit, source: Credit, given: QueryDict) -> Mapping[str, Any]:
    """Refuses a form that speaks of another sum than is left: it was sent twice, or somebody else spent some."""
    named = _named(visit, source, given)
    if not named:
        raise Refused("Choose at least one invoice that it is spent on.", code="invoice", field="invoice")
    written = given.get("seen", "")
    seen = Money(int(written) if written.isdecimal() else 0, source.free.currency)
    who: dict[str, Any] = {"by": visit.by, "role": visit.role, "now": visit.now, "named": named, "seen": seen}
    if source.is_note:
        return allocate_credit(credit_note_id=source.id, **who)
    return allocate(payment_id=source.id, **who)


def _named(visit: Visit, source: Credit, given: QueryDict) -> dict[UUID, Money | None]:
    opened = {str(one.invoice.id): one for one in _open(visit, source, given)}
    chosen = [opened[key] for key in given.getlist("invoice") if key in opened]
    return {
        one.invoice.id: money_typed(one.typed, source.free.currency, f"sum-{one.invoice.id}") if one.typed else None
        for one in chosen
    }


def _open(visit: Visit, source: Credit, given: Any) -> list[Open]:
    """The oldest due first; one statement."""
    rows = Invoice.objects.filter(vendor=visit.vendor, customer_id=source.customer_id, currency=source.free.currency)
    opened = rows.filter(kind="invoice", open_minor__gt=0, voided_at=None).order_by("due_on", "id")[:MOST]
    chosen = set(given.getlist("invoice"))
    return [
        Open(one, Money(one.open_minor, one.currency), str(one.id) in chosen, given.get(f"sum-{one.id}", "").strip()[:30])
        for one in opened
    ]


def _used(source: Credit) -> list[Used]:
    rows = Allocation.objects.filter(reversed_at=None).select_related("invoice").order_by("created_at", "id")
    rows = rows.filter(credit_note_id=source.id) if source.is_note else rows.filter(payment_id=source.id)
    return [Used(one.invoice_id, one.invoice.number, one.invoice.work, Money(one.minor, one.invoice.currency)) for one in rows]


def _give(visit: Visit, customer: Customer, given: QueryDict, choices: drafting.Choices) -> Invoice:
    try:
        key = UUID(given.get("key", ""))
    except ValueError as odd:
        raise Refused("This form was not whole. Open it again.", code="key") from odd
    return credit_on_account(
        vendor_id=visit.vendor.id, customer_id=customer.id, lines=typed.read(typed.written(given), choices.taxes),
        reason=" ".join(given.get("reason", "").split())[:500], issued_on=visit.today, send=not given.get("unsent"), key=key,
        by=visit.by, role=visit.role, now=visit.now,  # type: ignore[arg-type]
    )  # fmt: skip


urls: list[URLPattern] = [
    path("credits/<uuid:source_id>/spend/", spend, name="spend-credit"),
    path("customers/<uuid:customer_id>/credit/", give, name="give-credit"),
]
