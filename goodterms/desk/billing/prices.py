"""Decides what the desk answers about an agreed price: how it is agreed, and how a part of it or the rest is billed."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.billing import actions
from goodterms.billing.models import Project
from goodterms.billing.rules import Ask
from goodterms.billing.standing import standing
from goodterms.desk.billing import work
from goodterms.desk.billing.typed import key
from goodterms.desk.door import BOOKS, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import drafting, typed
from goodterms.desk.invoices.abroad import keep_rate_in
from goodterms.desk.invoices.sending import free_until
from goodterms.desk.invoices.typed import Typed
from goodterms.invoicing.models import Invoice
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas

BOTH = ("GET", "HEAD", "POST")
FRESH = 3  # empty lines to begin with
KINDS = ("deposit", "progress", "final")


@at_desk(*STAFF, methods=BOTH)
def price(request: HttpRequest, visit: Visit, project_id: UUID) -> HttpResponseBase:
    """What the project costs, line by line; another price is another version, and says why."""
    one = work.found(visit, project_id)
    if request.method != "POST":
        stands = standing(one)
        lines = [typed.of_line(line) for line in stands.lines] if stands else [Typed()] * FRESH
        return _form(request, visit, one, lines, QueryDict())
    asked = typed.in_percent(request.POST)
    lines = asked.lines
    if request.POST.get("deed") == "line":
        return _form(request, visit, one, [*lines, Typed()], request.POST)
    with deciding() as outcome:
        read = typed.read(asked, drafting.choices(visit, one.customer, asked.more).taxes)
        actions.agree_price(project_id=one.id, lines=read, reason=request.POST.get("reason", ""), **work.says(visit))
    if outcome.refusal:
        return _form(request, visit, one, lines, request.POST, outcome.refusal)
    messages.success(request, "Agreed. Deposits and parts of it can be billed, and never more than this.")
    return redirect(at(visit, "project", project_id=one.id))


@at_desk(*STAFF, methods=("POST",))
def part(request: HttpRequest, visit: Visit, project_id: UUID, kind: str) -> HttpResponseBase:
    """A deposit, a part as the work goes on, or all that is left: drafted, or issued as well. A form sent twice bills once."""
    one = work.found(visit, project_id)
    if kind not in KINDS:
        raise Http404
    issues = request.POST.get("deed") == "issue"
    with deciding() as outcome:
        made = _bill(visit, one, kind, request.POST, issues=issues)
    if outcome.refusal:
        return work.page(request, visit, one, outcome.refusal, kind, request.POST)
    if issues:
        messages.success(request, "Issued. It is on its way and on their page from now on, and stays as it is.")
        return redirect(at(visit, "invoice", invoice_id=made.id))
    messages.success(request, "Drafted. Nobody hears of it before it is issued.")
    return redirect(at(visit, "draft", invoice_id=made.id))


def _bill(visit: Visit, one: Project, kind: str, given: QueryDict, *, issues: bool) -> Invoice:
    if issues:
        keep_rate_in(visit, one.currency, given)
    says = {"project_id": one.id, "on": visit.today, "key": key(given), "way": way(visit, issues=issues), **work.says(visit)}
    if kind == "final":
        return actions.bill_rest(**says)
    return actions.bill_part(kind=kind, ask=_ask(kind, given, one.currency), **says)


def way(visit: Visit, *, issues: bool) -> actions.Way:
    """Whether it is issued at once, up to what this member may approve."""
    return actions.Way(issues, visit.approves_up_to, free_until(visit) if issues else None)


def number(written: str, field: str) -> Decimal | None:
    """What was typed; nothing where nothing was."""
    plain = without_commas(written).removesuffix("%")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or len(plain) > 20:
        raise Refused(f"“{written[:30]}” is not a number like 1,250.00.", code="part", field=field)
    return found


def _ask(kind: str, given: QueryDict, currency: str) -> Ask:
    percent, net = number(given.get("percent", ""), "percent"), number(given.get("net", ""), "net")
    at_line = given.get("milestone", "")
    return Ask(
        net=None if net is None else Money.of(net, currency),
        percent=percent if kind == "deposit" else None,
        complete=percent if kind == "progress" else None,
        milestone=int(at_line) if at_line.isascii() and at_line.isdecimal() and len(at_line) < 4 else None,
    )


def _form(
    request: HttpRequest, visit: Visit, one: Project, lines: list[Typed], given: QueryDict, refusal: Refused | None = None
) -> HttpResponseBase:
    taxes = list(dict.fromkeys(line.tax for line in lines if line.tax))
    more: dict[str, Any] = {
        "one": one, "lines": list(enumerate(lines or [Typed()], 1)), "given": given, "refusal": refusal, "taxes": taxes,
        "before": standing(one), "choices": drafting.choices(visit, one.customer, taxes), "may_books": visit.may(*BOOKS),
    }  # fmt: skip
    return shown(request, visit, "desk/billing/price.html", work.ENTRY, 409 if refusal else 200, **more)
