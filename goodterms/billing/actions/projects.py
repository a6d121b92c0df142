"""Decides how finished work comes to be billed: noted in a project, waiting for somebody's word, finished or dropped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.billing.models import Item, Project
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import expect
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line
from goodterms.parties.models import Customer
from goodterms.values.days import latest_day
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

_MAY: tuple[Role, ...] = ("owner", "bookkeeper", "approver")
KINDS = tuple(word for word, _ in Item.KINDS)


class Work(NamedTuple):
    """Something that was done: as a line of the invoice to be, of which kind, when and by whom.

    `reference` is the sender's own name for it, such as a row of a time sheet: told twice, it is kept once. What is not
    `is_finished` is billed when its project is finished.
    """

    line: Line
    kind: str
    done_on: date
    done_by: str = ""
    is_finished: bool = True
    waits_for: str = ""
    reference: str = ""
    team: str = ""


@transaction.atomic
def open_project(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    name: str,
    by: str,
    role: Role,
    now: datetime,
    order_number: str = "",
    currency: str = "",
    estimate_minor: int | None = None,
    order_minor: int | None = None,
) -> Project:
    """A project of this name for the customer, or the one that is there. `order_minor`: the amount of their order, before
    tax, where its number is given and has one."""
    _must(role)
    customer = Customer.objects.filter(id=customer_id, vendor_id=vendor_id).first()
    if customer is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    if not name.strip():
        raise Refused("A project has a name: it stands above its lines on the invoice.", code="project", field="name")
    project, is_new = Project.objects.get_or_create(
        customer=customer, name=name.strip(),
        defaults={
            "id": new_key(now), "vendor_id": vendor_id, "currency": currency or customer.currency, "order_number": order_number,
            "estimate_minor": estimate_minor, "created_at": now, "created_by": by,
        },
    )  # fmt: skip
    if is_new:
        _record(project, "project.opened", by, now)
        if order_minor and order_number.strip():
            amount = Money(order_minor, project.currency)
            expect(customer_id=customer_id, kind="order", name=order_number, amount=amount, by=by, role=role, now=now)
        say_estimates([project], by=by, role=role, now=now)
    return project


def say_estimates(projects: Iterable[Project], *, by: str, role: Role, now: datetime) -> None:
    """What the customer was told counts when it is billed: invoicing measures by it, whatever way the invoice comes about."""
    for project in projects:
        if project.estimate_minor:
            expect(
                customer_id=project.customer_id, kind="estimate", name=project.name, by=by, role=role, now=now,
                amount=Money(project.estimate_minor, project.currency),
            )  # fmt: skip


@transaction.atomic
def add_items(*, project_id: UUID, work: Sequence[Work], by: str, role: Role, now: datetime) -> list[Item]:
    """Note what was done; what is there already under the same reference stays as it is and is left out of the answer."""
    project = _locked(project_id, role)
    if odd := next((one.kind for one in work if one.kind not in KINDS), None):
        raise Refused(f"{odd!r} is no kind of work; choose {', '.join(KINDS)}.", code="kind", field="kind")
    ahead = next((one.done_on for one in work if one.is_finished and one.done_on > latest_day(now)), None)
    if ahead is not None:
        raise Refused(
            f"What is of {ahead.isoformat()} is not finished yet. Note it as unfinished, or with the day on which it was done.",
            code="done_on", field="done_on",
        )  # fmt: skip
    named = [one.reference for one in work if one.reference]
    known = set(Item.objects.filter(vendor_id=project.vendor_id, reference__in=named).values_list("reference", flat=True))
    new = list(_unknown(work, known))
    keys = new_keys(now, len(new))
    items = Item.objects.bulk_create(_item(key, project, one, by, now) for key, one in zip(keys, new, strict=True))
    if items:
        _record(project, "work.noted", by, now, items=len(items))
    return items


@transaction.atomic
def finish_project(*, project_id: UUID, on: date, by: str, role: Role, now: datetime) -> list[UUID]:
    """The project is finished: all its work can be billed from this day on. The items that are unbilled now, in order."""
    project = _locked(project_id, role)
    if project.finished_on is None:
        project.finished_on, project.finished_by = on, by
        project.save(update_fields=["finished_on", "finished_by"])
        Item.objects.filter(project=project, finished_on=None).update(finished_on=on)
        _record(project, "project.finished", by, now, finished_on=on.isoformat())
    return list(Item.objects.filter(project=project).finished().order_by("done_on", "id").values_list("id", flat=True))


@transaction.atomic
def wait_for(*, item_id: UUID, whom: str, by: str, role: Role, now: datetime) -> Item:
    """Leave an item unbilled until somebody says yes; empty: the word has come."""
    item = _item_of(item_id, role)
    item.waits_for = whom.strip()
    item.save(update_fields=["waits_for"])
    _record(item.project, "work.waits" if item.waits_for else "work.agreed", by, now, description=item.description, whom=whom)
    return item


@transaction.atomic
def drop_item(*, item_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Item:
    """Work that will not be billed, and why: a gesture, a mistake, or part of a fixed fee."""
    item = _item_of(item_id, role)
    if not reason.strip():
        raise Refused("Say why this is not billed: it stands in the project.", code="drop", field="reason")
    item.dropped_at, item.dropped_why = now, reason.strip()
    item.save(update_fields=["dropped_at", "dropped_why"])
    _record(item.project, "work.dropped", by, now, description=item.description, reason=reason.strip())
    return item


def _unknown(work: Iterable[Work], known: set[str]) -> Iterator[Work]:
    """Each reference once, also where it is told twice in one go."""
    for one in work:
        if not one.reference or one.reference not in known:
            yield one
        known.add(one.reference)


def _item(key: UUID, project: Project, one: Work, by: str, now: datetime) -> Item:
    line = one.line
    if line.discount_amount:
        raise Refused("Give the discount of work in per cent.", code="line", field="discount")
    is_finished = one.is_finished or project.finished_on is not None
    return Item(
        id=key, vendor_id=project.vendor_id, project=project, kind=one.kind, done_on=one.done_on, done_by=one.done_by,
        team=one.team.strip(), finished_on=one.done_on if is_finished else None, waits_for=one.waits_for,
        reference=one.reference, created_at=now, created_by=by, description=line.description, quantity=line.quantity,
        unit=line.unit, unit_price=line.unit_price, discount_percent=line.discount_percent, includes_tax=line.includes_tax,
        tax_category=line.tax.category, tax_percent=line.tax.rate, tax_reason=line.tax.reason,
    )  # fmt: skip


def _locked(project_id: UUID, role: Role) -> Project:
    _must(role)
    project = Project.objects.select_for_update().filter(id=project_id).first()
    if project is None:
        raise Refused("There is no project like that here.", code="project")
    return project


def _item_of(item_id: UUID, role: Role) -> Item:
    _must(role)
    item = Item.objects.select_for_update(of=("self",)).select_related("project").filter(id=item_id).unbilled().first()
    if item is None:
        raise Refused("This work was billed or dropped already, so nothing was changed.", code="billed")
    return item


def _must(role: Role) -> None:
    if role not in _MAY:
        raise Refused("Work is noted by the owner, a bookkeeper or an approver. Ask one of them.", code="role")


def _record(project: Project, kind: str, by: str, now: datetime, **data: Any) -> None:
    said = {"project": project.name, **data}
    record(at=now, deed=Deed(project.vendor_id, kind, by, project.customer_id, subject_id=project.id, data=said))
