"""`goodterms deposit`: a part of an agreed price that is billed ahead of the work, with its tax."""

from __future__ import annotations

import argparse

from goodterms.cli import progress
from goodterms.cli.billing import billing_arguments, bills
from goodterms.cli.viewer import a_decimal, exactly, on_behalf_of


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", help="its name, its key, or the beginning of it")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--percent", type=a_decimal, metavar="PERCENT", help="so much of the agreed price")
    how.add_argument("--sum", type=a_decimal, metavar="AMOUNT", help="so much before tax, in major units")
    billing_arguments(parser)
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.billing.actions import bill_part
    from goodterms.billing.rules import Ask
    from goodterms.cli.finding import project_named

    with on_behalf_of(args.vendor) as vendor:
        project = project_named(vendor, args.project)
        ask = Ask(net=None if args.sum is None else exactly(args.sum, project.currency), percent=args.percent)
        invoice = bill_part(project_id=project.id, kind="deposit", ask=ask, **bills(vendor, args, project.currency))
        answer = progress.told(project, invoice)
    progress.say(answer, as_json=args.json)
