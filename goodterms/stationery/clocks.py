"""Decides how a running promise to answer is said: how much of it is left, in hours in which we are at work, and until when."""

from datetime import datetime
from typing import NamedTuple

from goodterms.conversations.rules import Hours, business_minutes
from goodterms.stationery.templatetags.stationery import clock_time, day
from goodterms.values.days import day_in

LONG_OVER = 8 * 60  # from then on the day says more than the hours


class Left(NamedTuple):
    """`share` of the ring that still stands (0 to 1), and its words: `1 h 20 left`, `by 11:40`."""

    share: float
    words: str
    by: str
    is_over: bool


def left_until(due_at: datetime, now: datetime, hours: Hours, target_hours: int) -> Left:
    """What is left at `now` of our word to answer by `due_at`."""
    by = moment_of(due_at, now, hours.timezone)
    if now > due_at:
        over = business_minutes(due_at, now, hours)
        words = f"{spell(over)} over" if over < LONG_OVER else "over"
        return Left(1.0, words, f"our word was {by}", True)
    left = business_minutes(now, due_at, hours)
    return Left(left / max(target_hours * 60, 1), f"{spell(left)} left", f"by {by}", False)


def spell(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 20`."""
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def moment_of(at: datetime, now: datetime, timezone: str) -> str:
    """`11:20` today, `Thu 19 Nov, 15:20` on another day."""
    is_today = day_in(timezone, at) == day_in(timezone, now)
    return clock_time(at, timezone) if is_today else day_and_time(at, timezone)


def day_and_time(at: datetime, timezone: str) -> str:
    """`Thu 19 Nov, 15:20`"""
    return f"{day(day_in(timezone, at))}, {clock_time(at, timezone)}"
