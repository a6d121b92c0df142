"""`goodterms invoice enclose`, `take-out` and `ready`: the files of a draft, and what stands between it and its issue."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import BY, clock_of, on_behalf_of, say_json
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.actions import Readiness
    from goodterms.values.files import File

HELP = {
    "enclose": "let files go with a draft: a timesheet, a receipt, the signed order",
    "take-out": "let a file go with a draft no more",
    "ready": "show what stands between a draft and its issue, by the official rules where its customer requires them",
}
VERBS = tuple(HELP)
FORMATS = ("facturx", "extended", "xrechnung", "peppol", "ubl", "cii")


def arguments(verbs: Any) -> list[argparse.ArgumentParser]:
    """A parser for each verb."""
    found = {}
    for verb, words in HELP.items():
        found[verb] = parser = verbs.add_parser(verb, help=words)
        parser.add_argument("number", metavar="ID", help="the draft's id")
    found["enclose"].add_argument("files", type=Path, nargs="+", metavar="FILE", help="PDF, PNG, JPEG, XLSX, ODS, CSV or text")
    found["take-out"].add_argument("name", metavar="NAME", help="the file's name, as `invoice show` has it")
    found["ready"].add_argument(
        "--format", choices=FORMATS, default="", help="hold it against this one, though nobody requires it"
    )
    return list(found.values())


def run(args: argparse.Namespace) -> int:
    from goodterms.cli.finding import invoice_meant
    from goodterms.invoicing import actions
    from goodterms.values.days import day_in

    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        found = invoice_meant(vendor, args.number)
        who: dict[str, Any] = {"invoice_id": found.id, "by": BY, "role": "owner", "now": now}
        match args.verb:
            case "enclose":
                kept = actions.enclose(files=[_read(path) for path in args.files], **who)
                answer: dict[str, Any] = {"id": found.id, "enclosed": [one.name for one in kept]}
            case "take-out":
                one = found.enclosures.filter(name=args.name).first()
                if one is None:
                    raise Refused(f"No file {args.name} goes with this draft. Nothing was done.", code="not_found")
                actions.take_out(enclosure_id=one.id, **who)
                answer = {"id": found.id, "taken_out": one.name}
            case _:
                seen = actions.readiness_of(invoice_id=found.id, on=day_in(vendor.timezone, now), format=args.format)
                answer = {"id": found.id, **_ready(seen)}
    if args.json:
        say_json(answer)
    else:
        print("\n".join(_page(args.verb, answer)))
    return 1 if answer.get("blocked") else 0


def _read(path: Path) -> File:
    from goodterms.values.files import File, check_size

    try:
        check_size(path.name, path.stat().st_size)
        return File(path.name, path.read_bytes())
    except OSError as fault:
        raise Refused(f"{path} could not be read ({fault.strerror}). Nothing was done.") from fault


def _ready(seen: Readiness) -> dict[str, Any]:
    from goodterms.cli.einvoice import of_check

    found = {
        "blocked": seen.blocked or bool(seen.lacks_rate), "required": seen.required, "order_missing": seen.order_missing,
        "document_missing": seen.lacks, "rate_missing": seen.lacks_rate, "who": seen.who.strip(), "customer": seen.customer,
    }  # fmt: skip
    if seen.looked is None:
        return found
    return found | {
        "format": seen.looked.form.word, "missing": [one._asdict() for one in seen.looked.missing],
        "left_out": list(seen.looked.left_out), **of_check(seen.looked.checked),
    }  # fmt: skip


def _page(verb: str, answer: dict[str, Any]) -> Iterable[str]:
    from goodterms.cli.einvoice import check_rows

    if verb == "enclose":
        yield (
            f"With it from now on: {', '.join(answer['enclosed'])}."
            if answer["enclosed"]
            else "All of them are with it already."
        )
        return
    if verb == "take-out":
        yield f"{answer['taken_out']} goes with it no more."
        return
    if answer["order_missing"]:
        yield f"  {answer['customer']} takes no invoice without a purchase order."
    if answer["document_missing"]:
        yield f"  {answer['customer']} takes no invoice without this: {answer['document_missing']}."
    yield from (f"  {answer[name]}" for name in ("who", "rate_missing") if answer[name])
    for each in answer.get("missing", ()):
        yield f"  {each['term']}: {each['sentence']}"
    yield from (f"  {sentence}" for sentence in answer.get("left_out", ()))
    if "rules" in answer:
        yield from check_rows(answer)
    yield "It cannot be issued yet." if answer["blocked"] else "Nothing stands between it and its issue."
