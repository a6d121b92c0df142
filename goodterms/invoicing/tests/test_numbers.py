"""Numbers: how each pattern looks, which patterns are refused, and that a number says which document it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.invoicing.numbers import check, counts_within, read, render
from goodterms.values.refusal import Refused

DAY = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("pattern", "n", "number"),
    [
        ("LR-{year}-{n:04d}", 209, "LR-2026-0209"),
        ("PP-{n}", 4471, "PP-4471"),
        ("VP-{yy}-{n:04d}", 12, "VP-26-0012"),
        ("{year}/{month}/{n:03d}", 7, "2026/11/007"),
        ("LR-{year}-{n:04d}", 12345, "LR-2026-12345"),
    ],
)
def test_a_pattern_makes_its_number(pattern: str, n: int, number: str) -> None:
    assert render(pattern, n, DAY) == number
    assert read(pattern, number) == n


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("LR-{year}", "counts once"),
        ("{n}-{n:04d}", "counts once"),
        ("LR-{number}", r"\{number\} is not known"),
        ("LR-{n:4d}", "is not known"),
        ("LR-{n.__class__}", "is not known"),
        ("LR-{n:099999999d}", "is not known"),
        ("LR-{}-{n}", "is not known"),
        ("LR-{n", "counts once"),
        ("LR-{{n}}", "cannot stand in a number"),
        ("LR–{n}", "cannot stand in a number"),
        ("=LR{n}", "cannot stand in a number"),
        ("LR\n{n}", "cannot stand in a number"),
        (" LR-{n}", "begin or end with a space"),
        ("LR-{year}{n}", "touches other digits"),
        ("LR-{n}{yy}", "touches other digits"),
        ("LR-2{n}", "touches other digits"),
        ("A" * 27 + "-{n}", "at most 30 characters"),
        ("", "counts once"),
    ],
)
def test_a_pattern_that_leaves_a_doubt_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(pattern)


@pytest.mark.parametrize(
    "number", ["LR-2026-209", "LR-2026-00209", "LR-26-0209", "LR-2026-0209 ", "PP-0209", "LR-2026-0000", ""]
)
def test_a_number_from_elsewhere_is_not_read_as_ours(number: str) -> None:
    assert read("LR-{year}-{n:04d}", number) is None


def test_a_series_may_begin_again_only_where_its_number_names_the_span() -> None:
    assert counts_within("LR-{year}-{n:04d}") == "year"
    assert counts_within("{yy}/{month}/{n}") == "month"
    assert counts_within("PP-{n}") == counts_within("{month}-{n}") == "ever"


def test_there_is_no_number_before_the_first() -> None:
    with pytest.raises(Refused, match="first number of a series is 1"):
        render("PP-{n}", 0, DAY)
    with pytest.raises(Refused, match="Start a new series"):
        render("PP-{n}", 10**28, DAY)


pieces = st.lists(st.sampled_from(["LR", "-", "/", "{year}", "{yy}", "{month}", "7", " "]), max_size=3).map("".join)
patterns = st.tuples(pieces, st.sampled_from(["-{n}-", "/{n:04d}", "{n:02d}", "A{n}B"]), pieces).map("".join)


@given(patterns, st.integers(1, 10**6 - 1), st.integers(1, 10**6 - 1), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_two_documents_of_a_day_never_share_a_number(pattern: str, one: int, other: int, on: date) -> None:
    try:
        check(pattern)
    except Refused:
        return
    assert read(pattern, render(pattern, one, on)) == one
    assert (render(pattern, one, on) == render(pattern, other, on)) == (one == other)


@given(st.sampled_from(["{year}/{n}", "{yy}-{n:03d}", "{month}/{yy}.{n}"]), st.integers(1, 9999), st.data())
def test_numbers_of_different_spans_differ(pattern: str, n: int, data: st.DataObject) -> None:
    days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
    one, other = data.draw(days), data.draw(days)
    same = (one.year, one.month) == (other.year, other.month) if "{month}" in pattern else one.year == other.year
    assert (render(pattern, n, one) == render(pattern, n, other)) == same


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_a_refusal(pattern: str) -> None:
    try:
        check(pattern)
    except Refused:
        return
    assert render(pattern, 1, DAY)
