"""`goodterms vendor`: add a vendor, list those there are."""

import argparse

from goodterms.cli.viewer import clock, say_json


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="add a vendor")
    add.add_argument("slug", help="its short name, such as penhale")
    add.add_argument("--name", required=True)
    add.add_argument("--currency", required=True, help="ISO 4217, such as USD")
    add.add_argument("--country", required=True, help="ISO 3166-1, such as US: whose public holidays it keeps")
    add.add_argument("--timezone", required=True, help="IANA, such as America/New_York")
    add.add_argument("--email", required=True, help="where replies go")
    add.add_argument("--language", default="en")
    add.add_argument("--terms", default="net 30", help="its usual terms, in the notation of the trade (default: %(default)s)")
    add.add_argument("--json", action="store_true")
    listing = verbs.add_parser("list", help="list the vendors")
    listing.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    if args.verb == "add":
        _add(args)
        return
    from goodterms.parties.directory import everyone

    found = [{"slug": v.slug, "name": v.name, "currency": v.currency, "timezone": v.timezone} for v in everyone()]
    if args.json:
        say_json({"vendors": found})
    else:
        print("\n".join(f"{v['slug']:<20} {v['name']} ({v['currency']}, {v['timezone']})" for v in found) or "No vendors yet.")


def _add(args: argparse.Namespace) -> None:
    from django.db import transaction

    from goodterms.database.isolation import acting_for
    from goodterms.parties.actions import add_vendor
    from goodterms.terms.actions import agree
    from goodterms.terms.rules import parse
    from goodterms.values.days import day_in

    now, by = clock(), "operator"
    terms = parse(args.terms)
    with transaction.atomic():
        vendor = add_vendor(
            slug=args.slug,
            name=args.name,
            currency=args.currency,
            country=args.country,
            timezone=args.timezone,
            email=args.email,
            language=args.language,
            by=by,
            now=now,
        )
        with acting_for([vendor.id]):
            agree(vendor_id=vendor.id, terms=terms, from_on=day_in(vendor.timezone, now), by=by, now=now)
    if args.json:
        say_json({"id": str(vendor.id), "slug": vendor.slug, "name": vendor.name, "currency": vendor.currency})
    else:
        print(f"Added {vendor.name} ({vendor.slug}).")
