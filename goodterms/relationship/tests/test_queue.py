"""In which order what needs a person is put before them; and which money may be expected."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodterms.relationship.rules.expecting import Expected, expected, habit
from goodterms.relationship.rules.queue import GROUPS, Kind, Need, first_of, grouped

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
KINDS: list[Kind] = [kind for _, ranks in GROUPS for kinds in ranks for kind in kinds]


def need(kind: Kind, n: int = 1, hours: int | None = None, days_ago: int = 1, minor: int = 0) -> Need:
    by = None if hours is None else NOW + timedelta(hours=hours)
    return Need(kind, UUID(int=n), NOW - timedelta(days=days_ago), by, minor)


def test_whoever_has_our_word_comes_first_and_letters_in_doubt_last() -> None:
    needs = [need(kind, n) for n, kind in enumerate(reversed(KINDS))]
    groups = grouped(needs)
    assert [group.name for group in groups] == ["Waiting for us", "To decide", "To call", "Doubts about delivery"]
    decided = ["request", "refund", "checkout", "promise", "issue", "approval", "over", "colleague"]
    assert [one.kind for one in groups[1].needs] == decided
    assert first_of(groups) == groups[0].needs[0]


def test_our_nearest_word_comes_first_whether_it_is_a_dispute_or_a_question() -> None:
    late, soon, later = need("question", 1, -1), need("dispute", 2, 1), need("question", 3, 2)
    for some in permutations([late, soon, later]):
        assert grouped(some)[0].needs == [late, soon, later]


def test_among_equals_the_longest_wait_and_then_the_larger_sum_comes_first() -> None:
    old, large, small = need("over", 1, days_ago=9), need("over", 2, minor=900), need("over", 3, minor=100)
    for some in permutations([old, large, small]):
        assert grouped(some)[0].needs == [old, large, small]


def test_nothing_is_no_group_and_nobody_comes_first() -> None:
    assert grouped([]) == []
    assert first_of([]) is None


@given(st.lists(st.builds(need, st.sampled_from(KINDS), st.integers(1, 99), st.none() | st.integers(-9, 9), st.integers(0, 9))))
def test_every_need_is_shown_once_in_an_order_that_does_not_depend_on_how_they_came(needs: list[Need]) -> None:
    shown = [one for group in grouped(needs) for one in group.needs]
    assert sorted(shown, key=repr) == sorted(needs, key=repr)
    assert shown == [one for group in grouped(list(reversed(needs))) for one in group.needs]


def test_money_is_expected_when_it_was_promised_else_by_habit_else_when_it_is_due() -> None:
    friday = MONDAY + timedelta(days=4)
    assert expected(due_on=MONDAY, promised_on=friday, usual=8, today=MONDAY) == Expected(friday, "promised")
    assert expected(due_on=MONDAY, promised_on=None, usual=4, today=MONDAY) == Expected(friday, "habit", 4)
    assert expected(due_on=friday, promised_on=None, usual=None, today=MONDAY) == Expected(friday, "due")
    assert expected(due_on=friday, promised_on=None, usual=-3, today=MONDAY) == Expected(friday, "due")


def test_what_should_have_come_already_cannot_be_known() -> None:
    before = MONDAY - timedelta(days=9)
    assert expected(due_on=before, promised_on=None, usual=8, today=MONDAY) is None
    assert expected(due_on=before, promised_on=None, usual=None, today=MONDAY) is None
    assert expected(due_on=before, promised_on=before, usual=60, today=MONDAY) is None


def test_two_invoices_are_no_habit() -> None:
    assert habit([8, 9]) is None
    assert habit([8, 30, 9]) == 9
