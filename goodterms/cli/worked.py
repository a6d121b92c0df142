"""Decides what is told of projects: which there are, what was done of one, and what of all waits to be billed, and how long."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from goodterms.cli.telling import who
from goodterms.cli.viewer import amount, clock_of
from goodterms.values.days import day_in

if TYPE_CHECKING:
    from datetime import date

    from goodterms.billing.models import Item, Project
    from goodterms.billing.unbilled import Unbilled
    from goodterms.parties.directory import Listed


def listed(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.models import Project
    from goodterms.billing.unbilled import unbilled
    from goodterms.cli.finding import customer_numbered, operator

    rows = Project.objects.seen_by(operator(vendor)).select_related("customer")
    of = customer_numbered(vendor, args.customer) if args.customer else None
    found = list((rows if of is None else rows.filter(customer=of)).order_by("id")[: args.most + 1])
    waiting = {one.project_id: one for one in unbilled(vendor_id=vendor.id, customer_id=of.id if of else None)}
    return {
        "projects": [_project(one, waiting.get(one.id)) for one in found[: args.most]], "more": len(found) > args.most,
    }  # fmt: skip


def shown(project: Project, most: int) -> dict[str, Any]:
    """One with what was done of it, the last first."""
    from goodterms.billing.models import Item
    from goodterms.billing.unbilled import unbilled
    from goodterms.invoicing.actions import expected_of

    rows = Item.objects.filter(project=project).select_related("invoice").order_by("-done_on", "-id")[: most + 1]
    items = list(rows)
    waiting = {one.project_id: one for one in unbilled(vendor_id=project.vendor_id, customer_id=project.customer_id)}
    order = expected_of(customer_id=project.customer_id, kind="order", name=project.order_number)
    return {
        **_project(project, waiting.get(project.id)), "order_minor": None if order is None else order.minor,
        "items": [item_told(one, project.currency) for one in items[:most]], "more": len(items) > most,
    }  # fmt: skip


def item_told(one: Item, currency: str) -> dict[str, Any]:
    from goodterms.invoicing.line import of_columns
    from goodterms.invoicing.totals import totals

    on = one.invoice if one.invoice is not None and one.invoice.voided_at is None else None
    return {
        "item": one.id, "kind": one.kind, "done_on": one.done_on, "done_by": one.done_by, "team": one.team,
        "description": one.description, "quantity": one.quantity, "unit": one.unit, "currency": currency,
        "net_minor": totals(currency, [of_columns(vars(one))]).net.minor, "finished_on": one.finished_on,
        "waits_for": one.waits_for, "reference": one.reference, "invoice_id": on and on.id, "number": on.number if on else "",
        "dropped_why": one.dropped_why,
    }  # fmt: skip


def to_bill(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    """Finished and on no invoice, by project, and how much of it there is in each currency."""
    from goodterms.billing.unbilled import unbilled
    from goodterms.cli.finding import customer_numbered, operator
    from goodterms.parties.models import Customer

    today = day_in(vendor.timezone, clock_of(vendor))
    of = customer_numbered(vendor, args.customer).id if args.customer else None
    found = unbilled(vendor_id=vendor.id, customer_id=of)
    rows = Customer.objects.seen_by(operator(vendor)).filter(id__in={one.customer_id for one in found})
    numbers = dict(rows.values_list("id", "number"))
    return {
        "as_of": today,
        "unbilled": [
            {
                "project": one.project_id, "name": one.project, "customer": numbers[one.customer_id],
                "customer_name": one.customer, **_sums(one), "age_days": one.age_days(today), "whose": one.whose,
                "is_finished": one.is_finished,
            }
            for one in found
        ],
        "totals": _totals(found, today),
    }  # fmt: skip


def _totals(found: Iterable[Unbilled], today: date) -> list[dict[str, Any]]:
    by_currency: dict[str, list[Unbilled]] = {}
    for one in found:
        if one.items:
            by_currency.setdefault(one.net.currency, []).append(one)
    return [
        {
            "currency": currency, "items": sum(one.items for one in some), "net_minor": sum(one.net.minor for one in some),
            "oldest_on": min(one.oldest_on for one in some if one.oldest_on),
            "age_days": max(one.age_days(today) for one in some),
        }
        for currency, some in sorted(by_currency.items())
    ]  # fmt: skip


def _project(one: Project, waiting: Unbilled | None) -> dict[str, Any]:
    none = {"currency": one.currency, "items_unbilled": 0, "net_minor": 0, "oldest_on": None, "waiting": 0}
    sums = none if waiting is None else _sums(waiting)
    return {
        "project": one.id, "name": one.name, "customer": one.customer.number, "customer_name": one.customer.name,
        "order_number": one.order_number, "estimate_minor": one.estimate_minor, "finished_on": one.finished_on, **sums,
    }  # fmt: skip


def _sums(one: Unbilled) -> dict[str, Any]:
    return {
        "currency": one.net.currency, "items_unbilled": one.items, "net_minor": one.net.minor, "oldest_on": one.oldest_on,
        "waiting": one.waiting,
    }  # fmt: skip


def list_page(answer: dict[str, Any]) -> Iterable[str]:
    for one in answer["projects"]:
        ends = f"ended {one['finished_on']}" if one["finished_on"] else ""
        sum_ = amount(one["net_minor"], one["currency"]) if one["items_unbilled"] else ""
        yield f"{one['project']}  {one['customer'][:14]:<14}  {one['name'][:40]:<40} {sum_:>16}  {ends}".rstrip()
    if answer["more"]:
        yield f"There are more than these {len(answer['projects']):,}; --most shows more."
    if not answer["projects"]:
        yield "No projects yet. Begin with: goodterms project open NAME --customer NUMBER"


def show_page(one: dict[str, Any]) -> Iterable[str]:
    agreed = [f"order {one['order_number']}"] if one["order_number"] else []
    sums = {"over": one["order_minor"], "estimate": one["estimate_minor"]}
    agreed += [f"{word} {amount(minor, one['currency'])}" for word, minor in sums.items() if minor]
    agreed += [f"ended {one['finished_on']}"] if one["finished_on"] else []
    yield f"{one['name']} for {_customer(one)}{': ' * bool(agreed)}{', '.join(agreed)}"
    yield f"  {one['project']}"
    ready = f"{amount(one['net_minor'], one['currency'])} before tax to be billed"
    yield f"  {ready}, since {one['oldest_on']}" if one["items_unbilled"] else "  Nothing of it can be billed now."
    yield from (f"  {item_row(each)}" for each in one["items"])
    if one["more"]:
        yield f"  There are more than these {len(one['items']):,}; --most shows more."


def item_row(one: dict[str, Any]) -> str:
    by = f" ({one['done_by']})" if one["done_by"] else ""
    sum_ = amount(one["net_minor"], one["currency"])
    return f"{one['item']}  {one['done_on']}  {sum_:>14}  {one['description']}{by}: {_where(one)}"


def unbilled_page(answer: dict[str, Any]) -> Iterable[str]:
    for one in answer["unbilled"]:
        age = f"{one['age_days']:,} days" if one["items_unbilled"] else ""
        sum_ = amount(one["net_minor"], one["currency"]) if one["items_unbilled"] else ""
        whose = f" for {', '.join(one['whose'])}" if one["whose"] else ""
        waits = f"; {one['waiting']} {'waits' if one['waiting'] == 1 else 'wait'}{whose}" if one["waiting"] else ""
        yield f"{age:>10} {sum_:>16}  {_customer(one)}, {one['name']}{waits}"
    for one in answer["totals"]:
        sum_, items = amount(one["net_minor"], one["currency"]), f"{one['items']:,} item{'s' * (one['items'] != 1)}"
        yield f"{sum_} of {items} to be billed, the oldest since {one['oldest_on']}."
    if not answer["unbilled"]:
        yield "Everything that is finished is billed."


def _where(one: dict[str, Any]) -> str:
    """What became of an item."""
    if one["invoice_id"]:
        return f"on {one['number'] or 'a draft'}"
    if one["dropped_why"]:
        return f"not billed, {one['dropped_why']}"
    if one["waits_for"]:
        return f"waits for {one['waits_for']}"
    return "to be billed" if one["finished_on"] else "not finished"


def _customer(one: dict[str, Any]) -> str:
    return who({"name": one["customer_name"], "customer": one["customer"]})
