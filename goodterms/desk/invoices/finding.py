"""Decides what the one field finds: invoices, customers, and what was said, each in its group."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponseBase

from goodterms.conversations.models import Message
from goodterms.desk.door import Visit, at_desk, shown
from goodterms.desk.invoices.listing import Shown
from goodterms.desk.invoices.reading import MOST_FOUND, rows_of
from goodterms.desk.invoices.saying import lag, standing
from goodterms.invoicing.seeking import LAST, found
from goodterms.parties.models import Customer
from goodterms.parties.rules import fold

MOST = 20


class Sentence(NamedTuple):
    """Something that was said, and in which conversation."""

    message: Message
    customer: str


@at_desk()
def find(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """One page for all of it; as many queries whatever is found."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    invoices = _invoices(visit, words)
    more: dict[str, Any] = {
        "words": words,
        "customers": _customers(visit, words),
        "lines": invoices[:MOST],
        "has_more": len(invoices) > MOST,
        "sentences": _sentences(visit, words),
    }
    return shown(request, visit, "desk/invoices/find.html", "", **more)


def _invoices(visit: Visit, words: str) -> list[Shown]:
    """The newest first: they were issued last, or are being written."""
    keys = (found(visit.vendor.id, words, MOST_FOUND) or [])[: MOST + 1]
    rows = {row.id: row for row in rows_of(keys, visit.today)}
    return [Shown(rows[key], standing(rows[key], visit.today, visit.vendor.timezone), lag(rows[key])) for key in keys]


def _customers(visit: Visit, words: str) -> list[Customer]:
    folded = fold(words)
    if not folded:
        return []
    named = Customer.objects.filter(vendor=visit.vendor, folded__gte=folded, folded__lt=folded + LAST)
    inside = Customer.objects.filter(vendor=visit.vendor, folded__contains=f" {folded}")
    numbered = Customer.objects.filter(vendor=visit.vendor, number=words)
    return list((named | inside | numbered).order_by("folded", "id")[:MOST])


def _sentences(visit: Visit, words: str) -> list[Sentence]:
    """What was said holds all the words, in any order; newest first. Three letters at least, or everything would."""
    terms = [word for word in words.split() if len(word) > 2][:6]
    if not terms:
        return []
    said = Message.objects.filter(vendor=visit.vendor)
    for word in terms:
        said = said.filter(words__icontains=word)
    # Which they are is found first: joined, whose each of thousands is would be looked up, for twenty of them.
    newest = said.order_by("-at", "-id").values("id")[:MOST]
    told = Message.objects.filter(id__in=newest).select_related("conversation__customer").order_by("-at", "-id")
    return [Sentence(one, one.conversation.customer.name) for one in told]
