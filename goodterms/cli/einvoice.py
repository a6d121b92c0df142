"""`goodterms invoice document` and `check`: a document as a file for programs, and any such file held against the rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import on_behalf_of, say_json
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.einvoices.check import Checked

FORMATS = ("pdf", "ubl", "cii", "facturx")
PROFILES = ("en16931", "peppol", "xrechnung", "facturx", "extended")


def document_arguments(document: argparse.ArgumentParser) -> None:
    document.add_argument("number", metavar="NUMBER")
    document.add_argument(
        "--format", choices=FORMATS, required=True, help="the paper itself, UBL or CII, or the PDF with CII inside"
    )
    document.add_argument("--profile", choices=PROFILES, help="the use of EN 16931 (default: en16931; facturx for facturx)")
    document.add_argument("--output", "--out", type=Path, metavar="FILE", help="where to (default: its number, here)")
    document.add_argument("--even-if-wrong", action="store_true", help="write it although rules do not hold")


def check_arguments(check: argparse.ArgumentParser) -> None:
    check.add_argument("file", type=Path, help="UBL, CII, or a PDF with one inside")
    check.set_defaults(without_books=True)


def document(args: argparse.Namespace) -> int:
    """The file is written when it is right; else what is missing is said, and by whom it can be mended."""
    if args.format == "pdf":
        return _paper(args)
    from goodterms.cli.finding import document_numbered
    from goodterms.einvoices.profiles import profile_named
    from goodterms.invoicing.as_file import as_file

    with on_behalf_of(args.vendor) as vendor:
        made = as_file(
            document_numbered(vendor, args.number), args.format, profile_named(args.profile) if args.profile else None
        )
    written = made.checked.is_valid or args.even_if_wrong
    target = args.output or Path(made.name)
    if written:
        _write(target, made.content)
    answer = {
        "number": args.number, "format": args.format, "profile": made.profile.word, "written": str(target) if written else None,
        **of_check(made.checked), "missing": [each._asdict() for each in made.missing], "unsaid": list(made.unsaid),
        "left_out": list(made.left_out),
    }  # fmt: skip
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_document_page(answer)))
    if not written:
        print("Nothing was written: rules do not hold. Mend what is named, or use --even-if-wrong.", file=sys.stderr)
    return 0 if made.checked.is_valid else 1


def _paper(args: argparse.Namespace) -> int:
    """The PDF as it is stored: what the customer has."""
    from hashlib import sha256

    from goodterms.cli.finding import document_numbered
    from goodterms.invoicing.actions import paper_bytes
    from goodterms.invoicing.paper import file_name

    with on_behalf_of(args.vendor) as vendor:
        invoice = document_numbered(vendor, args.number)
        content = paper_bytes(invoice_id=invoice.id)
    target = args.output or Path(file_name(invoice))
    _write(target, content)
    answer = {"number": invoice.number, "format": "pdf", "written": str(target), "sha256": sha256(content).hexdigest()}
    if args.json:
        say_json(answer)
    else:
        print(f"{answer['number']} was written to {answer['written']}, {len(content):,} bytes.")
    return 0


def check(args: argparse.Namespace) -> int:
    from goodterms.einvoices import documents
    from goodterms.einvoices.check import check as held_against
    from goodterms.einvoices.guard import check_size

    try:
        check_size(args.file.stat().st_size)
        data = args.file.read_bytes()
    except OSError as fault:
        raise Refused(f"{args.file} could not be read ({fault.strerror}).") from fault
    read = documents.read(data)
    checked = held_against(read.xml)
    of = read.invoice
    answer = {
        "file": str(args.file), "syntax": read.syntax, "inside": read.name,
        "profile": read.profile.word if read.profile else "",
        "guideline": of.guideline, "number": of.number, "issued_on": of.issued_on,
        "seller": of.seller.name if of.seller else "", "buyer": of.buyer.name if of.buyer else "", "currency": of.currency,
        "total": of.sums.total if of.sums else None, "payable": of.sums.payable if of.sums else None,
        **of_check(checked), "not_carried": [each._asdict() for each in read.lost],
    }  # fmt: skip
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_check_page(answer)))
    return 0 if checked.is_valid else 1


def of_check(checked: Checked) -> dict[str, Any]:
    return {
        "valid": checked.is_valid,
        "rules": list(checked.ran),
        "rules_not_installed": list(checked.missing),
        "findings": [each.told() for each in checked.findings],
    }


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as fault:
        raise Refused(f"{target} could not be written ({fault.strerror}). Nothing was done.") from fault


def _document_page(answer: dict[str, Any]) -> Iterable[str]:
    if answer["written"]:
        yield f"{answer['number']} was written to {answer['written']} ({answer['format']}, {answer['profile']})."
    for each in answer["missing"]:
        yield f"  {each['term']}: {each['sentence']}"
    for term in answer["unsaid"]:
        yield f"  {term} cannot be said in this form."
    for sentence in answer["left_out"]:
        yield f"  {sentence}"
    yield from check_rows(answer)


def _check_page(answer: dict[str, Any]) -> Iterable[str]:
    kind = f"{answer['syntax'].upper()}{' in ' + answer['inside'] if answer['inside'] else ''}"
    yield f"{answer['number']} of {answer['issued_on']}: {answer['seller']} to {answer['buyer']}, {kind}"
    yield f"  {answer['currency']} {answer['total']} in all, {answer['payable']} to be paid; {answer['guideline']}"
    for each in answer["not_carried"]:
        said = f" ({each['value']})" if each["value"] else ""
        yield f"  not carried: {each['term'] or 'no term'}, {each['path'].rpartition('/')[2]}{said}: {each['why']}"
    yield from check_rows(answer)


def check_rows(answer: dict[str, Any]) -> Iterable[str]:
    for one in answer["findings"]:
        mend = f" (mend it in {one['mend']})" if one["mend"] else ""
        yield f"  {one['severity']} {one['rule']} {' '.join(one['terms'])}: {one['says'] or one['official']}{mend}"
    for name in answer["rules_not_installed"]:
        yield f"  The rules {name} are not installed, so they were not run."
    yield f"{'Right' if answer['valid'] else 'Not right'} by: {', '.join(answer['rules'])}."
