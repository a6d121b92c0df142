"""`goodterms customer`: list customers, say how one takes its invoices, and what it keeps back of them by law."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_count, a_date, a_decimal, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

if TYPE_CHECKING:
    from goodterms.parties.models import Customer

BREAKDOWNS = ("items", "rates", "people", "teams", "projects")
FORMATS = ("none", "pdf", "facturx", "extended", "xrechnung", "peppol", "ubl", "cii")
PLACE = ("street", "city", "post_code", "region")
SHOWN = (
    "number", "name", "invoice_format", "order_required", "enclosure_required", "billed_by", "breakdown", "buyer_reference",
    *PLACE, "endpoint_scheme", "endpoint_id",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="list customers, by number")
    listing.add_argument("--most", type=a_count, default=100, metavar="N", help="how many at most (default: %(default)s)")
    change = verbs.add_parser("set", help="say how one takes its invoices; what is left out stays, and all of it is shown")
    change.add_argument("number", metavar="NUMBER")
    change.add_argument("--format", choices=FORMATS, help="how they take invoices; errors by its official rules hold an issue")
    change.add_argument("--order", choices=("yes", "no"), help="whether each invoice needs a purchase order")
    change.add_argument(
        "--paper", metavar="TEXT", help="what has to come with each invoice, such as 'signed timesheet'; empty: nothing"
    )
    change.add_argument(
        "--billed-by", choices=("customer", "project"), help="one invoice over all projects of a period, or one for each"
    )
    change.add_argument("--breakdown", choices=BREAKDOWNS, help="by what its lines tell what was done")
    change.add_argument("--reference", metavar="TEXT", help="by which they route invoices, such as a Leitweg-ID")
    change.add_argument(
        "--endpoint", metavar="SCHEME:ID", help="their electronic address, such as 0088:4721480668400; empty: none"
    )
    for part in PLACE:
        change.add_argument(
            f"--{part.replace('_', '-')}", metavar="TEXT", help="this part of their address, for electronic invoices"
        )
    keep = verbs.add_parser("withholding", help="say what the law has one keep back of its invoices for the tax office")
    keep.add_argument("number", metavar="NUMBER")
    keep.add_argument("--percent", type=a_decimal, required=True, metavar="PERCENT", help="of the sum before tax; 0: nothing")
    keep.add_argument("--name", default="", metavar="TEXT", help="what the tax is called there, such as IRPF, TDS or 'PPh 23'")
    keep.add_argument("--from-on", type=a_date, metavar="DATE", help="for invoices from that day on (default: today)")
    for verb in (listing, change, keep):
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    if args.verb == "withholding":
        return _withholding(args)
    with on_behalf_of(args.vendor) as vendor:
        if args.verb == "list":
            from goodterms.cli.finding import operator
            from goodterms.parties.models import Customer

            rows = Customer.objects.seen_by(operator(vendor)).order_by("number")[: args.most]
            answer: dict[str, Any] = {"customers": [_told(one) for one in rows]}
        else:
            from goodterms.cli.finding import customer_numbered
            from goodterms.parties.actions import change_preferences

            found = customer_numbered(vendor, args.number)
            answer = _told(
                change_preferences(
                    vendor_id=vendor.id, customer_id=found.id, now=clock_of(vendor), by=BY, changes=_changes(args)
                )
            )
    if args.json:
        return say_json(answer)
    if args.verb == "list":
        lines = [f"{one['number']:<20} {one['name']}{_format(one)}" for one in answer["customers"]]
        return print("\n".join(lines) or "No customers yet.")
    return print("\n".join(_page(answer)))


def _withholding(args: argparse.Namespace) -> None:
    """Another version of the terms in effect, with this and all else as it was."""
    from goodterms.cli.finding import customer_numbered
    from goodterms.terms.actions import agree, in_effect
    from goodterms.terms.rules import Withholding, in_words

    with on_behalf_of(args.vendor) as vendor:
        customer, now = customer_numbered(vendor, args.number), clock_of(vendor)
        on = args.from_on or day_in(vendor.timezone, now)
        kept = Withholding(args.name, args.percent) if args.percent else None
        terms = replace(in_effect(vendor.id, customer.id, on).terms, withholding=kept)
        agree(vendor_id=vendor.id, customer_id=customer.id, terms=terms, from_on=on, now=now, by=BY)
    said = [f"{one.label}: {one.sentence}." for one in in_words(terms, "en") if one.about == "withholding"]
    if args.json:
        return say_json({"number": args.number, "from_on": on, "withholding": terms.to_json().get("withholding")})
    return print(f"{args.number} from {on}: {said[0] if said else 'nothing is kept back'}")


def _changes(args: argparse.Namespace) -> dict[str, Any]:
    scheme, _, number = (args.endpoint or "").partition(":")
    said = {
        "invoice_format": "" if args.format == "none" else args.format,
        "order_required": None if args.order is None else args.order == "yes",
        "enclosure_required": args.paper, "buyer_reference": args.reference, **{part: getattr(args, part) for part in PLACE},
        "billed_by": args.billed_by, "breakdown": args.breakdown,
        "endpoint_scheme": None if args.endpoint is None else scheme, "endpoint_id": None if args.endpoint is None else number,
    }  # fmt: skip
    return {column: value for column, value in said.items() if value is not None}


def _told(one: Customer) -> dict[str, Any]:
    return {column: getattr(one, column) for column in SHOWN}


def _format(one: dict[str, Any]) -> str:
    return f" ({one['invoice_format']})" if one["invoice_format"] else ""


def _page(one: dict[str, Any]) -> list[str]:
    from goodterms.parties.models import BILLED_BY, BREAKDOWNS

    place = ", ".join(one[part] for part in ("street", "post_code", "city", "region") if one[part])
    address = f"{one['endpoint_scheme']}:{one['endpoint_id']}" if one["endpoint_id"] else "no electronic address"
    return [
        f"{one['name']} ({one['number']})",
        f"  takes invoices as: {one['invoice_format'] or 'PDF, nothing else was said'}",
        f"  each needs: {' and '.join(_needs(one)) or 'nothing besides'}",
        f"  billed: {dict(BILLED_BY)[one['billed_by']]}, {dict(BREAKDOWNS)[one['breakdown']]}",
        f"  routed by: {one['buyer_reference'] or 'no reference'}; sent to: {address}{f' ({place})' if place else ''}",
    ]


def _needs(one: dict[str, Any]) -> list[str]:
    return ["a purchase order"] * one["order_required"] + [one["enclosure_required"]] * bool(one["enclosure_required"])
