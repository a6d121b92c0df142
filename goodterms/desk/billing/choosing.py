"""Decides what a new invoice begins with where the customer has unbilled work: which of it is chosen, and how it will look."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.billing.actions import bill_items
from goodterms.billing.gathering import pieces_of, told_by, who_apart
from goodterms.billing.models import Item, Project
from goodterms.billing.rules import Bill, bills
from goodterms.desk.billing.estimates import Against, over
from goodterms.desk.billing.reading import Done, billed_before, done, of_customer, sum_of
from goodterms.desk.door import STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting
from goodterms.invoicing.actions import Written as What
from goodterms.invoicing.totals import Totals, totals
from goodterms.parties.models import Customer
from goodterms.terms.actions import InEffect
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Chosen(NamedTuple):
    """One project in the table: its rows, each with whether it is ticked, and what the ticked ones cost before tax."""

    project: Project
    rows: list[tuple[Done, bool]]
    net: Money
    estimate: Money | None


def begun(request: HttpRequest, visit: Visit, customer: Customer | None) -> HttpResponseBase | None:
    """The page to choose on, with all finished work ticked; none where there is nothing, or it shall be written by hand."""
    if customer is None or "by-hand" in request.GET:
        return None
    items = of_customer(customer.id)
    return _page(request, visit, customer, items, {one.id for one in items if _is_ready(one)}) if items else None


@at_desk(*STAFF, methods=("POST",))
def bill(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """A draft of what is ticked, or the page again with what it comes to."""
    customer = Customer.objects.seen_by(visit.viewer).filter(id=customer_id).first()
    if customer is None:
        raise Http404
    items = of_customer(customer.id)
    typed = set(request.POST.getlist("work"))
    ticked = [one.id for one in items if str(one.id) in typed]
    deed = request.POST.get("deed", "look")
    if deed == "look":
        return _page(request, visit, customer, items, set(ticked))
    with deciding() as outcome:
        if len(ticked) != len(typed):
            raise Refused(_CHANGED, code="billed")
        made = bill_items(
            vendor_id=visit.vendor.id, item_ids=ticked, by=visit.by, role=visit.role, now=visit.now,  # type: ignore[arg-type]
            by_project=True if deed == "apart" else None,
        )  # fmt: skip
    if outcome.refusal:
        return _page(request, visit, customer, items, set(ticked), outcome.refusal)
    return drafted(request, visit, made)


def drafted(request: HttpRequest, visit: Visit, made: Sequence[UUID]) -> HttpResponseBase:
    """On to the draft, or to the list where it became several."""
    if len(made) == 1:
        messages.success(request, "Drafted. Nobody hears of it before it is issued.")
        return redirect(at(visit, "draft", invoice_id=made[0]))
    messages.success(request, f"{len(made)} invoices are drafted. Nobody hears of them before they are issued.")
    return redirect(f"{at(visit, 'invoices')}?show=finish")


def _page(
    request: HttpRequest, visit: Visit, customer: Customer, items: list[Item], ticked: set[UUID], refusal: Refused | None = None
) -> HttpResponseBase:
    chosen = [one for one in items if one.id in ticked and _is_ready(one)]
    wanted = bills(pieces_of(chosen), apart=who_apart([customer]), breakdown=told_by([customer]))
    sums, agreed = [totals(one.currency, one.lines) for one in wanted], drafting.agreed_with(visit, customer)
    in_own = sums[0] if len(sums) == 1 and wanted[0].currency == customer.currency else None
    projects = _projects(items, ticked)
    more: dict[str, Any] = {
        "customer": customer, "projects": projects, "over": over(_against(projects)), "chosen": len(chosen),
        "of_all": len(items), "can_bill": any(_is_ready(one) for one in items),
        "sums": _together(sums), "invoices": len(wanted), "refusal": refusal,
        "orderless": customer.order_required and any(not one.order_number for one in wanted),
        "preview": _preview(visit, customer, wanted[0], agreed) if in_own else None,
        "when": drafting.when(visit, customer, in_own, agreed),
    }  # fmt: skip
    return shown(request, visit, "desk/billing/choose.html", "invoices", 409 if refusal else 200, **more)


def _projects(items: Sequence[Item], ticked: set[UUID]) -> list[Chosen]:
    found = []
    for _, group in groupby(items, key=lambda one: one.project_id):
        of = list(group)
        project = of[0].project
        rows = [(row := done(one, project.currency), row.is_ready and one.id in ticked) for one in of]
        estimate = None if project.estimate_minor is None else Money(project.estimate_minor, project.currency)
        found.append(Chosen(project, rows, sum_of((row for row, yes in rows if yes), project.currency), estimate))
    return found


def _against(projects: Sequence[Chosen]) -> list[Against]:
    """The chosen projects that have an estimate, with what was billed of them before."""
    before = billed_before(one.project for one in projects)
    return [
        Against(one.project.name, before[one.project.id] + one.net, one.estimate)
        for one in projects
        if one.estimate is not None and one.net
    ]


class Together(NamedTuple):
    """What the invoices to be come to in one currency."""

    net: Money
    tax: Money
    total: Money


def _together(sums: Sequence[Totals]) -> list[Together]:
    """One for each currency; they are never added to each other."""
    found: dict[str, Together] = {}
    for one in sums:
        none = Money(0, one.total.currency)
        before = found.get(one.total.currency, Together(none, none, none))
        found[one.total.currency] = Together(before.net + one.net, before.tax + one.tax, before.total + one.total)
    return list(found.values())


def _preview(visit: Visit, customer: Customer, one: Bill, agreed: InEffect) -> drafting.Preview:
    return drafting.preview(visit, customer, one.order_number, What(one.lines, (), "group"), agreed)


def _is_ready(item: Item) -> bool:
    return item.finished_on is not None and not item.waits_for


_CHANGED = (
    "Something chosen here was billed meanwhile, was dropped, or waits for somebody’s word. Nothing was billed; look at the"
    " list again."
)
