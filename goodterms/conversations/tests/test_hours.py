"""How long they waited counts only while we are at work."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.conversations.rules import Hours, answer_due_at, business_minutes, settle_due_at
from goodterms.values.days import instant
from goodterms.values.refusal import Refused

BRISTOL = Hours(time(9), time(17, 30), "Europe/London", "GB")
NIGHT = Hours(time(0), time(23, 59), "America/New_York")
FOUR = timedelta(hours=4)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return instant(date(2026, month, day), time(hour, minute), "Europe/London")


def test_an_answer_within_the_same_afternoon() -> None:
    assert business_minutes(at(12, 15, 20), at(12, 16, 5), BRISTOL) == 45


def test_a_question_of_friday_afternoon_is_due_on_monday_morning() -> None:
    assert answer_due_at(at(13, 15, 50), BRISTOL, FOUR) == at(16, 11, 20)
    assert business_minutes(at(13, 15, 50), at(16, 11, 20), BRISTOL) == 240


def test_a_dispute_is_settled_within_five_working_days() -> None:
    assert settle_due_at(at(12, 15, 20), BRISTOL, 5) == at(19, 15, 20)


def test_nights_weekends_and_holidays_do_not_count() -> None:
    assert business_minutes(at(13, 18), at(16, 8), BRISTOL) == 0
    assert business_minutes(at(24, 17, month=12), at(29, 9, 30, month=12), BRISTOL) == 60  # Christmas, Boxing Day, Monday off


def test_a_question_at_night_is_due_from_the_morning_on() -> None:
    assert answer_due_at(at(11, 22), BRISTOL, FOUR) == at(12, 13)


def test_an_answer_before_the_question_took_no_time() -> None:
    assert business_minutes(at(12, 16), at(12, 15), BRISTOL) == 0


def test_an_hour_that_the_clocks_skip_does_not_count() -> None:
    always = NIGHT._replace(timezone="Europe/London", weekdays=frozenset(range(1, 8)))
    assert business_minutes(at(29, 0, month=3), at(29, 4, month=3), always) == 180
    assert business_minutes(at(25, 0, month=10), at(25, 4, month=10), always) == 300


def test_seconds_are_dropped_once_not_once_a_day() -> None:
    asked = at(12, 17, 29) + timedelta(seconds=30)
    assert business_minutes(asked, at(13, 9) + timedelta(seconds=30), BRISTOL) == 1


@pytest.mark.parametrize(
    "hours", [BRISTOL._replace(closes_at=time(9)), BRISTOL._replace(closes_at=time(8)), BRISTOL._replace(weekdays=frozenset())]
)
def test_hours_that_never_open_are_refused(hours: Hours) -> None:
    with pytest.raises(Refused, match="begin before they end"):
        answer_due_at(at(12, 9), hours, FOUR)


INSTANTS = st.integers(0, 400 * 1440).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))
PLACES = st.sampled_from([BRISTOL, NIGHT, BRISTOL._replace(timezone="Asia/Jakarta", country="ID", opens_at=time(8, 15))])


@settings(max_examples=60, deadline=None)
@given(INSTANTS, st.integers(1, 3000), PLACES)
def test_an_answer_at_its_due_instant_took_exactly_our_word(asked: datetime, minutes: int, hours: Hours) -> None:
    due = answer_due_at(asked, hours, timedelta(minutes=minutes))
    assert business_minutes(asked, due, hours) == minutes
    assert business_minutes(asked, due - timedelta(minutes=1), hours) == minutes - 1


@settings(max_examples=60, deadline=None)
@given(INSTANTS, st.integers(0, 20_000), st.integers(0, 20_000), PLACES)
def test_waiting_adds_up(asked: datetime, first: int, second: int, hours: Hours) -> None:
    middle = asked + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = business_minutes(asked, middle, hours) + business_minutes(middle, end, hours)
    assert business_minutes(asked, end, hours) == whole
