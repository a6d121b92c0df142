"""Decides how what is billed comes about: drafted, or issued at once; on which day, at which rate, and once for a key."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from goodterms.cli.rates import rate_arguments
from goodterms.cli.viewer import BY, a_date, a_key, clock_of
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed


def billing_arguments(parser: argparse.ArgumentParser) -> None:
    """How something is billed: drafted, or issued at once; on which day; once for a key."""
    issuing_arguments(parser)
    parser.add_argument("--key", type=a_key, metavar="KEY", help="a UUID: the same command again makes no second invoice")


def issuing_arguments(parser: argparse.ArgumentParser) -> None:
    """The same where what is billed is billed once by itself."""
    parser.add_argument("--issue", action="store_true", help="approve and issue it at once (default: a draft)")
    parser.add_argument("--on", type=a_date, metavar="DATE", help="the day of it in the books (default: today)")
    rate_arguments(parser)


def bills(vendor: Listed, args: argparse.Namespace, currency: str) -> dict[str, Any]:
    """The same as arguments of an action; a rate that is given is kept for the day of issue."""
    from goodterms.billing.actions import Way

    now = clock_of(vendor)
    on = args.on or day_in(vendor.timezone, now)
    keep_rate(vendor, args, currency, on)
    return {"on": on, "key": args.key, "way": Way(issues=args.issue), "by": BY, "role": "owner", "now": now}


def keep_rate(vendor: Listed, args: argparse.Namespace, currency: str, on: date) -> None:
    """A rate that was typed where something is billed and issued in one step."""
    from goodterms.payments.actions import TypedRate, give_rate_in

    if args.rate is None:
        return
    if not args.issue:
        raise Refused("A rate is fixed when it is issued: give it with --issue. Nothing was done.", code="rate")
    typed = TypedRate(args.rate, args.rate_source, args.rate_on)
    give_rate_in(vendor_id=vendor.id, currency=currency, typed=typed, on=on, by=BY, now=clock_of(vendor))
