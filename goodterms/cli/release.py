"""`goodterms release`: the holds by hand of an invoice end; what a question, a dispute or a promise holds stays held."""

import argparse

from goodterms.cli.hold import held
from goodterms.cli.viewer import BY, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoice", metavar="INVOICE", help="its number")
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import invoice_numbered
    from goodterms.invoicing.actions import release

    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        found = invoice_numbered(vendor, args.invoice)
        by_hand = list(found.holds.filter(reason="manual", ended_at=None).order_by("id"))
        if not by_hand:
            raise Refused(f"{found.number} is not held by hand, so there is nothing to release.", code="not_held")
        for one in by_hand:
            release(hold_id=one.id, on=day_in(vendor.timezone, now), by=BY, role="owner", now=now)
        answer = held(found)
    if args.json:
        say_json(answer)
    else:
        still = ", ".join(sorted({one["reason"].replace("_", " ") for one in answer["holds"]}))
        print(f"{found.number} is released{f', and still held: {still}' if still else ''}.")
