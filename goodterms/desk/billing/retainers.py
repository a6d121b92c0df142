"""Decides what the pages of retainers answer: the list, one that is begun, and one with what it holds and its deeds."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.billing import actions
from goodterms.billing.models import Item, Retainer
from goodterms.billing.standing import holding, holdings
from goodterms.desk.billing.prices import number, way
from goodterms.desk.billing.reading import done as done_of
from goodterms.desk.billing.reading import sum_of
from goodterms.desk.billing.typed import key
from goodterms.desk.billing.work import customer_id, says
from goodterms.desk.door import BOOKS, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting
from goodterms.desk.invoices.abroad import asking, keep_rate_in
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

BOTH = ("GET", "HEAD", "POST")
ENTRY = "invoices"
AT_ONCE = 100
MOST_ITEMS = 200


@at_desk()
def retainers(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What customers paid ahead, and what is left of it; those that ended come last."""
    after = request.GET.get("after", "")
    found = list(_beyond(Retainer.objects.filter(vendor=visit.vendor), after)[: AT_ONCE + 1])
    more: dict[str, Any] = {
        "rows": holdings(found[:AT_ONCE], visit.today, with_drawings=False), "after": after,
        "next_after": found[AT_ONCE - 1].id if len(found) > AT_ONCE else "", "may_work": visit.may(*STAFF),
    }  # fmt: skip
    return shown(request, visit, "desk/billing/retainers.html", ENTRY, **more)


def _beyond(rows: QuerySet[Retainer], after: str) -> QuerySet[Retainer]:
    """In the order of the list, those after the one with this key; all of them where none is named."""
    ordered = rows.annotate(is_over=ExpressionWrapper(Q(ended_on__isnull=False), BooleanField())).select_related("customer")
    ordered = ordered.order_by("is_over", "customer__folded", "name", "id")
    if not after:
        return ordered
    try:
        last = ordered.filter(id=UUID(after)).first()
    except ValueError:
        last = None
    if last is None:
        raise Refused("That place in the list is not there any more. Begin with its first page.", code="not_found")
    same, later = Q(), Q()
    place = {"is_over": last.ended_on is not None, "customer__folded": last.customer.folded, "name": last.name, "id": last.id}
    for column, value in place.items():
        later |= same & Q(**{f"{column}__gt": value})
        same &= Q(**{column: value})
    return ordered.filter(later)


@at_desk(*STAFF, methods=BOTH)
def new_retainer(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """For whom, a sum or hours, at which price and tax, and for how long it is kept."""
    given = request.POST if request.method == "POST" else request.GET
    if request.method != "POST":
        return _form(request, visit, given)
    with deciding() as outcome:
        chosen = customer_id(given)
        customer = Customer.objects.filter(vendor=visit.vendor, id=chosen).first() if chosen else None
        if customer is None:
            raise Refused("Choose for whom it is.", field="customer")
        begun = actions.begin_retainer(
            vendor_id=visit.vendor.id, customer_id=customer.id, **_begun(visit, customer, given), **says(visit)
        )
    if outcome.refusal:
        return _form(request, visit, given, outcome.refusal)
    messages.success(request, "It is begun, and holds nothing yet. Top it up next.")
    return redirect(at(visit, "retainer", retainer_id=begun.id))


@at_desk()
def retainer(request: HttpRequest, visit: Visit, retainer_id: UUID) -> HttpResponseBase:
    """One retainer: what it holds, what was paid ahead and until when, what was taken out."""
    return _page(request, visit, _found(visit, retainer_id))


@at_desk(*STAFF, methods=("POST",))
def deed(request: HttpRequest, visit: Visit, retainer_id: UUID, verb: str) -> HttpResponseBase:
    """Topped up, drawn, or ended. A form sent twice bills once."""
    one, do = _found(visit, retainer_id), _DEEDS.get(verb)
    if do is None:
        raise Http404
    made: Invoice | None = None
    with deciding() as outcome:
        made = do(visit, one, request.POST)
    if outcome.refusal:
        return _page(request, visit, one, outcome.refusal, verb, request.POST)
    if made is None:
        messages.success(request, "It has ended. What it holds can still be drawn, or given back by a credit note.")
        return redirect(at(visit, "retainer", retainer_id=one.id))
    is_issued = request.POST.get("deed") == "issue"
    messages.success(request, "Issued. It is on their page from now on." if is_issued else "Drafted. Nobody hears of it yet.")
    return redirect(at(visit, "invoice" if is_issued else "draft", invoice_id=made.id))


def _top_up(visit: Visit, one: Retainer, given: QueryDict) -> Invoice | None:
    quantity = number(given.get("quantity", ""), "quantity") or Decimal(0)
    return actions.top_up(retainer_id=one.id, quantity=quantity, **_bills(visit, one, given))


def _draw(visit: Visit, one: Retainer, given: QueryDict) -> Invoice | None:
    return actions.draw(retainer_id=one.id, item_ids=_items(given), **_bills(visit, one, given))


def _end(visit: Visit, one: Retainer, given: QueryDict) -> Invoice | None:
    actions.end_retainer(retainer_id=one.id, on=visit.today, reason=given.get("reason", ""), **says(visit))
    return None


_DEEDS: dict[str, Callable[[Visit, Retainer, QueryDict], Invoice | None]] = {"top-up": _top_up, "draw": _draw, "end": _end}


def _bills(visit: Visit, one: Retainer, given: QueryDict) -> dict[str, Any]:
    issues = given.get("deed") == "issue"
    if issues:
        keep_rate_in(visit, one.currency, given)
    return {"on": visit.today, "key": key(given), "way": way(visit, issues=issues), **says(visit)}


def _items(given: QueryDict) -> list[UUID]:
    """What was ticked; what is no key is nobody's."""
    try:
        return [UUID(one) for one in given.getlist("work")[:MOST_ITEMS]]
    except ValueError as odd:
        raise Refused("This form is too old. Load the page again.", code="key") from odd


def _begun(visit: Visit, customer: Customer, given: QueryDict) -> dict[str, Any]:
    """By argument of begin_retainer."""
    taxes = drafting.choices(visit, customer).taxes
    if given.get("tax", "") not in taxes:
        raise Refused("Choose the tax of it.", code="retainer", field="tax")
    keeps = given.get("keeps", "").strip()
    if keeps and not (keeps.isascii() and keeps.isdecimal() and len(keeps) < 4):
        raise Refused("It is kept for 0 to 120 months, or without end.", code="retainer", field="keeps_months")
    return {
        "name": given.get("name", "").strip()[:200], "unit": given.get("unit", ""), "tax": taxes[given.get("tax", "")],
        "unit_price": number(given.get("unit_price", ""), "unit_price"), "keeps_months": int(keeps) if keeps else None,
        "order_number": given.get("order_number", "").strip()[:100],
    }  # fmt: skip


def _found(visit: Visit, retainer_id: UUID) -> Retainer:
    found = Retainer.objects.seen_by(visit.viewer).select_related("customer").filter(id=retainer_id).first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, visit: Visit, given: QueryDict, refusal: Refused | None = None) -> HttpResponseBase:
    known = list(Customer.objects.filter(vendor=visit.vendor).order_by("folded").values_list("id", "name")[:500])
    more: dict[str, Any] = {
        "given": given, "refusal": refusal, "choices": drafting.choices(visit, None),
        "customers": [(str(one), name) for one, name in known],
    }  # fmt: skip
    return shown(request, visit, "desk/billing/new_retainer.html", ENTRY, 409 if refusal else 200, **more)


def _page(
    request: HttpRequest, visit: Visit, one: Retainer, refusal: Refused | None = None, form: str = "",
    given: QueryDict | None = None,
) -> HttpResponseBase:  # fmt: skip
    holds = holding(one, visit.today)
    unbilled = Item.objects.filter(project__customer=one.customer_id, project__currency=one.currency).finished()
    items = unbilled.select_related("project", "invoice").order_by("project__name", "done_on", "id")[:MOST_ITEMS]
    work = [done_of(item, one.currency) for item in items]
    rows = [(row, one.unit_price is None or actions.in_hours(row.item)) for row in work]
    fits = [row for row, fits_here in rows if fits_here]
    more: dict[str, Any] = {
        "one": one, "holds": holds, "work": rows, "fits": fits, "net": sum_of(fits, one.currency),
        "refusal": refusal, "form": form, "given": given or {}, "key": new_key(visit.clock),
        "may_work": visit.may(*STAFF), "may_issue": visit.may(*BOOKS),
        **asking(visit, one.currency, given),
        "top_ups": [
            (top, lot, Money(top.invoice.net_minor, one.currency), holds.in_hours(lot.net) if lot else None)
            for top, lot in holds.top_ups
        ],
    }  # fmt: skip
    return shown(request, visit, "desk/billing/retainer.html", ENTRY, 409 if refusal else 200, **more)
