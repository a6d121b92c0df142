"""`goodterms aging`: what is open, by age, as of any day."""

import argparse
from typing import Any

from goodterms.cli.viewer import a_date, amount, clock, on_behalf_of, say_json
from goodterms.values.days import day_in

HEADS = {"current": "not due", "1_30": "1 to 30", "31_60": "31 to 60", "61_90": "61 to 90", "over_90": "over 90"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="default: today, in the vendor's time zone")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.relationship.measures.aging import aging

    with on_behalf_of(args.vendor) as vendor:
        today = day_in(vendor.timezone, vendor.sandbox_now or clock())
        answer = aging(vendor_id=vendor.id, slug=vendor.slug, as_of=args.as_of or today, today=today)
    say_json(answer) if args.json else _table(answer)


def _table(answer: dict[str, Any]) -> None:
    print(f"Open on {answer['as_of']}, by days past the due date")
    if not answer["currencies"]:
        print("Nothing is open.")
    for part in answer["currencies"]:
        currency = part["currency"]
        print(f"\n{amount(part['total_minor'], currency)} in {part['invoices']:,} invoices of {part['customers']:,} customers")
        for bucket, head in HEADS.items():
            row = part["buckets"][bucket]
            print(f"  {head:<9}{row['invoices']:>9,}  {amount(row['open_minor'], currency):>20}")
