"""`goodterms retainer`: what customers pay ahead, money or hours: begun, topped up, work taken out, ended."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from goodterms.cli.billing import billing_arguments, bills
from goodterms.cli.viewer import BY, a_decimal, a_key, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.models import Retainer
    from goodterms.billing.standing import Holds
    from goodterms.invoicing.models import Invoice
    from goodterms.parties.directory import Listed


_VERBS = {
    "list": "list retainers and what they hold",
    "show": "show one with what was paid ahead and what was taken out",
    "begin": "begin one; it holds nothing before it is topped up",
    "top-up": "bill hours, or a sum before tax, ahead",
    "draw": "bill finished work of its customer, and take it out as far as that goes",
    "end": "top it up no more; what it holds can still be drawn",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    _, show, begin, top_up, draw, end = (verbs.add_parser(verb, help=words) for verb, words in _VERBS.items())
    for verb in (show, top_up, draw, end):
        verb.add_argument("retainer", metavar="RETAINER", help="its key, or the beginning of it, as `list` prints it")
    for verb in verbs.choices.values():
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")
    _beginning(begin)
    top_up.add_argument("quantity", type=a_decimal, metavar="QUANTITY")
    draw.add_argument("--item", action="append", type=a_key, metavar="KEY", help="only this item (default: all of them)")
    for verb in (top_up, draw):
        billing_arguments(verb)
    end.add_argument("--reason", required=True)


def run(args: argparse.Namespace) -> None:
    from goodterms.billing.standing import holding, holdings

    with on_behalf_of(args.vendor) as vendor:
        today = day_in(vendor.timezone, clock_of(vendor))
        if args.verb == "list":
            answer: dict[str, Any] = {"retainers": [_told(one) for one in holdings(_every(vendor), today)]}
        else:
            one = _begun(vendor, args) if args.verb == "begin" else _named(vendor, args.retainer)
            made = _done(vendor, one, args)
            one.refresh_from_db()
            answer = _told(holding(one, today)) | ({} if made is None else {"made": _made(made)})
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_rows(answer["retainers"]) if args.verb == "list" else _page(answer)))


def _beginning(begin: argparse.ArgumentParser) -> None:
    begin.add_argument("name", metavar="NAME", help="it stands on its invoices")
    begin.add_argument("--customer", required=True, metavar="NUMBER")
    begin.add_argument("--hour", type=a_decimal, metavar="AMOUNT", help="it holds hours at this price (default: money)")
    begin.add_argument("--tax-percent", type=a_decimal, default="0", metavar="PERCENT")
    begin.add_argument("--tax-category", metavar="CODE", help="such as AE (default: S with tax, Z without)")
    begin.add_argument("--tax-reason", default="", metavar="WORDS")
    begin.add_argument("--keeps", type=_a_number, metavar="MONTHS", help="after the month it is paid for (default: for good)")
    begin.add_argument("--order", default="", metavar="NUMBER", help="their purchase order")


def _done(vendor: Listed, one: Retainer, args: argparse.Namespace) -> Invoice | None:
    from goodterms.billing.actions import draw, end_retainer, top_up

    match args.verb:
        case "top-up":
            return top_up(retainer_id=one.id, quantity=args.quantity, **bills(vendor, args, one.currency))
        case "draw":
            return draw(retainer_id=one.id, item_ids=args.item, **bills(vendor, args, one.currency))
        case "end":
            now = clock_of(vendor)
            on = day_in(vendor.timezone, now)
            end_retainer(retainer_id=one.id, on=on, reason=args.reason, by=BY, role="owner", now=now)
    return None


def _begun(vendor: Listed, args: argparse.Namespace) -> Retainer:
    from goodterms.billing.actions import begin_retainer
    from goodterms.cli.finding import customer_numbered
    from goodterms.invoicing.line import Tax

    customer = customer_numbered(vendor, args.customer)
    tax = Tax(args.tax_category or ("S" if args.tax_percent else "Z"), args.tax_percent, args.tax_reason)
    return begin_retainer(
        vendor_id=vendor.id, customer_id=customer.id, name=args.name, unit="sum" if args.hour is None else "hours", tax=tax,
        unit_price=args.hour, keeps_months=args.keeps, order_number=args.order, by=BY, role="owner", now=clock_of(vendor),
    )  # fmt: skip


def _every(vendor: Listed) -> list[Retainer]:
    from goodterms.billing.models import Retainer

    return list(Retainer.objects.filter(vendor_id=vendor.id).select_related("customer").order_by("customer__folded", "name"))


def _named(vendor: Listed, key: str) -> Retainer:
    found = [one for one in _every(vendor) if key and str(one.id).startswith(key.lower())]
    if len(found) != 1:
        many = "no retainer" if not found else f"{len(found)} retainers"
        raise Refused(f"{vendor.name} has {many} {key}. Nothing was done; `goodterms retainer list` prints their keys.")
    return found[0]


def _told(holds: Holds) -> dict[str, Any]:
    one = holds.retainer
    return {
        "retainer": one.id, "name": one.name, "customer": one.customer.number, "unit": one.unit, "currency": one.currency,
        "unit_price": one.unit_price, "keeps_months": one.keeps_months, "ended_on": one.ended_on,
        **holds.told(),
    }  # fmt: skip


def _made(one: Invoice) -> dict[str, Any]:
    return {"invoice_id": one.id, "number": one.number, "net_minor": one.net_minor, "total_minor": one.total_minor}


def _rows(every: list[dict[str, Any]]) -> list[str]:
    if not every:
        return ["Nobody pays ahead yet. Begin with: goodterms retainer begin NAME --customer NUMBER"]
    return [f"{one['retainer']}  {one['customer']:<12} {one['name'][:28]:<28} {_holds(one)}" for one in every]


def _page(one: dict[str, Any]) -> list[str]:
    head = f"{one['name']} for {one['customer']} holds {_holds(one)}" + (
        f", ended {one['ended_on']}" if one["ended_on"] else ""
    )
    top_ups = [
        f"  {top['number'] or 'draft':<14} paid ahead {amount(top['net_minor'], one['currency']):>16}, left"
        f" {amount(top['left_minor'], one['currency']):>16}" + (f", until {top['expires_on']}" if top["expires_on"] else "")
        for top in one["top_ups"]
    ]
    drawn = [
        f"  {each['number'] or 'draft':<14} work taken out, to pay {amount(each['total_minor'], one['currency'])}"
        for each in one["drawings"]
    ]
    made = one.get("made")
    last = [f"{made['number'] or 'A draft'} over {amount(made['total_minor'], one['currency'])} with tax."] if made else []
    return [head, *top_ups, *drawn, *last]


def _holds(one: dict[str, Any]) -> str:
    hours = "" if one["holds_hours"] is None else f"{one['holds_hours'].normalize():f} hours, "
    return f"{hours}{amount(one['holds_minor'], one['currency'])} before tax"


def _a_number(text: str) -> int:
    """For argparse: a whole number, nothing included."""
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number of months; write it like 3")
    return int(text)
