"""Decides how the standing of an invoice is said in the list: the one thing that matters most about it, in a few words."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from goodterms.desk.invoices.reading import Row
from goodterms.papers.letterhead import figures
from goodterms.payments.rules import terms_of
from goodterms.stationery.templatetags.stationery import clock_time, day, short_day
from goodterms.terms.rules import Terms, discounts
from goodterms.values.days import day_in
from goodterms.values.money import Money

METHODS = {
    "bank_transfer": "transfer", "direct_debit": "Direct Debit", "card": "card", "cheque": "cheque", "cash": "cash",
}  # fmt: skip
WORDS = {  # of what waits for the customer's word
    "asked": ("wait", "Waits for the customer’s word"), "objected": ("late", "Not as agreed, they say"),
    "nobody": ("wait", "Nobody there to ask first"),
}  # fmt: skip
HELD = {"manual": "Held", "extended": "More time", "on_plan": "In parts, as agreed", "paid": "They say it is paid"}


class Said(NamedTuple):
    """`kind` is the class of the state: late, wait, sign, well or none; the word says it, the colour follows."""

    kind: str
    words: str


def standing(row: Row, today: date, timezone: str) -> Said:
    """What stands of it today."""
    if row.voided_at is not None:
        return Said("", "Void" if row.number else "Discarded")
    if row.issued_on is None:
        return _unfinished(row)
    if row.kind == "credit_note":
        return Said("", f"Issued {day(row.issued_on)}")
    if not row.open_minor:
        how = METHODS.get(row.method, row.method)
        return Said("well", f"{'Paid' if how else 'Settled'} {day(row.settled_on)}{', ' + how if how else ''}")
    return _talk(row, today, timezone) or _rest(row) or _by_day(row, today)


def lag(row: Row) -> str:
    """How long before or after the due day it was settled: in place of the term line."""
    if row.open_minor or row.voided_at or row.due_on is None or row.issued_on is None or row.kind == "credit_note":
        return ""
    if row.due_on == row.issued_on:
        return "on receipt"
    days = (row.settled_on - row.due_on).days
    return "on the day" if days == 0 else f"{_days(abs(days))} {'after' if days > 0 else 'before'}"


def _unfinished(row: Row) -> Said:
    if row.word:
        return Said(*WORDS[row.word])
    if row.order_missing:
        return Said("", f"{'Approved' if row.approved_at else 'Draft'}, PO is missing")
    if row.issues_on:
        return Said("sign", f"Goes out {day(row.issues_on)}")
    return Said("sign", "Approved, to issue") if row.approved_at else Said("wait", "To approve")


def _talk(row: Row, today: date, timezone: str) -> Said | None:
    if row.talk == "dispute":
        over = f" over {figures(Money(row.disputed_minor, row.currency), 'en')}" if row.disputed_minor else ""
        return Said("late", f"Dispute{over}")
    if row.talk and row.answer_due_at:
        due_on = day_in(timezone, row.answer_due_at)
        by = clock_time(row.answer_due_at, timezone) if due_on == today else day(due_on)
        return Said("late" if due_on < today else "wait", f"{row.talk.capitalize()}, answer by {by}")
    return None


def _rest(row: Row) -> Said | None:
    """What they promised or we granted; else the promise that was not kept."""
    if row.promised_on:
        return Said("sign", f"Promised {day(row.promised_on)}")
    if row.held:
        until = f" until {day(row.held_until)}" if row.held_until and row.held != "on_plan" else ""
        return Said("wait" if row.held == "manual" else "sign", f"{HELD[row.held]}{until}")
    if row.missed_on:
        return Said("late", f"Promise of {short_day(row.missed_on)} missed")
    return None


def _by_day(row: Row, today: date) -> Said:
    if row.due_on is None:
        return Said("", "Open")
    days = (row.due_on - today).days
    if days < 0:
        return Said("late", f"{_days(-days)} late")
    if days == 0:
        return Said("", "Due today")
    if (off := _early(row, today)) is not None:
        return Said("", off)
    return Said("", f"Due in {_days(days)}")


def _early(row: Row, today: date) -> str | None:
    """The early discount that can still be had, where nothing was paid yet."""
    terms = terms_of(row.terms)
    if not terms.discounts or row.rest_of is not None or row.issued_on is None:
        return None
    return _until(terms, row.issued_on, row.total_minor, row.currency, today)


@lru_cache(maxsize=4_096)
def _until(terms: Terms, issued_on: date, minor: int, currency: str, today: date) -> str | None:
    total = Money(minor, currency)
    offers = [offer for offer in discounts(terms, issued_on, total, total) if today <= offer.until]
    return f"{offers[0].percent.normalize():f}% off until {day(offers[0].until)}" if offers else None


def _days(count: int) -> str:
    return f"{count} {'day' if count == 1 else 'days'}"
