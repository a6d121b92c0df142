"""Decides what the desk answers where a payer named a colleague: added, with a letter to them, or not added."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.access.actions import ask_for_link
from goodterms.access.due import soon
from goodterms.desk.customers.page import found
from goodterms.desk.door import CARE, Visit, at, at_desk, clock, deciding
from goodterms.parties.actions import add_introduced, decline_introduction
from goodterms.parties.models import Introduction


@at_desk(*CARE, methods=("POST",))
def introduction(request: HttpRequest, visit: Visit, customer_id: UUID, introduction_id: UUID) -> HttpResponseBase:
    """Whoever may care for customers decides; only then does that person see anything, or hear of us."""
    customer = found(visit, customer_id)
    verb = add_introduced if request.POST.get("deed") == "add" else decline_introduction
    with deciding() as outcome:
        one = verb(vendor_id=visit.vendor.id, introduction_id=introduction_id, by=visit.by, now=visit.now)
    if outcome.refusal:
        messages.error(request, str(outcome.refusal))
    elif one.outcome == "added":
        transaction.on_commit(lambda: _write_to(one))
        messages.success(
            request, f"{one.name} is a contact of {customer.name} now. A letter with their own link is on its way."
        )
    else:
        messages.success(request, f"{one.name} is not added. {one.by} sees that on their page.")
    return redirect(at(visit, "customer", customer_id=customer.id))


def _write_to(one: Introduction) -> None:
    """In a transaction of its own: the letter speaks for every vendor that lists them, and this desk for one."""
    with transaction.atomic():
        soon(ask_for_link(address=one.address, now=clock(), introduced_by=one.by), clock)
