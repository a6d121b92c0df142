"""`goodterms sample`: the sample business, told once by the real verbs on a clock of its own."""

import argparse
import sys
from datetime import date

from goodterms.cli.viewer import say_json


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.sample.days import END
    from goodterms.sample.telling import tell

    told = tell(_quiet if args.json or not sys.stderr.isatty() else _show)
    if args.json:
        say_json({"until": END.isoformat(), **told._asdict()})
        return
    print(f"The sample is here: {told.vendors} vendors, {told.customers} customers, {told.payers} people,")
    print(f"{told.invoices} invoices, {told.conversations} conversations and {told.found['sent']:,} letters,")
    print(f"up to {END:%A %-d %B %Y, %H:%M} in Bristol.")


def _quiet(on: date) -> None:
    pass


def _show(on: date) -> None:
    print(f"\rTelling the sample business: {on} ", end="\n" if on == date(2026, 11, 16) else "", file=sys.stderr, flush=True)
