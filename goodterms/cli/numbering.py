"""`goodterms vendor numbers`: how the numbers of invoices and credit notes look, which is next, and where they begin."""

from __future__ import annotations

import argparse
from typing import Any

from goodterms.cli.viewer import BY, a_count, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

KINDS = ("invoice", "credit_note")


def arguments(verbs: Any) -> None:
    numbers = verbs.add_parser("numbers", help="say how the numbers of its documents look, and where they begin")
    numbers.add_argument("slug")
    numbers.add_argument("--kind", choices=KINDS, default="invoice", help="of which documents (default: %(default)s)")
    numbers.add_argument("--pattern", metavar="PATTERN", help="such as LR-{year}-{n:04d}; also {yy} and {month}")
    numbers.add_argument("--next", type=a_count, metavar="N", help="the first of them, while none was given")
    numbers.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.invoicing.actions import number_documents
    from goodterms.invoicing.numbering import runs_of

    with on_behalf_of(args.slug) as vendor:
        now = clock_of(vendor)
        today = day_in(vendor.timezone, now)
        if args.pattern is not None or args.next is not None:
            as_it_is = next(one.pattern for one in runs_of(vendor.id, today) if one.code == args.kind)
            pattern = as_it_is if args.pattern is None else args.pattern
            number_documents(
                vendor_id=vendor.id, kind=args.kind, pattern=pattern, begin=args.next, today=today, by=BY, now=now
            )  # fmt: skip
        answer: dict[str, Any] = {"slug": vendor.slug, "series": [one._asdict() for one in runs_of(vendor.id, today)]}
    if args.json:
        return say_json(answer)
    return print("\n".join(_row(one) for one in answer["series"]))


def _row(one: dict[str, Any]) -> str:
    name = one["kind"].replace("_", " ") + (f" ({one['code']})" if one["code"] != one["kind"] else "")
    return f"{name:<24} {one['pattern']:<24} {one['next_number'] or 'none'} is next{'' if one['is_begun'] else ', the first'}"
