"""`goodterms invoice`: which there are and how they stand, one with all that happened to it, and what is done to one."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from goodterms.cli import amending, drafting, einvoice, enclosing
from goodterms.cli.telling import brief, who
from goodterms.cli.viewer import a_count, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed

STAGES = ("draft", "approved", "open", "overdue", "settled", "void")


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="list invoices, the oldest due first")
    listing.add_argument("--stage", choices=STAGES, help="only those at this stage today; open means not yet due")
    listing.add_argument("--customer", metavar="NUMBER", help="only those of this customer")
    listing.add_argument("--most", type=a_count, default=100, metavar="N", help="how many at most (default: %(default)s)")
    show = verbs.add_parser("show", help="show one, with its lines, its holds and its timeline")
    show.add_argument("number", metavar="NUMBER")
    document = verbs.add_parser("document", help="write an issued one as a file for programs, held against the rules first")
    einvoice.document_arguments(document)
    check = verbs.add_parser("check", help="hold any electronic invoice against the official rules")
    einvoice.check_arguments(check)
    changing = [*drafting.arguments(verbs), *enclosing.arguments(verbs), *amending.arguments(verbs)]
    for verb in (listing, show, document, *changing):
        verb.add_argument("--vendor", metavar="SLUG")
    for verb in (listing, show, document, check, *changing):
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int | None:
    if args.verb in amending.VERBS or args.verb in drafting.VERBS:
        (amending if args.verb in amending.VERBS else drafting).run(args)
        return None
    if args.verb in enclosing.VERBS:
        return enclosing.run(args)
    if args.verb in ("document", "check"):
        return einvoice.document(args) if args.verb == "document" else einvoice.check(args)
    with on_behalf_of(args.vendor) as vendor:
        today = day_in(vendor.timezone, clock_of(vendor))
        answer = _listed(vendor, today, args) if args.verb == "list" else _shown(vendor, today, args.number)
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_rows(answer) if args.verb == "list" else _page(answer)))
    return None


def _listed(vendor: Listed, today: date, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import customer_numbered, invoices

    rows = invoices(vendor)
    if args.stage:
        rows = getattr(rows, args.stage)(*([today] if args.stage in ("open", "overdue") else []))
    if args.customer:
        rows = rows.filter(customer=customer_numbered(vendor, args.customer))
    found = list(rows.select_related("customer").order_by("due_on", "number", "id")[: args.most + 1])
    return {"invoices": [brief(one, today) for one in found[: args.most]], "more": len(found) > args.most}


def _shown(vendor: Listed, today: date, number: str) -> dict[str, Any]:
    from goodterms.cli.finding import invoice_meant
    from goodterms.interactions.models import Interaction
    from goodterms.relationship.rules.telling import precedence

    one = invoice_meant(vendor, number)
    told = Interaction.objects.about(vendor_id=one.vendor_id, customer_id=one.customer_id, invoice_id=one.id)
    return {
        **brief(one, today),
        "order_number": one.order_number,
        "on_paper": one.on_paper,
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "lines": list(one.lines.order_by("position").values("position", "description", "quantity", "unit", "net_minor")),
        "enclosures": list(one.enclosures.order_by("position", "id").values("name", "media_type", "size", "kind")),
        "holds": list(one.holds.order_by("id").values("reason", "note", "by", "from_on", "until_on", "ended_at")),
        "timeline": sorted(
            told.values("at", "kind", "by", "channel", "data"), key=lambda event: (event["at"], precedence(event["kind"]))
        ),
    }


def _rows(answer: dict[str, Any]) -> Iterable[str]:
    for one in answer["invoices"]:
        standing = amount(one["open_minor"] or one["total_minor"], one["currency"])
        due = f"due {one['due_on']}" if one["due_on"] else ""
        yield f"{one['number'] or one['id']!s:<14} {one['stage']:<8} {due:<14} {standing:>18}  {who(one)}"
    if answer["more"]:
        yield f"There are more than these {len(answer['invoices']):,}; --most shows more."
    if not answer["invoices"]:
        yield "No such invoices."


def _page(one: dict[str, Any]) -> Iterable[str]:
    currency = one["currency"]
    yield f"Invoice {one['number'] or one['id']} to {who(one)}: {one['stage']}"
    if one["issued_on"]:
        yield f"  issued {one['issued_on']}, due {one['due_on']}{', on paper' * one['on_paper']}"
    yield f"  {amount(one['total_minor'], currency)}, of it tax {amount(one['tax_minor'], currency)}"
    yield f"  {amount(one['open_minor'], currency)} open"
    for line in one["lines"]:
        yield f"  {line['position']:>3}. {line['description']}: {amount(line['net_minor'], currency)}"
    for file in one["enclosures"]:
        yield f"  with it: {file['name']} ({file['size']:,} bytes)"
    for hold in one["holds"]:
        until = f" until {hold['until_on']}" if hold["until_on"] else ""
        ended = f", ended {hold['ended_at']:%Y-%m-%d}" if hold["ended_at"] else ""
        words = f": {hold['note']}" if hold["note"] else ""
        yield f"  held as {hold['reason'].replace('_', ' ')} from {hold['from_on']}{until}{ended}{words}"
    for event in one["timeline"]:
        way = f" by {event['channel']}" if event["channel"] else ""
        yield f"  {event['at']:%Y-%m-%d %H:%M} UTC  {event['kind']}{way} ({event['by']})"
