"""`goodterms aging`: what is open, by age, as of any day."""

import argparse
from typing import Any

from goodterms.cli.viewer import a_date, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

HEADS = {"current": "not due", "1_30": "1 to 30", "31_60": "31 to 60", "61_90": "61 to 90", "over_90": "over 90"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="default: today, in the vendor's time zone")
    parser.add_argument(
        "--in", dest="currency", default="", metavar="CURRENCY", help="all of it in this one, at the day's rates"
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.relationship.measures.aging import aging

    with on_behalf_of(args.vendor) as vendor:
        today = day_in(vendor.timezone, clock_of(vendor))
        answer = aging(
            vendor_id=vendor.id, slug=vendor.slug, as_of=args.as_of or today, today=today, currency=args.currency.upper()
        )
    say_json(answer) if args.json else _table(vendor.name, answer)


def _table(name: str, answer: dict[str, Any]) -> None:
    print(f"{name}: open at the end of {answer['as_of']}, by days past the due date")
    for one in answer.get("rates", ()):
        print(f"  at {one['rate']} for 1 {one['currency']} ({one['source']}, {one['on']})")
    if not answer["currencies"]:
        print("Nothing is open.")
    for part in answer["currencies"]:
        currency = part["currency"]
        print(f"\n  {'':<9}{'invoices':>9}  {'open':>20}")
        for bucket, head in HEADS.items():
            row = part["buckets"][bucket]
            print(f"  {head:<9}{row['invoices']:>9,}  {amount(row['open_minor'], currency):>20}")
        people = f"{part['customers']:,} customer{'s' * (part['customers'] != 1)}"
        print(f"  {'in all':<9}{part['invoices']:>9,}  {amount(part['total_minor'], currency):>20}  of {people}")
        if part["unapplied_minor"]:
            print(f"  {'to their credit':<18}  {amount(part['unapplied_minor'], currency):>20}  not taken off")
