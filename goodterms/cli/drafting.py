"""`goodterms invoice draft`, `edit`, `ask-order`, `ask-first`: an invoice from a file, and what is asked of its customer."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.billing import billing_arguments, keep_rate
from goodterms.cli.lines import ON_INVOICE, Table, adjustments_said, lines_said
from goodterms.cli.telling import standing, standing_page
from goodterms.cli.viewer import BY, a_table, amount, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice
    from goodterms.parties.directory import Listed
    from goodterms.parties.models import Customer

_KEYS = {
    "customer", "work", "order_number", "order_amount", "currency", "tax_rounding", "lines", "adjustments",
}  # fmt: skip


VERBS = ("draft", "edit", "ask-order", "ask-first")


def arguments(verbs: Any) -> list[argparse.ArgumentParser]:
    """A parser for each verb."""
    draft = verbs.add_parser("draft", help="draft one from a file, or issue it at once")
    draft.add_argument("file", type=Path, metavar="FILE", help="TOML, or JSON when its name ends so (docs/cli.md)")
    billing_arguments(draft)
    draft.add_argument("--unsent", action="store_true", help="do not send the document")
    edit = verbs.add_parser("edit", help="change a draft; what is not named stays as it is")
    edit.add_argument("number", metavar="ID", help="the draft's id")
    edit.add_argument("file", type=Path, nargs="?", metavar="FILE", help="what is other than before, as `draft` has it")
    edit.add_argument("--order", metavar="NUMBER", help="its purchase order; empty: none")
    edit.add_argument("--work", metavar="TEXT", help="what it is for")
    ask = verbs.add_parser("ask-order", help="ask whoever can supply it for the purchase order, by a letter")
    ask.add_argument("number", metavar="ID", help="the draft's id")
    first = verbs.add_parser("ask-first", help="ask the customer before it is issued, where it is more than they expect")
    first.add_argument("number", metavar="ID", help="the id of what is not issued")
    first.add_argument("--note", default="", metavar="WORDS", help="why it is more, in a sentence of yours")
    return [draft, edit, ask, first]


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        if args.verb in ("ask-order", "ask-first"):
            answer = _ask_order(vendor, args) if args.verb == "ask-order" else _ask_first(vendor, args)
        else:
            made = _draft(vendor, args) if args.verb == "draft" else _edit(vendor, args)
            answer = standing(made, day_in(vendor.timezone, clock_of(vendor)))
    if args.json:
        say_json(answer)
    else:
        print("\n".join({"ask-order": _order_page, "ask-first": _first_page}.get(args.verb, standing_page)(answer)))


def _draft(vendor: Listed, args: argparse.Namespace) -> Invoice:
    """The same key finds the invoice that is there; what the file says meanwhile is not looked at."""
    from goodterms.cli.finding import customer_numbered, invoices
    from goodterms.invoicing.actions import draft

    table = _table(args.file, "an invoice has a customer and lines", "customer", "lines")
    customer = customer_numbered(vendor, table.text("customer"))
    said = _said(table, args.file)
    there = invoices(vendor).filter(id=args.key).first() if args.key else None
    if there is not None and there.customer_id != customer.id:
        raise Refused(f"The key {args.key} is of an invoice to {there.customer.name}. Nothing was done.", code="key")
    made = there or draft(
        vendor_id=vendor.id, customer_id=customer.id, currency=table.text("currency").upper(), key=args.key, by=BY,
        role="owner", now=clock_of(vendor), **said,
    )  # fmt: skip
    if there is None:
        _expect_order(vendor, table, made)
    return _issued(vendor, made, args)


def _issued(vendor: Listed, made: Invoice, args: argparse.Namespace) -> Invoice:
    """Approved and issued where that is asked for, as far as it is not; a refusal undoes the draft as well."""
    from goodterms.cli.finding import invoices
    from goodterms.invoicing import actions

    now = clock_of(vendor)
    on = args.on or day_in(vendor.timezone, now)
    who: dict[str, Any] = {"invoice_id": made.id, "by": BY, "role": "owner", "now": now}
    keep_rate(vendor, args, made.currency, on)
    if args.issue and made.issued_on is None:
        if made.approved_at is None:
            actions.approve(**who)
        actions.issue(issued_on=on, send=not args.unsent, **who)
    return invoices(vendor).select_related("customer").get(id=made.id)


def _edit(vendor: Listed, args: argparse.Namespace) -> Invoice:
    from goodterms.cli.finding import invoice_meant, invoices
    from goodterms.invoicing.actions import edit

    found = invoice_meant(vendor, args.number)
    table = _table(args.file, "it says what is other than before") if args.file else None
    said: dict[str, Any] = {"work": args.work, "order_number": args.order}
    said = {name: value for name, value in said.items() if value is not None}
    if table is not None:
        _must_be_its_own(found, found.customer, table)
        said = _said(table, args.file) | said
    if not said and (table is None or "order_amount" not in table.said):
        raise Refused("Say what is other than before: a FILE, --order or --work. Nothing was done.", code="nothing")
    edit(invoice_id=found.id, by=BY, role="owner", now=clock_of(vendor), **said)
    made = invoices(vendor).select_related("customer").get(id=found.id)
    if table is not None:
        _expect_order(vendor, table, made)
    return made


def _must_be_its_own(found: Invoice, customer: Customer, table: Table) -> None:
    """The file that it was drafted from may say again for whom it is; another customer, or currency, is another invoice."""
    said = {"customer": table.text("customer", customer.number), "currency": table.text("currency", found.currency).upper()}
    for name, its in (("customer", customer.number), ("currency", found.currency)):
        if said[name] != its:
            raise table.no(f"a draft keeps its {name}, which is {its}. Draft another one. Nothing was done.")


def _table(path: Path, what: str, *needed: str) -> Table:
    return Table(a_table(path, "nothing was done"), str(path), what, _KEYS, needed)


def _said(table: Table, path: Path) -> dict[str, Any]:
    """What a file says of an invoice, as arguments of an action; what it does not say is not there."""
    read: dict[str, Callable[[str], Any]] = {
        "work": table.text, "order_number": table.text, "tax_rounding": table.text,
        "lines": lambda name: lines_said(table.said[name], path, ON_INVOICE),
        "adjustments": lambda name: adjustments_said(table.said[name], path),
    }  # fmt: skip
    found = {name: how(name) for name, how in read.items() if name in table.said}
    if "tax_rounding" in found and (method := found.pop("tax_rounding")):
        if method not in ("group", "line"):
            raise table.no("tax_rounding is group or line: where tax is rounded. Nothing was done.")
        found["method"] = method
    return found


def _expect_order(vendor: Listed, table: Table, made: Invoice) -> None:
    """What its purchase order is over, where the file says that: invoices beyond it are asked about first."""
    from goodterms.invoicing.actions import expect

    if "order_amount" not in table.said:
        return
    if not made.order_number:
        raise table.no("an order_amount is of an order; say its order_number too. Nothing was done.")
    sum_ = exactly(table.figure("order_amount"), made.currency)
    now = clock_of(vendor)
    expect(customer_id=made.customer_id, kind="order", name=made.order_number, amount=sum_, by=BY, role="owner", now=now)


def _ask_order(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import invoice_meant
    from goodterms.invoicing.actions import ask_for_order

    found = invoice_meant(vendor, args.number)
    asked = ask_for_order(invoice_id=found.id, by=BY, role="owner", now=clock_of(vendor))
    return {"id": found.id, "asked": asked.contact.name, "not_before": asked.not_before}


def _ask_first(vendor: Listed, args: argparse.Namespace) -> dict[str, Any]:
    from goodterms.cli.finding import invoice_meant
    from goodterms.invoicing.actions import ask_first

    found = invoice_meant(vendor, args.number)
    row = ask_first(invoice_id=found.id, note=args.note, by=BY, role="owner", now=clock_of(vendor))
    return {
        "id": found.id, "asked": row.asked, "basis": row.basis, "about": row.about, "currency": found.currency,
        "expected_minor": row.expected_minor, "before_minor": row.before_minor, "comes_to_minor": row.comes_to_minor,
    }  # fmt: skip


def _first_page(answer: dict[str, Any]) -> list[str]:
    if not answer["asked"]:
        return ["Nobody there can be written to. Call them, or issue it with a reason: --despite."]
    expected, now = (amount(answer[name], answer["currency"]) for name in ("expected_minor", "comes_to_minor"))
    return [
        f"{answer['asked']} is asked by e-mail whether {now} is fine, where {expected} was expected. It waits for their word."
    ]


def _order_page(answer: dict[str, Any]) -> list[str]:
    at = f"{answer['not_before']:%Y-%m-%d %H:%M} UTC"
    return [f"{answer['asked']} is asked by e-mail, not before {at}. The number lands in the draft when they give it."]
