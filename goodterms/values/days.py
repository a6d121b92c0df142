"""Decides which calendar day an instant is in a place, and which days are holidays there."""

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from goodterms.values.refusal import Refused

NEVER = date.max  # "for good": a date column that compares, where NULL would not


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA time zone called `name`; refuses an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Refused(f"{name!r} is not a time zone; write it like Europe/London.", code="timezone") from unknown


def day_in(timezone: str, now: datetime) -> date:
    """The calendar date in `timezone` at the aware instant `now`."""
    return now.astimezone(zone(timezone)).date()


def opened_day(timezone: str, opens_at: time, now: datetime) -> date:
    """The day of who opens at that hour there: it begins with the opening hour and lasts until the next one."""
    here = now.astimezone(zone(timezone))
    return here.date() if here.time() >= opens_at else here.date() - timedelta(days=1)


def instant(on: date, at: time, timezone: str) -> datetime:
    """The UTC instant of a wall-clock time: in a gap (clocks go forward) shifted past it, in a fold the first."""
    return datetime.combine(on, at, zone(timezone)).astimezone(UTC)


def next_day_of_month(after: date, day: int) -> date:
    """The first date later than `after` whose day of the month is `day`, the last day where the month is shorter."""
    here = in_month(after.year, after.month, day)
    if here > after:
        return here
    start_of_next = (after.replace(day=1) + timedelta(days=32)).replace(day=1)
    return in_month(start_of_next.year, start_of_next.month, day)


def in_month(year: int, month: int, day: int) -> date:
    """Day `day` of a month, clamped to its last day (the 31st of June is the 30th)."""
    return min(date(year, month, 1) + timedelta(days=day - 1), end_of_month(date(year, month, 1)))


def end_of_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@cache
def holidays_in(country: str, year: int) -> frozenset[date]:
    """Public holidays of an ISO 3166-1 country in a year; none where the `holidays` library does not know it."""
    if not country:
        return frozenset()
    _each_country_by_itself()
    import holidays  # so late, since it is large

    if country not in holidays.registry.EntityLoader.get_country_codes():  # the list for people would import them all
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


@cache
def _each_country_by_itself() -> None:
    """Put an empty package in the place of `holidays.countries`, whose own code imports 250 countries to know one of them: 8 MB
    in each process. The modules in it are found as before."""
    if "holidays.countries" not in sys.modules and (library := find_spec("holidays")) and library.origin:
        package = ModuleType("holidays.countries")
        package.__path__ = [str(Path(library.origin).parent / "countries")]
        sys.modules[package.__name__] = package


def is_working_day(on: date, country: str) -> bool:
    """Monday to Friday and no public holiday."""
    return on.weekday() < 5 and on not in holidays_in(country, on.year)


def days_from(start: date, count: int) -> Iterable[date]:
    return (start + timedelta(days=i) for i in range(count))


def latest_day(now: datetime) -> date:
    """The latest date that it is anywhere at `now`: no place on earth is further ahead than 14 hours."""
    return (now + timedelta(hours=14)).date()
