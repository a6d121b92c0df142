"""`goodterms credit`: what customers have to their credit, one that corrects no invoice, and how it is spent or paid out."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_date, a_decimal, amount, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice
    from goodterms.parties.directory import Listed
    from goodterms.values.money import Money


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="list what came or was credited, and settles nothing yet")
    listed.add_argument("--customer", metavar="NUMBER", help="only of this one")
    give = verbs.add_parser("give", help="write a credit note that corrects no invoice; it is kept for the customer")
    give.add_argument("customer", metavar="NUMBER", help="of the customer")
    give.add_argument("--line", action="append", required=True, metavar="TEXT=AMOUNT", help="what for, and how much before tax")
    give.add_argument("--tax", required=True, metavar="CATEGORY:PERCENT", help="of all lines, such as S:20 or Z:0")
    give.add_argument("--tax-reason", default="", metavar="WORDS", help="why there is no tax, where the category asks for it")
    give.add_argument("--reason", required=True, help="why, in a sentence; it stands on the credit note")
    give.add_argument("--currency", default="", help="ISO 4217 (default: the customer's)")
    give.add_argument("--on", type=a_date, metavar="DATE", help="its day (default: today)")
    give.add_argument("--unsent", action="store_true", help="do not send it")
    spend = verbs.add_parser("spend", help="settle invoices of the same customer and currency with what is left of one")
    spend.add_argument("number", metavar="NUMBER", help="of the credit note")
    spend.add_argument(
        "--invoice", action="append", required=True, metavar="NUMBER[=AMOUNT]", help="on this one, or so much; the first first"
    )
    back = verbs.add_parser("refund", help="pay what is left of one, or a part of it, out as money; send it from your bank")
    back.add_argument("number", metavar="NUMBER", help="of the credit note")
    back.add_argument("--amount", required=True, type=a_decimal, help="such as 12.50, in its currency")
    back.add_argument("--reason", required=True, help="why, in a sentence")
    back.add_argument("--key", required=True, help="of this refund: the same again pays nothing out twice")
    back.add_argument("--on", type=a_date, metavar="DATE", help="the day it went (default: today)")
    for verb in verbs.choices.values():
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        answer = {"list": _list, "give": _give, "spend": _spend, "refund": _refund}[args.verb](vendor, args)
    if args.json:
        return say_json(answer)
    return print("\n".join(_SAID[args.verb](answer)))


def _list(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import customer_numbered, operator
    from goodterms.parties.models import Customer
    from goodterms.payments.keeping import kept_for

    rows = Customer.objects.seen_by(operator(vendor))
    if args.customer:
        rows = rows.filter(id=customer_numbered(vendor, args.customer).id)
    numbers = dict(rows.values_list("id", "number"))
    return {
        "credits": [
            {
                "id": one.id, "customer": numbers[one.customer_id], "credit_note": one.number, "since_on": one.since_on,
                "currency": one.free.currency, "left_minor": one.free.minor,
            }
            for one in kept_for(customer_ids=list(numbers), most=1_000)
        ]
    }  # fmt: skip


def _give(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.amending import rate_said
    from goodterms.cli.finding import customer_numbered
    from goodterms.invoicing.actions import credit_on_account
    from goodterms.invoicing.line import Line, Tax

    category, percent = rate_said(args.tax)
    tax, now = Tax(category, percent, args.tax_reason), clock_of(vendor)
    lines = [Line(text, Decimal(1), _decimal(major), tax) for text, _, major in (said.rpartition("=") for said in args.line)]
    note = credit_on_account(
        vendor_id=vendor.id, customer_id=customer_numbered(vendor, args.customer).id, lines=lines, reason=args.reason,
        currency=args.currency.upper(), issued_on=args.on or day_in(vendor.timezone, now), send=not args.unsent,
        key=new_key(now), by=BY, role="owner", now=now,
    )  # fmt: skip
    return {"id": note.id, "credit_note": note.number, "total_minor": note.total_minor, "currency": note.currency}


def _spend(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import document_numbered, invoice_numbered
    from goodterms.payments.actions import allocate_credit

    note = document_numbered(vendor, args.number)
    wanted = [said.partition("=") for said in args.invoice]
    named = {invoice_numbered(vendor, number).id: _money(major, note) for number, _, major in wanted}
    answer = allocate_credit(credit_note_id=note.id, named=named, by=BY, role="owner", now=clock_of(vendor))
    return {"credit_note": note.number, "currency": note.currency, **answer}


def _refund(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import document_numbered
    from goodterms.payments.actions import refund_credit
    from goodterms.payments.keeping import left_of_notes

    note, now = document_numbered(vendor, args.number), clock_of(vendor)
    answer = refund_credit(
        credit_note_id=note.id, amount=exactly(args.amount, note.currency), reason=args.reason,
        refunded_on=args.on or day_in(vendor.timezone, now), idempotency_key=args.key, by=BY, role="owner", now=now,
    )  # fmt: skip
    return {"credit_note": note.number, **answer, "left_minor": left_of_notes([note.id]).get(note.id, 0)}


def _money(major: str, note: Invoice) -> Money | None:
    return exactly(_decimal(major), note.currency) if major else None


def _decimal(written: str) -> Decimal:
    try:
        return a_decimal(written)
    except argparse.ArgumentTypeError as odd:
        raise Refused(f"{odd}. Nothing was done.") from odd


def _said_list(answer: dict[str, Any]) -> list[str]:
    lines = [
        f"{amount(one['left_minor'], one['currency']):>18}  {one['customer']}, "
        + (f"credit note {one['credit_note']} of {one['since_on']}" if one["credit_note"] else f"came on {one['since_on']}")
        for one in answer["credits"]
    ]
    return lines or ["Nobody has anything to their credit."]


def _said_spent(answer: dict[str, Any]) -> list[str]:
    currency = answer["currency"]
    lines = [f"  {amount(one['minor'], currency)} on invoice {one['number']}" for one in answer["allocations"]]
    return [f"Credit note {answer['credit_note']} settles:", *lines, f"{amount(answer['unapplied_minor'], currency)} are left."]


def _said_refund(answer: dict[str, Any]) -> list[str]:
    paid, left = (amount(answer[name], answer["currency"]) for name in ("minor", "left_minor"))
    return [f"{paid} of credit note {answer['credit_note']} is booked as given back; {left} are left. Send it from your bank."]


_SAID = {
    "list": _said_list,
    "refund": _said_refund,
    "give": lambda one: [
        f"Credit note {one['credit_note']} over {amount(one['total_minor'], one['currency'])} is written, and kept for them."
    ],
    "spend": _said_spent,
}
