"""Decides on which days a schedule bills: any rule of RFC 5545 by days, in the calendar of the vendor, month ends kept."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule, rrulestr

from goodterms.values.refusal import Refused

_STEP = {
    "DAILY": relativedelta(days=1), "WEEKLY": relativedelta(weeks=1), "MONTHLY": relativedelta(months=1),
    "YEARLY": relativedelta(years=1),
}  # fmt: skip
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}
_PLACED = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_LARGEST = {"BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYMONTH": 12, "BYSETPOS": 366}
_SHORTEST = 28  # every month has so many days


class Period(NamedTuple):
    """What one billing covers: both days included, out of `days` that a whole period of the rule has there."""

    from_on: date
    until_on: date
    days: int

    @property
    def is_whole(self) -> bool:
        return (self.until_on - self.from_on).days + 1 == self.days


def periods(rule: str, starts_on: date, ends_on: date | None = None) -> Iterator[Period]:
    """The periods from `starts_on` on, in order: each from one day of the rule to the day before the next.

    Where the first day is no day of the rule, a broken period comes first; `ends_on`, the last day of all, may break the last.
    A rule with COUNT or UNTIL has so many periods, and each of them is whole.
    """
    endless, last_on = _recurrence(rule, starts_on)
    days = (found.date() for found in endless)
    begins = next(days)
    for following in days:
        if last_on is not None and begins > last_on:
            return
        length = (following - begins).days
        if following > starts_on:
            period = Period(max(begins, starts_on), following - timedelta(days=1), length)
            if ends_on is not None and period.until_on >= ends_on:
                if period.from_on <= ends_on:
                    yield period._replace(until_on=ends_on)
                return
            yield period
        begins = following


@lru_cache(maxsize=4_096)
def period_after(rule: str, starts_on: date, ends_on: date | None, billed_until: date | None) -> Period | None:
    """The first period that begins after what was billed; None where there is none. Many schedules have the same rule."""
    for period in periods(rule, starts_on, ends_on):
        if billed_until is None or period.from_on > billed_until:
            return period
    return None


def bill_on(period: Period, *, in_advance: bool) -> date:
    """Ahead of its period, on the first day; else on the day after the last."""
    return period.from_on if in_advance else period.until_on + timedelta(days=1)


def accepted_on(on: date, bill_days: frozenset[int], cut_off_day: int | None) -> date:
    """The first day from `on` on when the customer takes invoices: on one of their days of the month (31 is its last), and not
    after the cut-off. Days that no month has are no wish at all."""
    if not bill_days and cut_off_day is None:
        return on
    for ahead in range(62):
        day = on + timedelta(days=ahead)
        ends = (day + timedelta(days=1)).day == 1
        wished = not bill_days or day.day in bill_days or (ends and max(bill_days) > day.day)
        if wished and (cut_off_day is None or day.day <= cut_off_day):
            return day
    return on


def checked(rule: str) -> str:
    """The rule as it is kept. Refused: what RFC 5545 does not know, and what runs by the hour."""
    parts = _parts(rule)
    tidy = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        _recurrence(tidy, date(2026, 1, 1))
    except StopIteration:
        raise Refused(f"“{rule}” never comes round, so nothing would be billed.", code="rule", field="rule") from None
    return tidy


@lru_cache(maxsize=4096)
def _recurrence(rule: str, starts_on: date) -> tuple[rrule, date | None]:
    """The rule without end, beginning before `starts_on` where that is no day of it, and the last day on which a period
    may begin."""
    parts = _parts(rule)
    ended = {name: parts.pop(name) for name in ("COUNT", "UNTIL") if name in parts}
    kept = _with_month_ends(parts, starts_on)
    anchor = starts_on
    if next(iter(_read(kept, starts_on))).date() != starts_on:
        anchor = _before(kept, starts_on)
    limited = _read(kept | ended, starts_on) if ended else None
    last = None if limited is None else max(limited, default=datetime.combine(starts_on, time())).date()
    return _read(kept, anchor), last


def _before(parts: dict[str, str], starts_on: date) -> date:
    """The last day of the rule before `starts_on`, had it run already: the same rule, begun whole steps earlier."""
    step = _STEP[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    for steps in count(1):
        if steps > 60:
            break
        earlier = _read(parts, starts_on - step * steps).before(datetime.combine(starts_on, time()))
        if earlier is not None:
            return earlier.date()
    return starts_on


def _with_month_ends(parts: dict[str, str], starts_on: date) -> dict[str, str]:
    """The 29th, 30th and 31st are the last day of a shorter month: RFC 5545 would leave that month out."""
    day = parts.get("BYMONTHDAY", "")
    if not day and parts["FREQ"] in ("MONTHLY", "YEARLY") and not _PLACED & set(parts):
        day = str(starts_on.day)
        month = {"BYMONTH": str(starts_on.month)} if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else {}
    else:
        month = {}
    if not day.isdigit() or int(day) <= _SHORTEST or _PLACED & set(parts) - {"BYMONTHDAY"}:
        return parts
    return parts | month | {"BYMONTHDAY": ",".join(map(str, range(_SHORTEST, int(day) + 1))), "BYSETPOS": "-1"}


def _read(parts: dict[str, str], begins: date) -> rrule:
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = rrulestr(text, dtstart=datetime.combine(begins, time()))
    except (ValueError, TypeError) as odd:
        raise Refused(f"“{text}” is no rule of RFC 5545: {odd}. Write it like FREQ=MONTHLY;BYMONTHDAY=1.", code="rule") from odd
    assert isinstance(found, rrule)
    return found


def _parts(rule: str) -> dict[str, str]:
    text = rule.strip().upper().removeprefix("RRULE:")
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    if parts.get("FREQ") not in _STEP or set(parts) - _KNOWN or text.count("=") != len(parts):
        raise Refused(
            f"“{rule}” does not say how often by days, weeks, months or years. Write it like FREQ=MONTHLY;BYMONTHDAY=1.",
            code="rule", field="rule",
        )  # fmt: skip
    if not parts.get("INTERVAL", "1").isdigit() or not 1 <= int(parts.get("INTERVAL", "1")) <= 1000:
        raise Refused("A rule comes round every one to a thousand days, weeks, months or years.", code="rule", field="rule")
    for name in _LARGEST.keys() & parts.keys():
        _must_be_there(name, parts[name])
    if "UNTIL" in parts:
        parts["UNTIL"] = parts["UNTIL"][:8]
    return parts


def _must_be_there(name: str, said: str) -> None:
    """A 32nd day is a slip of the hand: read as it stands it would never come round, or every month's end would be it."""
    for each in said.split(","):
        number = each.lstrip("+-")
        if not number.isdigit() or not 1 <= int(number) <= _LARGEST[name] or (name == "BYMONTH" and each.startswith("-")):
            raise Refused(f"{name} goes from 1 to {_LARGEST[name]}, so {each or 'nothing'} is none.", code="rule", field="rule")
