"""Decides what the payer's page is: all open invoices of all vendors, what to pay now, and what was paid last."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from babel.numbers import get_currency_name
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from goodterms.billing.ahead import anything_ahead
from goodterms.database.together import together
from goodterms.delivery.spoken import locale_of
from goodterms.payments.keeping import Credit, kept_asked, summed
from goodterms.portal import saying
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.portal.overview import Bill, Group, Receipt, bills_asked, groups_of, paid_last, sums_of
from goodterms.portal.talks import Talk, fresh_talks
from goodterms.relationship.measures.answers import published_asked
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money

RECEIPTS = 3


class Facts(NamedTuple):
    """All that the page is made of: two pages with the same facts are the same, to the letter."""

    language: str
    today: date
    greeting: str
    first_name: str
    sees_all: bool
    groups: tuple[Group, ...]
    talks: tuple[Talk, ...]
    past: tuple[Receipt, ...]
    past_count: int
    budget: str
    accounts: tuple[tuple[str, str], ...]  # name and slug of each vendor with a statement to read
    credits: tuple[tuple[str, tuple[Money, ...]], ...]  # name of a vendor, and what they have to their credit there
    has_ahead: bool  # whether anything was paid before the work


class Written(NamedTuple):
    """The page between its head and its end, and the bar at the foot of a phone."""

    body: SafeString
    bar: SafeString


class Sum(NamedTuple):
    """What is to be paid in one currency: its invoices, each with the name of its vendor, and the sum of those chosen."""

    currency: str
    name: str  # "British pounds"
    lines: Sequence[tuple[str, Bill]]
    sum: Money
    is_chosen: bool


@at_portal()
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page. `?invoice=…` says what is chosen, as the form does without script; else we suggest."""
    if not visit.sees_all and not visit.shown_by_letter:
        return redirect(reverse("portal-prove"))
    chosen = set(request.GET.getlist("invoice")) if "invoice" in request.GET else None
    with together():
        opened, talks, paid = bills_asked(visit, chosen), fresh_talks(visit), paid_last(visit, RECEIPTS)
        mine = [one.customer_id for one in visit.listing]
        ahead, kept = anything_ahead(mine), kept_asked(customer_ids=mine)
        answers = published_asked(vendor_ids=list(visit.vendors), now=visit.now)
    past, past_count = paid()
    facts = Facts(
        language=tongue(),
        today=visit.today,
        greeting=saying.greeting(visit.called, visit.now, visit.timezone),
        first_name=saying.first_name(visit.called) or visit.called,
        sees_all=visit.sees_all,
        groups=tuple(groups_of(visit, opened(), answers())),
        talks=tuple(talks()),
        past=tuple(past),
        past_count=past_count,
        budget=saying.budget(visit),
        accounts=tuple((one.name, one.slug) for one in visit.vendors.values() if visit.sees_all),
        credits=_credits(visit, kept()) if visit.sees_all else (),
        has_ahead=visit.sees_all and ahead(),
    )
    return shown(request, visit, "portal/home.html", written=written(facts))


def _credits(visit: Visit, kept: Sequence[Credit]) -> tuple[tuple[str, tuple[Money, ...]], ...]:
    """What settles nothing yet, by vendor."""
    vendors = dict.fromkeys(one.vendor_id for one in kept)
    return tuple(
        (visit.vendors[vendor].name, tuple(summed(one for one in kept if one.vendor_id == vendor))) for vendor in vendors
    )


@lru_cache(maxsize=512)
def written(facts: Facts) -> Written:
    """A function of its facts alone, so a page that would say the same again is not written again."""
    bills = [bill for group in facts.groups for bill in group.bills]
    context = {
        **facts._asdict(),
        "lead": saying.lead(bills, len(facts.groups)),
        "groups": [_told(group) for group in facts.groups],
        "sums": _sums(facts.groups),
        "chosen": sums_of(bill.price for bill in bills if bill.is_chosen),
        "chosen_count": sum(bill.is_chosen for bill in bills),
        "all_open": sums_of(bill.open for bill in bills),
    }
    return Written(*(SafeString(render_to_string(f"portal/home_{part}.html", context)) for part in Written._fields))


def _told(group: Group) -> dict[str, Any]:
    """A vendor's part of the page, in words."""
    answers = saying.span(group.answers_in) if group.answers_in is not None else ""
    bills = [(bill, *saying.state(bill.standing)) for bill in group.bills]
    return {"group": group, "answers": answers, "line": saying.group_line(group), "bills": bills}


def _sums(groups: Sequence[Group]) -> list[Sum]:
    """The slip: every invoice that can be chosen, by currency, so that a script only shows and hides."""
    lines = [(group.vendor, bill) for group in groups for bill in group.bills]
    found = []
    for currency in dict.fromkeys(bill.price.currency for _, bill in lines):
        own = [(name, bill) for name, bill in lines if bill.price.currency == currency]
        chosen = [bill.price for _, bill in own if bill.is_chosen]
        name = str(get_currency_name(currency, count=2, locale=locale_of(tongue())))
        found.append(Sum(currency, name, own, Money.total(chosen, currency), bool(chosen)))
    return found


urls: list[URLPattern] = [path("pay/", home, name="portal")]
