"""`goodterms rehearse`: what would go out on the coming days, and what would be held, and why. Nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodterms.cli.viewer import a_date
from goodterms.values.days import instant

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=a_date, required=True, metavar="DATE")
    parser.add_argument("--days", type=int, default=14, help="how many days (default: %(default)s)")
    parser.add_argument("--vendor", metavar="SLUG", help="only payers of this vendor (default: every vendor)")
    parser.add_argument("--all", action="store_true", help="also what is not due (the JSON has it always)")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    if args.json:
        _stream(args)
        return
    shown = 0
    for item in sorted(_items(args), key=lambda item: item["on"]):
        if item["reasons"] != ("not_due",) or args.all:
            print(_line(item))
            shown += 1
    if not shown:
        print("Nothing would go out, and nothing would be held.")


def _items(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from goodterms.parties.directory import companions, everyone, named
    from goodterms.reminders.due import rehearse
    from goodterms.reminders.rules import items

    for vendor in [named(args.vendor)] if args.vendor else everyone():
        together = [one.id for one in companions(vendor)]
        slugs = {str(one.id): one.slug for one in companions(vendor)}
        names = _customers(together)
        decisions = rehearse(
            vendors=together,
            vendor=vendor.id,
            start=args.start,
            days=args.days,
            at=partial(instant_of, vendor),
        )
        for decision, item in ((one, item) for one in decisions for item in items(one)):
            if args.vendor or item.vendor == str(vendor.id):  # a payer of several vendors comes up with each of them
                said = {"on": item.on.isoformat(), "vendor": slugs[item.vendor], "customer": names[item.customer]}
                yield {**item._asdict(), **said, "payer": decision.payer.address or names[item.customer]}


def _customers(vendors: list[UUID]) -> dict[str, str]:
    """The vendors' own numbers of their customers, by id."""
    from goodterms.database.isolation import acting_for
    from goodterms.parties.models import Customer

    with acting_for(vendors):
        return {str(id): number for id, number in Customer.objects.values_list("id", "number")}


def instant_of(vendor: Listed, on: date) -> datetime:
    """When a vendor's day is run."""
    return instant(on, vendor.opens_at, vendor.timezone)


def _stream(args: argparse.Namespace) -> None:
    """One document, item by item: a rehearsal of a large book has a million of them."""
    out = sys.stdout
    out.write(json.dumps({"from": args.start.isoformat(), "days": args.days})[:-1] + ', "items": [')
    for n, item in enumerate(_items(args)):
        out.write((",\n" if n else "\n") + json.dumps(item, ensure_ascii=False))
    out.write("\n]}\n")


def _line(item: dict[str, Any]) -> str:
    numbers = ", ".join(item["invoices"])
    what = f"{item['on']}  {item['customer']}  {numbers}  {(item['step'] or '').replace('_', ' ')}".rstrip()
    if item["outcome"] == "goes_out":
        return f"{what}, by {item['channel']}, {item['tone']}"
    return f"{what}  held: {', '.join(reason.replace('_', ' ') for reason in item['reasons'])}"
