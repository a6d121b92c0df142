"""When the clock looks, and which day of the vendor it is then."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from goodterms.clock.nudges import day_of_vendor, is_time
from goodterms.parties.directory import Listed
from goodterms.values.days import instant

LONDON = Listed(UUID(int=1), "penhale", "Penhale Print", "GBP", "Europe/London", time(9), time(17), None)
ZONES = ("Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Honolulu", "Atlantic/Azores")


def at(hour: int, minute: int = 0, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "looks"), [(at(9), True), (at(9, 45), True), (at(16, 45), True), (at(17, 30), False), (at(17), True), (at(3), True)]
)
def test_the_clock_looks_each_quarter_while_a_vendor_is_open_and_each_hour_while_not(now: datetime, looks: bool) -> None:
    assert is_time(LONDON, now) is looks


def test_a_day_begins_with_the_opening_hour() -> None:
    assert day_of_vendor(LONDON, at(9)) == date(2026, 11, 17)
    assert day_of_vendor(LONDON, at(23, 59)) == date(2026, 11, 17)
    assert day_of_vendor(LONDON, at(8, 59, day=18)) == date(2026, 11, 17)


@given(vendor=some.sampled_from(ZONES), payer=some.sampled_from(ZONES), day=some.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_clock_looks_in_the_hours_of_every_payer_wherever_both_are(vendor: str, payer: str, day: date) -> None:
    there = [instant(day, time(hour, minute), payer) for hour in range(9, 19) for minute in (0, 15, 30, 45)]
    looks = [now for now in there if is_time(LONDON._replace(timezone=vendor), now)]
    assert len(looks) >= 10
    assert all(timedelta(-2) < day_of_vendor(LONDON._replace(timezone=vendor), now) - day < timedelta(2) for now in looks)
