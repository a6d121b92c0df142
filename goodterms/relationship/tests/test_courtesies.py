"""Thanks know how a payment came; nobody is asked too often how content they are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.relationship.rules import QUARTER, is_fresh, may_ask, timing

OCTOBER = datetime(2026, 10, 6, 9, tzinfo=UTC)
DUE = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("received", "due", "word"),
    [(30, [DUE], "early"), (31, [DUE], "on_time"), (30, [DUE, date(2026, 10, 30)], "on_time"), (1, [], "on_account")],
)
def test_thanks_know_whether_a_payment_was_early(received: int, due: list[date], word: str) -> None:
    assert timing(date(2026, 10, received), due) == word


def test_one_late_invoice_makes_it_late() -> None:
    assert timing(date(2026, 11, 1), [DUE, date(2026, 12, 1)]) == "late"


def test_thanks_come_within_a_week_or_not_at_all() -> None:
    assert is_fresh(date(2026, 11, 9), date(2026, 11, 16))
    assert not is_fresh(date(2026, 11, 8), date(2026, 11, 16))
    assert is_fresh(date(2026, 11, 17), date(2026, 11, 16))  # booked ahead


def asked(days_ago: int, payments: int = 9, in_conversation: bool = False) -> bool:
    return may_ask(
        last_asked_at=OCTOBER, payments_since=payments, in_conversation=in_conversation, now=OCTOBER + timedelta(days=days_ago)
    )


def test_who_was_asked_in_october_is_asked_again_from_the_fifth_of_january() -> None:
    assert (OCTOBER + timedelta(days=91)).date() == date(2027, 1, 5)
    assert not asked(90)
    assert asked(91)


def test_who_pays_seldom_is_asked_after_every_second_payment() -> None:
    assert not asked(200, payments=1)
    assert asked(200, payments=2)


def test_nobody_is_asked_in_the_middle_of_a_dispute() -> None:
    assert not asked(200, in_conversation=True)
    assert not may_ask(last_asked_at=None, payments_since=1, in_conversation=True, now=OCTOBER)


def test_the_first_payment_may_be_followed_by_the_question() -> None:
    assert may_ask(last_asked_at=None, payments_since=1, in_conversation=False, now=OCTOBER)


@given(st.lists(st.integers(0, 60), max_size=40))
def test_no_year_of_payments_asks_more_than_once_a_quarter(gaps: list[int]) -> None:
    now, last, since = OCTOBER, None, 0
    times: list[datetime] = []
    for gap in gaps:
        now += timedelta(days=gap)
        since += 1
        if may_ask(last_asked_at=last, payments_since=since, in_conversation=False, now=now):
            times.append(now)
            last, since = now, 0
    assert all(later - earlier >= QUARTER for earlier, later in pairwise(times))
