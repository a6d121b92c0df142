"""`goodterms vendor numbers`: how the numbers of invoices and credit notes look, which is next, and where they begin."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_count, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from datetime import date

    from goodterms.parties.directory import Listed

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

    with on_behalf_of(args.slug) as vendor:
        now = clock_of(vendor)
        today = day_in(vendor.timezone, now)
        if args.pattern is not None or args.next is not None:
            pattern = _pattern(vendor, args.kind, today) if args.pattern is None else args.pattern
            number_documents(
                vendor_id=vendor.id, kind=args.kind, pattern=pattern, begin=args.next, today=today, by=BY, now=now
            )  # fmt: skip
        answer: dict[str, Any] = {"slug": vendor.slug, "series": _series(vendor, today)}
    if args.json:
        return say_json(answer)
    return print("\n".join(_row(one) for one in answer["series"]))


def _pattern(vendor: Listed, kind: str, today: date) -> str:
    return str(next(one["pattern"] for one in _series(vendor, today) if one["code"] == kind))


def _series(vendor: Listed, today: date) -> list[dict[str, Any]]:
    """The usual two, whether they are there yet or not, and any that are named."""
    from goodterms.invoicing.actions.series import PATTERNS
    from goodterms.invoicing.models import Series

    rows = {row.code: row for row in Series.objects.filter(vendor_id=vendor.id).order_by("code")}
    unused = [Series(code=kind, kind=kind, pattern=PATTERNS[kind], next=1) for kind in KINDS if kind not in rows]
    return [
        {
            "code": row.code, "kind": row.kind, "pattern": row.pattern, "next": row.next, "is_begun": row.last_at is not None,
            "next_number": _rendered(row.pattern, row.next, today),
        }
        for row in sorted((*unused, *rows.values()), key=lambda row: (row.code not in KINDS, row.kind != "invoice", row.code))
    ]  # fmt: skip


def _rendered(pattern: str, n: int, today: date) -> str:
    from goodterms.invoicing.numbers import render

    try:
        return render(pattern, n, today)
    except Refused:  # the series is full
        return ""


def _row(one: dict[str, Any]) -> str:
    name = one["kind"].replace("_", " ") + (f" ({one['code']})" if one["code"] != one["kind"] else "")
    return f"{name:<24} {one['pattern']:<24} {one['next_number'] or 'none'} is next{'' if one['is_begun'] else ', the first'}"
