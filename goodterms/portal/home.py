"""Decides what the payer's page is: all open invoices of all vendors, what to pay now, and what was paid last."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from babel.numbers import get_currency_name
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from goodterms.delivery.spoken import locale_of
from goodterms.portal import saying
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.portal.overview import Bill, Group, bills_of, groups_of, paid_last, sums_of
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money

RECEIPTS = 3


class Sum(NamedTuple):
    """What is to be paid in one currency: its invoices, each with the name of its vendor, and the sum of those chosen."""

    currency: str
    lines: list[tuple[str, Bill]]
    sum: Money

    @property
    def name(self) -> str:
        """`British pounds`"""
        return str(get_currency_name(self.currency, count=2, locale=locale_of(tongue())))

    @property
    def is_chosen(self) -> bool:
        return any(bill.is_chosen for _, bill in self.lines)


@at_portal()
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page. `?invoice=…` says what is chosen, as the form does without script; else we suggest."""
    if not visit.sees_all and not visit.shown_by_letter:
        return redirect(reverse("portal-prove"))
    bills = bills_of(visit, set(request.GET.getlist("invoice")) if "invoice" in request.GET else None)
    groups = groups_of(visit, bills)
    past, past_count = paid_last(visit, RECEIPTS)
    return shown(
        request,
        visit,
        "portal/home.html",
        greeting=saying.greeting(visit.called, visit.now, visit.timezone),
        lead=saying.lead(bills, len(groups)),
        groups=[_told(group) for group in groups],
        sums=list(_sums(groups)),
        chosen=sums_of(bill.price for bill in bills if bill.is_chosen),
        chosen_count=sum(bill.is_chosen for bill in bills),
        all_open=sums_of(bill.open for bill in bills),
        first_name=saying.first_name(visit.called) or visit.called,
        budget=saying.budget(visit),
        past=past,
        past_count=past_count,
    )


def _told(group: Group) -> dict[str, Any]:
    """A vendor's part of the page, in words."""
    answers = saying.span(group.answers_in) if group.answers_in is not None else ""
    bills = [(bill, *saying.state(bill.standing)) for bill in group.bills]
    return {"group": group, "vendor": group.vendor, "answers": answers, "line": saying.group_line(group), "bills": bills}


def _sums(groups: list[Group]) -> Iterator[Sum]:
    """The slip: every invoice that can be chosen, by currency, so that a script only shows and hides."""
    lines = [(group.vendor.name, bill) for group in groups for bill in group.bills]
    for currency in dict.fromkeys(bill.price.currency for _, bill in lines):
        own = [(name, bill) for name, bill in lines if bill.price.currency == currency]
        yield Sum(currency, own, Money.total((bill.price for _, bill in own if bill.is_chosen), currency))


urls: list[URLPattern] = [path("pay/", home, name="portal")]
