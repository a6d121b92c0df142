"""Decides what is taken from the desk about a customer: the account since January, as a sheet or a table, and the welcome."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from goodterms.desk.customers.page import found
from goodterms.desk.door import Visit, at_desk
from goodterms.relationship.measures.statement import statements
from goodterms.relationship.welcome import welcome_pdf
from goodterms.stationery.account import COLUMNS, account_pdf, account_rows
from goodterms.stationery.downloads import printed, table


@at_desk()
def pdf(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """In their language, since it is for them."""
    customer = found(visit, customer_id)
    with translation.override(customer.language or visit.vendor.language):
        sheet = account_pdf(vendor=visit.vendor, customers=[customer], first_on=_first_on(visit), last_on=visit.today)
    return printed(f"statement-{customer.number}-{visit.today}.pdf", sheet)


@at_desk()
def csv(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """The same lines, with plain figures and ISO days."""
    customer, first_on = found(visit, customer_id), _first_on(visit)
    moves = statements(vendor_id=visit.vendor.id, customer_ids=[customer.id], first_on=first_on, last_on=visit.today)
    return table(f"statement-{customer.number}-{visit.today}.csv", COLUMNS, account_rows(moves, first_on))


@at_desk()
def welcome(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """What was agreed, on one page, for when a customer starts."""
    customer = found(visit, customer_id)
    content = welcome_pdf(vendor=visit.vendor, customer=customer, today=visit.today, now=visit.now)
    return printed(f"welcome-{customer.number}-{visit.today}.pdf", content)


def _first_on(visit: Visit) -> date:
    return date(visit.today.year, 1, 1)
