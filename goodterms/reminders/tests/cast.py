"""Decides who is in the tests: one vendor, one payer, invoices that differ only in what a story is about."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from goodterms.reminders.rules import STEADY, Facts, Moment, PayerFacts, VendorFacts

TUESDAY = date(2026, 11, 17)
SANDRA = PayerFacts("sandra", "sandra@bellwether.example", timezone="Europe/London", country="GB")
PENHALE = VendorFacts("penhale", {"": STEADY})


def invoice(days_late: int = 3, on: date = TUESDAY, **changes: Any) -> Facts:
    """An invoice of £1,942.80 that on the day `on` is so many days past its due date (negative: before it)."""
    due_on = on - timedelta(days=days_late)
    plain = Facts(
        invoice_id="1",
        number="PP-4471",
        vendor_id="penhale",
        customer_id="bellwether",
        payer_id="sandra",
        currency="GBP",
        open_minor=194280,
        total_minor=194280,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
    )
    return plain._replace(**changes)


def held(facts: Facts, word: str, until: date | None = None) -> Facts:
    return facts._replace(holds=[word], held_until=[until])


def moment(on: date = TUESDAY, at: time = time(9, 30)) -> Moment:
    """The day `on` at a wall-clock time in London."""
    return Moment(on, london(on, at))


def london(on: date, at: time = time(9, 30)) -> datetime:
    from goodterms.values.days import instant

    return instant(on, at, "Europe/London")


def utc(on: date, at: time) -> datetime:
    return datetime.combine(on, at, UTC)
