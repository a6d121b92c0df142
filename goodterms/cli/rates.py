"""`goodterms rates`: exchange rates as they are known, given by hand and ended, and what was gained or lost by them."""

from __future__ import annotations

import argparse
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodterms.cli.viewer import BY, a_date, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed
    from goodterms.payments.differences import Difference


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="list the rates into the vendor's currency, with their days and sources")
    listed.add_argument("--on", type=a_date, metavar="DATE", help="as they are used on that day (default: today)")
    give = verbs.add_parser("give", help="give a rate by hand; it comes before what was published")
    give.add_argument("currency", metavar="CURRENCY")
    give.add_argument("base", metavar="BASE", help="the currency that it is said in, mostly the vendor's own")
    give.add_argument("rate", type=a_rate, metavar="RATE", help="what one unit of CURRENCY is worth in BASE, such as 0.8567")
    give.add_argument("--from", dest="from_on", type=a_date, metavar="DATE", help="the first day it is used (default: today)")
    give.add_argument("--until", type=a_date, metavar="DATE", help="the last day (default: the first)")
    give.add_argument("--source", required=True, help="where the rate is from, such as your bank")
    end = verbs.add_parser("end", help="use a rate by hand no more")
    end.add_argument("rate", metavar="KEY", help="as `list` prints it")
    settled = verbs.add_parser("differences", help="show what was gained and lost on settlement, in the vendor's currency")
    settled.add_argument(
        "--from", dest="from_on", type=a_date, metavar="DATE", help="the first day (default: the first of all)"
    )
    settled.add_argument("--until", type=a_date, metavar="DATE", help="the last day (default: today)")
    for verb in verbs.choices.values():
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def a_rate(text: str) -> Decimal:
    """For argparse: a number with a point."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate; write it like 0.8567") from None


def rate_arguments(parser: argparse.ArgumentParser) -> None:
    """A rate that is typed where something abroad is issued."""
    parser.add_argument("--rate", type=a_rate, metavar="RATE", help="what one unit of its currency is worth in yours")
    parser.add_argument("--rate-source", default="", metavar="WORDS", help="where that rate is from, such as your bank")
    parser.add_argument("--rate-on", type=a_date, metavar="DATE", help="the day of that rate (default: of the issue)")


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        today = day_in(vendor.timezone, now)
        if args.verb == "differences":
            answer = _settled(vendor, args.from_on or date.min, args.until or today)
        else:
            if args.verb == "give":
                _give(vendor, args, today)
            elif args.verb == "end":
                _end(vendor, args.rate)
            answer = _listed(vendor, getattr(args, "on", None) or today)
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_told(answer) if args.verb == "differences" else _table(answer)))


def _give(vendor: Listed, args: argparse.Namespace, today: date) -> None:
    from goodterms.payments.actions import give_rate
    from goodterms.rates.rules import Given

    first = args.from_on or today
    one = Given(args.currency.upper(), args.base.upper(), args.rate, first, args.until or first, args.source)
    give_rate(vendor_id=vendor.id, given=one, by=BY, now=clock_of(vendor))


def _end(vendor: Listed, said: str) -> None:
    from goodterms.rates.actions import end_rate

    try:
        key = UUID(said)
    except ValueError:
        raise Refused(f"{said!r} is no key of a rate. Run: goodterms rates list", code="rate") from None
    end_rate(vendor_id=vendor.id, rate_id=key, by=BY, now=clock_of(vendor))


def _listed(vendor: Listed, on: date) -> dict[str, Any]:
    from goodterms.rates.reading import used_on

    of_day, by_hand = used_on(vendor_id=vendor.id, base=vendor.currency, on=on)
    return {
        "vendor": vendor.slug, "currency": vendor.currency, "on": on.isoformat(),
        "rates": [
            {"currency": one.currency, "rate": f"{one.value:f}", "on": one.on.isoformat(), "source": one.source}
            for one in of_day
        ],
        "by_hand": [
            {
                "id": str(one.id), "currency": one.currency, "base": one.base, "rate": f"{one.rate.normalize():f}",
                "from_on": one.from_on.isoformat(), "until_on": one.until_on.isoformat(), "source": one.source, "by": one.by,
            }
            for one in by_hand
        ],
    }  # fmt: skip


def _settled(vendor: Listed, first_on: date, last_on: date) -> dict[str, Any]:
    from goodterms.payments.differences import differences, summed

    found = differences(vendor_id=vendor.id, first_on=first_on, last_on=last_on)
    whole = summed(found, vendor.currency)
    return {
        "vendor": vendor.slug, "currency": vendor.currency, "until_on": last_on.isoformat(),
        "gains_minor": whole.gains.minor, "losses_minor": whole.losses.minor, "net_minor": whole.net.minor,
        "waiting": whole.waiting, "settlements": [_difference(one) for one in found],
    }  # fmt: skip


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "on": one.on.isoformat(), "invoice": one.number, "customer": one.customer,
        "settled_minor": one.settled.minor, "settled_currency": one.settled.currency,
        "money_minor": one.money and one.money.minor, "receivable_minor": one.receivable and one.receivable.minor,
        "gained_minor": None if one.gained is None else one.gained.minor,
    }  # fmt: skip


def _table(answer: dict[str, Any]) -> list[str]:
    lines = [f"Into {answer['currency']}, as used on {answer['on']}"]
    lines += [f"  1 {one['currency']} = {one['rate']:<16} {one['source']}, {one['on']}" for one in answer["rates"]]
    if not answer["rates"]:
        lines.append("  none is known; goodterms import rates FILE reads those of the European Central Bank")
    for one in answer["by_hand"]:
        days = one["from_on"] if one["from_on"] == one["until_on"] else f"{one['from_on']} to {one['until_on']}"
        lines.append(f"  by hand: 1 {one['currency']} = {one['rate']} {one['base']}, {days}, {one['source']} ({one['id']})")
    return lines


def _told(answer: dict[str, Any]) -> list[str]:
    home = answer["currency"]
    lines = []
    for one in answer["settlements"]:
        settled = amount(one["settled_minor"], one["settled_currency"])
        gained = "waits for a rate" if one["gained_minor"] is None else amount(one["gained_minor"], home)
        lines.append(f"  {one['on']}  {one['invoice']:<16} {settled:>18}  {gained:>18}  {one['customer']}")
    whole = f"{amount(answer['gains_minor'], home)} gained, {amount(answer['losses_minor'], home)} lost"
    waits = f"; {answer['waiting']:,} wait for a rate" if answer["waiting"] else ""
    return [*lines, f"Up to {answer['until_on']}: {whole}{waits}"]
