"""Decides how each figure of the relationship is computed. A figure with nothing to divide by is None ("n/a"), never 0.

Amounts are minor units of one currency. Results are Decimals, not rounded: whoever shows them rounds them.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

BUCKETS = ("current", "1_30", "31_60", "61_90", "over_90")
_LATEST = {"current": 0, "1_30": 30, "31_60": 60, "61_90": 90}  # days late at most


def bucket(due_on: date, as_of: date) -> str:
    """How old an open invoice is on `as_of`, by its agreed due date; on the due day itself it is current."""
    late = (as_of - due_on).days
    return next((name for name, most in _LATEST.items() if late <= most), "over_90")


def dso(receivable: int, sales: int, days: int) -> Decimal | None:
    """Days sales outstanding: what is owed at the end of a period of `days`, over what was billed in it, times its days."""
    return _ratio(receivable * days, sales)


def best_possible_dso(current: int, sales: int, days: int) -> Decimal | None:
    """The days that remain if everybody paid on time: as `dso`, of what is not yet due."""
    return dso(current, sales, days)


def average_days_delinquent(receivable: int, current: int, sales: int, days: int) -> Decimal | None:
    """Days sales outstanding less the best our terms allow."""
    return dso(receivable - current, sales, days)


def countback_dso(receivable: int, months: Sequence[tuple[int, int]]) -> Decimal | None:
    """Days of sales that what is owed now stands for, counted back month by month; the last one in proportion.

    `months` are (billed, days), newest first. None when they do not reach back far enough to say.
    """
    days, left = Decimal(0), receivable
    for billed, length in months:
        if left <= 0:
            break
        if billed > left:
            return days + Decimal(left * length) / billed
        left, days = left - max(billed, 0), days + length
    return days if left <= 0 else None


def collection_effectiveness(
    *, begin: int, sales: int, end_total: int, end_current: int, months: Decimal | int
) -> Decimal | None:
    """Per cent of what could be collected in a period of `months` that was: what was owed at its begin and billed in a month,
    less what is owed at the end, over the same less only what is not yet due at the end."""
    if not months:
        return None
    billed = Decimal(sales) / months
    could = begin + billed - end_current
    return None if could <= 0 else (begin + billed - end_total) / could * 100


def median(values: Sequence[int]) -> int | None:
    """The middle one, of an even number the mean of the middle two rounded half up; None of nothing."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half] + 1) // 2


def share(part: int, whole: int) -> Decimal | None:
    """Per cent that `part` is of `whole`."""
    return _ratio(part * 100, whole)


def _ratio(above: int, below: int) -> Decimal | None:
    return None if below <= 0 else Decimal(above) / below
