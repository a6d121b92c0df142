"""`goodterms progress`: what a project costs as agreed, how much of it is invoiced, a part of it, and the final invoice."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.billing import billing_arguments, bills
from goodterms.cli.viewer import BY, a_count, a_decimal, a_table, amount, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.models import Project
    from goodterms.billing.standing import Counted, Stands
    from goodterms.invoicing.models import Invoice
    from goodterms.parties.directory import Listed


_VERBS = {
    "show": "what was agreed, what is invoiced of it, and what is left",
    "agree": "agree what it costs, from a file; another price says why",
    "part": "bill a part of it as the work goes on",
    "final": "bill all of it, less what was invoiced before",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    show, agree, part, final = (verbs.add_parser(verb, help=words) for verb, words in _VERBS.items())
    for verb in (show, agree, part, final):
        verb.add_argument("project", metavar="PROJECT", help="its name, its key, or the beginning of it")
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")
    agree.add_argument("file", type=Path, help="TOML, or JSON when its name ends so (docs/cli.md)")
    agree.add_argument("--customer", metavar="NUMBER", help="begin a project of this name for them, where there is none")
    agree.add_argument("--reason", default="", help="why the price is another than before")
    how = part.add_mutually_exclusive_group(required=True)
    how.add_argument("--complete", type=a_decimal, metavar="PERCENT", help="up to so much of the work, less what is invoiced")
    how.add_argument("--milestone", type=a_count, metavar="N", help="the line of the price that is reached")
    how.add_argument("--sum", type=a_decimal, metavar="AMOUNT", help="so much before tax, in major units")
    for verb in (part, final):
        billing_arguments(verb)


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import project_named

    with on_behalf_of(args.vendor) as vendor:
        project = _begun(vendor, args) if args.verb == "agree" and args.customer else project_named(vendor, args.project)
        invoice = _done(vendor, project, args)
        answer = told(project, invoice)
    say(answer, as_json=args.json)


def told(project: Project, invoice: Invoice | None = None) -> dict[str, Any]:
    """How its price stands, and the invoice that was made just now."""
    from goodterms.billing.standing import standing

    stands = standing(project)
    if stands is None:
        raise Refused(f"No price is agreed for {project.name}. Agree one with: goodterms progress agree PROJECT FILE")
    made = {} if invoice is None else {"made": {"invoice_id": invoice.id, "number": invoice.number, **_sums(invoice)}}
    return {**_standing(stands), **made}


def say(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(answer)
    else:
        print("\n".join(_page(answer)))


def _done(vendor: Listed, project: Project, args: argparse.Namespace) -> Invoice | None:
    from goodterms.billing.actions import agree_price, bill_part, bill_rest
    from goodterms.billing.rules import Ask
    from goodterms.cli.lines import lines_said

    match args.verb:
        case "agree":
            said = a_table(args.file, "no price was agreed")
            if not isinstance(said, dict) or set(said) != {"lines"}:
                raise Refused(f"{args.file} is no price: it has lines, and nothing else. No price was agreed.")
            lines = lines_said(said["lines"], args.file)
            who: dict[str, Any] = {"by": BY, "role": "owner", "now": clock_of(vendor)}
            agree_price(project_id=project.id, lines=lines, reason=args.reason, **who)
        case "part":
            net = None if args.sum is None else exactly(args.sum, project.currency)
            ask = Ask(net=net, complete=args.complete, milestone=args.milestone)
            return bill_part(project_id=project.id, kind="progress", ask=ask, **bills(vendor, args, project.currency))
        case "final":
            return bill_rest(project_id=project.id, **bills(vendor, args, project.currency))
    return None


def _begun(vendor: Listed, args: argparse.Namespace) -> Project:
    from goodterms.billing.actions import open_project
    from goodterms.cli.finding import customer_numbered

    customer = customer_numbered(vendor, args.customer)
    return open_project(
        vendor_id=vendor.id, customer_id=customer.id, name=args.project, by=BY, role="owner", now=clock_of(vendor)
    )


def _standing(one: Stands) -> dict[str, Any]:
    return {
        "project": one.project.id, "name": one.project.name, "customer": one.project.customer.number,
        "currency": one.project.currency, "version": one.price.version, "net_minor": one.net.minor, "tax_minor": one.tax.minor,
        "invoiced_minor": one.invoiced.minor, "drafted_minor": one.drafted.minor, "left_minor": one.left.minor,
        "percent": one.percent, "is_closed": one.final is not None,
        "lines": [
            {"line": at, "description": line.description, "net_minor": net.minor, "is_reached": reached is not None}
            for at, line, net, reached in one.milestones
        ],
        "parts": [_part(part) for part in one.parts],
    }  # fmt: skip


def _part(one: Counted) -> dict[str, Any]:
    invoice = one.invoice
    return {
        "kind": one.part.kind, "invoice_id": invoice.id, "number": invoice.number, "issued_on": invoice.issued_on,
        "percent": one.part.percent, "milestone": one.part.milestone, **_sums(invoice),
        "stands_net_minor": one.net.minor, "stands_tax_minor": one.tax.minor,
    }  # fmt: skip


def _sums(one: Invoice) -> dict[str, int]:
    return {"net_minor": one.net_minor, "tax_minor": one.tax_minor, "total_minor": one.total_minor}


def _page(answer: dict[str, Any]) -> list[str]:
    def sum_(name: str) -> str:
        return amount(answer[name], answer["currency"])

    rows = [
        f"  {one['number'] or 'draft':<14} {one['kind']:<9} {one['issued_on'] or ''!s:<10} "
        f"{amount(one['stands_net_minor'], answer['currency']):>18}"
        for one in answer["parts"]
    ]
    made = answer.get("made")
    last = [f"{made['number'] or 'A draft'} over {amount(made['total_minor'], answer['currency'])} with tax."] if made else []
    head = f"{answer['name']}: {sum_('net_minor')} agreed before tax, {sum_('invoiced_minor')} invoiced ({answer['percent']}%),"
    return [f"{head} {sum_('left_minor')} left.", *rows, *last]
