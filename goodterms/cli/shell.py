"""`goodterms shell`: Django's shell as the application's role, also from standard input."""

import argparse
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-c", "--code", help="run this and leave")
    parser.add_argument(
        "--vendor", metavar="SLUG", action="append", default=[], help="act for this vendor (more than once: for several)"
    )


def run(args: argparse.Namespace) -> None:
    """Vendors that are named are declared for the whole session, in one transaction; else their rows are out of sight."""
    from goodterms.database.isolation import acting_for
    from goodterms.parties.directory import named

    if not args.vendor:
        return _open(args.code)
    with acting_for([named(slug).id for slug in args.vendor]):
        return _open(args.code)


def _open(code: str | None) -> None:
    source = code if code is not None else None if sys.stdin.isatty() else sys.stdin.read()
    if source is not None:
        exec(compile(source, "<shell>", "exec"), {"__name__": "__main__"})  # noqa: S102  (that is what a shell is)
        return
    from django.core.management import call_command

    call_command("shell")
