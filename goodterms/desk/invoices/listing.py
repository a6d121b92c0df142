"""Decides what the list of invoices answers: a page of it, the same as a file, and what is kept under a name."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from goodterms.database.isolation import acting_for
from goodterms.delivery.spoken import amounts as spoken
from goodterms.desk.billing.reading import count as unbilled
from goodterms.desk.door import EVERYBODY, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import reading
from goodterms.desk.invoices.certificates import missing
from goodterms.desk.invoices.filter import SHOWS, VIEWS, Wish, asked
from goodterms.desk.invoices.reading import Group, Row
from goodterms.desk.invoices.saying import Said, lag, standing
from goodterms.parties.actions import forget_view, save_view
from goodterms.parties.models import SavedView
from goodterms.stationery.downloads import streamed
from goodterms.values.money import Money

PAGE = "invoices"
COLUMNS = (
    "standing", "number", "customer", "work", "issued_on", "due_on", "settled_on", "currency", "total", "open", "says",
)  # fmt: skip


class Shown(NamedTuple):
    """A row with its words, for the template."""

    row: Row
    said: Said
    lag: str


@at_desk()
def invoices(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """All invoices that the sentence asks for, in the order of what they ask of us."""
    wish = asked(request.GET.dict())
    found = reading.listed(visit.vendor.id, wish, visit.today)
    counts = reading.counted(visit.vendor.id, visit.today)
    saved = list(SavedView.objects.filter(vendor=visit.vendor, member=visit.member, page=PAGE).order_by("name"))
    more: dict[str, Any] = {
        "wish": wish,
        "groups": [(group, _lines(group.rows, visit)) for group in found.groups],
        "found": found,
        "counts_of": counts,
        "of_all": f"more than {reading.MOST_COUNTED:,}" if counts.all > reading.MOST_COUNTED else f"{counts.all:,}",
        "lead": _lead(visit, found.groups, counts) if wish._replace(after="") == Wish() and not wish.after else None,
        "views": [(name, words, getattr(counts, name), Wish(name).address()) for name, words in VIEWS.items()],
        "saved": [(view, f"?{view.query}", f"?{view.query}" == wish.address()) for view in saved],
        "shows": [(name, words) for name, (words, _) in SHOWS.items()],
        "unbilled": unbilled(visit.vendor.id),
        "uncertified": missing(visit.vendor.id),
        "is_plain": wish._replace(after="") == Wish(wish.show),
        "page_query": wish.address()[1:],
        "next_page": f"{_with(wish)}{urlencode({'after': found.after})}" if found.after else "",
        "may_touch": visit.role != "reader",
    }
    return shown(request, visit, "desk/invoices/list.html", PAGE, **more)


@at_desk()
def invoices_csv(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What the list finds, whole, line by line."""
    wish = asked(request.GET.dict())
    return streamed(f"invoices-{visit.today}.csv", COLUMNS, _rows(visit.vendor.id, wish, visit.today, visit.vendor.timezone))


@at_desk(*EVERYBODY, methods=("POST",))
def keep_view(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Keep the filter under a name, or let a kept one go: anybody's own, so a reader's as well."""
    query = asked(request.POST.dict()).address()[1:]
    with deciding() as outcome:
        if gone := request.POST.get("forget"):
            forget_view(vendor_id=visit.vendor.id, member_id=visit.member.id, view_id=UUID(gone))
        else:
            save_view(
                vendor_id=visit.vendor.id, member_id=visit.member.id, page=PAGE, name=request.POST.get("name", ""),
                query=query, now=visit.now,
            )  # fmt: skip
    if outcome.refusal:
        messages.error(request, outcome.refusal.sentence)
    return redirect(f"{at(visit, PAGE)}?{query}")


def _lines(rows: Sequence[Row], visit: Visit) -> list[Shown]:
    return [Shown(row, standing(row, visit.today, visit.vendor.timezone), lag(row)) for row in rows]


def _with(wish: Wish) -> str:
    address = wish.address()
    return address if address == "?" else f"{address}&"


class Lead(NamedTuple):
    """The sentence that the page begins with."""

    open: int
    sums: str  # one for each currency, in words
    late: int


def _lead(visit: Visit, groups: Sequence[Group], counts: reading.Counts) -> Lead:
    """What is open of all pages, one sum for each currency."""
    sums: dict[str, Money] = {}
    for group in groups:
        for one in group.sums if group.key in ("late", "ahead") else ():
            sums[one.currency] = sums.get(one.currency, Money(0, one.currency)) + one
    own = visit.vendor.currency
    ordered = sorted(sums.values(), key=lambda one: (one.currency != own, one.currency))
    return Lead(counts.open, spoken(ordered, "en"), counts.late)


def _rows(vendor_id: UUID, wish: Wish, today: date, timezone: str) -> Iterator[Sequence[object]]:
    with acting_for([vendor_id]):
        for group, row in reading.everything(vendor_id, wish, today):
            settled_on = row.settled_on if row.settled_on != date.max else None
            yield (
                group, row.number, row.customer, row.work, row.issued_on, row.due_on, settled_on, row.currency,
                Money(row.total_minor, row.currency).major, Money(row.open_minor, row.currency).major,
                standing(row, today, timezone).words,
            )  # fmt: skip
