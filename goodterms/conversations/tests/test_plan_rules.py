"""A plan loses no cent, its days rise, and it is kept exactly while each part is paid by its day and the grace after it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.rules import (
    GRACE_DAYS,
    PARTS_MOST,
    RHYTHMS,
    Part,
    PlanRule,
    check_first_day,
    check_reason,
    due_by,
    grant_plan,
    is_kept,
    judge_plan,
    next_part,
    progress,
    rests_until,
    schedule,
    spread,
    standing_of_plan,
)
from goodterms.conversations.rules.plans import Facts
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

MONDAY = date(2026, 11, 16)
USUAL = PlanRule(3, 92, None, "GBP")
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
THIRDS = schedule(Money(100_00, "GBP"), 3, date(2026, 11, 30), "monthly")


def plans() -> st.SearchStrategy[tuple[Part, ...]]:
    count = st.integers(2, PARTS_MOST)
    sums = st.integers(PARTS_MOST, 10**9).map(lambda minor: Money(minor, "EUR"))
    return st.builds(schedule, sums, count, DAYS, st.sampled_from(RHYTHMS))


@given(st.integers(2, PARTS_MOST), st.integers(PARTS_MOST, 10**12), DAYS, st.sampled_from(RHYTHMS))
def test_parts_make_the_whole_and_their_days_rise(count: int, minor: int, first_on: date, rhythm: str) -> None:
    parts = schedule(Money(minor, "JPY"), count, first_on, rhythm)
    assert (len(parts), parts[0].on) == (count, first_on)
    assert sum(part.minor for part in parts) == minor
    assert max(part.minor for part in parts) - min(part.minor for part in parts) <= 1
    assert all(one.on < after.on for one, after in pairwise(parts))
    gaps = {(after.on - one.on).days for one, after in pairwise(parts)}
    assert gaps <= ({14} if rhythm == "fortnightly" else {28, 29, 30, 31})


def test_a_short_month_has_its_part_on_its_last_day() -> None:
    parts = schedule(Money(100_01, "GBP"), 3, date(2027, 1, 31), "monthly")
    assert parts == (
        Part(date(2027, 1, 31), 33_34), Part(date(2027, 2, 28), 33_34), Part(date(2027, 3, 31), 33_33)
    )  # fmt: skip


@given(plans(), st.data())
def test_it_is_kept_exactly_while_all_that_had_to_be_here_is(parts: tuple[Part, ...], data: st.DataObject) -> None:
    total = sum(part.minor for part in parts)
    paid = data.draw(st.integers(-5, total + 5))
    on = data.draw(st.dates(parts[0].on - timedelta(days=40), parts[-1].on + timedelta(days=40)))
    owed = sum(part.minor for part in parts if part.on + timedelta(days=GRACE_DAYS) < on)
    assert is_kept(parts, paid, on) == (max(paid, 0) >= owed)
    outcome = judge_plan(parts, paid, on)
    assert outcome == ("kept" if paid >= total else "agreed" if max(paid, 0) >= owed else "broken")
    until = rests_until(parts, paid)
    assert (until is None) == (paid >= total)
    if until is not None:  # what a rehearsal reads from the last day of rest is what the day decides
        assert (on <= until) == (outcome == "agreed")


@given(plans(), st.integers(0, 10**9))
def test_what_is_paid_counts_for_the_oldest_part_first(parts: tuple[Part, ...], paid: int) -> None:
    found = progress(parts, paid)
    total = sum(part.minor for part in parts)
    assert sum(one.paid_minor for one in found) == min(paid, total)
    whole = [one.left_minor == 0 for one in found]
    assert whole == sorted(whole, reverse=True)
    following = next_part(parts, paid)
    assert (following.part if following else None) == next((one.part for one in found if one.left_minor), None)


@given(plans(), DAYS, st.integers(0, 60))
def test_what_is_due_only_grows(parts: tuple[Part, ...], on: date, later: int) -> None:
    assert 0 <= due_by(parts, on) <= due_by(parts, on + timedelta(days=later)) <= sum(part.minor for part in parts)


@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(), st.integers(0, 10**5)), max_size=6))
def test_a_part_is_spread_over_what_is_open_and_nothing_is_overpaid(minor: int, open_: list[tuple[int, int]]) -> None:
    found = spread(minor, open_)
    assert sum(taken for _, taken in found) == min(minor, sum(most for _, most in open_))
    assert all(taken > 0 for _, taken in found)
    if open_ and minor > open_[0][1] > 0:
        assert found[0] == open_[0]


@pytest.mark.parametrize(
    ("count", "first_on", "rhythm", "sentence"),
    [
        (1, MONDAY, "monthly", f"A plan has two parts or more, and {PARTS_MOST} at most."),
        (PARTS_MOST + 1, MONDAY, "monthly", f"A plan has two parts or more, and {PARTS_MOST} at most."),
        (3, MONDAY, "weekly", "The parts are paid monthly or fortnightly."),
        (5, MONDAY, "monthly", "That is too little to be paid in so many parts."),
    ],
)
def test_what_is_no_schedule_is_refused(count: int, first_on: date, rhythm: str, sentence: str) -> None:
    with pytest.raises(Refused) as no:
        schedule(Money(4, "GBP"), count, first_on, rhythm)
    assert no.value.sentence == sentence


def test_the_first_day_lies_ahead_and_not_far_away() -> None:
    check_first_day(MONDAY, MONDAY)
    with pytest.raises(Refused, match="That day has passed; name today or a later one"):
        check_first_day(MONDAY - timedelta(days=1), MONDAY)
    with pytest.raises(Refused) as no:
        check_first_day(date(2027, 1, 18), MONDAY)
    assert no.value.sentence == (
        "The first part is paid by 17 January 2027 at the latest; for more time before it, ask for more time."
    )


@pytest.mark.parametrize(
    ("rule", "had_before", "is_change", "answer"),
    [
        (USUAL, 0, False, "granted"),
        (USUAL._replace(parts_max=2), 0, False, "person"),
        (USUAL._replace(days_max=74), 0, False, "person"),
        (USUAL._replace(days_max=75), 0, False, "granted"),
        (USUAL._replace(minor_max=99_99), 0, False, "person"),
        (USUAL._replace(minor_max=100_00), 0, False, "granted"),
        (USUAL._replace(minor_max=100_00, currency="EUR"), 0, False, "person"),
        (USUAL, 1, False, "person"),
        (USUAL, 0, True, "person"),
    ],
)
def test_the_rule_says_yes_once_within_parts_days_and_sum(
    rule: PlanRule, had_before: int, is_change: bool, answer: str
) -> None:
    assert THIRDS[-1].on == MONDAY + timedelta(days=75)
    told = grant_plan(
        total=Money(100_00, "GBP"), parts=THIRDS, rule=rule, today=MONDAY, had_before=bool(had_before), is_change=is_change
    )
    assert told.answer == answer


def test_how_a_plan_stands_follows_from_what_happened() -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    new = Facts(False, None, None, None, None, False, None, None)
    agreed, ended = new._replace(agreed_at=at), new._replace(agreed_at=at, ended_at=at)
    told = {
        "proposed": new, "offered": new._replace(by_us=True), "agreed": agreed, "kept": ended._replace(paid_on=MONDAY),
        "broken": ended._replace(missed_on=MONDAY), "renegotiated": ended._replace(replaced=True), "ended": ended,
        "declined": new._replace(ended_at=at, declined_at=at), "withdrawn": new._replace(ended_at=at, withdrawn_at=at),
        "countered": new._replace(ended_at=at, replaced=True),
    }  # fmt: skip
    assert {word: standing_of_plan(facts) for word, facts in told.items()} == {word: word for word in told}


def test_nobody_ends_a_plan_without_a_word_why() -> None:
    with pytest.raises(Refused, match="Say why, in a few words: it stays in the log"):
        check_reason("  ")
