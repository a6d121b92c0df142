"""Decides how programs bring in work that is to be billed, and how they bill it: a project's on its end, or item by item."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field, StrictInt

from goodterms.api.customers import found_customer
from goodterms.api.door import Request, operation
from goodterms.api.invoices import LineIn, line_of, said_by
from goodterms.api.pages import Page, Paging, page
from goodterms.api.rates import RateIn, keep_rate
from goodterms.api.shapes import Currency, Day, Ids, In, Name, Number, Out, Text, Yes
from goodterms.billing import actions
from goodterms.billing.models import Item, Project
from goodterms.billing.unbilled import unbilled
from goodterms.values.money import MINOR_MAX
from goodterms.values.refusal import Refused

router = Router()
items = Router()
Kind = Literal["time", "expense", "fixed", "usage"]


class ProjectIn(In):
    """Work for one customer under one name: the same name gives the project that is there."""

    customer_id: UUID
    name: Name
    order_number: Name = ""
    currency: Currency | None = None
    estimate_minor: Annotated[StrictInt, Field(ge=0, le=MINOR_MAX)] | None = None
    order_minor: Annotated[StrictInt, Field(ge=1, le=MINOR_MAX, description="What the order is over.")] | None = None


class ItemIn(LineIn):
    """Something that was done. `reference` is the sender's own name for it: told twice, it is kept once."""

    kind: Kind
    done_on: Day
    done_by: Name = ""
    team: Annotated[Name, Field(description="Where they belong; some customers read what was done by team.")] = ""
    is_finished: Annotated[bool, Field(description="Else it is billed when its project is finished.")] = True
    waits_for: Annotated[Name, Field(description="Whose word is missing; it is not billed before.")] = ""
    reference: Name = ""


class ItemsIn(In):
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=1_000)]


class FinishIn(In):
    """The project is finished; its unbilled work is drafted, or where `issue` approved and issued in the same step."""

    on: Day | None = None
    issue: Yes = False
    rate: RateIn | None = None


class WaitIn(In):
    waits_for: Name


class DropIn(In):
    reason: Text


class BillIn(In):
    item_ids: Ids
    by_project: Annotated[
        bool | None, Field(description="One invoice for each project, or not; null: as each customer prefers.")
    ] = None


class ProjectOut(Out):
    id: UUID
    customer_id: UUID
    name: str
    currency: str
    order_number: str
    estimate_minor: int | None
    finished_on: date | None


class ItemOut(Out):
    """Something done, on no invoice while `invoice_id` is null."""

    id: UUID
    project_id: UUID
    kind: Kind
    description: str
    quantity: Number
    unit: str
    unit_price: Number
    done_on: date
    done_by: str
    team: str
    finished_on: date | None
    waits_for: str
    reference: str
    invoice_id: UUID | None
    dropped_why: str


class AddedOut(Out):
    """The items that are new; what was told before is left out."""

    added: list[ItemOut]


class MadeOut(Out):
    invoice_id: UUID
    number: str


class BilledOut(Out):
    invoices: list[MadeOut]


class UnbilledOut(Out):
    """Finished work of a project that is on no invoice, before tax, and for how many days the oldest of it has waited."""

    project_id: UUID
    project: str
    customer_id: UUID
    customer: str
    currency: str
    items: int
    net_minor: int
    oldest_on: date | None
    age_days: int
    waiting: Annotated[int, Field(description="Items that wait for somebody's word, or for the project's end.")]
    whose: Annotated[list[str], Field(description="The words that are missing.")]
    is_finished: bool


class ProjectFilter(Paging):
    customer_id: UUID | None = None


class ItemFilter(Paging):
    project_id: UUID | None = None
    billed: bool | None = None


@operation(router, "GET", "/", "invoices:read", Page[ProjectOut])
def list_projects(request: Request, asked: Query[ProjectFilter]) -> Any:
    """Projects in the order in which they were begun."""
    rows = Project.objects.seen_by(request.auth.viewer)
    return page(rows if asked.customer_id is None else rows.filter(customer_id=asked.customer_id), "id", asked)


@operation(router, "POST", "/", "invoices:write", ProjectOut, 201)
def open_project(request: Request, asked: ProjectIn) -> Any:
    """Begin a project for a customer, or find it by its name."""
    customer = found_customer(request, asked.customer_id)
    return actions.open_project(
        vendor_id=request.auth.vendor.id, customer_id=customer.id, name=asked.name, order_number=asked.order_number,
        currency=asked.currency or "", estimate_minor=asked.estimate_minor, order_minor=asked.order_minor, **said_by(request),
    )  # fmt: skip


@operation(router, "GET", "/{project_id}/", "invoices:read", ProjectOut)
def get_project(request: Request, project_id: UUID) -> Any:
    """One project."""
    return found_project(request, project_id)


@operation(router, "POST", "/{project_id}/items/", "invoices:write", AddedOut, 201)
def add_items(request: Request, project_id: UUID, asked: ItemsIn) -> Any:
    """Note what was done, up to a thousand items at once."""
    noted = [
        actions.Work(
            line_of(LineIn(**{name: getattr(one, name) for name in LineIn.model_fields})), one.kind, one.done_on, one.done_by,
            one.is_finished, one.waits_for, one.reference, one.team,
        )
        for one in asked.items
    ]  # fmt: skip
    return {"added": actions.add_items(project_id=found_project(request, project_id).id, work=noted, **said_by(request))}


@operation(router, "POST", "/{project_id}/finish/", "invoices:write", BilledOut)
def finish_project(request: Request, project_id: UUID, asked: FinishIn) -> Any:
    """The project is finished: bill what is not billed yet."""
    on = asked.on or request.auth.today
    found = found_project(request, project_id)
    keep_rate(request, asked.rate, found.currency, on, issues=asked.issue)
    made = actions.bill_project(project_id=found.id, on=on, issues=asked.issue, **said_by(request))
    return {"invoices": [one._asdict() for one in made]}


@operation(items, "GET", "/unbilled/", "invoices:read", list[UnbilledOut])
def list_unbilled(request: Request) -> Any:
    """Finished work that is not billed, by project, the one that waits longest first."""
    today = request.auth.today
    return [
        {
            **one._asdict(), "currency": one.net.currency, "net_minor": one.net.minor, "age_days": one.age_days(today),
        }
        for one in unbilled(vendor_id=request.auth.vendor.id)
    ]  # fmt: skip


@operation(items, "GET", "/", "invoices:read", Page[ItemOut])
def list_items(request: Request, asked: Query[ItemFilter]) -> Any:
    """Items in the order in which they came in."""
    rows = Item.objects.seen_by(request.auth.viewer)
    wanted = {"project_id": asked.project_id, "invoice__isnull": None if asked.billed is None else not asked.billed}
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}), "id", asked)


@operation(items, "POST", "/bill/", "invoices:write", BilledOut, 201)
def bill_items(request: Request, asked: BillIn) -> Any:
    """Draft invoices of finished items: one for each customer, currency and purchase order, all items or none."""
    drafts = actions.bill_items(
        vendor_id=request.auth.vendor.id, item_ids=asked.item_ids, by_project=asked.by_project, **said_by(request)
    )
    return {"invoices": [{"invoice_id": one, "number": ""} for one in drafts]}


@operation(items, "POST", "/{item_id}/wait/", "invoices:write", ItemOut)
def wait_for(request: Request, item_id: UUID, asked: WaitIn) -> Any:
    """Leave an item unbilled until somebody says yes; empty: the word has come."""
    return actions.wait_for(item_id=_item(request, item_id).id, whom=asked.waits_for, **said_by(request))


@operation(items, "POST", "/{item_id}/drop/", "invoices:write", ItemOut)
def drop_item(request: Request, item_id: UUID, asked: DropIn) -> Any:
    """This item is not billed, and why."""
    return actions.drop_item(item_id=_item(request, item_id).id, reason=asked.reason, **said_by(request))


def found_project(request: Request, project_id: UUID) -> Project:
    """A project of this vendor."""
    found = Project.objects.seen_by(request.auth.viewer).filter(id=project_id).first()
    if found is None:
        raise Refused("There is no such project.", code="not_found")
    return found


def _item(request: Request, item_id: UUID) -> Item:
    found = Item.objects.seen_by(request.auth.viewer).filter(id=item_id).first()
    if found is None:
        raise Refused("There is no such item.", code="not_found")
    return found
