"""`goodterms outbox`: letters and where they stand; and a person's word on those that are in doubt."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING
from uuid import UUID

from goodterms.cli.viewer import BY, a_count, clock_of, say_json

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed

FIELDS = ("id", "state", "kind", "channel", "recipient", "message_id", "attempts", "created_at", "answer")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--state", help="only letters in this state, such as ready, accepted, ambiguous")
    parser.add_argument("--last", type=a_count, default=50, metavar="N", help="how many, newest first (default: %(default)s)")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--show", type=UUID, metavar="ID", help="print the very bytes of one letter")
    one.add_argument("--sent", type=UUID, metavar="ID", help="a doubt: it was sent after all")
    one.add_argument("--not-sent", type=UUID, metavar="ID", help="a doubt: it was not sent; it is not sent again either")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.database.isolation import acting_for
    from goodterms.parties.directory import companions, named

    vendor = named(args.vendor)
    with acting_for([one.id for one in companions(vendor)]):
        if args.show:
            _show(args)
        elif args.sent or args.not_sent:
            _resolve(args, vendor)
        else:
            _list(vendor.id, args)


def _show(args: argparse.Namespace) -> None:
    from goodterms.delivery.actions import bytes_of

    found = bytes_of(letter_id=args.show)
    if args.json:
        say_json({"id": args.show, "content": found.decode("utf-8", "replace")})
    else:
        sys.stdout.buffer.write(found)


def _resolve(args: argparse.Namespace, vendor: Listed) -> None:
    from goodterms.delivery.actions import resolve

    which = args.sent or args.not_sent
    letter = resolve(letter_id=which, was_sent=bool(args.sent), by=BY, now=clock_of(vendor))
    if args.json:
        say_json({"id": which, "state": letter.state, "message_id": letter.message_id})
    else:
        print(f"{letter.message_id} is {letter.state.replace('_', ' ')} now.")


def _list(vendor_id: UUID, args: argparse.Namespace) -> None:
    from goodterms.delivery.models import Letter

    found = Letter.objects.filter(vendors__contains=[vendor_id]).order_by("-created_at", "-id")
    rows = list((found.filter(state=args.state) if args.state else found).values(*FIELDS)[: args.last])
    if args.json:
        say_json({"letters": rows})
        return
    for row in rows:
        print(f"{row['created_at']:%Y-%m-%d %H:%M}  {row['state']:<10} {row['kind']:<8} {row['recipient']}  {row['id']}")
    if not rows:
        print("No letters.")
