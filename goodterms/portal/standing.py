"""Decides in a word how an open invoice stands for the payer: late, due this week, due, promised, asked about, disputed."""

from collections.abc import Collection
from datetime import date
from typing import Literal, NamedTuple

Word = Literal["late", "today", "this_week", "due", "promised", "disputed", "question_open", "paid", "on_plan"]
# What speaks louder than a day, loudest first; nothing of it is suggested to be paid.
TALKED_ABOUT: tuple[Word, ...] = ("disputed", "paid", "question_open", "on_plan")


class Standing(NamedTuple):
    """`counts_from`: the day it is due, or until when more time was granted; `days` since then, less than none before."""

    word: Word
    days: int
    counts_from: date
    is_late: bool
    is_this_week: bool
    promised_on: date | None = None


def standing_of(counts_from: date, holds: Collection[str], promised_on: date | None, today: date) -> Standing:
    """How it stands. What they told us (a dispute, a question, a promise) is said before the day that has passed."""
    days = (today - counts_from).days
    said = next((word for word in TALKED_ABOUT if word in holds), None)
    if said:
        return Standing(said, days, counts_from, False, False)
    if promised_on is not None and promised_on >= today:
        return Standing("promised", days, counts_from, False, _same_week(promised_on, today), promised_on)
    if days > 0:
        return Standing("late", days, counts_from, True, False)
    if days == 0:
        return Standing("today", days, counts_from, False, True)
    near = _same_week(counts_from, today)
    return Standing("this_week" if near else "due", days, counts_from, False, near)


def _same_week(on: date, today: date) -> bool:
    return on.isocalendar()[:2] == today.isocalendar()[:2]
