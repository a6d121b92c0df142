"""How our word to answer runs, and runs out, in the hours of Bristol."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.rules import Hours, answer_due_at
from goodterms.stationery.clocks import day_and_time, left_until, moment_of, spell

BRISTOL = Hours(time(9), time(17, 30), "Europe/London", "GB")
NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)  # a Monday


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_at", "share", "words", "by"),
    [
        (at(16, 11, 20), 0.25, "1 h left", "by 11:20"),
        (at(16, 11, 40), 1 / 3, "1 h 20 left", "by 11:40"),
        (at(16, 10, 25), 5 / 240, "5 min left", "by 10:25"),
        (at(17, 9, 10), (7 * 60 + 20) / 240, "7 h 20 left", "by Tue 17 Nov, 09:10"),
        (at(16, 10, 0), 1.0, "20 min over", "our word was 10:00"),
        (at(13, 17, 0), 1.0, "1 h 50 over", "our word was Fri 13 Nov, 17:00"),
        (at(3, 12, 0), 1.0, "over", "our word was Tue 3 Nov, 12:00"),
    ],
)
def test_what_is_left_is_said_in_hours_at_work(due_at: datetime, share: float, words: str, by: str) -> None:
    left = left_until(due_at, NOW, BRISTOL, 4)
    assert left.share == pytest.approx(share)
    assert (left.words, left.by) == (words, by)
    assert left.is_over == ("over" in words)


@given(st.integers(0, 60 * 24 * 14))
def test_our_whole_word_is_left_in_the_instant_they_ask(minutes: int) -> None:
    asked_at = NOW + timedelta(minutes=minutes)
    left = left_until(answer_due_at(asked_at, BRISTOL, timedelta(hours=4)), asked_at, BRISTOL, 4)
    assert (left.share, left.words) == (1.0, "4 h left")


def test_time_is_spelled_as_people_say_it() -> None:
    assert [spell(minutes) for minutes in (0, 45, 60, 65, 160)] == ["0 min", "45 min", "1 h", "1 h 05", "2 h 40"]
    assert moment_of(at(16, 15), NOW, "Asia/Jakarta") == "22:00"
    assert moment_of(at(16, 20), NOW, "Asia/Jakarta") == "Tue 17 Nov, 03:00"
    assert day_and_time(NOW, "Europe/London") == "Mon 16 Nov, 10:20"
