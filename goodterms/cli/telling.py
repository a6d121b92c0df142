"""Decides what is told of an invoice in short, and what one waits for that is not issued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from goodterms.cli.viewer import amount
from goodterms.values.days import NEVER

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice


def brief(one: Invoice, today: date) -> dict[str, Any]:
    from goodterms.invoicing.life import Facts, stage

    facts = Facts(one.approved_at, one.issued_on, one.due_on, one.voided_at, one.total_minor, one.open_minor)
    return {
        "id": one.id,
        "number": one.number,
        "customer": one.customer.number,
        "name": one.customer.name,
        "work": one.work,
        "stage": stage(facts, today),
        "issued_on": one.issued_on,
        "due_on": one.due_on,
        "settled_on": None if one.settled_on == NEVER else one.settled_on,
        "currency": one.currency,
        "total_minor": one.total_minor,
        "open_minor": one.open_minor,
    }


def who(one: dict[str, Any]) -> str:
    """A customer by name, with the number where that says more."""
    return str(one["name"]) if one["name"] == one["customer"] else f"{one['name']} ({one['customer']})"


def standing(one: Invoice, today: date) -> dict[str, Any]:
    """In short, with its sums, and what it waits for; all of that is read, and nothing written."""
    told = brief(one, today)
    waits = dict(_waits(one, today)) if told["stage"] in ("draft", "approved") else {}
    return {
        **told, "order_number": one.order_number, "net_minor": one.net_minor, "tax_minor": one.tax_minor,
        "waits_for": [{"what": what, "sentence": sentence} for what, sentence in waits.items()],
    }  # fmt: skip


def standing_page(one: dict[str, Any]) -> Iterable[str]:
    head = f"Invoice {one['number']}" if one["number"] else f"{one['stage'].capitalize()} {one['id']}"
    total, tax = (amount(one[name], one["currency"]) for name in ("total_minor", "tax_minor"))
    yield f"{head} to {who(one)}: {total}, of it tax {tax}"
    if about := [words for words in (one["work"], one["order_number"] and f"order {one['order_number']}") if words]:
        yield f"  {', '.join(about)}"
    if one["issued_on"]:
        yield f"  issued {one['issued_on']}, due {one['due_on']}"
    yield from (f"  {each['sentence']}" for each in one["waits_for"])
    if one["stage"] == "approved" and not one["waits_for"]:
        yield "  Nothing stands between it and its issue."


def _waits(one: Invoice, today: date) -> Iterable[tuple[str, str]]:
    from goodterms.invoicing.actions import readiness_of
    from goodterms.invoicing.models import Forewarning

    seen = readiness_of(invoice_id=one.id, on=today)
    if one.approved_at is None:
        yield "approval", "It waits for approval."
    asks = f"{seen.customer} takes no invoice without"
    if seen.order_missing:
        yield "order", f"{asks} a purchase order.{seen.who}"
    if seen.lacks:
        yield "document", f"{asks} this: {seen.lacks}.{'' if seen.order_missing else seen.who}"
    if seen.lacks_rate:
        yield "rate", seen.lacks_rate
    if seen.required and not seen.is_right and seen.looked is not None:
        yield "format", f"It is not right by the rules of {seen.looked.form.name} yet. Run: goodterms invoice ready {one.id}"
    if Forewarning.objects.waiting().filter(invoice=one).exists():
        yield "word", "It is more than its customer expects, so it waits for their word."
    if one.issues_on is not None:
        yield "day", f"It is issued by itself on {one.issues_on}."
