"""`goodterms rehearse`: what would go out on the coming days, and what would be held, and why. Nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from goodterms.cli.viewer import a_count, a_date
from goodterms.values.days import instant
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed


DAYS_MOST = 366


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=a_date, required=True, metavar="DATE")
    parser.add_argument("--days", type=a_count, default=14, metavar="N", help="how many days (default: %(default)s)")
    parser.add_argument("--vendor", metavar="SLUG", help="only payers of this vendor (default: every vendor)")
    parser.add_argument("--all", action="store_true", help="also what is not due (the JSON has it always)")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    if args.days > DAYS_MOST:
        raise Refused(f"A rehearsal looks {DAYS_MOST} days ahead at most; {args.days:,} were asked for.", code="days")
    if args.json:
        _stream(args)
    else:
        _say([line for line in _lines(args) if args.all or line.item["reasons"] != ("not_due",)])


class Line(NamedTuple):
    """One item as the JSON has it, and the customer's name for people."""

    item: dict[str, Any]
    name: str


def _lines(args: argparse.Namespace) -> Iterator[Line]:
    from goodterms.parties.directory import companions, everyone, named
    from goodterms.reminders.due import rehearse
    from goodterms.reminders.rules import items

    for vendor in [named(args.vendor)] if args.vendor else everyone():
        together = [one.id for one in companions(vendor)]
        slugs = {str(one.id): one.slug for one in companions(vendor)}
        known = _customers(together)
        decisions = rehearse(
            vendors=together,
            vendor=vendor.id,
            start=args.start,
            days=args.days,
            at=partial(instant_of, vendor),
            until=partial(end_of, vendor),
        )
        for decision, item in ((one, item) for one in decisions for item in items(one)):
            if args.vendor or item.vendor == str(vendor.id):  # a payer of several vendors comes up with each of them
                number, name = known[item.customer]
                said = {"on": item.on.isoformat(), "vendor": slugs[item.vendor], "customer": number}
                yield Line({**item._asdict(), **said, "payer": decision.payer.address or number}, name)


def _customers(vendors: list[UUID]) -> dict[str, tuple[str, str]]:
    """The vendors' own numbers and names of their customers, by id."""
    from goodterms.database.isolation import acting_for
    from goodterms.parties.models import Customer

    with acting_for(vendors):
        return {str(id): (number, name) for id, number, name in Customer.objects.values_list("id", "number", "name")}


def instant_of(vendor: Listed, on: date) -> datetime:
    """When a vendor's day is run."""
    return instant(on, vendor.opens_at, vendor.timezone)


def end_of(vendor: Listed, on: date) -> datetime:
    """Until when it goes on, for payers whose hours begin later: to the opening hour of the next."""
    return instant(on + timedelta(days=1), vendor.opens_at, vendor.timezone)


def _stream(args: argparse.Namespace) -> None:
    """One document, item by item: a rehearsal of a large book has a million of them."""
    out = sys.stdout
    out.write(json.dumps({"from": args.start.isoformat(), "days": args.days})[:-1] + ', "items": [')
    for n, line in enumerate(_lines(args)):
        out.write((",\n" if n else "\n") + json.dumps(line.item, ensure_ascii=False))
    out.write("\n]}\n")


def _say(lines: list[Line]) -> None:
    """By day; what goes out before what is held, customers by name."""
    if not lines:
        print("Nothing would go out, and nothing would be held.")
    wide = min(32, max((len(line.name) for line in lines), default=0))
    several = len({line.item["vendor"] for line in lines}) > 1
    lines.sort(key=lambda line: (line.item["on"], line.item["outcome"], line.name, line.item["invoices"]))
    for on, of_day in groupby(lines, key=lambda line: line.item["on"]):
        day = list(of_day)
        out = {(line.item["payer"], line.item["channel"]) for line in day if line.item["outcome"] == "goes_out"}
        held = sum(line.item["outcome"] == "held" for line in day)
        print(f"{date.fromisoformat(on):%A %-d %B %Y}: {len(out):,} notice{'s' * (len(out) != 1)} to go out, {held:,} held")
        for line in day:
            print(f"  {_row(line, wide, several)}")


def _row(line: Line, wide: int, several: bool) -> str:
    item = line.item
    if item["outcome"] == "goes_out":
        mark, what = "out", f"by {item['channel']}, {item['tone']}"
    else:
        mark, what = "held", ", ".join(item["reasons"]).replace("_", " ")
    who = f"{line.name[:wide]:<{wide}}" + (f"  {item['vendor'][:16]:<16}" if several else "")
    step = (item["step"] or "").replace("_", " ")
    return f"{mark:<4}  {who}  {step:<8}  {what:<18}  {', '.join(item['invoices'])}"
