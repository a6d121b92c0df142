"""`goodterms cadence`: the steps of reminders, as a table; and other ones, taken from a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_table, amount, clock_of, on_behalf_of, say_json
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from uuid import UUID


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="show every cadence, the usual one first")
    change = verbs.add_parser("set", help="keep a cadence from a file, in place of the one with its name")
    change.add_argument("file", type=Path, help="TOML, or JSON when its name ends so: name, gap_days, steps (docs/cli.md)")
    change.add_argument("--usual", action="store_true", help="from now on the one for every customer who has no other")
    for verb in (show, change):
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.reminders.actions import change_cadence
    from goodterms.reminders.rules import Cadence

    read = Cadence.from_json(_read(args.file)) if args.verb == "set" else None
    with on_behalf_of(args.vendor) as vendor:
        if read:
            change_cadence(vendor_id=vendor.id, cadence=read, usual=args.usual, by=BY, now=clock_of(vendor))
        found = _kept(vendor.id)
    if args.json:
        say_json({"cadences": found})
    else:
        print("\n\n".join(_table(one) for one in found))


def _read(path: Path) -> dict[str, Any]:
    said = a_table(path, "no cadence was changed")
    known = {"name", "gap_days", "steps"}
    if not isinstance(said, dict) or set(said) - known:
        raise Refused(f"{path} is no cadence: it has name, gap_days and steps, and nothing else. No cadence was changed.")
    return said


def _kept(vendor_id: UUID) -> list[dict[str, Any]]:
    """The vendor's cadences, and the one that every vendor begins with where none of them is the usual one."""
    from goodterms.reminders.models import Cadence as Kept
    from goodterms.reminders.rules import STEADY, Cadence

    rows = Kept.objects.filter(vendor_id=vendor_id).order_by("-usual", "name")
    found = [{**Cadence.from_json(row.data).to_json(), "usual": row.usual} for row in rows]
    return found if found and found[0]["usual"] else [{**STEADY.to_json(), "usual": True}, *found]


def _table(cadence: dict[str, Any]) -> str:
    gap = f", at least {cadence['gap_days']} days between two steps" if cadence["gap_days"] else ""
    lines = [f"{cadence['name']}{' (the usual one)' * cadence['usual']}{gap}"]
    return "\n".join([*lines, *(_line(step) for step in cadence["steps"])])


def _line(step: dict[str, Any]) -> str:
    days = step["days"]
    when = "on the due date" if days == 0 else f"{abs(days)} days {'before' if days < 0 else 'after'}"
    more = ["" if step["automatic"] else "a person decides", step["tone"], step["sender"] and f"from {step['sender']}"]
    more += [f"from {amount(minor, currency)} on" for currency, minor in step["minimum"].items()]
    return f"  {when:<17} {step['kind'].replace('_', ' '):<10} {step['channel']:<8} {', '.join(filter(None, more))}".rstrip()
