"""Decides when a document may reach somebody: on their days and in their hours, like all that we send unasked.

An invoice is no reminder: it does not count in contact limits, and they do not hold it (decision 16). It waits for the hour.
"""

from datetime import date, datetime, time, timedelta

from goodterms.parties.rules import Treatment
from goodterms.values.days import day_in, holidays_in, instant

OUTER_HOURS = (time(8), time(21))  # nobody is written to outside these, whatever was said (12 CFR 1006.6(b))
LOOKS_AHEAD = 120  # days: quiet ranges may be long, and an invoice is not lost for that


def welcome_from(wanted: Treatment, now: datetime) -> datetime | None:
    """The first instant from `now` on at which a letter is welcome; None where their hours leave none."""
    start, end = max(wanted.hours[0], OUTER_HOURS[0]), min(wanted.hours[1], OUTER_HOURS[1])
    if not start < end:
        return None
    today = day_in(wanted.timezone, now)
    for on in (today + timedelta(days=n) for n in range(LOOKS_AHEAD)):
        opens, closes = (instant(on, at, wanted.timezone) for at in (start, end))
        if now < closes and _is_welcome(wanted, on):
            return max(now, opens)
    return None


def _is_welcome(wanted: Treatment, on: date) -> bool:
    if on.isoweekday() in wanted.quiet_weekdays or any(first <= on <= last for first, last in wanted.quiet_ranges):
        return False
    if wanted.rhythm and on.isoweekday() not in wanted.rhythm:
        return False
    return not wanted.country or on not in holidays_in(wanted.country, on.year)
