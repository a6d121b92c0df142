"""Decides how programs bring in that a customer wants to pay in parts, and how they agree, offer others, decline and end."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field

from goodterms.api.conversations import CUSTOMER, DecisionIn, Who
from goodterms.api.door import ROLE, Request, operation
from goodterms.api.invoices import found_invoice
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Day, Ids, In, Out, Text
from goodterms.conversations import actions
from goodterms.conversations.models import Plan
from goodterms.conversations.plans import Known, known
from goodterms.values.refusal import Refused

router = Router()
Standing = Literal[
    "proposed", "offered", "agreed", "kept", "broken", "renegotiated", "ended", "declined", "withdrawn", "countered"
]


class PartsIn(In):
    """So many equal parts of what is open, from a day on."""

    parts: Annotated[int, Field(ge=2, le=24, strict=True)]
    first_on: Day
    every: Literal["monthly", "fortnightly"] = "monthly"
    words: Text = ""

    @property
    def wish(self) -> actions.Wish:
        return actions.Wish(self.parts, self.first_on, self.every)


class PlanIn(PartsIn):
    """A customer's wish to pay these invoices, of one customer and currency, in parts."""

    invoice_ids: Ids
    by: Who = CUSTOMER


class ReasonIn(In):
    reason: Text


class AcceptIn(In):
    by: Who = CUSTOMER


class PartOut(Out):
    on: date
    minor: int
    paid_minor: int


class PlanOut(Out):
    """How it stands follows from its dated facts and what is paid, which counts for the oldest part first."""

    id: UUID
    customer_id: UUID
    invoice_ids: list[UUID]
    currency: str
    standing: Standing
    minor: int
    paid_minor: int
    parts: list[PartOut]
    rests_until: date | None
    asked_by: str
    asked_at: AwareDatetime
    agreed_by: str
    agreed_at: AwareDatetime | None
    missed_on: date | None
    ended_at: AwareDatetime | None
    ended_by: str
    reason: str
    conversation_id: UUID | None


class PlanSummary(Out):
    id: UUID
    customer_id: UUID
    currency: str
    asked_by: str
    asked_at: AwareDatetime
    agreed_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    conversation_id: UUID | None


class AskedPlanOut(Out):
    """What became of the wish, and the sentence for whoever asked."""

    answer: Literal["granted", "person"]
    sentence: str
    plan: PlanOut


class PlanFilter(Paging):
    customer_id: UUID | None = None
    open: Annotated[bool | None, Field(description="Not ended: waiting or running.")] = None


@operation(router, "GET", "/", "conversations:read", Page[PlanSummary])
def list_plans(request: Request, asked: Query[PlanFilter]) -> Any:
    """Plans in the order in which they were asked for."""
    wanted = {"customer_id": asked.customer_id, "ended_at__isnull": asked.open}
    rows = Plan.objects.seen_by(request.auth.viewer)
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}), "asked_at", asked)


@operation(router, "POST", "/", "conversations:write", AskedPlanOut, 201)
def request_plan(request: Request, asked: PlanIn) -> Any:
    """A customer wants to pay in parts: agreed at once within the vendor's rule, else put before a person."""
    keys = [found_invoice(request, one).id for one in asked.invoice_ids]
    told = actions.request_plan(
        invoice_ids=keys, wish=asked.wish, words=asked.words, by=asked.by, now=request.auth.now, role=ROLE, channel="api"
    )
    return {"answer": told.verdict.answer, "sentence": told.verdict.sentence, "plan": _told(told.plan)}


@operation(router, "GET", "/{plan_id}/", "conversations:read", PlanOut)
def get_plan(request: Request, plan_id: UUID) -> Any:
    """One plan with its parts, and what of them came."""
    return _told(_found(request, plan_id))


@operation(router, "POST", "/{plan_id}/agreement/", "conversations:write", PlanOut)
def agree_plan(request: Request, plan_id: UUID, asked: DecisionIn) -> Any:
    """A person says yes to what the customer asked for."""
    return _told(actions.agree_plan(plan_id=_found(request, plan_id).id, words=asked.words, **_said_by(request)))


@operation(router, "POST", "/{plan_id}/offer/", "conversations:write", PlanOut, 201)
def counter_plan(request: Request, plan_id: UUID, asked: PartsIn) -> Any:
    """Other parts are offered in place of those; the answer is the new plan."""
    found = _found(request, plan_id)
    return _told(actions.counter_plan(plan_id=found.id, wish=asked.wish, words=asked.words, **_said_by(request)))


@operation(router, "POST", "/{plan_id}/acceptance/", "conversations:write", PlanOut)
def accept_plan(request: Request, plan_id: UUID, asked: AcceptIn) -> Any:
    """The customer says yes to the parts that we offered."""
    found = _found(request, plan_id)
    return _told(actions.accept_plan(plan_id=found.id, by=asked.by, now=request.auth.now, channel="api"))


@operation(router, "POST", "/{plan_id}/refusal/", "conversations:write", PlanOut)
def decline_plan(request: Request, plan_id: UUID, asked: DecisionIn) -> Any:
    """A person says no, and why: the agreed days stay."""
    return _told(actions.decline_plan(plan_id=_found(request, plan_id).id, words=asked.words, **_said_by(request)))


@operation(router, "POST", "/{plan_id}/end/", "conversations:write", PlanOut)
def end_plan(request: Request, plan_id: UUID, asked: ReasonIn) -> Any:
    """A plan that runs ends, with a reason: the agreed days count again."""
    return _told(actions.end_plan(plan_id=_found(request, plan_id).id, reason=asked.reason, **_said_by(request)))


def _found(request: Request, plan_id: UUID) -> Plan:
    found = Plan.objects.seen_by(request.auth.viewer).filter(id=plan_id).first()
    if found is None:
        raise Refused("There is no such plan.", code="not_found")
    return found


def _told(plan: Plan) -> dict[str, Any]:
    plan.refresh_from_db()
    [one] = known([plan])
    return {**_columns(one), **_worked_out(one)}


def _columns(one: Known) -> dict[str, Any]:
    names = (
        "id", "customer_id", "currency", "asked_by", "asked_at", "agreed_by", "agreed_at", "missed_on", "ended_at", "ended_by",
        "reason", "conversation_id",
    )  # fmt: skip
    return {name: getattr(one.plan, name) for name in names}


def _worked_out(one: Known) -> dict[str, Any]:
    running = one.standing == "agreed"
    return {
        "invoice_ids": [share.invoice_id for share in one.shares], "standing": one.standing, "minor": one.total.minor,
        "paid_minor": one.paid.minor, "rests_until": one.rests_until if running else None,
        "parts": [{**part.part._asdict(), "paid_minor": part.paid_minor} for part, _, _ in one.progress],
    }  # fmt: skip


def _said_by(request: Request) -> dict[str, Any]:
    return {"by": request.auth.name, "role": ROLE, "now": request.auth.now}
