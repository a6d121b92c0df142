"""`goodterms outbox`: letters and where they stand; and a person's word on those that are in doubt."""

import argparse
from uuid import UUID

from goodterms.cli.viewer import clock, say_json

FIELDS = ("id", "state", "kind", "channel", "recipient", "message_id", "attempts", "created_at", "answer")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--state", help="only letters in this state, such as ready, accepted, ambiguous")
    parser.add_argument("--last", type=int, default=50, metavar="N", help="how many, newest first (default: %(default)s)")
    parser.add_argument("--show", type=UUID, metavar="ID", help="print the very bytes of one letter")
    parser.add_argument("--sent", type=UUID, metavar="ID", help="a doubt: it was sent after all")
    parser.add_argument("--not-sent", type=UUID, metavar="ID", help="a doubt: it was not sent; it is not sent again either")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.database.isolation import acting_for
    from goodterms.parties.directory import companions, named

    vendor = named(args.vendor)
    with acting_for([one.id for one in companions(vendor)]):
        if args.show:
            _show(args.show)
        elif args.sent or args.not_sent:
            _resolve(args)
        else:
            _list(vendor.id, args)


def _show(letter_id: UUID) -> None:
    import sys

    from goodterms.delivery.actions import bytes_of

    sys.stdout.buffer.write(bytes_of(letter_id=letter_id))


def _resolve(args: argparse.Namespace) -> None:
    from goodterms.delivery.actions import resolve

    letter = resolve(letter_id=args.sent or args.not_sent, was_sent=bool(args.sent), by="operator", now=clock())
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
