"""Decides what the pages of schedules answer: the list, one that is begun, and one with its next twelve billings and deeds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.billing import actions
from goodterms.billing.gathering import agreed_for, name_of
from goodterms.billing.models import Pause, Schedule
from goodterms.billing.preview import coming
from goodterms.billing.rules import Agreed, agreed_on
from goodterms.desk.billing import coming as reading
from goodterms.desk.billing import rule
from goodterms.desk.billing.typed import key
from goodterms.desk.customers.forms import a_day
from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting, typed
from goodterms.desk.invoices.typed import Typed
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas

BOTH = ("GET", "HEAD", "POST")
ENTRY = "invoices"
FRESH = 2  # empty lines to begin with


@at_desk()
def schedules(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What is billed again and again, the next first."""
    ended, after = request.GET.get("show") == "ended", request.GET.get("after", "")[:60]
    rows, place = reading.listed(visit.vendor.id, ended=ended, after=after)
    more: dict[str, Any] = {"rows": rows, "place": place, "ended": ended, "after": after, "may_books": visit.may(*BOOKS)}
    return shown(request, visit, "desk/billing/schedules.html", ENTRY, **more)


@at_desk(*BOOKS, methods=BOTH)
def new_schedule(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """First for whom, then what, how often and since when."""
    given = request.POST if request.method == "POST" else request.GET
    customer = _customer(visit, given)
    if request.method != "POST" or customer is None:
        wrong = Refused("Choose for whom it is.", field="customer") if request.method == "POST" else None
        return _form(request, visit, customer, given, [Typed()] * FRESH, wrong)
    lines = typed.in_percent(given).lines
    if given.get("deed") == "line":
        return _form(request, visit, customer, given, [*lines, Typed()])
    with deciding() as outcome:
        begun = actions.start_schedule(
            vendor_id=visit.vendor.id, customer_id=customer.id, key=key(given), **_begun(visit, customer, given), **_says(visit)
        )
    if outcome.refusal:
        return _form(request, visit, customer, given, lines, outcome.refusal)
    messages.success(request, "It is billed from now on, as it stands here.")
    return redirect(at(visit, "schedule", schedule_id=begun.id))


@at_desk()
def schedule(request: HttpRequest, visit: Visit, schedule_id: UUID) -> HttpResponseBase:
    """One schedule: what was agreed from when, its pauses, and its next twelve billings."""
    return _page(request, visit, _found(visit, schedule_id))


@at_desk(*BOOKS, methods=("POST",))
def deed(request: HttpRequest, visit: Visit, schedule_id: UUID, verb: str) -> HttpResponseBase:
    """Another price from a day on, a pause, its end, or the end of the schedule."""
    one = _found(visit, schedule_id)
    if verb not in _DEEDS:
        raise Http404
    do, said = _DEEDS[verb]
    with deciding() as outcome:
        do(one, request.POST, {"schedule_id": one.id, **_says(visit)})
    if outcome.refusal:
        return _page(request, visit, one, outcome.refusal, verb, request.POST)
    messages.success(request, said)
    return redirect(at(visit, "schedule", schedule_id=one.id))


def _price(one: Schedule, given: QueryDict, says: dict[str, Any]) -> None:
    from_on, position = _must(given, "from_on", "from which day on"), given.get("line", "")
    if not position.isdecimal() or len(position) > 4:
        raise Refused("Choose the line whose price changes.", code="line", field="line")
    line = agreed_on(agreed_for(one), int(position), from_on)
    then = None if "stops" in given else replace(line, unit_price=_number(given.get("price", "")))
    actions.change_line(position=int(position), from_on=from_on, line=then, **says)


def _pause(one: Schedule, given: QueryDict, says: dict[str, Any]) -> None:
    from_on = _must(given, "pause_from", "from which day on")
    actions.pause(from_on=from_on, until_on=a_day(given, "pause_until"), reason=given.get("reason", ""), **says)


def _resume(one: Schedule, given: QueryDict, says: dict[str, Any]) -> None:
    actions.resume(last_on=_must(given, "last_on", "which day is the last that is not billed"), **says)


def _end(one: Schedule, given: QueryDict, says: dict[str, Any]) -> None:
    reason = given.get("reason", "").strip()
    if not reason:
        raise Refused("Say why it ends: it stays in the log.", code="end", field="reason")
    actions.end_schedule(ends_on=_must(given, "ends_on", "which day is the last that is billed"), reason=reason, **says)


Do = Callable[[Schedule, QueryDict, dict[str, Any]], None]
_DEEDS: dict[str, tuple[Do, str]] = {
    "price": (_price, "The price changes as you said; what was billed stays as it is."),
    "pause": (_pause, "It pauses, and bills nothing for these days."),
    "resume": (_resume, "It goes on after that day."),
    "end": (_end, "It ends with that day."),
}


def _begun(visit: Visit, customer: Customer, given: QueryDict) -> dict[str, Any]:
    """By argument of start_schedule."""
    starts_on = _must(given, "starts_on", "on which day it begins")
    return {
        "starts_on": starts_on, "ends_on": a_day(given, "ends_on"), "rule": rule.chosen(given, starts_on),
        "lines": typed.read(typed.in_percent(given), drafting.choices(visit, customer).taxes),
        "in_advance": given.get("when") != "after", "prorated": "prorated" in given, "automatic": "automatic" in given,
        **{name: given.get(name, "").strip()[:200] for name in ("work", "order_number")},
    }  # fmt: skip


def _must(given: QueryDict, name: str, what: str) -> date:
    found = a_day(given, name)
    if found is None:
        raise Refused(f"Say {what}.", code="form", field=name)
    return found


def _number(written: str) -> Decimal:
    try:
        number = Decimal(without_commas(written))
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and len(written) <= 30:
        return number
    raise Refused(f"“{written[:30]}” is not a number like 1,250.00.", code="line", field="price")


def _customer(visit: Visit, given: QueryDict) -> Customer | None:
    try:
        wanted = UUID(given.get("customer", ""))
    except ValueError:
        return None
    return Customer.objects.filter(vendor=visit.vendor, id=wanted).first()


def _found(visit: Visit, schedule_id: UUID) -> Schedule:
    found = Schedule.objects.seen_by(visit.viewer).select_related("customer").filter(id=schedule_id).first()
    if found is None:
        raise Http404
    return found


def _says(visit: Visit) -> dict[str, Any]:
    return {"by": visit.by, "role": visit.role, "now": visit.now}


def _form(
    request: HttpRequest, visit: Visit, customer: Customer | None, given: QueryDict, lines: list[Typed],
    refusal: Refused | None = None,
) -> HttpResponseBase:  # fmt: skip
    more: dict[str, Any] = {
        "customer": customer, "given": given, "refusal": refusal, "is_fresh": request.method != "POST",
        "lines": list(enumerate(lines or [Typed()], 1)), "units": list(rule.UNITS),
        "key": given.get("key") or new_key(visit.clock),
    }  # fmt: skip
    if customer is None:
        more["customers"] = list(Customer.objects.filter(vendor=visit.vendor).order_by("folded")[:500])
    else:
        more["choices"] = drafting.choices(visit, customer)
    return shown(request, visit, "desk/billing/begin.html", ENTRY, 409 if refusal else 200, **more)


def _worded(versions: list[Agreed]) -> list[Agreed]:
    """The lines as a person reads them where no period fills them in."""
    return [
        each._replace(line=replace(each.line, description=name_of(each.line.description))) if each.line else each
        for each in versions
    ]


def _page(
    request: HttpRequest, visit: Visit, one: Schedule, refusal: Refused | None = None, form: str = "",
    given: QueryDict | None = None,
) -> HttpResponseBase:  # fmt: skip
    pauses = list(Pause.objects.standing().filter(schedule=one).order_by("from_on"))
    following, versions = coming(one), _worded(agreed_for(one))
    more: dict[str, Any] = {
        "one": one, "work": name_of(one.work), "rule": rule.in_words(one.rule, one.starts_on), "coming": following,
        "next": next((each for each in following if each.total is not None), None), "versions": versions, "pauses": pauses,
        "positions": {each.position: each for each in versions}.values(),
        "is_open": any(pause.until_on is None or pause.until_on >= visit.today for pause in pauses),
        "may_books": visit.may(*BOOKS), "refusal": refusal, "form": form, "given": given or {},
    }  # fmt: skip
    return shown(request, visit, "desk/billing/schedule.html", ENTRY, 409 if refusal else 200, **more)
