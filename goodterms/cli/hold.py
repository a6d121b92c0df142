"""`goodterms hold`: an invoice is left alone, by hand, with the reason and until when."""

import argparse
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_date, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoice", metavar="INVOICE", help="its number")
    parser.add_argument("--reason", required=True, help="why, in a sentence; it is kept with the hold")
    parser.add_argument("--until", type=a_date, metavar="DATE", help="the last day it is left alone (default: until released)")
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import invoice_numbered
    from goodterms.invoicing.actions import hold

    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        found = invoice_numbered(vendor, args.invoice)
        hold(
            invoice_ids=[found.id],
            reason="manual",
            note=args.reason,
            from_on=day_in(vendor.timezone, now),
            until_on=args.until,
            by=BY,
            role="owner",
            now=now,
        )
        answer = held(found)
    if args.json:
        say_json(answer)
    else:
        print(f"{found.number} is left alone {f'until {args.until}' if args.until else 'until it is released'}.")


def held(invoice: "Invoice") -> dict[str, Any]:
    """The invoice's holds that have not ended, oldest first."""
    rows = invoice.holds.filter(ended_at=None).order_by("id").values("reason", "note", "by", "from_on", "until_on")
    return {"invoice": invoice.number, "holds": list(rows)}
