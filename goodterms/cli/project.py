"""`goodterms project`: work for a customer under one name, what was done of it, what waits to be billed, and its invoices."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodterms.cli import worked
from goodterms.cli.billing import issuing_arguments, keep_rate
from goodterms.cli.telling import standing, standing_page
from goodterms.cli.viewer import BY, a_count, a_decimal, a_key, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.models import Project
    from goodterms.parties.directory import Listed

_VERBS = {
    "list": "list projects, those begun first at first",
    "show": "show one with what was done of it, the last first",
    "open": "begin one; the same name finds the one that is there",
    "add": "note what was done, from a file",
    "finish": "the project is finished: bill all of it that is not billed",
    "unbilled": "list finished work that is on no invoice, what waits longest first",
    "bill": "draft invoices of finished work (default: of all of it)",
    "wait": "leave an item unbilled until somebody says yes, or say that they did",
    "drop": "this item is not billed, and why",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    found = {verb: verbs.add_parser(verb, help=words) for verb, words in _VERBS.items()}
    for verb in ("show", "add", "finish"):
        found[verb].add_argument("project", metavar="PROJECT", help="its name, its key, or the beginning of it")
    for verb in ("list", "show"):
        found[verb].add_argument("--most", type=a_count, default=100, metavar="N", help="how many at most (%(default)s)")
    for verb in ("list", "unbilled"):
        found[verb].add_argument("--customer", metavar="NUMBER", help="only of this customer")
    found["add"].add_argument("file", type=Path, metavar="FILE", help="CSV, JSON or TOML, as its name ends (docs/cli.md)")
    issuing_arguments(found["finish"])
    _opening(found["open"])
    _billing(found["bill"])
    _of_an_item(found["wait"], found["drop"])
    for each in found.values():
        each.add_argument("--vendor", metavar="SLUG")
        each.add_argument("--json", action="store_true")


def _opening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="it stands above its lines on the invoice")
    parser.add_argument("--customer", required=True, metavar="NUMBER")
    parser.add_argument("--order", default="", metavar="NUMBER", help="their purchase order")
    parser.add_argument("--order-amount", type=a_decimal, metavar="AMOUNT", help="what that is over, before tax")
    parser.add_argument("--estimate", type=a_decimal, metavar="AMOUNT", help="what they were told that it costs, before tax")
    parser.add_argument("--currency", default="", help="ISO 4217 (default: the customer's)")


def _billing(parser: argparse.ArgumentParser) -> None:
    of = parser.add_mutually_exclusive_group()
    of.add_argument("--customer", metavar="NUMBER", help="only of this customer")
    of.add_argument("--project", metavar="PROJECT", help="only of this project")
    of.add_argument("--item", action="append", type=a_key, metavar="KEY", help="only this item (more than once: these)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--by-project", action="store_const", const=True, help="one for each project (default: as they prefer)")
    how.add_argument("--together", dest="by_project", action="store_const", const=False, help="one for all of a customer's")


def _of_an_item(wait: argparse.ArgumentParser, drop: argparse.ArgumentParser) -> None:
    for parser in (wait, drop):
        parser.add_argument("item", type=a_key, metavar="ITEM", help="its key, as `show` prints it")
    word = wait.add_mutually_exclusive_group(required=True)
    word.add_argument("--for", dest="whom", metavar="WORDS", help="whose word is missing, such as 'Beth’s yes'")
    word.add_argument("--agreed", dest="whom", action="store_const", const="", help="the word has come")
    drop.add_argument("--reason", required=True, help="why, in a sentence; it stands in the project")


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        answer = _DOES[args.verb](vendor, args)
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_PAGES[args.verb](answer)))


def _show(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import project_named

    return worked.shown(project_named(vendor, args.project), args.most)


def _open(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import open_project
    from goodterms.cli.finding import customer_numbered

    customer = customer_numbered(vendor, args.customer)
    currency = args.currency.upper() or customer.currency
    if args.order_amount is not None and not args.order.strip():
        raise Refused("An amount of an order is given with its number: --order. Nothing was done.", code="order")
    order, estimate = (None if sum_ is None else exactly(sum_, currency).minor for sum_ in (args.order_amount, args.estimate))
    project = open_project(
        vendor_id=vendor.id, customer_id=customer.id, name=args.name, order_number=args.order, currency=currency,
        estimate_minor=estimate, order_minor=order, by=BY, role="owner", now=clock_of(vendor),
    )  # fmt: skip
    _must_be_as_said(project, args, currency, estimate)
    return worked.shown(project, 100)


def _must_be_as_said(project: Project, args: argparse.Namespace, currency: str, estimate: int | None) -> None:
    """One that was there stays as it was begun, so what is said otherwise is refused and not passed over."""
    said = {"order": (args.order, project.order_number), "currency": (args.currency and currency, project.currency)}
    other = [name for name, (now, was) in said.items() if now and now != was]
    if estimate is not None and estimate != project.estimate_minor:
        other.append("estimate")
    if other:
        raise Refused(
            f"{project.customer.name} has a project {project.name} with another {other[0]}. Nothing was done.", code="project"
        )


def _add(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import add_items
    from goodterms.cli.finding import project_named
    from goodterms.cli.items import items_said

    work = items_said(args.file)
    project = project_named(vendor, args.project)
    added = add_items(project_id=project.id, work=work, by=BY, role="owner", now=clock_of(vendor))
    keys = [one.id for one in added]
    return {"project": project.id, "name": project.name, "added": keys, "known": len(work) - len(added)}


def _finish(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import bill_project
    from goodterms.cli.finding import project_named

    project = project_named(vendor, args.project)
    now = clock_of(vendor)
    on = args.on or day_in(vendor.timezone, now)
    keep_rate(vendor, args, project.currency, on)
    made = bill_project(project_id=project.id, on=on, by=BY, role="owner", now=now, issues=args.issue)
    return _billed(vendor, [one.invoice_id for one in made])


def _bill(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import bill_items
    from goodterms.billing.models import Item
    from goodterms.cli.finding import customer_numbered, operator, project_named

    rows = Item.objects.seen_by(operator(vendor)).finished()
    if args.customer:
        rows = rows.filter(project__customer=customer_numbered(vendor, args.customer))
    if args.project:
        rows = rows.filter(project=project_named(vendor, args.project))
    keys = args.item or list(rows.order_by("id").values_list("id", flat=True))
    if not keys:
        raise Refused("There is no finished work that is not billed. Nothing was billed.", code="nothing")
    now = clock_of(vendor)
    return _billed(
        vendor, bill_items(vendor_id=vendor.id, item_ids=keys, by_project=args.by_project, by=BY, role="owner", now=now)
    )


def _billed(vendor: Listed, keys: Sequence[UUID]) -> dict[str, Any]:
    from goodterms.cli.finding import invoices

    today = day_in(vendor.timezone, clock_of(vendor))
    found = invoices(vendor).select_related("customer").in_bulk(keys)
    return {"invoices": [standing(found[key], today) for key in keys]}


def _wait(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import wait_for

    item = wait_for(item_id=args.item, whom=args.whom, by=BY, role="owner", now=clock_of(vendor))
    return worked.item_told(item, item.project.currency)


def _drop(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.billing.actions import drop_item

    item = drop_item(item_id=args.item, reason=args.reason, by=BY, role="owner", now=clock_of(vendor))
    return worked.item_told(item, item.project.currency)


def _added_page(answer: dict[str, Any]) -> Iterable[str]:
    known = f"; {answer['known']:,} were there already" if answer["known"] else ""
    yield f"{answer['name']}: {len(answer['added']):,} new{known}."


def _billed_page(answer: dict[str, Any]) -> Iterable[str]:
    for one in answer["invoices"]:
        yield from standing_page(one)


def _item_page(answer: dict[str, Any]) -> Iterable[str]:
    yield worked.item_row(answer)


_DOES = {
    "list": worked.listed, "show": _show, "open": _open, "add": _add, "finish": _finish, "unbilled": worked.to_bill,
    "bill": _bill, "wait": _wait, "drop": _drop,
}  # fmt: skip
_PAGES = {
    "list": worked.list_page, "show": worked.show_page, "open": worked.show_page, "add": _added_page, "finish": _billed_page,
    "unbilled": worked.unbilled_page, "bill": _billed_page, "wait": _item_page, "drop": _item_page,
}  # fmt: skip
