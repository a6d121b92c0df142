"""Decides how long somebody waited for us, in the hours in which we are at work, and until when we gave our word."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from goodterms.values.days import day_in, holidays_in, instant, zone
from goodterms.values.refusal import Refused

MINUTE = timedelta(minutes=1)


class Hours(NamedTuple):
    """When a vendor is at work: `opens_at` to `closes_at` by the clock of `timezone`, on ISO `weekdays` that are no public
    holiday of `country`."""

    opens_at: time
    closes_at: time
    timezone: str
    country: str = ""
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})


def business_minutes(opened_at: datetime, answered_at: datetime, hours: Hours) -> int:
    """Whole minutes of business hours from question to answer (aware instants); 0 when nobody was at work meanwhile.

    Elapsed time counts, so an hour that the clocks skip is not counted, and one that they repeat counts twice.
    """
    spent = timedelta()
    for start, end in _open_from(opened_at, hours):
        if start >= answered_at:
            break
        spent += max(min(end, answered_at) - max(start, opened_at), timedelta())
    return spent // MINUTE


def answer_due_at(opened_at: datetime, hours: Hours, target: timedelta) -> datetime:
    """The UTC instant at which `target` of business hours has passed since `opened_at`."""
    left = target
    for start, end in _open_from(opened_at, hours):
        begin = max(start, opened_at)
        if begin + left <= end:
            return (begin + left).astimezone(UTC)
        left -= max(end - begin, timedelta())
    raise AssertionError("the days of business never end")


def settle_due_at(opened_at: datetime, hours: Hours, days: int) -> datetime:
    """The UTC instant `days` working days later, by the same clock time."""
    on, left = day_in(hours.timezone, opened_at), days
    while left:
        on += timedelta(days=1)
        left -= _is_open(on, hours)
    return instant(on, opened_at.astimezone(zone(hours.timezone)).time(), hours.timezone)


def _open_from(since: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing instants of each working day, from the day of `since` on, without end."""
    if hours.closes_at <= hours.opens_at or not hours.weekdays:
        raise Refused("Opening hours must begin before they end, on at least one day of the week.", code="hours")
    on = day_in(hours.timezone, since)
    while True:
        if _is_open(on, hours):
            yield instant(on, hours.opens_at, hours.timezone), instant(on, hours.closes_at, hours.timezone)
        on += timedelta(days=1)


def _is_open(on: date, hours: Hours) -> bool:
    return on.isoweekday() in hours.weekdays and on not in holidays_in(hours.country, on.year)
