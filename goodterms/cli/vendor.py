"""`goodterms vendor`: add a vendor, list those there are, say how one works and how it numbers its documents."""

import argparse
from typing import TYPE_CHECKING, Any

from goodterms.cli import numbering
from goodterms.cli.viewer import BY, clock, clock_of, on_behalf_of, say_json

if TYPE_CHECKING:
    from goodterms.parties.models import Vendor

SETTINGS = (
    "sender", "answer_hours", "extension_days_max", "plan_parts_max", "plan_days_max", "plan_minor_max", "feed_days_max",
    "four_eyes", "forewarn_percent", "forewarn_minor", "silence_days", "welcomes", "legal_name", "tax_id",
)  # fmt: skip
ANY = -1
NOBODY = -1
NEVER = 0
NONE = {"feed_days_max": NEVER, "silence_days": NEVER, "plan_minor_max": ANY, "forewarn_percent": NOBODY}


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
    change = verbs.add_parser("set", help="say how a vendor works; what is left out stays, and all of it is shown")
    change.add_argument("slug")
    change.add_argument("--sender", metavar="NAME", help="who signs letters")
    change.add_argument("--answer-hours", type=int, metavar="N", help="our word: business hours to a first answer")
    change.add_argument("--extension-days", type=int, metavar="N", help="more time that is granted at once, up to this")
    change.add_argument("--plan-parts", type=int, metavar="N", help="parts that are agreed at once, up to this; 0: none")
    change.add_argument("--plan-days", type=int, metavar="N", help="the last of them within so many days")
    change.add_argument(
        "--plan-sum", type=_minor_or_any, metavar="MINOR", help="and up to this sum, in minor units; or: any"
    )  # fmt: skip
    change.add_argument(
        "--feed-days",
        type=_days_or_never,
        metavar="N",
        help="reminders wait when payments were last read longer ago; or: never",
    )
    change.add_argument("--four-eyes", choices=("yes", "no"), help="whether whoever wrote an invoice may not approve it")
    _asking(change)
    for part in ("street", "city", "post-code", "region"):
        change.add_argument(f"--{part}", metavar="TEXT", help="this part of its address, for electronic invoices")
    change.add_argument(
        "--endpoint", metavar="SCHEME:ID", help="its electronic address, such as 0204:04011000-12345-12; empty: none"
    )
    change.add_argument("--json", action="store_true")
    numbering.arguments(verbs)
    listing = verbs.add_parser("list", help="list the vendors")
    listing.add_argument("--json", action="store_true")


def _asking(change: argparse.ArgumentParser) -> None:
    """Who is welcomed, how the register has the firm, and when customers are asked before an invoice."""
    change.add_argument("--welcomes", choices=("yes", "no"), help="whether new customers are sent the welcome packet by itself")
    change.add_argument("--legal-name", metavar="TEXT", help="as the register has it; it stands on documents")
    change.add_argument("--tax-id", metavar="TEXT", help="its check digits are looked at by the rule of its country")
    change.add_argument(
        "--ask-over", type=_percent_or_nobody, metavar="PERCENT",
        help="customers are asked before an invoice that is more than expected by over so many per cent; or: nobody",
    )  # fmt: skip
    change.add_argument(
        "--ask-over-sum", type=_minor, metavar="MINOR", help="and by over this sum, in minor units of its currency"
    )
    change.add_argument(
        "--silence", type=_days_or_never, metavar="N", help="days after which no answer counts as a yes; or: never"
    )


def run(args: argparse.Namespace) -> None:
    if args.verb == "numbers":
        return numbering.run(args)
    if args.verb != "list":
        return _add(args) if args.verb == "add" else _set(args)
    from goodterms.parties.directory import everyone

    found = [{"slug": v.slug, "name": v.name, "currency": v.currency, "timezone": v.timezone} for v in everyone()]
    if args.json:
        return say_json({"vendors": found})
    return print(
        "\n".join(f"{v['slug']:<20} {v['name']} ({v['currency']}, {v['timezone']})" for v in found) or "No vendors yet."
    )


def _days_or_never(text: str) -> int:
    """For argparse: whole days; 0 stands for never, since argparse reads None as not said."""
    if text == "never":
        return NEVER
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days; write it like 7, or never")
    return int(text)


def _minor_or_any(text: str) -> int:
    """For argparse: a sum in minor units; ANY stands for any, since argparse reads None as not said."""
    if text == "any":
        return ANY
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no sum in minor units; write it like 500000, or any")
    return int(text)


def _percent_or_nobody(text: str) -> int:
    """For argparse: whole per cent; NOBODY stands for nobody, since argparse reads None as not said."""
    if text == "nobody":
        return NOBODY
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no per cent; write it like 10, or nobody")
    return int(text)


def _minor(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no sum in minor units; write it like 5000")
    return int(text)


def _asks(vendor: "Vendor") -> str:
    from goodterms.values.money import Money

    if vendor.forewarn_percent is None:
        return "customers are not asked before an invoice that is more than expected"
    limit = f"{vendor.forewarn_percent} % and {Money(vendor.forewarn_minor, vendor.currency)}"
    silence = f"no answer for {vendor.silence_days} days is a yes" if vendor.silence_days else "no answer is never a yes"
    return f"customers are asked before an invoice is over {limit} more than expected; {silence}"


def _up_to(vendor: "Vendor") -> str:
    from goodterms.values.money import Money

    return "" if vendor.plan_minor_max is None else f", up to {Money(vendor.plan_minor_max, vendor.currency)}"


def _set(args: argparse.Namespace) -> None:
    from goodterms.parties.actions import change_vendor

    said = {
        "sender": args.sender,
        "answer_hours": args.answer_hours,
        "extension_days_max": args.extension_days,
        "plan_parts_max": args.plan_parts,
        "plan_days_max": args.plan_days,
        "plan_minor_max": args.plan_sum,
        "feed_days_max": args.feed_days,
        "forewarn_percent": args.ask_over,
        "forewarn_minor": args.ask_over_sum,
        "silence_days": args.silence,
        "four_eyes": None if args.four_eyes is None else args.four_eyes == "yes",
        "welcomes": None if args.welcomes is None else args.welcomes == "yes",
        **{part: getattr(args, part) for part in ("legal_name", "tax_id", "street", "city", "post_code", "region")},
        **_endpoint(args.endpoint),
    }
    changes = {column: value for column, value in said.items() if value is not None}
    changes |= {column: None for column, none in NONE.items() if changes.get(column) == none}
    with on_behalf_of(args.slug) as listed:
        vendor = change_vendor(vendor_id=listed.id, changes=changes, by=BY, now=clock_of(listed))
    answer = {"slug": vendor.slug, **{column: getattr(vendor, column) for column in SETTINGS}}
    answer |= {part: getattr(vendor, part) for part in ("street", "city", "post_code", "region")}
    answer["endpoint"] = f"{vendor.endpoint_scheme}:{vendor.endpoint_id}" if vendor.endpoint_id else ""
    if args.json:
        return say_json(answer)
    return _say(vendor, answer)


def _say(vendor: "Vendor", answer: dict[str, Any]) -> None:
    """How it works, in lines."""
    feed = f"{vendor.feed_days_max} days" if vendor.feed_days_max else "never"
    print(f"{vendor.name}: letters are signed by {vendor.sender or vendor.name}")
    print(f"  first answer within {vendor.answer_hours} business hours")
    print(f"  up to {vendor.extension_days_max} days more are granted at once")
    print(f"  up to {vendor.plan_parts_max} parts within {vendor.plan_days_max} days are agreed at once{_up_to(vendor)}")
    print(f"  reminders wait for news of payments after: {feed}")
    print(f"  an invoice is approved by {'somebody who did not write it' if vendor.four_eyes else 'whoever may'}")
    print(f"  new customers are welcomed {'by themselves' if vendor.welcomes else 'by a person'}")
    print(f"  {_asks(vendor)}")
    place = ", ".join(answer[part] for part in ("street", "post_code", "city", "region") if answer[part])
    print(f"  electronic invoices come from: {answer['endpoint'] or 'no address'}{f' ({place})' * bool(place)}")


def _endpoint(said: str | None) -> dict[str, str | None]:
    """`0204:991-1` as a scheme and an id; nothing said changes nothing."""
    if said is None:
        return {}
    scheme, _, number = said.partition(":")
    return {"endpoint_scheme": scheme, "endpoint_id": number}


def _add(args: argparse.Namespace) -> None:
    from django.db import transaction

    from goodterms.database.isolation import acting_for
    from goodterms.parties.actions import add_vendor
    from goodterms.terms.actions import agree
    from goodterms.terms.rules import parse
    from goodterms.values.days import day_in

    now, by = clock(), BY
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
