"""The figures of the trade, by their published examples, and what they say when there is nothing to say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.relationship.rules import (
    BUCKETS,
    average_days_delinquent,
    best_possible_dso,
    bucket,
    collection_effectiveness,
    countback_dso,
    dso,
    median,
    share,
)

M = 1_000_000
MONTHS = [(205, 30), (158, 30), (167, 30)]


def tenth(figure: Decimal | None) -> str:
    assert figure is not None
    return f"{figure:.1f}"


def test_days_sales_outstanding_and_what_is_due_to_lateness() -> None:
    assert tenth(dso(1_200_000, 10 * M, 365)) == "43.8"
    assert tenth(best_possible_dso(800_000, 10 * M, 365)) == "29.2"
    assert tenth(average_days_delinquent(1_200_000, 800_000, 10 * M, 365)) == "14.6"


def test_countback_takes_whole_months_and_a_part_of_the_last() -> None:
    assert tenth(countback_dso(405, MONTHS)) == "67.5"


def test_countback_at_its_edges() -> None:
    assert countback_dso(0, MONTHS) == 0
    assert countback_dso(205, MONTHS) == 30
    assert countback_dso(530, MONTHS) == 90
    assert countback_dso(531, MONTHS) is None
    assert countback_dso(100, [(0, 30), (200, 31)]) == Decimal("45.5")
    assert countback_dso(100, [(-50, 30), (200, 31)]) == Decimal("45.5")  # more credited than billed


def test_collection_effectiveness() -> None:
    assert tenth(collection_effectiveness(begin=200, sales=300, end_total=250, end_current=180, months=1)) == "78.1"
    whole = collection_effectiveness(begin=200, sales=300, end_total=180, end_current=180, months=1)
    assert whole == 100
    thirds = collection_effectiveness(begin=200, sales=900, end_total=250, end_current=180, months=3)
    assert tenth(thirds) == "78.1"


def test_nothing_to_divide_by_is_not_applicable_rather_than_nothing() -> None:
    assert dso(100, 0, 365) is None
    assert average_days_delinquent(100, 50, 0, 365) is None
    assert collection_effectiveness(begin=0, sales=100, end_total=100, end_current=100, months=1) is None
    assert collection_effectiveness(begin=0, sales=100, end_total=0, end_current=0, months=0) is None
    assert countback_dso(100, []) is None
    assert share(0, 0) is None
    assert median([]) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 366))
def test_delinquency_is_what_the_terms_do_not_explain(late: int, current: int, sales: int, days: int) -> None:
    whole, best = dso(late + current, sales, days), best_possible_dso(current, sales, days)
    delinquent = average_days_delinquent(late + current, current, sales, days)
    assert whole is not None
    assert best is not None
    assert delinquent is not None
    assert abs(whole - best - delinquent) < Decimal("1e-9") * (1 + whole)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=9))
def test_half_are_at_most_the_median(values: list[int]) -> None:
    middle = median(values)
    assert middle is not None
    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value >= middle - 1 for value in values) >= len(values)


def test_the_median_of_two_is_between_them() -> None:
    assert median([10, 21]) == 16
    assert median([9, 1, 5]) == 5


@pytest.mark.parametrize(
    ("late", "name"),
    [(-400, "current"), (0, "current"), (1, "1_30"), (30, "1_30"), (31, "31_60"), (60, "31_60"), (61, "61_90"),
     (90, "61_90"), (91, "over_90"), (4_000, "over_90")],
)  # fmt: skip
def test_buckets_begin_the_day_after_the_due_day(late: int, name: str) -> None:
    today = date(2026, 11, 16)
    assert bucket(today - timedelta(days=late), today) == name
    assert name in BUCKETS
