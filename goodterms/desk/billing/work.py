"""Decides what the pages of unbilled work answer: the list of it, a project with its items, and how it comes to be billed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode

from goodterms.billing import actions
from goodterms.billing.models import Item, Project
from goodterms.billing.standing import standing
from goodterms.desk.billing import reading, typed
from goodterms.desk.billing.choosing import drafted
from goodterms.desk.customers import forms
from goodterms.desk.customers.forms import Field
from goodterms.desk.door import BOOKS, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting
from goodterms.desk.invoices.abroad import asking, keep_rate_in
from goodterms.desk.invoices.sending import free_until
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

BOTH = ("GET", "HEAD", "POST")
ENTRY = "invoices"  # of the main navigation


@at_desk()
def to_be_billed(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What is done and not billed, what waits for a word, what is still being worked on."""
    found = reading.waiting(visit.vendor.id, visit.today, visit.vendor.currency)
    return shown(request, visit, "desk/billing/list.html", ENTRY, found=found, may_work=visit.may(*STAFF))


@at_desk(*STAFF, methods=BOTH)
def new_project(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Work for one customer under a name of its own."""
    given = request.POST if request.method == "POST" else request.GET
    fields = _of_project(visit)
    if request.method != "POST":
        return _asked(request, visit, forms.typed(fields, given))
    with deciding() as outcome:
        key = customer_id(given)
        customer = Customer.objects.filter(vendor=visit.vendor, id=key).first() if key else None
        if customer is None:
            raise Refused("Choose for whom it is.", field="customer")
        begun = actions.open_project(
            vendor_id=visit.vendor.id, customer_id=customer.id, **typed.project(given, customer.currency), **says(visit)
        )
    if outcome.refusal:
        return _asked(request, visit, forms.typed(fields, given), outcome.refusal)
    return redirect(at(visit, "project", project_id=begun.id))


@at_desk()
def project(request: HttpRequest, visit: Visit, project_id: UUID) -> HttpResponseBase:
    """One project: what can be billed, what waits and for whom, what was billed."""
    return page(request, visit, found(visit, project_id))


@at_desk(*STAFF, methods=("POST",))
def add_item(request: HttpRequest, visit: Visit, project_id: UUID) -> HttpResponseBase:
    """Something more was done; the form sent twice notes it once."""
    one = found(visit, project_id)
    with deciding() as outcome:
        work = typed.work(request.POST, drafting.choices(visit, one.customer).taxes)
        actions.add_items(project_id=one.id, work=[work], **says(visit))
    if outcome.refusal:
        return page(request, visit, one, outcome.refusal, "add", request.POST)
    messages.success(request, "Noted.")
    return redirect(at(visit, "project", project_id=one.id))


@at_desk(*STAFF, methods=("POST",))
def finish(request: HttpRequest, visit: Visit, project_id: UUID) -> HttpResponseBase:
    """The project is finished: drafted, or approved and issued as well; or nothing of it is left to bill."""
    one, deed = found(visit, project_id), request.POST.get("deed", "draft")
    with deciding() as outcome:
        if deed == "close":
            actions.finish_project(project_id=one.id, on=visit.today, **says(visit))
        else:
            if deed == "issue":
                keep_rate_in(visit, one.currency, request.POST)
            made = actions.bill_project(
                project_id=one.id, on=visit.today, issues=deed == "issue", up_to=visit.approves_up_to,
                free_until_at=free_until(visit), **says(visit),
            )  # fmt: skip
    if outcome.refusal:
        return page(request, visit, one, outcome.refusal, "finish", request.POST)
    if deed == "close":
        messages.success(request, "The project is finished.")
        return redirect(at(visit, "project", project_id=one.id))
    if deed == "issue" and not all(each.number for each in made):
        messages.success(request, "It is more than they expect, so it waits for the customer’s word and is not issued yet.")
        return redirect(at(visit, "invoice", invoice_id=next(each.invoice_id for each in made if not each.number)))
    if deed == "issue":
        messages.success(request, "Issued. It is on its way and on their page from now on, and stays as it is.")
        return redirect(at(visit, "invoice", invoice_id=made[0].invoice_id))
    return drafted(request, visit, [each.invoice_id for each in made])


@at_desk(*STAFF, methods=("POST",))
def item(request: HttpRequest, visit: Visit, item_id: UUID, verb: str) -> HttpResponseBase:
    """Whose word is missing about one item, that it has come, or that the item is not billed and why."""
    row = Item.objects.seen_by(visit.viewer).filter(id=item_id).first()
    if row is None or verb not in _SAID:
        raise Http404
    one, given = found(visit, row.project_id), request.POST
    with deciding() as outcome:
        if verb == "drop":
            actions.drop_item(item_id=row.id, reason=given.get("reason", ""), **says(visit))
        else:
            whom = given.get("whom", "").strip()[:200] if verb == "wait" else ""
            if verb == "wait" and not whom:
                raise Refused("Say whose word is missing, like “Beth’s yes”.", field="whom")
            actions.wait_for(item_id=row.id, whom=whom, **says(visit))
    if outcome.refusal:
        return page(request, visit, one, outcome.refusal, f"{verb} {row.id}", given)
    messages.success(request, _SAID[verb])
    place = urlencode({"after": after}) if (after := given.get("after", "")[:40]) else ""
    return redirect(f"{at(visit, 'project', project_id=one.id)}{'?' if place else ''}{place}")


def found(visit: Visit, project_id: UUID) -> Project:
    """A project of this vendor."""
    found = Project.objects.seen_by(visit.viewer).select_related("customer").filter(id=project_id).first()
    if found is None:
        raise Http404
    return found


def says(visit: Visit) -> dict[str, Any]:
    """Who does it, as an action asks."""
    return {"by": visit.by, "role": visit.role, "now": visit.now}


def customer_id(given: QueryDict) -> UUID | None:
    """Who was chosen; none where that is no customer."""
    try:
        return UUID(given.get("customer", ""))
    except ValueError:
        return None


def _of_project(visit: Visit) -> list[Field]:
    known = Customer.objects.filter(vendor=visit.vendor).order_by("folded").values_list("id", "name")[:500]
    customers = [("", "Choose"), *((str(key), name) for key, name in known)]
    return [
        Field("customer", "For whom", "", "select", choices=customers, required=True),
        Field("name", "Name of the project", hint="It stands above its lines on the invoice.", required=True),
        Field("estimate", "Estimate before tax", hint="As the customer knows it; empty where nothing was said."),
        Field("order_number", "Their purchase order", hint="Its invoice carries this number."),
        Field("order_amount", "Amount of that order before tax", hint="Before an invoice goes over it they are asked."),
    ]


def _asked(request: HttpRequest, visit: Visit, fields: list[Field], refusal: Refused | None = None) -> HttpResponseBase:
    return shown(
        request, visit, "desk/billing/form.html", ENTRY, 409 if refusal else 200, fields=fields, refusal=refusal,
        title="New project", submit="Begin the project", back=at(visit, "to-be-billed"), trail="To be billed",
        then="Nobody hears of it. What is done is noted in it, and billed when you say so.",
    )  # fmt: skip


def page(
    request: HttpRequest, visit: Visit, one: Project, refusal: Refused | None = None, form: str = "",
    given: QueryDict | None = None,
) -> HttpResponseBase:  # fmt: skip
    """A project, and what was refused about it."""
    unbilled, gone = reading.of_project(one)
    after = (given or request.GET).get("after", "")
    rows, next_after = reading.paged(unbilled, after)
    ready = [row for row in unbilled if row.is_ready]
    estimate = None if one.estimate_minor is None else Money(one.estimate_minor, one.currency)
    billed = reading.sum_of((row for row in gone if row.item.dropped_at is None), one.currency)
    more: dict[str, Any] = {
        "one": one, "unbilled": unbilled, "rows": rows, "after": after, "next_after": next_after,
        "gone": gone, "ready": len(ready), "net": reading.sum_of(ready, one.currency),
        "all_of_it": reading.sum_of(unbilled, one.currency) + billed, "billed": billed, "estimate": estimate,
        "price": standing(one),
        "refusal": refusal, "form": form, "given": given or {}, "key": new_key(visit.clock), "kinds": typed.KINDS,
        "choices": drafting.choices(visit, one.customer), "may_work": visit.may(*STAFF), "may_issue": visit.may(*BOOKS),
        **asking(visit, one.currency, given),
    }  # fmt: skip
    return shown(request, visit, "desk/billing/project.html", ENTRY, 409 if refusal else 200, **more)


_SAID = {
    "wait": "It waits, and is not billed before the word has come.",
    "agreed": "The word has come: it can be billed.",
    "drop": "It is not billed. Why stands in the project.",
}
