"""`goodterms schedule`: what is billed again and again: begun from a file, previewed, changed, paused, ended, and billed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_date, a_decimal, a_table, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.models import Schedule
    from goodterms.billing.preview import Coming
    from goodterms.parties.directory import Listed

_NEEDED = ("customer", "work", "rule", "starts_on", "lines")
_TEXTS = {"work", "rule", "project", "order_number", "currency"}
_KEYS = {*_NEEDED, *_TEXTS, "ends_on", "in_advance", "prorated", "automatic"}


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="list schedules, the next to be billed first")
    show = verbs.add_parser("show", help="show one with its next twelve billings")
    start = verbs.add_parser("start", help="begin one from a file")
    start.add_argument("file", type=Path, help="TOML, or JSON when its name ends so (docs/cli.md)")
    price = verbs.add_parser("price", help="another price for a line, from a day on")
    price.add_argument("--line", type=int, default=1, metavar="N", help="which line (default: %(default)s)")
    price.add_argument("--to", type=a_decimal, required=True, metavar="AMOUNT", help="the price of one, in major units")
    price.add_argument("--from", dest="from_on", type=a_date, required=True, metavar="DATE")
    pause = verbs.add_parser("pause", help="bill nothing for some days")
    pause.add_argument("--from", dest="from_on", type=a_date, required=True, metavar="DATE", help="the first day not billed")
    pause.add_argument("--until", type=a_date, metavar="DATE", help="the last day not billed (default: until resumed)")
    pause.add_argument("--reason", required=True)
    resume = verbs.add_parser("resume", help="take up a schedule again that pauses without an end")
    resume.add_argument("--last", type=a_date, required=True, metavar="DATE", help="the last day that is not billed")
    end = verbs.add_parser("end", help="bill until a day, and not after")
    end.add_argument("--on", type=a_date, required=True, metavar="DATE", help="the last day that is billed")
    end.add_argument("--reason", default="")
    verbs.add_parser("bill", help="bill what is due now; the day does the same by itself")
    for verb in (show, price, pause, resume, end):
        verb.add_argument("schedule", metavar="SCHEDULE", help="its key, or the beginning of it, as `list` prints it")
    for verb in verbs.choices.values():
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    if args.verb == "bill":
        answer = _bill(args)
        lines = [f"{answer['issued']} issued, {answer['drafted']} drafted."]
    else:
        with on_behalf_of(args.vendor) as vendor:
            one = _begun(vendor, args) if args.verb == "start" else None
            if args.verb not in ("list", "start"):
                one = _named(vendor, args.schedule)
                _change(vendor, one, args)
                one.refresh_from_db()
            answer = _listed(vendor) if one is None else _shown(one)
        lines = _rows(answer) if args.verb == "list" else _page(answer)
    if args.json:
        say_json(answer)
    else:
        print("\n".join(lines))


def _bill(args: argparse.Namespace) -> dict[str, int]:
    from goodterms.billing.due import bill
    from goodterms.parties.directory import named

    vendor = named(args.vendor)
    now = clock_of(vendor)
    return dict(bill(vendor_id=vendor.id, today=day_in(vendor.timezone, now), now=now))


def _change(vendor: Listed, one: Schedule, args: argparse.Namespace) -> None:
    from dataclasses import replace

    from goodterms.billing.actions import change_line, end_schedule, pause, resume
    from goodterms.billing.gathering import agreed_for
    from goodterms.billing.rules import agreed_on

    says: dict[str, Any] = {"schedule_id": one.id, "by": BY, "role": "owner", "now": clock_of(vendor)}
    match args.verb:
        case "price":
            line = agreed_on(agreed_for(one), args.line, args.from_on)
            line_then = replace(line, unit_price=args.to)
            change_line(position=args.line, from_on=args.from_on, line=line_then, **says)
        case "pause":
            pause(from_on=args.from_on, until_on=args.until, reason=args.reason, **says)
        case "resume":
            resume(last_on=args.last, **says)
        case "end":
            end_schedule(ends_on=args.on, reason=args.reason, **says)


def _begun(vendor: Listed, args: argparse.Namespace) -> Schedule:
    from goodterms.billing.actions import start_schedule
    from goodterms.cli.finding import customer_numbered
    from goodterms.cli.lines import Table, lines_said

    table = Table(
        a_table(args.file, "no schedule was begun"), str(args.file), f"a schedule has {', '.join(_NEEDED)}", _KEYS, _NEEDED
    )
    customer = customer_numbered(vendor, table.text("customer"))
    lines = lines_said(table.said["lines"], args.file)
    said: dict[str, Any] = {name: table.text(name) for name in _TEXTS & set(table.said)}
    said |= {name: table.day(name) for name in ("starts_on", "ends_on") if name in table.said}
    said |= {name: table.yes(name, usual=True) for name in ("in_advance", "prorated", "automatic") if name in table.said}
    return start_schedule(
        vendor_id=vendor.id, customer_id=customer.id, lines=lines, by=BY, role="owner", now=clock_of(vendor), **said
    )


def _named(vendor: Listed, key: str) -> Schedule:
    from goodterms.billing.models import Schedule

    every = Schedule.objects.filter(vendor_id=vendor.id).select_related("customer")
    found = [one for one in every if str(one.id).startswith(key.lower())] if key else []
    if len(found) != 1:
        many = "no schedule" if not found else f"{len(found)} schedules"
        raise Refused(f"{vendor.name} has {many} {key}. Nothing was done; `goodterms schedule list` prints their keys.")
    return found[0]


def _listed(vendor: Listed) -> dict[str, Any]:
    from django.db.models import F

    from goodterms.billing.models import Schedule

    every = Schedule.objects.filter(vendor_id=vendor.id).select_related("customer")
    return {"schedules": [_brief(one) for one in every.order_by(F("next_on").asc(nulls_last=True), "work", "id")]}


def _brief(one: Schedule) -> dict[str, Any]:
    return {
        "schedule": one.id, "customer": one.customer.number, "name": one.customer.name, "work": one.work, "rule": one.rule,
        "starts_on": one.starts_on, "ends_on": one.ends_on, "next_on": one.next_on, "automatic": one.automatic,
        "currency": one.currency,
    }  # fmt: skip


def _shown(one: Schedule) -> dict[str, Any]:
    from goodterms.billing.preview import coming

    pauses = list(one.pauses.standing().order_by("from_on").values("from_on", "until_on", "reason"))
    return {**_brief(one), "pauses": pauses, "coming": [_coming(each) for each in coming(one)]}


def _coming(one: Coming) -> dict[str, Any]:
    return {
        "on": one.on, "from_on": one.period.from_on, "until_on": one.period.until_on,
        "total_minor": None if one.total is None else one.total.minor, "lines": [line.description for line in one.lines],
    }  # fmt: skip


def _rows(answer: dict[str, Any]) -> list[str]:
    if not answer["schedules"]:
        return ["Nothing is billed again and again yet. Begin with: goodterms schedule start FILE"]
    from goodterms.billing.gathering import name_of

    return [
        f"{one['schedule']}  {one['next_on'] or 'ended'!s:<10}  {one['name'][:28]:<28}  {name_of(one['work'])[:34]:<34}"
        f" {'by itself' if one['automatic'] else 'to approve'}"
        for one in answer["schedules"]
    ]


def _page(answer: dict[str, Any]) -> list[str]:
    from goodterms.billing.gathering import name_of

    goes = "by itself" if answer["automatic"] else "to approve"
    head = f"{name_of(answer['work'])} for {answer['name']}, {answer['rule']}, {goes}"
    pauses = [f"  pauses {one['from_on']} to {one['until_on'] or '…'}: {one['reason']}" for one in answer["pauses"]]
    rows = [
        f"  {one['on']}  {one['from_on']} to {one['until_on']}  "
        + (f"{amount(one['total_minor'], answer['currency']):>16}" if one["total_minor"] is not None else f"{'pauses':>16}")
        for one in answer["coming"]
    ]
    over = [f"  ends on {answer['ends_on']}{'' if rows else '; nothing more is billed'}"] if answer["ends_on"] else []
    return [head, *pauses, *over, *rows]
