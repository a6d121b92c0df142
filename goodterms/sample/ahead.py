"""Decides which verb tells what was billed before the work: prices invoiced bit by bit, and hours bought month by month."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from goodterms.billing.actions import (
    Work,
    add_items,
    agree_price,
    begin_retainer,
    bill_part,
    bill_rest,
    draw,
    finish_project,
    open_project,
    top_up,
)
from goodterms.billing.models import Project
from goodterms.billing.rules import Ask
from goodterms.invoicing.actions import approve, edit, issue
from goodterms.invoicing.document import lines_in
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.sample.stage import Stage
from goodterms.sample.tables import LINDQVIST, Billed
from goodterms.values.days import day_in
from goodterms.values.money import Money


def agree_ahead(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """A price that is invoiced bit by bit, or hours that are bought; `bills` names the invoices that come of it."""
    slug, _ = who = _who(row)
    said: dict[str, Any] = {"by": stage.vendors[slug].sender, "role": "owner", "now": now}
    of: dict[str, Any] = {"vendor_id": stage.vendors[slug].id, "customer_id": stage.customers[who], "name": row["name"]}
    if "hour" in row:
        price, keeps = Decimal(row["hour"]), row["keeps_months"]
        key = begin_retainer(unit="hours", unit_price=price, tax=stage.taxes[who], keeps_months=keeps, **of, **said).id
        stage.retainers[row["name"]] = key
    else:
        key = open_project(**of, **said).id
        agree_price(project_id=key, lines=[_line(stage, who, line) for line in row["lines"]], **said)
    for number, kind, much in row["bills"]:
        stage.ahead[number] = (key, kind, Decimal(much))


def by_agreement(stage: Stage, row: Billed, now: datetime) -> Invoice | None:
    """The draft of what is billed ahead, or in the end less what was; a person writes in its name and their order number."""
    if row.number not in stage.ahead:
        return None
    key, kind, much = stage.ahead[row.number]
    who: dict[str, Any] = {"by": stage.vendors[row.vendor].sender, "role": "owner", "now": now}
    if kind == "top-up":
        made = top_up(retainer_id=key, quantity=much, on=row.issued_on, **who)
    elif kind == "final":
        finish_project(project_id=key, on=row.issued_on, **who)
        made = bill_rest(project_id=key, on=row.issued_on, **who)
    else:
        sum_ = Money.of(much, Project.objects.get(id=key).currency)
        made = bill_part(project_id=key, kind=kind, ask=Ask(net=sum_), on=row.issued_on, **who)
    lines = lines_in(list(made.lines.order_by("position").values()), made.document, made.currency)
    return edit(invoice_id=made.id, lines=lines, work=row.work, order_number=row.order, **who)


def take_out(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """Hours that were worked come out of those that were bought: an invoice that comes to nothing, on the customer's page."""
    slug, _ = who = _who(row)
    vendor = stage.vendors[slug]
    on = day_in(vendor.timezone, now)
    said: dict[str, Any] = {"by": vendor.sender, "role": "owner", "now": now}
    project = open_project(vendor_id=vendor.id, customer_id=stage.customers[who], name=row["name"], **said)
    done = [Work(_line(stage, who, line), "time", day) for *line, day in row["work"]]
    items = add_items(project_id=project.id, work=done, **said)
    made = draw(retainer_id=stage.retainers[row["name"]], on=on, item_ids=[one.id for one in items], **said)
    lines = lines_in(list(made.lines.order_by("position").values()), made.document, made.currency)
    edit(invoice_id=made.id, lines=lines, order_number=row["order"], **said)
    approve(invoice_id=made.id, **said)
    series = stage.series_of(vendor.id, row["number"], now)
    stage.invoices[row["number"]] = issue(invoice_id=made.id, issued_on=on, series=series, send=False, **said)


def _line(stage: Stage, who: tuple[str, str], line: list[str]) -> Line:
    what, quantity, unit, price = line
    return Line(what, Decimal(quantity), Decimal(price), stage.taxes[who], unit)


def _who(row: dict[str, Any]) -> tuple[str, str]:
    return row.get("vendor", LINDQVIST), row["customer"]
