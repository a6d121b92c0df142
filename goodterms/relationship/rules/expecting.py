"""Decides when money may be expected: on the day that was promised, else by the customer's habit, else when it is due."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from goodterms.relationship.rules.figures import median

HABIT_LEAST = 3  # so many paid invoices make a habit
Why = Literal["promised", "habit", "due"]


class Expected(NamedTuple):
    on: date
    why: Why
    late_days: int = 0  # by habit


def habit(days_late: Sequence[int]) -> int | None:
    """The median of days after the due day at which a customer paid; None: too few to know."""
    return median(days_late) if len(days_late) >= HABIT_LEAST else None


def expected(*, due_on: date, promised_on: date | None, usual: int | None, today: date) -> Expected | None:
    """When, and why; None where it cannot be known: the habitual day, or without a habit the due day, has passed."""
    if promised_on is not None:
        return Expected(promised_on, "promised") if promised_on >= today else None
    if usual is None:
        return Expected(due_on, "due") if due_on >= today else None
    on = due_on + timedelta(days=max(usual, 0))
    if on < today:
        return None
    return Expected(on, "habit" if usual > 0 else "due", max(usual, 0))
