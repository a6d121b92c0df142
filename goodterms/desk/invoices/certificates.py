"""Decides what the list of missing certificates shows: tax that payers kept back and have not proven yet, by its age."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from goodterms.desk.door import Visit, at_desk, shown
from goodterms.payments.models import Withheld
from goodterms.values.money import Money

MOST = 200  # the oldest; the API and the command line list all
AGES = ((90, "More than 90 days ago"), (30, "31 to 90 days ago"), (None, "In the last 30 days"))  # more days than that


class Missing(NamedTuple):
    """What was kept back of an invoice, since when, and from whom the certificate is to come."""

    row: Withheld
    amount: Money
    days: int


class Group(NamedTuple):
    """Those of one age, and one sum for each currency."""

    title: str
    rows: list[Missing]
    sums: list[Money]


@at_desk()
def certificates(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The oldest first: what the tax office will not believe without its paper. It is given on the invoice's page."""
    found = Withheld.objects.seen_by(visit.viewer).without_certificate().select_related("invoice__customer")
    rows = list(found.order_by("effective_on", "id")[: MOST + 1])
    groups = _groups(rows[:MOST], visit.today)
    return shown(request, visit, "desk/invoices/certificates.html", "invoices", groups=groups, more=len(rows) > MOST)


def missing(vendor_id: UUID) -> int:
    """How many there are; one statement on its index."""
    return Withheld.objects.without_certificate().filter(vendor_id=vendor_id).count()


def _groups(rows: list[Withheld], today: date) -> list[Group]:
    found, before = [], date.min
    for least, title in AGES:
        until = date.max if least is None else today - timedelta(days=least)  # kept back before that day
        own = [Missing(one, one.amount, (today - one.effective_on).days) for one in rows if before <= one.effective_on < until]
        before = until
        if own:
            codes = sorted({one.amount.currency for one in own})
            sums = [Money.total((one.amount for one in own if one.amount.currency == code), code) for code in codes]
            found.append(Group(title, own, sums))
    return found


urls: list[URLPattern] = [path("invoices/certificates/", certificates, name="certificates")]
