"""`goodterms import`: a book from elsewhere, previewed first, taken once and whole, or not at all."""

import argparse
import sys
from pathlib import Path
from typing import Any

from goodterms.cli.viewer import BY, a_date, amount, clock_of, on_behalf_of, say_json
from goodterms.values.refusal import Refused

TABLES = {
    "customers": "customers, who pays there, and their terms", "payments": "what was paid, on what",
    "credits": "credit notes, on which invoices or for whom",
}  # fmt: skip
SHOWN = 20  # bad rows on a screen; the JSON has up to 1,000


def arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True)
    invoices = kinds.add_parser("invoices", help="invoices, their customers, and what was paid")
    invoices.add_argument("file", type=Path)
    invoices.add_argument("--vendor", metavar="SLUG")
    _how_it_is_read(invoices)
    invoices.add_argument("--until", type=a_date, metavar="DATE", help="take only what was known at the end of that day")
    invoices.add_argument("--dry-run", action="store_true", help="only the preview: nothing is written")
    invoices.add_argument("--json", action="store_true")
    for kind, told in TABLES.items():
        table = kinds.add_parser(kind, help=told)
        table.add_argument("file", type=Path)
        table.add_argument("--vendor", metavar="SLUG")
        _how_it_is_read(table)
        table.add_argument("--dry-run", action="store_true", help="only the preview: nothing is written")
        table.add_argument("--json", action="store_true")
    rates = kinds.add_parser("rates", help="exchange rates: eurofxref of the European Central Bank, as CSV, XML or ZIP")
    rates.add_argument("file", type=Path)
    rates.add_argument("--vendor", metavar="SLUG")
    rates.add_argument("--json", action="store_true")
    ubl = kinds.add_parser("ubl", help="electronic invoices of our own: UBL, CII, or PDFs with one inside")
    ubl.add_argument("files", type=Path, nargs="+", metavar="FILE")
    ubl.add_argument("--vendor", metavar="SLUG")
    ubl.add_argument("--dry-run", action="store_true", help="only the preview: nothing is written")
    ubl.add_argument("--json", action="store_true")


def _how_it_is_read(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument("--profile", type=Path, metavar="FILE", help="how columns are read (docs/import.md)")
    either.add_argument("--from", dest="system", choices=("quickbooks", "xero", "stripe"), help="an export of this system")
    parser.add_argument("--dates", metavar="PATTERN", default="", help="day/month/year or month/day/year, for --from")


def _profile(args: argparse.Namespace, vendor: Any, file: Any) -> Any:
    from goodterms.imports.profile import read_profile
    from goodterms.imports.ready import ready_profile

    if args.profile:
        if args.dates:
            raise Refused("A profile says itself how dates are written; --dates goes with --from.", field="dates")
        return read_profile(_text(args.profile), args.kind)
    return ready_profile(file, system=args.system, holds=args.kind, currency=vendor.currency, dates=args.dates)


def run(args: argparse.Namespace) -> int:
    if args.kind == "ubl":
        return _electronic(args)
    if args.kind == "rates":
        return _rates(args)
    return _invoices(args) if args.kind == "invoices" else _table(args)


def _table(args: argparse.Namespace) -> int:
    """Customers, payments or credit notes."""
    from goodterms.imports.actions import import_credits, import_customers, import_payments

    verb: Any = {"credits": import_credits, "customers": import_customers}.get(args.kind, import_payments)
    with on_behalf_of(args.vendor) as vendor, _opened(args.file) as file:
        answer = verb(
            vendor_id=vendor.id,
            file=file,
            name=args.file.name,
            profile=_profile(args, vendor, file),
            by=BY,
            role="owner",
            now=clock_of(vendor),
            dry_run=args.dry_run,
        )
    say_json(answer) if args.json else _say_table(answer)
    return _told(answer)


def _told(answer: dict[str, Any]) -> int:
    if not (count := answer["bad_count"]):
        return 0
    faults = "1 fault has" if count == 1 else f"{count:,} faults have"
    print(f"Nothing was imported: {faults} to be mended first.", file=sys.stderr)
    return 1


def _say_table(answer: dict[str, Any]) -> None:
    print(f"{answer['rows']:,} rows: {answer['new']:,} new, {answer['unchanged']:,} known")
    if answer["holds"] == "customers":
        print(f"{answer['payers']:,} payers; {answer['with_terms']:,} with terms, {answer['with_order_rule']:,} need an order")
    for total in answer["totals"]:
        currency = total["currency"]
        whole = amount(total["total_minor"], currency)
        if answer["holds"] == "credits":
            left = amount(total["left_minor"], currency)
            print(f"  {total['credits']:,} credit notes, {whole}; {left} of it settle nothing and are left to their customers")
            continue
        kept = amount(total["unnamed_minor"], currency)
        print(f"  {total['payments']:,} payments, {whole}; {kept} of it name no invoice and are kept for their customers")
        if total["withheld_minor"]:
            print(f"  {amount(total['withheld_minor'], currency)} more were kept back for the tax office")
    if "left_out" in answer:
        _say_left_out(answer)
    _say_faults(answer)


def _rates(args: argparse.Namespace) -> int:
    from goodterms.payments.actions import read_rates
    from goodterms.rates.ecb import BYTES_MAX

    with _opened(args.file) as file:
        content = file.read(BYTES_MAX + 1)  # one more is one too many, and is told as that
    with on_behalf_of(args.vendor) as vendor:
        told = read_rates(vendor_id=vendor.id, content=content, by=BY, now=clock_of(vendor))._asdict()
    if args.json:
        say_json(told)
    else:
        print(f"{told['rates']:,} rates of {told['days']:,} days, {told['first_on']} to {told['last_on']}: {told['new']:,} new")
        if told["other"]:
            print(f"  {told['other']:,} say something else than what was read before, which stays")
    return 0


def _electronic(args: argparse.Namespace) -> int:
    from goodterms.einvoices.guard import BYTES_MAX
    from goodterms.imports.actions.electronic import import_electronic

    files = []
    for path in args.files:
        with _opened(path) as file:
            files.append((path.name, file.read(BYTES_MAX + 1)))  # one more is one too many, and is told as that
    with on_behalf_of(args.vendor) as vendor:
        answer = import_electronic(
            vendor_id=vendor.id, files=files, by=BY, role="owner", now=clock_of(vendor), dry_run=args.dry_run
        )
    say_json(answer) if args.json else _say_electronic(answer)
    return _told(answer)


def _say_electronic(answer: dict[str, Any]) -> None:
    files = "1 file" if answer["files"] == 1 else f"{answer['files']:,} files"
    print(f"{files}: {answer['new']:,} new, {answer['unchanged']:,} known")
    for total in answer["totals"]:
        currency = total["currency"]
        print(f"  {amount(total['total_minor'], currency)} billed, {amount(total['open_minor'], currency)} open")
    if answer["without_lines"]:
        print(f"  {answer['without_lines']:,} with its sums alone: no calculation meets its lines")
    if answer["not_carried"]:
        print(f"  {answer['not_carried']:,} details are not carried; goodterms invoice check names them")
    for fault in answer["bad"][:SHOWN]:
        term = f", {fault['term']}" if fault["term"] else ""
        print(f"  {fault['file']}{term}: {fault['reason']}")
    if answer["bad_count"] > SHOWN:
        print(f"  … and {answer['bad_count'] - SHOWN:,} more; --json lists them")
    if not answer["bad_count"]:
        print("A preview: nothing was written." if answer["dry_run"] else "Imported.")


def _invoices(args: argparse.Namespace) -> int:
    from goodterms.imports.actions import import_invoices

    with on_behalf_of(args.vendor) as vendor, _opened(args.file) as file:
        answer = import_invoices(
            vendor_id=vendor.id,
            file=file,
            name=args.file.name,
            profile=_profile(args, vendor, file),
            by=BY,
            role="owner",
            now=clock_of(vendor),
            until=args.until,
            dry_run=args.dry_run,
        )
    say_json(answer) if args.json else _say(answer)
    return _told(answer)


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as fault:
        raise Refused(f"{path} could not be read ({fault.strerror}), so nothing was imported.") from fault


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise Refused(f"The profile {path} could not be read ({reason}), so nothing was imported.") from fault


def _say(answer: dict[str, Any]) -> None:
    print(f"{answer['rows']:,} rows: {answer['new']:,} new, {answer['unchanged']:,} known, {answer['ignored_later']:,} later")
    print(f"{answer['customers']:,} customers, {answer['payers']:,} payers")
    if answer["paid_in_part"] or answer["paid_since"]:
        print(f"{answer['paid_in_part']:,} paid in part, {answer['paid_since']:,} known ones paid since")
    if answer["without_lines"]:
        print(f"{answer['without_lines']:,} with their total alone: their lines do not come to it")
    if answer["credits_known"]:
        print(f"{answer['credits_known']:,} credit notes known")
    for total in answer["totals"]:
        currency = total["currency"]
        print(f"  {amount(total['total_minor'], currency)} billed, {amount(total['open_minor'], currency)} open")
    for total in answer["credits"]:
        kept = amount(total["left_minor"], total["currency"])
        print(f"  {total['credits']:,} credit notes that name no invoice: {kept} are kept for their customers")
    _say_left_out(answer)
    _say_faults(answer)


def _say_left_out(answer: dict[str, Any]) -> None:
    """Each line that stays out, with its document and why."""
    for word, count in answer["left_out"].items():
        print(f"{count:,} left out: {word}")
    for one in answer["left_out_lines"][:SHOWN]:
        number = f", {one['number']}" if one["number"] else ""
        print(f"  line {one['line']}{number}: left out, {one['reason']}")
    if (more := len(answer["left_out_lines"]) - SHOWN) > 0:
        print(f"  … and {more:,} more; --json lists them")


def _say_faults(answer: dict[str, Any]) -> None:
    for fault in answer["bad"][:SHOWN]:
        print(f"  line {fault['line']}, {fault['column']}: {fault['reason']}")
    if answer["bad_count"] > SHOWN:
        print(f"  … and {answer['bad_count'] - SHOWN:,} more; --json lists them")
    if not answer["bad_count"]:
        print("A preview: nothing was written." if answer["dry_run"] else "Imported.")
