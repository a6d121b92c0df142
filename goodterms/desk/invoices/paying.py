"""Decides how money that came in is recorded by hand: first what it would settle, by the rules, then done, once."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.delivery.spoken import amount as spoken
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices.sums import money_typed
from goodterms.desk.invoices.withholding import declared_of, fields_of, kept_in
from goodterms.invoicing.actions import balance
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.payments.actions import record
from goodterms.payments.rules import Named, Share, allocate, as_kept, offer, open_item, terms_of
from goodterms.payments.withholding import Kept
from goodterms.values.keys import new_key
from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused

WAYS = {"bank_transfer": "Bank transfer", "card": "Card", "direct_debit": "Direct Debit", "cheque": "Cheque", "cash": "Cash"}
MOST = 200  # open invoices that the form lists, the oldest


class Item(NamedTuple):
    """An open invoice in the form: what would be paid, what is off early, and what the money does to it."""

    invoice: Invoice
    open: Money
    off: Money
    typed: str
    is_chosen: bool
    to_keep: Money  # that they keep back for the tax office, as its terms say
    kept: tuple[tuple[str, str], ...]  # what was typed of that: name and value of each of its fields
    share: Share | None  # what the money does to it

    @property
    def keeps(self) -> bool:
        """Whether the form speaks of it for this one from the start."""
        return bool(self.to_keep) or any(typed for _, typed in self.kept)

    @property
    def gets(self) -> Money | None:
        return self.share.amount if self.share else None

    @property
    def discount(self) -> Money | None:
        return self.share.discount if self.share else None

    @property
    def left(self) -> Money | None:
        return self.open - self.share.settles if self.share else None


class Wish(NamedTuple):
    """What was typed, read."""

    amount: Money
    received_on: date
    method: str
    reference: str
    named: Named
    kept: Mapping[UUID, Kept]


@at_desk(*BOOKS, methods=("GET", "HEAD", "POST"))
def record_payment(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """What came, when, how, and for which invoices: chosen, or the one it matches, else the oldest."""
    customer = Customer.objects.filter(id=customer_id, vendor=visit.vendor).first()
    if customer is None:
        raise Http404
    given = request.POST.copy() if request.method == "POST" else _begin(request.GET, customer, visit)
    currency = given.get("currency", "") or customer.currency
    answer: dict[str, Any] = {}
    if request.method == "POST" and given.get("deed") == "record":
        with deciding() as outcome:
            answer = _record(visit, customer, given, currency)
        if outcome:
            messages.success(request, _said(answer, currency))
            return redirect(_where(visit, customer, answer))
        return _page(request, visit, customer, given, currency, outcome.refusal)
    with deciding() as known:
        exponent(currency)
    if known.refusal:
        currency = given["currency"] = customer.currency
    return _page(request, visit, customer, given, currency, known.refusal)


def _record(visit: Visit, customer: Customer, given: QueryDict, currency: str) -> dict[str, Any]:
    wish = _read(given, currency)
    return record(
        vendor_id=visit.vendor.id, customer_id=customer.id, amount=wish.amount, received_on=wish.received_on,
        method=wish.method, reference=wish.reference, named=wish.named, kept=wish.kept,
        idempotency_key=given.get("key", "")[:80],
        by=visit.by, role=visit.role, now=visit.now,  # type: ignore[arg-type]
    )  # fmt: skip


def _page(
    request: HttpRequest, visit: Visit, customer: Customer, given: QueryDict, currency: str, refusal: Refused | None = None
) -> HttpResponseBase:
    opened = Invoice.objects.filter(vendor=visit.vendor, customer=customer, open_minor__gt=0, voided_at=None)
    others = {currency, customer.currency, visit.vendor.currency, *opened.values_list("currency", flat=True)}
    rows = list(opened.filter(currency=currency).order_by("due_on", "id")[:MOST])
    is_look = request.method == "POST" and refusal is None
    with deciding() as outcome:
        wish = _read(given, currency) if is_look else None
    refusal = refusal or outcome.refusal
    items, kept = _worked_out(rows, given, wish, visit.today)
    more: dict[str, Any] = {
        "customer": customer, "given": given, "items": items, "kept": kept, "refusal": refusal, "currency": currency,
        "currencies": sorted(others), "ways": WAYS.items(), "wish": wish,
    }  # fmt: skip
    return shown(request, visit, "desk/invoices/pay.html", "invoices", 409 if refusal else 200, **more)


def _worked_out(rows: list[Invoice], given: QueryDict, wish: Wish | None, today: date) -> tuple[list[Item], Money | None]:
    """The form's rows with what the money would do, by the very rule that will do it; and what would be kept as credit."""
    standings = {one.invoice_id: one for one in balance.look(invoice_ids=[row.id for row in rows])}
    items = {key: open_item(one, terms_of(one.terms)) for key, one in standings.items()}
    outcome = None
    if wish and (wish.received_on <= today):
        with deciding():
            said = [as_kept(item, wish.kept) for item in items.values()]
            outcome = allocate(wish.amount, said, named=wish.named, received_on=wish.received_on)
    shares = {share.invoice_id: share for share in outcome.shares} if outcome else {}
    chosen = given.getlist("invoice")
    day = wish.received_on if wish else today
    found = [
        Item(
            row, items[row.id].open, offer(items[row.id], day), given.get(f"sum-{row.id}", ""), str(row.id) in chosen,
            items[row.id].kept, tuple((name, given.get(name, "")) for name in fields_of(row.id)), shares.get(row.id),
        )
        for row in rows if row.id in items
    ]  # fmt: skip
    return found, outcome.unapplied if outcome else None


def _begin(asked: QueryDict, customer: Customer, visit: Visit) -> QueryDict:
    """A fresh form: one key for one payment, today, the way they usually pay, and the invoice one came from."""
    given = QueryDict(mutable=True)
    method = customer.pays_by if customer.pays_by in WAYS else "bank_transfer"
    given.update({"key": str(new_key(visit.clock)), "received_on": visit.today.isoformat(), "method": method})
    wanted = Invoice.objects.filter(customer=customer, vendor=visit.vendor, open_minor__gt=0).in_bulk(_known(asked))
    for one in wanted.values():
        given.update({"invoice": str(one.id), "currency": one.currency, "amount": str(one.to_pay.major), **declared_of(one)})
    if "currency" not in given:
        given["currency"] = asked.get("currency", customer.currency)[:3].upper()
    return given


def _known(asked: QueryDict) -> list[UUID]:
    try:
        return [UUID(asked.get("invoice", ""))] if "invoice" in asked else []
    except ValueError:
        return []


def _read(given: QueryDict, currency: str) -> Wish:
    method = given.get("method", "")
    if method not in WAYS:
        raise Refused("Choose how the money came.", code="method", field="method")
    try:
        received_on = date.fromisoformat(given.get("received_on", ""))
    except ValueError as odd:
        raise Refused("Say on which day the money was there, like 2026-11-16.", code="date", field="received_on") from odd
    return Wish(
        money_typed(given.get("amount", ""), currency, "amount"), received_on, method, given.get("reference", "").strip()[:200],
        _named(given, currency), _kept(given, currency),
    )  # fmt: skip


def _named(given: QueryDict, currency: str) -> Mapping[UUID, Money | None]:
    try:
        keys = [UUID(one) for one in given.getlist("invoice")[:MOST]]
    except ValueError as odd:
        raise Refused("One of these invoices is not known. Choose again.", code="invoice") from odd
    return {
        key: money_typed(typed, currency, f"sum-{key}") if (typed := given.get(f"sum-{key}", "").strip()) else None
        for key in keys
    }


def _kept(given: QueryDict, currency: str) -> dict[UUID, Kept]:
    """Of the invoices chosen, what they kept back where something is written for it."""
    found = {key: kept_in(given, currency, *fields_of(key)) for key in _named(given, currency)}
    return {key: kept for key, kept in found.items() if kept}


def _said(answer: Mapping[str, Any], currency: str) -> str:
    """What the books say now, an overpayment as well."""
    many = len(answer["allocations"])
    settled = f"It settles {'one invoice' if many == 1 else f'{many} invoices'}." if many else "It settles nothing yet."
    kept = Money(answer["unapplied_minor"], currency)
    rest = f" {spoken(kept, 'en')} is kept as their credit." if kept else ""
    return f"{spoken(Money(answer['minor'], currency), 'en')} is recorded. {settled}{rest} The thanks go out with the day."


def _where(visit: Visit, customer: Customer, answer: Mapping[str, Any]) -> str:
    keys = [one["invoice_id"] for one in answer["allocations"]]
    return at(visit, "invoice", invoice_id=UUID(keys[0])) if len(keys) == 1 else at(visit, "customer", customer_id=customer.id)
