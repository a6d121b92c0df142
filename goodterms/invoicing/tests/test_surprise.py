"""What is a surprise: more than was said, or than is usual, by more than the tolerance; and what is not."""

from hypothesis import given
from hypothesis import strategies as st

from goodterms.invoicing.surprise import ALIKE, FEWEST, Basis, Earlier, Expected, Tolerance, exceeds, kind_of, surprise, usual

TEN = Tolerance(10, 50_00, "GBP")
SUMS = st.integers(1, 10**9)


def said(minor: int, now: int, before: int = 0, basis: Basis = "estimate", about: str = "Gift boxes") -> Expected:
    return Expected(basis, about, minor, before, now)


def test_more_than_both_limits_is_a_surprise_and_less_than_expected_never() -> None:
    assert surprise([said(4950_00, 5841_00)], TEN, "GBP") == said(4950_00, 5841_00)
    assert surprise([said(4950_00, 5445_00)], TEN, "GBP") is None, "ten per cent are within the tolerance"
    assert surprise([said(4950_00, 5445_01)], TEN, "GBP") is not None
    assert surprise([said(100_00, 150_00)], TEN, "GBP") is None, "half as much again, but only fifty pounds"
    assert surprise([said(100_00, 150_01)], TEN, "GBP") is not None
    assert surprise([said(4950_00, 12_00)], TEN, "GBP") is None


def test_what_was_billed_before_counts_and_what_adds_nothing_does_not() -> None:
    assert surprise([said(1000_00, 200_00, before=1000_00)], TEN, "GBP") is not None
    assert surprise([said(1000_00, 0, before=2000_00)], TEN, "GBP") is None
    assert surprise([said(1000_00, -100_00, before=2000_00)], TEN, "GBP") is None


def test_an_estimate_of_nothing_is_departed_from_by_whatever_is_billed() -> None:
    assert surprise([said(0, 50_01)], TEN, "GBP") is not None


def test_in_another_currency_the_per_cent_alone_decide() -> None:
    assert surprise([said(100_00, 110_01)], TEN, "EUR") is not None
    assert surprise([said(100_00, 110_00)], TEN, "EUR") is None


def test_nobody_is_asked_where_the_vendor_asks_nobody() -> None:
    assert surprise([said(1, 10**9)], Tolerance(None, 0, "GBP"), "GBP") is None


def test_the_largest_departure_is_named_and_what_is_usual_says_nothing_beside_an_estimate() -> None:
    boxes, range_ = said(1000_00, 1300_00), said(1000_00, 1500_00, about="Spring range")
    assert surprise([boxes, range_], TEN, "GBP") == range_
    custom = said(1000_00, 5000_00, basis="usual")
    assert surprise([said(5000_00, 5000_00), custom], TEN, "GBP") is None
    assert surprise([custom], TEN, "GBP") == custom


def test_the_same_work_goes_by_its_name_without_months_and_numbers() -> None:
    assert kind_of("Retainer, October 2026") == kind_of("Retainer, November 2026") == kind_of("retainer") == "retainer"
    assert kind_of("Pemeliharaan, Oktober 2026") == kind_of("Pemeliharaan, Mei 2027")
    assert kind_of("Maintenance März 2026") == kind_of("Maintenance Dezember 2026")
    assert kind_of("Labels, second run") != kind_of("Labels, third run")
    assert kind_of("2026-11") == kind_of("") == ""


def earlier(*nets: int, work: str = "Retainer, May 2026") -> list[Earlier]:
    return [Earlier(work, net) for net in nets]


def test_three_are_needed_to_know_what_is_usual_and_one_odd_month_does_not_move_it() -> None:
    assert usual("Retainer", earlier(100, 100)) is None
    assert usual("Retainer", earlier(100, 900, 100)) == 100
    assert usual("Retainer", earlier(100, 100, 100, work="Support")) is None
    assert usual("", earlier(100, 100, 100, work="")) is None
    assert usual("Retainer", earlier(*[200] * ALIKE, *[100] * 20)) == 200, "the latest alone are compared"


def test_a_new_price_is_asked_about_once() -> None:
    assert usual("Retainer", earlier(130, 100, 100, 100)) == 100
    assert usual("Retainer", [Earlier("Retainer", 130, was_foretold=True), *earlier(100, 100, 100)]) == 130


@given(st.lists(SUMS, min_size=FEWEST, max_size=30))
def test_what_is_usual_was_billed_once_and_half_of_the_latest_were_no_more(nets: list[int]) -> None:
    found = usual("Retainer", earlier(*nets))
    assert found in nets[:ALIKE]
    assert found is not None
    assert 2 * sum(net <= found for net in nets[:ALIKE]) >= len(nets[:ALIKE])


@given(SUMS, SUMS, st.integers(0, 10**6), st.integers(0, 300), st.integers(0, 10**6))
def test_more_of_it_is_no_smaller_surprise_and_a_wider_tolerance_no_larger_one(
    minor: int, now: int, more: int, percent: int, absolute: int
) -> None:
    tolerance, wider = Tolerance(percent, absolute, "GBP"), Tolerance(percent + 1, absolute + 1, "GBP")
    if exceeds(said(minor, now), tolerance, "GBP"):
        assert exceeds(said(minor, now + more), tolerance, "GBP")
        assert now > minor
    else:
        assert not exceeds(said(minor, now), wider, "GBP")
