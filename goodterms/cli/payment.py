"""`goodterms payment`: money that came in, recorded once for its key, what it settled, and what was kept back of it."""

import argparse
from typing import TYPE_CHECKING, Any
from uuid import UUID

from goodterms.cli import withholding
from goodterms.cli.rates import a_rate
from goodterms.cli.viewer import BY, a_date, a_decimal, amount, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.payments.withholding import Kept

METHODS = ("bank_transfer", "card", "cheque", "cash", "direct_debit", "e_transfer", "wallet", "other")


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    record = verbs.add_parser("record", help="record money received, and settle what it settles")
    record.add_argument("--customer", required=True, metavar="NUMBER")
    record.add_argument("--amount", type=a_decimal, required=True, metavar="AMOUNT", help="such as 1250.50")
    record.add_argument("--currency", required=True, help="ISO 4217, such as USD")
    record.add_argument("--received-on", type=a_date, required=True, metavar="DATE")
    record.add_argument("--method", required=True, choices=METHODS)
    record.add_argument(
        "--invoice", action="append", default=[], metavar="NUMBER",
        help="what the payer said that it is for (more than once: for several); else what matches it, else the oldest due",
    )  # fmt: skip
    record.add_argument("--reference", default="", help="the words on the transfer")
    record.add_argument(
        "--withheld", type=a_decimal, metavar="AMOUNT", help="what they kept back of the one invoice named, for the tax office"
    )
    withholding.with_certificate(record)
    record.add_argument("--key", required=True, help="a word of your own for this payment: the same key again does nothing")
    settle = verbs.add_parser("settle", help="settle an invoice of another currency, at the rate of the day the money came")
    settle.add_argument("payment", type=a_key, metavar="PAYMENT", help="its key, as `record --json` prints it")
    settle.add_argument("invoice", metavar="NUMBER")
    settle.add_argument("--amount", type=a_decimal, metavar="AMOUNT", help="of the payment (default: as much as it takes)")
    settle.add_argument("--rate", type=a_rate, metavar="RATE", help="what one unit of the payment is worth in the invoice's")
    settle.add_argument("--source", default="", help="where that rate is from")
    withholding.arguments(verbs)
    for verb in verbs.choices.values():
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def a_key(text: str) -> UUID:
    """For argparse: a key as our answers have it."""
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no key of a payment") from None


def run(args: argparse.Namespace) -> None:
    {"settle": _settle, "record": _record}.get(args.verb, withholding.run)(args)


def _settle(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import invoice_numbered
    from goodterms.payments import actions
    from goodterms.payments.models import Payment

    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        found = Payment.objects.filter(id=args.payment).first()
        spend = exactly(args.amount, found.currency) if found and args.amount is not None else None
        invoice = invoice_numbered(vendor, args.invoice)
        done = actions.exchange(
            payment_id=args.payment, invoice_id=invoice.id, spend=spend, rate=args.rate, rate_name=args.source,
            on=day_in(vendor.timezone, now), by=BY, role="owner", now=now,
        )  # fmt: skip
        paid_in = Payment.objects.values_list("currency", flat=True).get(id=args.payment)
    answer = {**done._asdict(), "rate": f"{done.rate:f}"}
    if args.json:
        say_json(answer)
    else:
        spent, settled = amount(done.spent_minor, paid_in), amount(done.settled_minor, invoice.currency)
        print(f"{spent} settled {settled} of invoice {args.invoice}, at {answer['rate']} ({done.source})")


def _record(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import customer_numbered, invoice_numbered
    from goodterms.payments import actions

    with on_behalf_of(args.vendor) as vendor:
        named = [invoice_numbered(vendor, number).id for number in args.invoice]
        answer = actions.record(
            vendor_id=vendor.id,
            customer_id=customer_numbered(vendor, args.customer).id,
            amount=exactly(args.amount, args.currency),
            received_on=args.received_on,
            method=args.method,
            named=named,
            kept=_kept(args, named),
            reference=args.reference,
            idempotency_key=f"cli:{args.key}",
            by=BY,
            role="owner",
            now=clock_of(vendor),
        )
    say_json(answer) if args.json else _say(answer)


def _kept(args: argparse.Namespace, named: list[UUID]) -> "dict[UUID, Kept]":
    from goodterms.payments.withholding import Kept

    certificate = withholding.certificate_in(args)
    if args.withheld is None and certificate is None:
        return {}
    if len(named) != 1:
        raise Refused("Name the one invoice that this was kept back of, with --invoice.", code="invoice")
    amount = None if args.withheld is None else exactly(args.withheld, args.currency)
    return {named[0]: Kept(amount, certificate)}


def _say(answer: dict[str, Any]) -> None:
    currency = answer["currency"]
    print(f"{amount(answer['minor'], currency)} received on {answer['received_on']}")
    for settled in answer["allocations"]:
        left = f", {amount(settled['open_minor'], currency)} still open" if settled["open_minor"] else ", settled"
        kept = settled.get("withheld_minor")
        left += f"; {amount(kept, currency)} kept back for the tax office" if kept else ""
        print(f"  {amount(settled['minor'], currency)} on invoice {settled['number']}{left}")
    if answer["unapplied_minor"]:
        print(f"  {amount(answer['unapplied_minor'], currency)} settles nothing yet")
