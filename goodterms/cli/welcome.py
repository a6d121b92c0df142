"""`goodterms welcome`: the packet about what was agreed goes to a new customer, once a day."""

import argparse

from goodterms.cli.viewer import BY, clock_of, on_behalf_of, say_json


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help="its number")
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import customer_numbered
    from goodterms.relationship.actions import send_welcome

    with on_behalf_of(args.vendor) as vendor:
        found = customer_numbered(vendor, args.customer)
        sent = send_welcome(customer_id=found.id, by=BY, role="owner", now=clock_of(vendor))
    if args.json:
        say_json({"customer": found.number, **sent._asdict()})
    else:
        print(f"The welcome packet is on its way to {sent.to}, {'on paper' if sent.channel == 'post' else 'by e-mail'}.")
