"""Decides what the list of customers answers: a page of it, and the same as a file."""

import csv
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from goodterms.desk.customers import listing
from goodterms.desk.customers.saying import counted
from goodterms.desk.door import Visit, at_desk, shown
from goodterms.parties.models import Customer
from goodterms.relationship.measures.sides import Open, Sides
from goodterms.values.money import Money

VIEWS = (("all", "All"), ("waiting", "We owe them an answer"), ("late", "Late with something"))
COLUMNS = (
    "number", "name", "currency", "open", "late", "invoices_open", "questions", "typical_answer_minutes", "invoices",
    "right_first_time", "invoices_settled", "days_to_pay", "days_after_due", "said_good", "answers",
)  # fmt: skip


@at_desk()
def customers(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """All relationships, ours and theirs side by side."""
    wish = listing.asked(request.GET.dict())
    found = listing.listed(visit.vendor, wish, visit.today, visit.now)
    counts = listing.counted(visit.vendor.id, visit.today)
    more: dict[str, Any] = {
        "wish": wish,
        "rows": found.rows,
        "counts_of": counts,
        "many": counted(counts.all, "relationship", "relationships"),
        "views": [(name, words, getattr(counts, name), _address(wish._replace(view=name, after=""))) for name, words in VIEWS],
        "other_order": _address(wish._replace(order="name" if wish.order == "need" else "need", after="")),
        "next_page": _address(wish._replace(after=found.after)) if found.after else "",
        "first_page": _address(wish._replace(after="")) if wish.after else "",
        "as_file": _address(wish._replace(after="")),
    }
    return shown(request, visit, "desk/customers/list.html", "customers", **more)


@at_desk()
def customers_csv(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the list finds, whole: a line for each customer and currency in which something is open."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="customers-{visit.today}.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    for customer, sides in listing.everyone(visit.vendor.id, listing.asked(request.GET.dict()), visit.today):
        writer.writerows(_lines(customer, sides))
    return answer


def _lines(customer: Customer, sides: Sides) -> Iterable[list[object]]:
    zero = Money(0, customer.currency)
    paying = sides.paying
    for one in sides.open or (Open(zero, zero, 0, None, None, False),):
        yield [
            customer.number, customer.name, one.amount.currency, one.amount.major, one.late.major, one.invoices,
            sides.asked, sides.answer_minutes, sides.issued, sides.right, paying and paying.invoices,
            paying and round(paying.days, 1), paying and round(paying.after_due, 1), sides.good, sides.said,
        ]  # fmt: skip


def _address(wish: listing.Wish) -> str:
    usual = listing.Wish()
    given = {"view": wish.view, "order": wish.order, "q": wish.words, "after": wish.after}
    known = {"view": usual.view, "order": usual.order, "q": "", "after": ""}
    return "?" + urlencode({name: value for name, value in given.items() if value != known[name]})
