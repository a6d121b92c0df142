"""A word about paying rests the reminders for its time, and is judged once by what came in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.rules import (
    Word,
    check_promise,
    expected_on,
    grant,
    held_until,
    judge,
    pauses,
    settles_by,
)
from goodterms.values.refusal import Refused

FRIDAY = date(2026, 11, 20)
ALL = Word(425_520, 425_520, FRIDAY)
PART = Word(100_000, 425_520, FRIDAY)


def test_a_promise_holds_reminders_until_its_day_and_one_more() -> None:
    assert held_until(date(2026, 11, 30)) == date(2026, 12, 1)


def test_a_promise_runs_while_its_money_may_still_clear() -> None:
    assert judge(ALL, 425_520, FRIDAY) == "running"
    assert judge(ALL, 425_520, date(2026, 11, 21)) == "running"
    assert judge(ALL, 425_520, date(2026, 11, 22)) == "broken"


@pytest.mark.parametrize(
    ("word", "left", "judgement"),
    [
        (ALL, 0, "kept"), (ALL, 1, "part"), (ALL, 425_519, "part"), (ALL, 425_520, "broken"),
        (PART, 325_520, "kept"), (PART, 0, "kept"), (PART, 325_521, "part"), (PART, 500_000, "broken"),
    ],
)  # fmt: skip
def test_a_promise_is_kept_by_what_is_no_longer_open(word: Word, left: int, judgement: str) -> None:
    assert judge(word, left, date(2026, 11, 23)) == judgement


def test_after_two_broken_promises_a_third_rests_nothing() -> None:
    assert [pauses(broken) for broken in (0, 1, 2, 3)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (ALL._replace(promised_on=date(2026, 11, 15)), "That day has passed"),
        (ALL._replace(promised_on=date(2026, 12, 18)), "up to 17 December 2026; for a later one, ask for more time"),
        (ALL._replace(minor=0), "above nothing"),
        (ALL._replace(minor=425_521), "no more than is open"),
        (Word(1, 0, FRIDAY), "Nothing is open"),
    ],
)
def test_what_nobody_can_promise_is_refused(word: Word, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check_promise(word, date(2026, 11, 16))


def test_today_and_a_month_ahead_can_be_promised() -> None:
    check_promise(ALL._replace(promised_on=date(2026, 11, 16)), date(2026, 11, 16))
    check_promise(ALL._replace(promised_on=date(2026, 12, 17)), date(2026, 11, 16))


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 2000), st.integers(-5, 5))
def test_more_money_never_makes_a_promise_worse(minor: int, rest: int, left: int, late: int) -> None:
    word = Word(minor, minor + rest, FRIDAY)
    today = FRIDAY + timedelta(days=late)
    order = ["broken", "part", "kept"]
    less, more = judge(word, left + 1, today), judge(word, left, today)
    assert (less == "running") == (more == "running") == (today <= settles_by(FRIDAY))
    if less != "running":
        assert order.index(more) >= order.index(less)


def test_money_that_was_sent_is_expected_two_working_days_later() -> None:
    monday = date(2026, 11, 16)
    assert expected_on(date(2026, 11, 13), monday, "GB") == date(2026, 11, 17)
    assert expected_on(monday, monday, "GB") == date(2026, 11, 18)
    assert expected_on(date(2026, 12, 24), date(2026, 12, 24), "GB") == date(2026, 12, 30)


def test_money_that_was_sent_long_ago_gets_a_day_for_somebody_to_look() -> None:
    assert expected_on(date(2026, 9, 1), date(2026, 11, 13), "GB") == date(2026, 11, 16)


def test_money_cannot_have_been_sent_tomorrow() -> None:
    with pytest.raises(Refused, match="promise the payment instead"):
        expected_on(date(2026, 11, 17), date(2026, 11, 16), "GB")
    with pytest.raises(Refused, match="more than a year ago"):
        expected_on(date(2025, 11, 1), date(2026, 11, 16), "GB")


def asked(until: date, *, due_on: date = date(2026, 11, 9), days_max: int = 14, already: int = 0) -> tuple[str, str]:
    return grant(
        asked_until=until, due_on=due_on, today=date(2026, 11, 16), days_max=days_max, already_granted=already
    )  # fmt: skip


def test_two_weeks_more_are_granted_at_once() -> None:
    assert asked(date(2026, 11, 30)) == ("granted", "Agreed: the new date is 30 November 2026, without a fee.")
    assert asked(date(2026, 12, 16), due_on=date(2026, 12, 2))[0] == "granted"


@pytest.mark.parametrize(
    ("until", "days_max", "already"),
    [(date(2026, 12, 1), 14, 0), (date(2026, 11, 17), 0, 0), (date(2026, 11, 20), 14, 1)],
)
def test_longer_or_a_second_time_needs_a_person(until: date, days_max: int, already: int) -> None:
    assert asked(until, days_max=days_max, already=already)[0] == "person"


def test_time_that_they_have_already_is_not_granted_again() -> None:
    answer, sentence = asked(date(2026, 12, 2), due_on=date(2026, 12, 2))
    assert (answer, sentence) == ("refused", "Name a day after 2 December 2026: until then there is time already.")
    assert asked(date(2026, 11, 16))[0] == "refused"
    assert asked(date(2028, 1, 1))[0] == "refused"
