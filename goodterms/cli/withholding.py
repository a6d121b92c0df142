"""`goodterms payment withhold, certificate, withheld`: what payers kept back for the tax office, and its certificates."""

import argparse
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, a_count, a_date, a_decimal, amount, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed
    from goodterms.payments.models import Withheld
    from goodterms.payments.withholding import Certificate


def arguments(verbs: Any) -> None:
    """The verbs of `goodterms payment` about it."""
    withhold = verbs.add_parser("withhold", help="settle what a payer kept back of an invoice, where the money came without it")
    withhold.add_argument("invoice", metavar="NUMBER")
    withhold.add_argument("--amount", type=a_decimal, metavar="AMOUNT", help="default: as its terms say")
    withhold.add_argument("--on", type=a_date, metavar="DATE", help="from which day it counts (default: today)")
    with_certificate(withhold)
    certificate = verbs.add_parser("certificate", help="say that the certificate of what was kept back has come")
    certificate.add_argument("invoice", metavar="NUMBER")
    certificate.add_argument("certificate", metavar="CERTIFICATE", help="its number")
    certificate.add_argument("--certificate-on", type=a_date, required=True, metavar="DATE", help="the day on it")
    certificate.add_argument("--amount", type=a_decimal, metavar="AMOUNT", help="the sum on it, to hold it against ours")
    listing = verbs.add_parser("withheld", help="list what payers kept back, the newest first")
    listing.add_argument("--uncertified", action="store_true", help="only what has no certificate yet")
    listing.add_argument("--most", type=a_count, default=100, metavar="N", help="how many at most (default: %(default)s)")


def with_certificate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--certificate", default="", metavar="CERTIFICATE", help="the number of the payer's certificate")
    parser.add_argument("--certificate-on", type=a_date, metavar="DATE", help="the day on it")


def certificate_in(args: argparse.Namespace) -> "Certificate | None":
    """As it was given; a number needs its day."""
    from goodterms.payments.withholding import Certificate

    if not args.certificate and args.certificate_on is None:
        return None
    if not args.certificate or args.certificate_on is None:
        raise Refused("Give a certificate with its number and its day: --certificate and --certificate-on.", code="certificate")
    return Certificate(args.certificate, args.certificate_on)


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        rows = {"withhold": _withhold, "certificate": _certify, "withheld": _listed}[args.verb](args, vendor)
        told = [_told(row) for row in rows]
    if args.json:
        return say_json({"withheld": told} if args.verb == "withheld" else told[0])
    return print("\n".join(map(_line, told)) or "Nothing was kept back.")


def _withhold(args: argparse.Namespace, vendor: "Listed") -> "list[Withheld]":
    from goodterms.cli.finding import invoice_numbered
    from goodterms.payments import actions

    invoice, now = invoice_numbered(vendor, args.invoice), clock_of(vendor)
    kept = None if args.amount is None else exactly(args.amount, invoice.currency)
    row = actions.withhold(
        invoice_id=invoice.id, amount=kept, certificate=certificate_in(args), on=args.on or day_in(vendor.timezone, now), by=BY,
        role="owner", now=now,
    )  # fmt: skip
    invoice.refresh_from_db()
    row.invoice = invoice
    return [row]


def _certify(args: argparse.Namespace, vendor: "Listed") -> "list[Withheld]":
    from goodterms.cli.finding import invoice_numbered
    from goodterms.payments import actions
    from goodterms.payments.models import Withheld
    from goodterms.payments.withholding import Certificate

    invoice, now = invoice_numbered(vendor, args.invoice), clock_of(vendor)
    waiting = list(Withheld.objects.standing().filter(invoice=invoice).order_by("effective_on", "id"))
    said = None if args.amount is None else exactly(args.amount, invoice.currency)
    fits = [row for row in waiting if said is None or row.minor == said.minor] or waiting
    found = next((row for row in fits if row.certificate in ("", args.certificate)), None) or next(iter(fits), None)
    if found is None:
        raise Refused(f"Nothing was kept back of {args.invoice}. Record that first.", code="withheld")
    paper = Certificate(args.certificate, args.certificate_on, said)
    on = day_in(vendor.timezone, now)
    return [actions.certify(withheld_id=found.id, certificate=paper, on=on, by=BY, role="owner", now=now)]


def _listed(args: argparse.Namespace, vendor: "Listed") -> "list[Withheld]":
    from goodterms.cli.finding import operator
    from goodterms.payments.models import Withheld

    rows = Withheld.objects.seen_by(operator(vendor)).standing()
    rows = rows.without_certificate() if args.uncertified else rows
    return list(rows.select_related("invoice").order_by("-effective_on", "-id")[: args.most])


def _told(row: "Withheld") -> dict[str, Any]:
    return {
        "id": row.id, "invoice": row.invoice.number, "name": row.name, "minor": row.minor, "currency": row.invoice.currency,
        "effective_on": row.effective_on, "certificate": row.certificate, "certificate_on": row.certificate_on,
        "open_minor": row.invoice.open_minor,
    }  # fmt: skip


def _line(one: dict[str, Any]) -> str:
    paper = f"certificate {one['certificate']} of {one['certificate_on']}" if one["certificate"] else "no certificate yet"
    name = f" ({one['name']})" if one["name"] else ""
    return f"{amount(one['minor'], one['currency'])} kept back of {one['invoice']} from {one['effective_on']}{name}: {paper}"
