"""`goodterms migrate`: the schema, brought up to date as its owner, and vendors kept apart in it."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")


def run(args: argparse.Namespace) -> None:
    from goodterms.database.isolation import danger
    from goodterms.database.migrate import migrate
    from goodterms.values.refusal import Refused

    isolated = migrate()
    if sentence := danger():
        raise Refused(sentence)
    if not args.quiet:
        print(
            f"The schema is up to date; {len(isolated)} tables got row security just now."
            if isolated
            else "The schema is up to date."
        )
