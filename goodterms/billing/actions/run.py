"""Decides how a billing run makes invoices: each period once, in groups that are whole or not there, whoever runs and dies."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.billing.actions.projects import finish_project, say_estimates
from goodterms.billing.actions.schedules import look_ahead
from goodterms.billing.gathering import Plan, pieces_of, plans, told_by, who_apart
from goodterms.billing.models import Item, Schedule
from goodterms.billing.rules import Bill, Period, bills
from goodterms.database.among import among
from goodterms.database.arrays import arrays
from goodterms.invoicing.actions import Made, Wanted, approve, draft_many, held_back, issue_many, issue_new, tell_waiting
from goodterms.invoicing.forms import is_particular
from goodterms.invoicing.life import Role
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.reading import known
from goodterms.values.keys import new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

AT_ONCE = 500  # schedules billed in one transaction
BY = "the schedule"


class Ran(NamedTuple):
    """What one group of schedules became; `looked_at` is 0 when nothing is due any more."""

    looked_at: int
    issued: int
    drafted: int


@transaction.atomic
def bill_schedules(*, vendor_id: UUID, today: date, now: datetime, at_once: int = AT_ONCE) -> Ran:
    """Bill the next due period of up to `at_once` schedules, in the caller's scope and one transaction.

    Schedules that another run holds are left to it. What was agreed to go out by itself is issued today, unless it is not
    as its customer wants it (a purchase order, a paper, their format), its currency has no rate for the day, or the customer
    would be surprised and is asked first; everything else is drafted and waits for approval. A customer's periods come together
    on one invoice, or for each project, as they prefer.
    """
    schedules = _claimed(vendor_id, today, at_once)
    if not schedules:
        return Ran(0, 0, 0)
    planned = plans(schedules)
    periods = {plan.schedule.id: period for plan in planned if (period := plan.next_period()) is not None}
    language = {one.customer_id: one.customer.language or "en" for one in schedules}
    pieces = [
        plan.piece(periods[plan.schedule.id], language[plan.schedule.customer_id])
        for plan in planned
        if plan.schedule.id in periods
    ]
    customers = {one.customer_id: one.customer for one in schedules}
    wanted = bills(pieces, apart=who_apart(customers.values()), breakdown=told_by(customers.values()))
    made = _make(vendor_id, wanted, customers, today, now)
    _write_down(planned, periods, made, now)
    look_ahead([plan.after(periods.get(plan.schedule.id)) for plan in planned])
    issued = sum(bool(one.number) for one in made.values())
    return Ran(len(schedules), issued, len(made) - issued)


@transaction.atomic
def bill_items(
    *, vendor_id: UUID, item_ids: Sequence[UUID], by: str, role: Role, now: datetime, by_project: bool | None = None
) -> list[UUID]:
    """Drafts of finished work, one for each customer, currency and purchase order, and for each project where the customer
    prefers that, or `by_project` says so this time.

    All of the items or none: one that was billed meanwhile, was dropped or waits for somebody's word refuses them all.
    """
    if role not in ("owner", "bookkeeper", "approver"):
        raise Refused("An invoice is drafted by the owner, a bookkeeper or an approver. Ask one of them.", code="role")
    found = list(
        Item.objects.filter(among("id", item_ids), vendor_id=vendor_id).finished().select_related("project")
        .select_related("project__customer").select_for_update(of=("self",)).order_by("id")
    )  # fmt: skip
    if not item_ids or len(found) != len(set(item_ids)):
        raise Refused(
            "Something chosen here was billed meanwhile, was dropped, or waits for somebody’s word. Nothing was billed; look at"
            " the list again.",
            code="billed",
        )
    customers = {item.project.customer_id: item.project.customer for item in found}
    say_estimates({item.project_id: item.project for item in found}.values(), by=by, role=role, now=now)
    wanted = bills(pieces_of(found), apart=who_apart(customers.values(), by_project), breakdown=told_by(customers.values()))
    made = draft_many(vendor_id=vendor_id, wanted=[_wanted(bill) for bill in wanted], by=by, now=now)
    of_project: dict[UUID, list[UUID]] = defaultdict(list)
    for item in found:
        of_project[item.project_id].append(item.id)
    for bill, one in zip(wanted, made, strict=True):
        on_it = [key for source in {piece.source for piece in bill.pieces} for key in of_project[source]]
        Item.objects.filter(among("id", on_it)).update(invoice_id=one.invoice_id)
    return [one.invoice_id for one in made]


@transaction.atomic
def bill_project(
    *,
    project_id: UUID,
    on: date,
    by: str,
    role: Role,
    now: datetime,
    issues: bool = False,
    up_to: Money | None = None,
    free_until_at: datetime | None = None,
) -> list[Made]:
    """The project is finished, so its work is billed: drafted, or where `issues` approved and issued as well, all or nothing.

    `up_to` is the most that this member may approve (None: any amount); until `free_until_at`, by the real clock, the sending
    can be taken back. What would surprise the customer is approved and waits for their word. Refused where there is nothing to
    bill.
    """
    items = finish_project(project_id=project_id, on=on, by=by, role=role, now=now)
    if not items:
        raise Refused("This project has no finished work that is not billed. Nothing was billed.", code="nothing")
    vendor_id = Item.objects.values_list("vendor_id", flat=True).get(id=items[0])
    drafts = bill_items(vendor_id=vendor_id, item_ids=items, by=by, role=role, now=now)
    if not issues:
        return [Made(one, "") for one in drafts]
    for one in drafts:
        approve(invoice_id=one, by=by, role=role, now=now, up_to=up_to)
    numbers = issue_many(
        vendor_id=vendor_id, invoice_ids=drafts, issued_on=on, by=by, role=role, now=now, free_until_at=free_until_at
    )
    return [Made(*pair) for pair in zip(drafts, numbers, strict=True)]


def _claimed(vendor_id: UUID, today: date, at_once: int) -> list[Schedule]:
    """Schedules that are due and that no other run holds, those of a customer beside each other. What is due is put in order
    by keys alone: there may be much more of it than is claimed."""
    due = Schedule.objects.filter(vendor_id=vendor_id).due(today).order_by("customer_id", "id")
    keys = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:at_once])
    if not keys:
        return []
    whole = Schedule.objects.filter(among("id", keys)).select_related("customer")
    return list(whole.order_by("customer_id", "id"))


def _make(
    vendor_id: UUID, wanted: Sequence[Bill], customers: dict[UUID, Customer], today: date, now: datetime
) -> dict[UUID, Made]:
    """Invoices and drafts of `wanted`, by the schedule that each piece came from."""
    ready, waiting, why = _sorted(vendor_id, wanted, customers, today, now)
    issued = issue_new(
        vendor_id=vendor_id, wanted=[_wanted(bill) for bill in ready], issued_on=today, approved_by=BY, by=BY, now=now,
        customers=customers,
    )  # fmt: skip
    drafted = draft_many(vendor_id=vendor_id, wanted=[_wanted(bill) for bill in waiting], by=BY, now=now, customers=customers)
    told = {made.invoice_id: why[id(bill)] for bill, made in zip(waiting, drafted, strict=True) if id(bill) in why}
    if told:
        tell_waiting(vendor_id=vendor_id, waiting=told, by=BY, now=now)
    pairs = [*zip(ready, issued, strict=True), *zip(waiting, drafted, strict=True)]
    return {piece.source: made for bill, made in pairs for piece in bill.pieces}


def _without_a_rate(vendor_id: UUID, currencies: set[str], today: date) -> set[str]:
    """In these nothing can be issued today: it is drafted, and waits for a rate and a person."""
    base = Vendor.objects.values_list("currency", flat=True).get(id=vendor_id)
    if currencies <= {base}:
        return set()
    book = known(vendor_id=vendor_id, currencies={base, *currencies}, first_on=today)
    return {one for one in currencies if book.find(one, base, today) is None}


def _sorted(
    vendor_id: UUID, wanted: Sequence[Bill], customers: dict[UUID, Customer], today: date, now: datetime
) -> tuple[list[Bill], list[Bill], dict[int, str]]:
    """What may go out by itself and what waits for a person; and why, where its customer wants it otherwise than it is."""
    unknown = _without_a_rate(vendor_id, {bill.currency for bill in wanted}, today)
    automatic = [bill for bill in wanted if bill.automatic and bill.currency not in unknown]
    asked = [
        bill for bill in automatic
        if is_particular(customers[bill.customer]) or (customers[bill.customer].order_required and not bill.order_number)
    ]  # fmt: skip
    found = held_back(
        vendor_id=vendor_id, wanted=[_wanted(bill) for bill in asked], issued_on=today, now=now, customers=customers
    )
    why = {id(asked[at]): sentence for at, sentence in found.items()}
    ready = [bill for bill in automatic if id(bill) not in why]
    going = {id(bill) for bill in ready}
    return ready, [bill for bill in wanted if id(bill) not in going], why


def _wanted(bill: Bill) -> Wanted:
    return Wanted(bill.customer, bill.currency, bill.lines, bill.work, bill.order_number)


def _write_down(plans: Iterable[Plan], periods: dict[UUID, Period], made: dict[UUID, Made], now: datetime) -> None:
    """That these periods are billed; the unique key is what makes it once."""
    rows = [(plan.schedule, periods[plan.schedule.id]) for plan in plans if plan.schedule.id in periods]
    if not rows:  # what was due has ended meanwhile
        return
    columns = arrays(
        (key, one.id, period.from_on, period.until_on, made[one.id].invoice_id if one.id in made else None)
        for key, (one, period) in zip(new_keys(now, len(rows)), rows, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, [rows[0][0].vendor_id, now, *columns])


_BILLED = """
insert into billing_billed (vendor_id, at, id, schedule_id, from_on, until_on, invoice_id)
select %s::uuid, %s::timestamptz, * from unnest(%s::uuid[], %s::uuid[], %s::date[], %s::date[], %s::uuid[])
"""
