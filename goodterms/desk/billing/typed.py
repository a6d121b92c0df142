"""Decides what was typed about work and projects means: a piece of work as a line of the invoice to be, and a project."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import QueryDict

from goodterms.billing.actions import Work
from goodterms.billing.models import Item
from goodterms.desk.customers.forms import a_day
from goodterms.desk.invoices import typed
from goodterms.desk.invoices.typed import Written
from goodterms.invoicing.line import Line, Tax
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas

KINDS = [(word, name.capitalize()) for word, name in Item.KINDS]


def work(given: QueryDict, taxes: Mapping[str, Tax]) -> Work:
    """One item. Its key, made with the form, is the reference under which it is kept once."""
    lines = _one_line(given, taxes)
    on = a_day(given, "done_on")
    if on is None:
        raise Refused("Say on which day it was done.", code="form", field="done_on")
    return Work(
        lines, given.get("kind", ""), on, given.get("done_by", "").strip()[:100], "unfinished" not in given,
        given.get("waits_for", "").strip()[:200], f"desk {key(given)}",
        given.get("team", "").strip()[:100],
    )  # fmt: skip


def project(given: QueryDict, currency: str) -> dict[str, Any]:
    """By argument of open_project."""
    return {
        "name": given.get("name", "").strip()[:200], "order_number": given.get("order_number", "").strip()[:100],
        "estimate_minor": _minor(given.get("estimate", ""), currency, "estimate"),
        "order_minor": _minor(given.get("order_amount", ""), currency, "order_amount"),
    }  # fmt: skip


def key(given: QueryDict) -> UUID:
    """Made when the form was, so that it counts once."""
    try:
        return UUID(given.get("key", ""))
    except ValueError as odd:
        raise Refused("This form is too old. Load the page again.", code="key") from odd


def _one_line(given: QueryDict, taxes: Mapping[str, Tax]) -> Line:
    written: Written = typed.in_percent(given)
    if not written.lines or written.lines[0].is_empty:
        raise Refused("Say what was done, and what it costs.", code="line", field="description")
    try:
        [line] = typed.read(written._replace(lines=written.lines[:1]), taxes)
    except Refused as no:  # there is one line only, so it needs no number
        said = no.sentence.removeprefix("Line 1: ")
        raise Refused(said[:1].upper() + said[1:], code=no.code, field=no.field) from no
    return line


def _minor(written: str, currency: str, field: str) -> int | None:
    plain = without_commas(written)
    if not plain:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise Refused(f"“{written[:40]}” is not an amount like 1,350.00.", code="form", field=field)
    return Money.of(amount, currency).minor
