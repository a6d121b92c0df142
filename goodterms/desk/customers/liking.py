"""Decides how the wishes of a customer are said, line by line: only what they said, and what is usual where it matters."""

from datetime import date
from typing import NamedTuple

from babel import Locale

from goodterms.delivery.spoken import listed, locale_of, short_day, weekdays
from goodterms.parties.models import BILLED_BY, BREAKDOWNS, CHANNELS, Customer
from goodterms.parties.rules import FORMATS

METHODS = {
    "bank_transfer": "Bank transfer", "direct_debit": "Direct Debit", "card": "Card", "cheque": "Cheque", "cash": "Cash",
}  # fmt: skip


class Liked(NamedTuple):
    label: str
    words: str
    small: str = ""


def liked(customer: Customer, used: int | None) -> list[Liked]:
    """`used` is how many contacts count in their limit just now."""
    lines = [
        Liked("Channel", _channel(customer)),
        Liked("Language", _language(customer.language) or "As we usually write"),
        Liked("Tone", customer.tone.capitalize() or "As we usually write"),
        Liked("Bill on", _billing(customer)),
        Liked("Invoices", dict(BILLED_BY)[customer.billed_by].capitalize(), dict(BREAKDOWNS)[customer.breakdown]),
        Liked("PO number", "Required on every invoice" if customer.order_required else "Not needed"),
        Liked("Comes with it", customer.enclosure_required.capitalize()),
        Liked("Invoices as", dict(FORMATS)[customer.invoice_format] if customer.invoice_format else ""),
        Liked("Quiet days", _quiet(customer)),
        Liked("Hours", _hours(customer)),
        Liked("At most", *_limit(customer, used)),
        Liked("Pays by", _method(customer)),
        Liked("Reminders", f"By the cadence “{customer.cadence}”" if customer.cadence else ""),
    ]
    return [line for line in lines if line.words]


def _channel(customer: Customer) -> str:
    said = dict(CHANNELS)[customer.channel].capitalize()
    return f"{said}; on paper until {short_day(customer.paperless_on, 'en')}" if customer.paperless_on else said


def _language(tag: str) -> str:
    return str(locale_of(tag).get_display_name(Locale("en"))).partition(" (")[0] if tag else ""


def _billing(customer: Customer) -> str:
    days = listed([nth(day) for day in sorted(customer.bill_days)], "en") if customer.bill_days else ""
    cut = f"not after the {nth(customer.cut_off_day)}" if customer.cut_off_day else ""
    said = "; ".join(part for part in (days, cut) if part)
    return (said[:1].upper() + said[1:]) or "Any day"


def nth(day: int) -> str:
    """`1st`, `2nd`, `11th`"""
    return f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _quiet(customer: Customer) -> str:
    days = [weekdays([day], "en") + "s" for day in sorted(customer.quiet_weekdays)]
    spans = [
        f"{short_day(date.fromisoformat(first), 'en')} to {short_day(date.fromisoformat(last), 'en')}"
        for first, last in customer.quiet_ranges
    ]
    return listed([*days, *spans], "en")


def _hours(customer: Customer) -> str:
    if customer.hours_from is None or customer.hours_to is None:
        return ""
    return f"{customer.hours_from:%H:%M} to {customer.hours_to:%H:%M}"


def _limit(customer: Customer, used: int | None) -> tuple[str, str]:
    if not customer.contacts_max:
        return "", ""
    what = "reminder" if customer.contacts_max == 1 else "reminders"
    return (
        f"{customer.contacts_max} {what} in {customer.contacts_days} days, all vendors",
        "" if used is None else f"{used} used just now",
    )


def _method(customer: Customer) -> str:
    said = METHODS.get(customer.pays_by, customer.pays_by)
    return f"{said}, automatically" if customer.pays_automatically and said else said or ""
