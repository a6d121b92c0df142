"""Decides what the page of an invoice says while it waits for its customer's word: what was expected, and who was asked."""

from typing import NamedTuple

from goodterms.desk.door import BOOKS, STAFF, Visit
from goodterms.invoicing.actions import would_surprise
from goodterms.invoicing.models import Forewarning, Invoice
from goodterms.stationery.templatetags.stationery import day
from goodterms.values.days import day_in
from goodterms.values.money import Money


class Foretold(NamedTuple):
    """One departure from what was expected, asked about or not; `waits`: it is issued only with a reason."""

    title: str
    measure: str
    expected: Money
    comes_to: Money
    before: Money
    more: Money
    said: str
    row: Forewarning | None
    waits: bool
    may_ask: bool
    may_overrule: bool


def foretold_of(visit: Visit, invoice: Invoice) -> Foretold | None:
    """Nothing where it is as expected; of what is issued, what was asked or decided then."""
    row = Forewarning.objects.standing().filter(invoice=invoice).first()
    if row is None and (invoice.issued_on or invoice.voided_at or invoice.kind != "invoice"):
        return None
    found = None if row else would_surprise(invoice)
    basis, about, *minors = (
        (row.basis, row.about, row.expected_minor, row.comes_to_minor, row.before_minor) if row
        else (found.basis, found.about, found.minor, found.comes_to_minor, found.before_minor) if found
        else ("", "", 0, 0, 0)
    )  # fmt: skip
    if not basis:
        return None
    expected, comes_to, before = (Money(int(minor), invoice.currency) for minor in minors)
    is_open = invoice.issued_on is None and invoice.voided_at is None
    waits = is_open and (row is None or (row.answer != "fine" and row.overruled_at is None))
    return Foretold(
        _title(str(basis), expected, comes_to), _measure(str(basis), str(about)), expected, comes_to, before,
        comes_to - expected, _said(row, visit.vendor.timezone), row, waits, is_open and row is None and visit.may(*STAFF),
        waits and invoice.approved_at is not None and visit.may(*BOOKS),
    )  # fmt: skip


def _title(basis: str, expected: Money, comes_to: Money) -> str:
    than = {"estimate": "the estimate", "order": "the purchase order"}.get(basis, "usual")
    if not expected:
        return f"More than {than}"
    percent = round(100 * (comes_to.minor - expected.minor) / expected.minor)
    return f"{percent}% {'more than usual' if than == 'usual' else f'above {than}'}"


def _measure(basis: str, about: str) -> str:
    return {"estimate": f"Estimate for {about}", "order": f"Purchase order {about}"}.get(
        basis, "Usually, the middle of the last six"
    )


def _said(row: Forewarning | None, timezone: str) -> str:
    """Who was asked, and what came of it."""
    if row is None:
        return "They are asked before it is issued."
    asked = f"{row.asked} was asked on {day(day_in(timezone, row.at))}" if row.asked else "Nobody there can be written to"
    if row.overruled_at:
        asked = asked if row.asked else "Nobody was asked"
        return f"{asked}. Issued without their word by {row.overruled_by}: {row.overruled_why}"
    if row.answer == "fine":
        return f"{row.answered_by} said that it is fine, on {day(day_in(timezone, row.answered_at or row.at))}."
    if row.answer == "objected":
        return f"{row.answered_by} said that it is not as agreed. Answer them, change the draft, or decide."
    if not row.asked:
        return f"{asked}. Call them, or issue it with a reason."
    again = f", and once more on {day(day_in(timezone, row.reminded_at))}" if row.reminded_at else ""
    lapse = f" Without an answer it is issued on {day(row.lapses_on)}." if row.lapses_on else ""
    return f"It waits for the customer’s word. {asked}{again}.{lapse}"
