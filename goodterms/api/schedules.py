"""Decides how programs bill again and again: begin a schedule, read its next billings, change its price, pause it, end it."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import Field, StrictInt

from goodterms.api.customers import found_customer
from goodterms.api.door import Request, operation
from goodterms.api.invoices import LineIn, line_of, said_by
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Currency, Day, In, Name, Out, Text, Yes
from goodterms.billing import actions
from goodterms.billing.models import Schedule
from goodterms.billing.preview import coming
from goodterms.values.refusal import Refused

router = Router()


class ScheduleIn(In):
    """`rule` is one of RFC 5545 by days, weeks, months or years; `{month}`, `{year}` and `{days}` in texts are the period's."""

    customer_id: UUID
    work: Annotated[Name, Field(examples=["Retainer, {month}"])]
    rule: Annotated[Name, Field(examples=["FREQ=MONTHLY;BYMONTHDAY=1"])]
    starts_on: Day
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=100)]
    ends_on: Day | None = None
    in_advance: Annotated[bool, Field(description="On the first day of a period, else after its last.")] = True
    prorated: Annotated[bool, Field(description="A broken period costs its share of days.")] = True
    automatic: Annotated[Yes, Field(description="Issued by itself; else a draft waits for approval.")] = False
    project: Name = ""
    order_number: Name = ""
    currency: Currency | None = None


class ChangeIn(In):
    """A line from a day on; null: it is no longer billed."""

    position: Annotated[StrictInt, Field(ge=1, le=32_000)] = 1
    from_on: Day
    line: LineIn | None = None


class PauseIn(In):
    from_on: Day
    until_on: Annotated[Day | None, Field(description="The last day not billed; null: until it is resumed.")] = None
    reason: Text


class ResumeIn(In):
    last_on: Day


class EndIn(In):
    ends_on: Day
    reason: Text = ""


class ScheduleOut(Out):
    id: UUID
    customer_id: UUID
    work: str
    project: str
    order_number: str
    currency: str
    rule: str
    starts_on: date
    ends_on: date | None
    in_advance: bool
    prorated: bool
    automatic: bool
    next_on: date | None


class ComingOut(Out):
    """One billing to be; `total_minor` is with tax, and null where it pauses."""

    on: date
    from_on: date
    until_on: date
    total_minor: int | None
    lines: Annotated[list[str], Field(description="What it says was done, as of that day.")]


class ScheduleInFull(ScheduleOut):
    coming: list[ComingOut]

    @staticmethod
    def resolve_coming(one: Schedule) -> Any:
        return [
            {"on": each.on, "from_on": each.period.from_on, "until_on": each.period.until_on,
             "total_minor": None if each.total is None else each.total.minor,
             "lines": [line.description for line in each.lines]}
            for each in coming(one)
        ]  # fmt: skip


class ScheduleFilter(Paging):
    customer_id: UUID | None = None


@operation(router, "GET", "/", "invoices:read", Page[ScheduleOut])
def list_schedules(request: Request, asked: Query[ScheduleFilter]) -> Any:
    """Schedules in the order in which they were begun."""
    rows = Schedule.objects.seen_by(request.auth.viewer)
    return page(rows if asked.customer_id is None else rows.filter(customer_id=asked.customer_id), "id", asked)


@operation(router, "POST", "/", "invoices:write", ScheduleInFull, 201)
def start_schedule(request: Request, asked: ScheduleIn) -> Any:
    """Begin a schedule; the answer has its next twelve billings."""
    customer = found_customer(request, asked.customer_id)
    given = {name: value for name, value in asked if name not in ("customer_id", "lines", "currency")}
    return actions.start_schedule(
        vendor_id=request.auth.vendor.id, customer_id=customer.id, lines=[line_of(one) for one in asked.lines],
        currency=asked.currency or "", **given, **said_by(request),
    )  # fmt: skip


@operation(router, "GET", "/{schedule_id}/", "invoices:read", ScheduleInFull)
def get_schedule(request: Request, schedule_id: UUID) -> Any:
    """One schedule with its next twelve billings."""
    return _found(request, schedule_id)


@operation(router, "POST", "/{schedule_id}/lines/", "invoices:write", ScheduleInFull)
def change_line(request: Request, schedule_id: UUID, asked: ChangeIn) -> Any:
    """Another price, quantity or text of a line from a day on."""
    found = _found(request, schedule_id)
    line = None if asked.line is None else line_of(asked.line)
    actions.change_line(
        schedule_id=found.id, position=asked.position, from_on=asked.from_on, line=line, **said_by(request)
    )  # fmt: skip
    return found


@operation(router, "POST", "/{schedule_id}/pause/", "invoices:write", ScheduleInFull)
def pause_schedule(request: Request, schedule_id: UUID, asked: PauseIn) -> Any:
    """Bill nothing for some days."""
    found = _found(request, schedule_id)
    actions.pause(schedule_id=found.id, from_on=asked.from_on, until_on=asked.until_on, reason=asked.reason, **said_by(request))
    return found


@operation(router, "POST", "/{schedule_id}/resume/", "invoices:write", ScheduleInFull)
def resume_schedule(request: Request, schedule_id: UUID, asked: ResumeIn) -> Any:
    """Take up a schedule again that pauses without an end."""
    found = _found(request, schedule_id)
    actions.resume(schedule_id=found.id, last_on=asked.last_on, **said_by(request))
    return found


@operation(router, "POST", "/{schedule_id}/end/", "invoices:write", ScheduleInFull)
def end_schedule(request: Request, schedule_id: UUID, asked: EndIn) -> Any:
    """Bill until a day, and not after."""
    key = _found(request, schedule_id).id
    return actions.end_schedule(schedule_id=key, ends_on=asked.ends_on, reason=asked.reason, **said_by(request))


def _found(request: Request, schedule_id: UUID) -> Schedule:
    found = Schedule.objects.seen_by(request.auth.viewer).select_related("customer").filter(id=schedule_id).first()
    if found is None:
        raise Refused("There is no such schedule.", code="not_found")
    return found
