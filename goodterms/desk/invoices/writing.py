"""Decides what the page answers on which an invoice is written by hand: more lines, a preview, a draft, approved, issued."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string

from goodterms.desk.billing import choosing
from goodterms.desk.door import BOOKS, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting, enclosing, typed
from goodterms.desk.invoices.abroad import asks_rate, keep_rate
from goodterms.desk.invoices.sending import free_until
from goodterms.desk.invoices.typed import Typed, Written
from goodterms.invoicing.actions import (
    approve,
    ask_for_order,
    draft,
    edit,
    enclose,
    expect,
    expected_of,
    issue,
    issue_later,
    take_out,
    written,
)
from goodterms.invoicing.actions.enclosing import check_files
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.orders import checked_amount
from goodterms.parties.models import Customer
from goodterms.stationery.downloads import uploaded
from goodterms.terms.actions import InEffect
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

FRESH = 3  # empty lines to begin with
BOTH = ("GET", "HEAD", "POST")


@at_desk(*STAFF, methods=BOTH)
def new_invoice(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """First for whom, then which of the unbilled work; or what was done, by hand."""
    if request.method != "POST":
        asked = typed.written(request.GET)._replace(lines=[Typed()] * FRESH, rates="net")
        by_work = choosing.begun(request, visit, _customer(visit, asked))
        return by_work or _page(request, visit, asked, None, str(new_key(visit.clock)))
    return _written(request, visit, None)


@at_desk(*STAFF, methods=BOTH)
def draft_page(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """The same page for a draft that is there already."""
    invoice = Invoice.objects.select_related("customer").filter(id=invoice_id, vendor=visit.vendor).first()
    if invoice is None:
        raise Http404
    if invoice.issued_on or invoice.approved_at or invoice.voided_at:
        return redirect(at(visit, "invoice", invoice_id=invoice_id))
    if request.method == "POST":
        return _written(request, visit, invoice)
    order = expected_of(customer_id=invoice.customer_id, kind="order", name=invoice.order_number)
    stored = typed.of_draft(invoice, written(invoice), order)
    return _page(request, visit, stored, invoice, str(invoice.id))


@at_desk(*STAFF, methods=("POST",))
def preview(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The sheet alone, while somebody types; nothing is kept."""
    given = typed.written(request.POST)
    customer = _customer(visit, given)
    if customer is None:
        raise Http404
    choices = drafting.choices(visit, customer, given.more)
    there = _there(visit, customer, typed.key(request.POST.get("key", "")))
    seen = _seen(visit, customer, given, choices, drafting.agreed_for(visit, customer, there), there)
    return HttpResponse(render_to_string("desk/invoices/preview.html", {"preview": seen, "vendor": visit.vendor}, request))


def _written(request: HttpRequest, visit: Visit, invoice: Invoice | None) -> HttpResponseBase:
    given, deed = typed.written(request.POST), request.POST.get("deed", "save")
    key = str(invoice.id) if invoice else request.POST.get("key", "")
    if deed in typed.GROWS:
        grown, odd = typed.grown(given, deed, request.POST)
        return _page(request, visit, grown, invoice, key, odd)
    customer = invoice.customer if invoice else _customer(visit, given)
    if customer is None:
        return _page(request, visit, given, invoice, key, Refused("Choose for whom this invoice is.", field="customer"))
    if deed == "look":
        return _page(request, visit, given, invoice, key)
    with deciding() as outcome:
        saved = _save(visit, customer, given, key, invoice)
        _enclose(request, visit, saved)
        did = _go_on(visit, saved, request.POST)
    if outcome.refusal:
        return _page(request, visit, given, invoice, key, outcome.refusal)
    messages.success(request, _SAID[did.partition(":")[0]])
    where = "invoice" if deed in ("approve", "issue", "later") else "draft"
    asked = f"?check={request.POST.get('format', '')}#ready" if deed == "check" else ""
    return redirect(at(visit, where, invoice_id=saved.id) + asked)


def _save(visit: Visit, customer: Customer, given: Written, key: str, invoice: Invoice | None) -> Invoice:
    invoice = invoice or _there(visit, customer, _key(key))
    currency = invoice.currency if invoice else given.currency or customer.currency
    said = drafting.said(given, drafting.choices(visit, customer, given.more), currency, written(invoice) if invoice else None)
    who: dict[str, Any] = {"by": visit.by, "role": visit.role, "now": visit.now}
    words: dict[str, Any] = {"work": given.work, "order_number": given.order_number}
    _keep_order(visit, customer, given, currency)
    if invoice is None:
        return draft(
            vendor_id=visit.vendor.id, customer_id=customer.id, lines=said.lines, adjustments=said.adjustments,
            currency=currency, key=_key(key), **words, **who,
        )  # fmt: skip
    return edit(invoice_id=invoice.id, lines=said.lines, adjustments=said.adjustments, **words, **who)


def _there(visit: Visit, customer: Customer, key: UUID | None) -> Invoice | None:
    return Invoice.objects.filter(id=key, vendor=visit.vendor, customer=customer).first() if key else None


def _enclose(request: HttpRequest, visit: Visit, saved: Invoice) -> None:
    """The files that were chosen go along; the one whose button was pressed does no more."""
    role: Role = visit.role  # type: ignore[assignment]
    enclose(invoice_id=saved.id, files=uploaded(request, check=check_files), by=visit.by, role=role, now=visit.now)
    deed, _, key = request.POST.get("deed", "").partition(":")
    if deed == "remove":
        take_out(invoice_id=saved.id, enclosure_id=_key(key), by=visit.by, role=role, now=visit.now)


def _keep_order(visit: Visit, customer: Customer, given: Written, currency: str) -> None:
    """What their order is over, where somebody typed it."""
    amount = checked_amount(given.order_amount, currency) if given.order_number else None
    if amount is not None:
        role: Role = visit.role  # type: ignore[assignment]
        said: dict[str, Any] = {"by": visit.by, "role": role, "now": visit.now}
        expect(customer_id=customer.id, kind="order", name=given.order_number, amount=amount, **said)


def _key(written: str) -> UUID:
    """Made when the form was: the same form sent twice, or changed after Back, is the same draft."""
    try:
        return UUID(written)
    except ValueError as odd:
        raise Refused("This form is too old. Begin a new invoice.", code="key") from odd


def _go_on(visit: Visit, saved: Invoice, given: QueryDict) -> str:
    """Approve, and issue, where that was pressed; both or neither, with what was saved. What came of it: what would surprise
    the customer waits for their word."""
    role: Role = visit.role  # type: ignore[assignment]
    deed = given.get("deed", "save")
    if deed == "order":
        ask_for_order(invoice_id=saved.id, by=visit.by, role=role, now=visit.now)
    if deed in ("approve", "issue", "later"):
        approve(invoice_id=saved.id, by=visit.by, role=role, now=visit.now, up_to=visit.approves_up_to)
    if deed == "later":
        on = drafting.later_for(saved.customer, visit.today)
        issue_later(invoice_id=saved.id, on=on, today=visit.today, by=visit.by, role=role, now=visit.now)
    if deed == "issue":
        keep_rate(visit, saved.id, given)
        until = free_until(visit)
        who: dict[str, Any] = {"by": visit.by, "role": role, "now": visit.now, "free_until_at": until}
        return deed if issue(invoice_id=saved.id, issued_on=visit.today, **who).number else "wait"
    return deed


def _page(
    request: HttpRequest, visit: Visit, given: Written, invoice: Invoice | None, key: str, refusal: Refused | None = None
) -> HttpResponseBase:
    customer = invoice.customer if invoice else _customer(visit, given)
    more: dict[str, Any] = {"given": given, "invoice": invoice, "customer": customer, "refusal": refusal, "key": key}
    if customer is None:
        more["customers"] = list(Customer.objects.filter(vendor=visit.vendor).order_by("folded")[:500])
    else:
        more |= enclosing.beside(visit, invoice, request.GET.get("check", ""))
        choices = drafting.choices(visit, customer, given.more)
        agreed = drafting.agreed_for(visit, customer, invoice)
        seen = _seen(visit, customer, given, choices, agreed, invoice)
        currency = invoice.currency if invoice else given.currency or customer.currency
        more |= {
            "preview": seen, "choices": choices, "lines": _rows(given), "whole": list(enumerate(given.whole, 1)),
            "currency": currency, "categories": typed.NEW_TAXES,
            "new_tax": request.POST if refusal and request.POST.get("deed") == "tax" else {},
            "rates_are": [*typed.RATES_ARE, typed.MIXED] if given.rates == typed.MIXED[0] else typed.RATES_ARE,
            "when": drafting.when(visit, customer, seen.sums, agreed), "order_hint": drafting.order_hint(customer),
            "rate_from": currency, "asks_rate": asks_rate(visit, currency), "given_rate": request.POST,
            "blocked": drafting.is_blocked(customer, given.order_number), "may_issue": visit.may(*BOOKS),
            "supplier": drafting.who_supplies(customer) if customer.order_required and not given.order_number else None,
            "asks_another": _asks_another(visit, invoice),
        }  # fmt: skip
    return shown(request, visit, "desk/invoices/write.html", "invoices", 409 if refusal else 200, **more)


def _asks_another(visit: Visit, invoice: Invoice | None) -> bool:
    """Whether somebody else approves it, whatever it comes to: their own work under four eyes, or a limit of nothing."""
    is_own = visit.vendor.four_eyes and (invoice is None or invoice.created_by == visit.by)
    return is_own or (visit.approves_up_to is not None and not visit.approves_up_to)


def _rows(given: Written) -> list[tuple[int, Typed]]:
    return list(enumerate(given.lines or [Typed()], 1))


def _seen(
    visit: Visit, customer: Customer, given: Written, choices: drafting.Choices, agreed: InEffect, invoice: Invoice | None
) -> drafting.Preview:  # fmt: skip
    currency = invoice.currency if invoice else given.currency or customer.currency
    try:
        said = drafting.said(given, choices, currency, written(invoice) if invoice else None)
        return drafting.preview(visit, customer, given.order_number, said, agreed, currency)
    except Refused as no:
        return drafting.Preview(refusal=no)


def _customer(visit: Visit, given: Written) -> Customer | None:
    return Customer.objects.filter(vendor=visit.vendor, id=given.customer_id).first() if given.customer_id else None


_SAID = {
    "check": "Saved, and held against the rules. What was found stands below.",
    "remove": "Saved, and the file goes with it no more.",
    "save": "Saved as a draft. Nobody hears of it yet.",
    "order": "Saved as a draft, and they are asked by e-mail, at their hours. The number lands here when they give it.",
    "approve": "Saved and approved. It can be issued now.",
    "later": "Saved and approved. It is issued and sent by itself on the day that they take invoices.",
    "wait": "Saved and approved. It is more than they expect, so it waits for the customer’s word and is not issued yet.",
    "issue": "Issued. It is on its way and on their page from now on, and stays as it is.",
}
