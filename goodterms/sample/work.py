"""Decides which verb tells what was done and billed: schedules, projects with their items, and what is paid in parts."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from goodterms.billing.actions import (
    Work,
    add_items,
    bill_items,
    bill_schedules,
    change_line,
    finish_project,
    open_project,
    pause,
    start_schedule,
)
from goodterms.billing.gathering import line_of
from goodterms.billing.models import Item
from goodterms.conversations.actions import Wish, request_plan
from goodterms.invoicing.actions import edit
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.sample.stage import Stage
from goodterms.sample.tables import LINDQVIST, Billed
from goodterms.values.days import instant

NOTED_AT = time(17)  # at the end of the last day on which something was done


def begin_schedule(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """What is billed again and again from a day on; with another price later, and a rest, where those are agreed."""
    who = _who(row)
    said: dict[str, Any] = {"by": stage.vendors[who[0]].sender, "role": "owner", "now": now}
    schedule = start_schedule(
        vendor_id=stage.vendors[who[0]].id, customer_id=stage.customers[who], work=row["work"], rule=row["rule"],
        starts_on=row["starts_on"], lines=[_line(stage, who, *line) for line in row["lines"]],
        automatic=row.get("automatic", False), **said,
    )  # fmt: skip
    for from_on, *line in row.get("later", []):
        change_line(schedule_id=schedule.id, position=1, from_on=from_on, line=_line(stage, who, *line), **said)
    if "pause" in row:
        from_on, until_on, reason = row["pause"]
        pause(schedule_id=schedule.id, from_on=from_on, until_on=until_on, reason=reason, **said)
    if "bills" in row:
        stage.schedules[who] = row["bills"]


def by_schedule(stage: Stage, row: Billed, now: datetime) -> Invoice | None:
    """The draft that a schedule makes of this day's period, with what a person writes in: its name and their order number."""
    who = (row.vendor, row.customer)
    if who not in stage.schedules or not row.work.startswith(stage.schedules[who]):
        return None
    bill_schedules(vendor_id=stage.vendors[row.vendor].id, today=row.issued_on, now=now)
    drafted = Invoice.objects.draft().get(customer_id=stage.customers[who], periods__at=now)
    line = Line(row.work, Decimal(1), row.net, stage.taxes[who], "month")
    return edit(
        invoice_id=drafted.id, lines=[line], work=row.work, order_number=row.order, by=stage.vendors[row.vendor].sender,
        role="bookkeeper", now=now,
    )  # fmt: skip


def in_projects(stage: Stage, row: dict[str, Any]) -> Iterator[tuple[datetime, Any]]:
    """A project from its beginning on: what was done in it, told at once, and that it is finished, where it is."""
    zone = stage.vendors[LINDQVIST].timezone
    yield instant(row["at"].date(), row["at"].time(), zone), partial(_open, stage, row)
    if row["work"]:
        yield instant(max(done[5] for done in row["work"]), NOTED_AT, zone), partial(_note, stage, row)
    if end := row.get("finished_at"):
        yield instant(end.date(), end.time(), zone), partial(_finish, stage, row, end.date())


def bill_all(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """A draft of all that is finished for a customer, under a name of its own."""
    found = list(Item.objects.filter(project__customer=stage.customers[_who(row)]).finished().select_related("project"))
    said: dict[str, Any] = {"by": "Priya Nair", "role": "approver", "now": now}
    [made] = bill_items(vendor_id=stage.vendors[LINDQVIST].id, item_ids=[one.id for one in found], **said)
    ordered = sorted(found, key=lambda one: (one.project.name, one.done_on, one.id))
    edit(invoice_id=made, lines=[line_of(one, one.project.name) for one in ordered], work=row["work"], **said)


def in_parts(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """A wish to pay in parts, to which the vendor's rule says yes at once."""
    request_plan(
        invoice_ids=[stage.invoices[row["number"]].id], wish=Wish(row["parts"], row["first_on"], row["every"]),
        words=row["words"], now=now, **stage.about(row["number"], row["by"]),
    )  # fmt: skip


def _open(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    who = _who(row)
    project = open_project(
        vendor_id=stage.vendors[who[0]].id, customer_id=stage.customers[who], name=row["name"],
        estimate_minor=row.get("estimate"), by="Priya Nair", role="approver", now=now,
    )  # fmt: skip
    stage.projects[row["name"]] = project.id


def _note(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    work = [
        Work(_line(stage, _who(row), *said), kind, on, by, waits_for="".join(waits))
        for kind, *said, on, by, waits in ([*done, ""][:8] for done in row["work"])
    ]
    add_items(project_id=stage.projects[row["name"]], work=work, by="Priya Nair", role="approver", now=now)


def _finish(stage: Stage, row: dict[str, Any], on: date, now: datetime) -> None:
    finish_project(project_id=stage.projects[row["name"]], on=on, by="Priya Nair", role="approver", now=now)


def _line(stage: Stage, who: tuple[str, str], what: str, quantity: str, unit: str, price: str) -> Line:
    return Line(what, Decimal(quantity), Decimal(price), stage.taxes[who], unit)


def _who(row: dict[str, Any]) -> tuple[str, str]:
    return row.get("vendor", LINDQVIST), row["customer"]
