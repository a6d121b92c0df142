"""Decides what is done about who a customer is: its details are changed, and the welcome packet is sent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.desk.customers import forms
from goodterms.desk.customers.page import found, refused
from goodterms.desk.door import CARE, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.parties.actions import change_customer
from goodterms.parties.models import Customer
from goodterms.relationship.actions import send_welcome

MOST_GROUPS = 500  # customers that one may belong to, in the list


@at_desk(*CARE, methods=("GET", "HEAD", "POST"))
def details(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """Names, addresses, numbers, the group; issued documents stay as they are."""
    customer = found(visit, customer_id)
    fields = forms.of_details(customer, _groups(customer))
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            change_customer(
                vendor_id=visit.vendor.id, customer_id=customer.id, now=visit.now, by=visit.by,
                changes=forms.read_details(request.POST),
            )  # fmt: skip
        if outcome:
            messages.success(request, "Kept. New documents say it; those that were issued stay as they are.")
            return redirect(at(visit, "customer", customer_id=customer.id))
        fields, refusal = forms.typed(fields, request.POST), outcome.refusal
    more: dict[str, Any] = {
        "fields": fields, "title": "Who they are", "refusal": refusal, "customer": customer, "submit": "Keep this",
        "then": "The next document says this, on paper and electronically. The log keeps what was.",
        "back": at(visit, "customer", customer_id=customer.id),
    }  # fmt: skip
    return shown(request, visit, "desk/customers/form.html", "customers", 409 if refusal else 200, **more)


@at_desk(*STAFF, methods=("POST",))
def welcome(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """The packet, as agreed today, to whoever pays there; pressed twice it goes once."""
    customer = found(visit, customer_id)
    with deciding() as outcome:
        sent = send_welcome(customer_id=customer.id, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if outcome.refusal:
        return refused(request, visit, customer, outcome.refusal)
    way = "on paper" if sent.channel == "post" else "by e-mail, at their hours"
    messages.success(request, f"The welcome packet is on its way to {sent.to}, {way}.")
    return redirect(at(visit, "customer", customer_id=customer.id))


def _groups(customer: Customer) -> list[tuple[str, str]]:
    """By name; the one that stands there already too."""
    others = Customer.objects.filter(vendor_id=customer.vendor_id).exclude(id=customer.id)
    rows = list(others.order_by("folded", "id").values_list("id", "name")[:MOST_GROUPS])
    if customer.parent_id and customer.parent_id not in {key for key, _ in rows}:
        rows += others.filter(id=customer.parent_id).values_list("id", "name")
    return [(str(key), name) for key, name in rows]
