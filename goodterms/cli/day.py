"""`goodterms day`: everything that is due on a day, once, in the foreground. Run again, it sends nothing."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import a_date, an_instant, clock, clock_of, say_json
from goodterms.values.days import day_in, instant

if TYPE_CHECKING:
    from uuid import UUID

    from goodterms.parties.directory import Listed


def arguments(parser: argparse.ArgumentParser) -> None:
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--on", type=a_date, metavar="DATE", help="from the vendor's opening hour of that day on (default: now)")
    when.add_argument("--at", type=an_instant, metavar="INSTANT", help="at that instant, such as 2026-11-16T10:20:00+00:00")
    parser.add_argument("--vendor", metavar="SLUG", help="only its payers, for all that they owe (default: every vendor)")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.rehearse import end_of
    from goodterms.clock.tick import Run, report, run_day
    from goodterms.parties.directory import companions, everyone, named

    found: Counter[str] = Counter()
    doubts: dict[UUID, int] = {}
    vendors = [named(args.vendor)] if args.vendor else sorted(everyone(), key=lambda one: moment_of(one, args)[1])
    for vendor in vendors:
        on, now = moment_of(vendor, args)
        ids = [one.id for one in companions(vendor)]
        until = end_of(vendor, on) if args.on else None
        progress = None if args.json else _progress(vendor)
        found += run_day(Run(vendor.id, ids, on, now, lambda now=now: now, progress, until, not args.vendor))  # type: ignore[misc]
        doubts[ids[0]] = found.pop("doubts", 0)  # what stands, which each of those that share payers finds anew
        last = on
    if not vendors:
        last = args.on or clock().date()
    answer = report(last, found + Counter(doubts=sum(doubts.values())))
    say_json(answer) if args.json else _say(answer)


def moment_of(vendor: Listed, args: argparse.Namespace) -> tuple[date, datetime]:
    """The day in the vendor's calendar, and the instant at which it is run."""
    if args.on:
        return args.on, instant(args.on, vendor.opens_at, vendor.timezone)
    now = args.at or clock_of(vendor)
    return day_in(vendor.timezone, now), now


def _progress(vendor: Listed):  # type: ignore[no-untyped-def]
    def show(seen: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{vendor.name}: {seen:,} open invoices looked at", end="", file=sys.stderr, flush=True)

    return show


def _say(answer: dict[str, Any]) -> None:
    from django.conf import settings

    if sys.stderr.isatty():
        print(file=sys.stderr)
    held = dict(answer["held"])
    later = held.pop("not_due", 0)
    print(f"{date.fromisoformat(answer['on']):%A %-d %B %Y}")
    print(f"  {answer['nominated']:>9,}  invoices named, in {answer['notices']:,} notices")
    for reason, count in held.items():
        print(f"  {count:>9,}  held: {reason.replace('_', ' ')}")
    print(f"  {later:>9,}  nothing due")
    print(f"  {answer['sent']:>9,}  letters sent{'' if settings.SMTP_URL or not answer['sent'] else _where('outbox')}")
    print(f"  {answer['printed']:>9,}  letters to print{_where('print') if answer['printed'] else ''}")
    print(f"  {answer['doubts']:>9,}  in doubt{'; see: goodterms outbox --state ambiguous' if answer['doubts'] else ''}")


def _where(folder: str) -> str:
    from django.conf import settings

    return f", in {settings.HOME / folder}"
