"""Decides what the page of one customer answers, and the small deeds on it: a note, a hold of everything, a release."""

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.billing.unbilled import unbilled
from goodterms.desk.billing import coming
from goodterms.desk.billing.reading import MOST_ITEMS
from goodterms.desk.customers import one
from goodterms.desk.customers.forms import a_day
from goodterms.desk.door import STAFF, Visit, at, at_desk, deciding, shown
from goodterms.invoicing.actions import hold_all, release_all
from goodterms.parties.actions import note_customer
from goodterms.parties.models import Customer
from goodterms.payments.keeping import Credit, kept_for
from goodterms.relationship.measures import DEFINITIONS
from goodterms.relationship.measures.sides import PAYING
from goodterms.relationship.timeline import timeline
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

MOST_KEPT = 10  # payments and credit notes of which something is free, the oldest
STORY = 16  # entries of the timeline at once
COLLEAGUES = ("owner", "bookkeeper", "approver", "receivables manager")


@at_desk()
def customer(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """One relationship: what was agreed, how they like it, their people, balance, figures and story."""
    return _page(request, visit, found(visit, customer_id))


@at_desk(*COLLEAGUES, methods=("POST",))
def note(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """Write down what colleagues should know."""
    customer, words = found(visit, customer_id), request.POST.get("words", "")
    with deciding() as outcome:
        note_customer(
            vendor_id=visit.vendor.id, customer_id=customer.id, words=words, by=visit.by, now=visit.now,
            key=request.POST.get("key", "")[:40],
        )  # fmt: skip
    if outcome.refusal:
        return _page(request, visit, customer, 409, refusal=outcome.refusal, typed=request.POST, form="note")
    messages.success(request, "Your note is kept, for colleagues only.")
    return redirect(at(visit, "customer", customer_id=customer.id))


@at_desk(*COLLEAGUES, methods=("POST",))
def hold(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """Leave everything open of this customer alone, with a reason."""
    customer, given = found(visit, customer_id), request.POST
    with deciding() as outcome:
        until = a_day(given, "until_on")
        held = hold_all(
            customer_id=customer.id, note=given.get("note", ""), from_on=visit.today, until_on=until, by=visit.by,
            role=visit.role, now=visit.now,  # type: ignore[arg-type]
        )  # fmt: skip
    if outcome.refusal:
        return _page(request, visit, customer, 409, refusal=outcome.refusal, typed=given, form="hold")
    messages.success(request, f"No reminder about {'this invoice' if held == 1 else f'these {held} invoices'} goes out.")
    return redirect(at(visit, "customer", customer_id=customer.id))


@at_desk(*COLLEAGUES, methods=("POST",))
def release(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """Take everything up again that was held by hand."""
    customer = found(visit, customer_id)
    with deciding() as outcome:
        release_all(customer_id=customer.id, on=visit.today, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if outcome.refusal:
        return _page(request, visit, customer, 409, refusal=outcome.refusal, form="hold")
    messages.success(request, "Reminders go on, as the cadence has them.")
    return redirect(at(visit, "customer", customer_id=customer.id))


def found(visit: Visit, customer_id: UUID) -> Customer:
    """A customer of this vendor; any other is not there."""
    customer = Customer.objects.seen_by(visit.viewer).filter(id=customer_id).first()
    if customer is None:
        raise Http404
    return customer


def refused(request: HttpRequest, visit: Visit, customer: Customer, no: Refused) -> HttpResponseBase:
    """The page with why something was not done."""
    return _page(request, visit, customer, 409, refusal=no)


class Kept(NamedTuple):
    """Money or a credit that settles nothing yet, and whether something is open in its currency, and in another."""

    credit: Credit
    fits: bool
    abroad: bool


def _kept(customer: Customer, seen: one.One) -> list[Kept]:
    opened = {of.amount.currency for of in seen.balances}
    found = kept_for(customer_ids=[customer.id], most=MOST_KEPT)
    return [Kept(credit, (code := credit.free.currency) in opened, bool(opened - {code})) for credit in found]


def _page(request: HttpRequest, visit: Visit, customer: Customer, status: int = 200, **more: Any) -> HttpResponseBase:
    before = request.GET.get("before", "")
    try:
        story = timeline(viewer=visit.viewer, today=visit.today, customer_id=customer.id, limit=STORY, before=before)
    except Refused as odd:
        raise Http404 from odd
    seen = one.read(visit.vendor, customer, visit.today, visit.now)
    context: dict[str, Any] = {
        "one": seen,
        "timeline": story,
        "earlier_url": f"?before={story.earlier}#story",
        "earlier_page": bool(before),
        "definitions": DEFINITIONS | {"paying": PAYING},
        "kept": _kept(customer, seen),
        "unbilled": unbilled(vendor_id=visit.vendor.id, customer_id=customer.id, most=MOST_ITEMS),
        "schedules": coming.of_customer(customer.id),
        "welcomed": one.welcomed(customer),
        "may_welcome": visit.may(*STAFF),
        "may_care": visit.may("owner", "bookkeeper", "receivables manager"),
        "may_books": visit.may("owner", "bookkeeper"),
        "may_note": visit.may(*COLLEAGUES),
        "key": new_key(visit.clock),
    }
    return shown(request, visit, "desk/customers/one.html", "customers", status, **(context | more))
