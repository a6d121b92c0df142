"""Decides how programs agree what a project costs, and bill it ahead, as it goes on, and to its end."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router
from pydantic import Field, StrictInt

from goodterms.api.door import Request, operation
from goodterms.api.invoices import LineIn, line_of, said_by
from goodterms.api.projects import found_project
from goodterms.api.rates import RateIn, keep_rate
from goodterms.api.shapes import Day, In, Number, Out, Text, Yes
from goodterms.billing import actions
from goodterms.billing.models import Project
from goodterms.billing.rules import Ask
from goodterms.billing.standing import Stands, standing
from goodterms.invoicing.models import Invoice
from goodterms.values.money import MINOR_MAX, Money
from goodterms.values.refusal import Refused

router = Router()
Minor = Annotated[StrictInt, Field(ge=1, le=MINOR_MAX)]


class PriceIn(In):
    """All lines of the price; another price than before says why."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=100)]
    reason: Text = ""


class BillPartIn(In):
    """Drafted, or where `issue` approved and issued in the same step."""

    on: Day | None = None
    issue: Yes = False
    rate: RateIn | None = None


class DepositIn(BillPartIn):
    """So much per cent of the price, or so much before tax: one of the two."""

    percent: Number | None = None
    net_minor: Minor | None = None


class ProgressIn(BillPartIn):
    """Up to so much per cent complete less what is invoiced, a line of the price that is reached, or so much before tax."""

    complete: Number | None = None
    milestone: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    net_minor: Minor | None = None


class PricePartOut(Out):
    """An invoice of the price. `stands_…` is what it bills less what was credited of it."""

    kind: Literal["deposit", "progress", "final"]
    invoice_id: UUID
    number: str
    issued_on: date | None
    percent: Number | None
    milestone: str
    net_minor: int
    tax_minor: int
    total_minor: int
    stands_net_minor: int
    stands_tax_minor: int


class PriceLineOut(Out):
    line: int
    description: str
    net_minor: int
    is_reached: bool


class StandsOut(Out):
    """What was agreed, what is invoiced or drafted of it, and what is left, before tax."""

    project_id: UUID
    currency: str
    version: int
    net_minor: int
    tax_minor: int
    invoiced_minor: int
    drafted_minor: int
    left_minor: int
    percent: Number
    is_closed: bool
    lines: list[PriceLineOut]
    parts: list[PricePartOut]


class PartBilledOut(StandsOut):
    """The same, and the invoice that was made just now."""

    invoice_id: UUID
    number: str


@operation(router, "GET", "/{project_id}/price/", "invoices:read", StandsOut)
def get_price(request: Request, project_id: UUID) -> Any:
    """How the agreed price of a project stands."""
    return _stands(found_project(request, project_id))


@operation(router, "POST", "/{project_id}/price/", "invoices:write", StandsOut)
def agree_price(request: Request, project_id: UUID, asked: PriceIn) -> Any:
    """Agree what the project costs; the same lines once more change nothing."""
    found = found_project(request, project_id)
    lines = [line_of(one) for one in asked.lines]
    actions.agree_price(project_id=found.id, lines=lines, reason=asked.reason, **said_by(request))
    return _stands(found)


@operation(router, "POST", "/{project_id}/deposit/", "invoices:write", PartBilledOut, 201)
def bill_deposit(request: Request, project_id: UUID, asked: DepositIn) -> Any:
    """Bill a part of the price ahead of the work, with its tax."""
    found = found_project(request, project_id)
    ask = Ask(net=_money(asked.net_minor, found), percent=asked.percent)
    return _made(found, actions.bill_part(project_id=found.id, kind="deposit", ask=ask, **goes(request, asked, found.currency)))


@operation(router, "POST", "/{project_id}/progress/", "invoices:write", PartBilledOut, 201)
def bill_progress(request: Request, project_id: UUID, asked: ProgressIn) -> Any:
    """Bill a part of the price as the work goes on."""
    found = found_project(request, project_id)
    ask = Ask(net=_money(asked.net_minor, found), complete=asked.complete, milestone=asked.milestone)
    return _made(
        found, actions.bill_part(project_id=found.id, kind="progress", ask=ask, **goes(request, asked, found.currency))
    )


@operation(router, "POST", "/{project_id}/final/", "invoices:write", PartBilledOut, 201)
def bill_final(request: Request, project_id: UUID, asked: BillPartIn) -> Any:
    """Bill all of the price, and take off each earlier deposit and part with its number, day and tax."""
    found = found_project(request, project_id)
    return _made(found, actions.bill_rest(project_id=found.id, **goes(request, asked, found.currency)))


def goes(request: Request, asked: BillPartIn, currency: str) -> dict[str, Any]:
    """By argument of an action that bills; a rate that is given is kept for the day of issue."""
    on = asked.on or request.auth.today
    keep_rate(request, asked.rate, currency, on, issues=asked.issue)
    return {"on": on, "way": actions.Way(issues=asked.issue), **said_by(request)}


def _money(minor: int | None, project: Project) -> Money | None:
    return None if minor is None else Money(minor, project.currency)


def _made(project: Project, invoice: Invoice) -> dict[str, Any]:
    return {**_stands(project), "invoice_id": invoice.id, "number": invoice.number}


def _stands(project: Project) -> dict[str, Any]:
    stands = standing(project)
    if stands is None:
        raise Refused("No price is agreed for this project. Agree one first.", code="price")
    return {
        "project_id": project.id, "currency": project.currency, "version": stands.price.version,
        "net_minor": stands.net.minor, "tax_minor": stands.tax.minor, "invoiced_minor": stands.invoiced.minor,
        "drafted_minor": stands.drafted.minor, "left_minor": stands.left.minor, "percent": stands.percent,
        "is_closed": stands.final is not None, "parts": _parts(stands),
        "lines": [
            {"line": at, "description": line.description, "net_minor": net.minor, "is_reached": reached is not None}
            for at, line, net, reached in stands.milestones
        ],
    }  # fmt: skip


def _parts(stands: Stands) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.part.kind, "invoice_id": one.invoice.id, "number": one.invoice.number,
            "issued_on": one.invoice.issued_on, "percent": one.part.percent, "milestone": one.part.milestone,
            "net_minor": one.invoice.net_minor, "tax_minor": one.invoice.tax_minor, "total_minor": one.invoice.total_minor,
            "stands_net_minor": one.net.minor, "stands_tax_minor": one.tax.minor,
        }
        for one in stands.parts
    ]  # fmt: skip
