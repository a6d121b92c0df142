"""Decides when thanks are due and what they know of the payment, and when a payer may be asked how content they are."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

Timing = Literal["early", "on_time", "late", "on_account"]

ANSWERS = ("good", "mixed", "poor")
QUARTER = timedelta(days=91)
PAYMENTS_BETWEEN = 2  # who pays us seldom is asked at most after every second payment
THANKS_WITHIN_DAYS = 7  # later, thanks for a payment sound like a machine


def timing(received_on: date, due_days: Sequence[date]) -> Timing:
    """How a payment stands to the due days of the invoices it settled, each as agreed or as extended.

    Late as soon as one was late; early only if it came before the day of each. Without invoices it is on account.
    """
    if not due_days:
        return "on_account"
    if any(received_on > due_on for due_on in due_days):
        return "late"
    return "early" if all(received_on < due_on for due_on in due_days) else "on_time"


def is_fresh(received_on: date, today: date) -> bool:
    """Whether thanks for this payment are still in time."""
    return received_on >= today - timedelta(days=THANKS_WITHIN_DAYS)


def may_ask(
    *, last_asked_at: datetime | None, payments_since: int, in_conversation: bool, now: datetime
) -> bool:  # fmt: skip
    """Whether a payer may be asked our one question after this payment.

    Never while a question or dispute of theirs is open. At most once a quarter for a person, counted from the last asking
    by any vendor (`last_asked_at`), answered or not; and only after the second payment since then (`payments_since`
    counts this one), which is longer than a quarter for those who are seldom invoiced.
    """
    if in_conversation:
        return False
    if last_asked_at is None:
        return True
    return now - last_asked_at >= QUARTER and payments_since >= PAYMENTS_BETWEEN
