"""Late fees: each figure of the laws and the trade with its source, and interest that can be worked out again."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.terms.rules import LateFee, Segment, Terms, compensation, interest, late_fee
from goodterms.terms.rules.rates import RATES, reference_rate
from goodterms.terms.tests.made import fees, money
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

MONTHLY = LateFee("monthly", agreed=True, percent=Decimal("1.5"))
EU = LateFee("eu", agreed=True, between_businesses=True)
UK = LateFee("uk", agreed=True, between_businesses=True)
DUE = date(2026, 5, 31)


def whole(minor: int, currency: str = "EUR") -> list[Segment]:
    return [Segment(date(2000, 1, 1), Money(minor, currency))]


def fee_of(fee: LateFee, due_on: date, today: date, minor: int, currency: str = "EUR") -> Money:
    return late_fee(Terms(late_fee=fee), due_on, whole(minor, currency), today)


def test_eu_interest_is_split_at_the_half_year() -> None:
    """EUR 10,000 due 31 May, paid 30 September 2026: 30 days at 10.15 % and 92 at 10.40 % of 365, 345.56; and EUR 40."""
    agreed = Terms(late_fee=EU)
    assert interest(agreed, DUE, whole(10_000_00), date(2026, 9, 30)) == Money(345_56, "EUR")
    assert late_fee(agreed, DUE, whole(10_000_00), date(2026, 9, 30)) == Money(385_56, "EUR")


def test_eu_rate_fixed_at_the_start_leaves_out_the_second_half_year() -> None:
    """122 days at 10.15 %: 10,000 x 0.1015 x 122 / 365 = 339.26."""
    fixed = LateFee("eu", agreed=True, between_businesses=True, rates="fixed_at_start")
    assert interest(Terms(late_fee=fixed), DUE, whole(10_000_00), date(2026, 9, 30)) == Money(339_26, "EUR")


def test_germany_asks_nine_points() -> None:
    """BGB 288(2): 365 days from 31 December 2025 at 11.15 and 11.40 %: 181 and 184 days of 1,000 make 55.29 + 57.47."""
    german = LateFee("eu", agreed=True, between_businesses=True, points=Decimal(9))
    assert interest(Terms(late_fee=german), date(2025, 12, 31), whole(1000_00), date(2026, 12, 31)) == Money(112_76, "EUR")


def test_uk_interest_is_rounded_once_not_by_the_day() -> None:
    """GBP 5,000, 101 days at 12.25 % is 169.49; a daily rate rounded first would give 169.68."""
    due_on = date(2025, 7, 31)
    paid_on = due_on + timedelta(days=101)
    assert interest(Terms(late_fee=UK), due_on, whole(5_000_00, "GBP"), paid_on) == Money(169_49, "GBP")


def test_uk_rate_stays_what_it_was_when_interest_began_unless_terms_split_it() -> None:
    """SI 2002/1675, art. 4: the base rate of the 30 June or 31 December before statutory interest starts to run. Due on
    31 May 2025: 12.75 % throughout; split, 30 days at 12.75 and 92 at 12.25 %."""
    due_on, paid_on = date(2025, 5, 31), date(2025, 9, 30)
    split = LateFee("uk", agreed=True, between_businesses=True, rates="split")
    assert interest(Terms(late_fee=UK), due_on, whole(10_000_00, "GBP"), paid_on) == Money(426_16, "GBP")
    assert interest(Terms(late_fee=split), due_on, whole(10_000_00, "GBP"), paid_on) == Money(413_56, "GBP")


def test_uk_interest_that_begins_on_1_july_has_the_rate_of_30_june() -> None:
    """Due on 30 June 2025, so interest begins on 1 July: 12.25 %, not 12.75 %."""
    one_year = interest(Terms(late_fee=UK), date(2025, 6, 30), whole(1_000_00, "GBP"), date(2026, 6, 30))
    assert one_year == Money(122_50, "GBP")


@pytest.mark.parametrize(("debt", "fixed"), [(999_99, 40_00), (1_000_00, 70_00), (9_999_99, 70_00), (10_000_00, 100_00)])
def test_uk_compensation_goes_by_the_size_of_the_debt(debt: int, fixed: int) -> None:
    """Late Payment of Commercial Debts (Interest) Act 1998, s. 5A: 40, 70 and 100 pounds."""
    assert compensation(Terms(late_fee=UK), DUE, whole(debt, "GBP"), date(2026, 6, 1)) == Money(fixed, "GBP")


def test_a_year_at_1_5_a_month_is_18_percent_simple_not_19_56() -> None:
    assert fee_of(MONTHLY, date(2026, 1, 31), date(2027, 1, 31), 1_000_00) == Money(180_00, "EUR")


def test_monthly_interest_counts_whole_months_and_the_share_of_the_next() -> None:
    """1.5 % of 4,255.20 for one month and 15 of the 30 days of the second: 63.828 + 31.914."""
    november = date(2026, 10, 7)
    assert fee_of(MONTHLY, november, date(2026, 11, 7), 4_255_20, "GBP") == Money(63_83, "GBP")
    assert fee_of(MONTHLY, november, date(2026, 11, 22), 4_255_20, "GBP") == Money(95_74, "GBP")


def test_monthly_interest_by_whole_months_waits_until_each_is_over() -> None:
    by_month = LateFee("monthly", agreed=True, percent=Decimal(1), part_months="whole")
    months = [fee_of(by_month, date(2026, 1, 31), on, 100_00).minor for on in (date(2026, 2, 27), date(2026, 2, 28))]
    assert months == [0, 1_00]


def test_grace_is_free_and_the_fee_counts_from_the_day_after() -> None:
    """Bellwether Foods: due 31 December 2026, seven days of grace, 1.5 % a month from 8 January."""
    agreed = Terms(late_fee=MONTHLY, grace_days=7)
    owed = whole(3_100_00, "GBP")
    assert late_fee(agreed, date(2026, 12, 31), owed, date(2027, 1, 7)) == Money(0, "GBP")
    assert late_fee(agreed, date(2026, 12, 31), owed, date(2027, 1, 8)) == Money(1_50, "GBP")


def test_interest_follows_the_balance_by_value_date_and_the_day_of_payment_still_bears_it() -> None:
    """1,000 for 30 days and 400 for 31 of June and July 2026: 30 x 1,000 x 10.15 % + 31 x 400 x 10.40 %, of 365."""
    balance = [
        Segment(date(2026, 5, 1), Money(1_000_00, "EUR")),
        Segment(date(2026, 6, 30), Money(400_00, "EUR")),
        Segment(date(2026, 7, 31), Money(0, "EUR")),
    ]
    exact = Fraction(100_000 * 30 * 1015, 365 * 10_000) + Fraction(40_000 * 31 * 1040, 365 * 10_000)
    assert interest(Terms(late_fee=EU), DUE, balance, date(2026, 12, 31)) == Money(round(exact), "EUR")


def test_what_was_paid_in_time_or_in_grace_costs_nothing() -> None:
    paid = [Segment(date(2026, 5, 1), Money(500_00, "EUR")), Segment(date(2026, 5, 31), Money(0, "EUR"))]
    assert late_fee(Terms(late_fee=EU), DUE, paid, date(2026, 12, 31)) == Money(0, "EUR")
    on_receipt = Terms(late_fee=LateFee("fixed", agreed=True, amount=Money(25_00, "EUR")), grace_days=3)
    in_grace = [Segment(date(2026, 5, 1), Money(500_00, "EUR")), Segment(date(2026, 6, 3), Money(0, "EUR"))]
    assert late_fee(on_receipt, DUE, in_grace, date(2026, 12, 31)) == Money(0, "EUR")


def test_a_fixed_fee_is_charged_once_however_long_it_takes() -> None:
    fixed = LateFee("fixed", agreed=True, amount=Money(25_00, "EUR"))
    days = [DUE, DUE + timedelta(days=1), DUE + timedelta(days=400)]
    assert [fee_of(fixed, DUE, on, 500_00).minor for on in days] == [0, 25_00, 25_00]


def test_a_late_fee_that_was_not_agreed_before_is_refused() -> None:
    silent = LateFee("monthly", agreed=False, percent=Decimal("1.5"))
    with pytest.raises(Refused, match="not agreed before the work"):
        fee_of(silent, DUE, date(2026, 7, 1), 100_00)
    with pytest.raises(Refused, match="no late fee"):
        interest(Terms(), DUE, whole(100_00), date(2026, 7, 1))
    assert late_fee(Terms(), DUE, whole(100_00), date(2026, 7, 1)) == Money(0, "EUR")


def test_statutory_interest_is_between_businesses_only() -> None:
    with pytest.raises(Refused, match="between businesses"):
        fee_of(LateFee("eu", agreed=True), DUE, date(2026, 7, 1), 100_00)


def test_a_cap_holds_the_fee_to_a_share_of_what_was_overdue() -> None:
    capped = LateFee("monthly", agreed=True, percent=Decimal(2), cap_percent=Decimal(10))
    assert fee_of(capped, DUE, date(2028, 5, 31), 1_000_00) == Money(100_00, "EUR")


def test_a_fee_in_another_currency_is_refused_until_terms_name_a_sum() -> None:
    with pytest.raises(Refused, match="Agree a sum in SEK"):
        fee_of(EU, DUE, date(2026, 7, 1), 100_00, "SEK")
    swedish = LateFee("eu", agreed=True, between_businesses=True, amount=Money(450_00, "SEK"))
    assert compensation(Terms(late_fee=swedish), DUE, whole(1, "SEK"), date(2026, 7, 1)) == Money(450_00, "SEK")


def test_a_half_year_without_a_rate_says_which_rate_is_missing() -> None:
    with pytest.raises(Refused, match=r"Bank of England for the half-year from 01\.01\.2031"):
        reference_rate("uk", date(2031, 2, 1))


def test_both_tables_have_every_half_year_from_2013_to_2026() -> None:
    for law in ("eu", "uk"):
        assert len(RATES[law]) == 28


def test_the_year_may_have_360_days_or_its_own() -> None:
    """2024 has 366 days: 1,000 at 12.50 % for January to March."""
    days = {"365": 31_16, "360": 31_60, "actual": 31_08}
    for year, expected in days.items():
        fee = LateFee("eu", agreed=True, between_businesses=True, year=year)  # type: ignore[arg-type]
        assert interest(Terms(late_fee=fee), date(2023, 12, 31), whole(1_000_00), date(2024, 3, 31)).minor == expected, year


agreed_fees = fees().filter(lambda fee: fee.agreed and fee.between_businesses and fee.kind != "uk")
dues = st.dates(date(2013, 1, 1), date(2024, 12, 31))


@given(agreed_fees, dues, money(), st.integers(0, 500), st.integers(0, 60))
def test_a_late_fee_never_shrinks_with_time(fee: LateFee, due_on: date, owed: Money, days: int, grace: int) -> None:
    agreed, balance = Terms(late_fee=fee, grace_days=grace), [Segment(due_on, owed)]
    today = due_on + timedelta(days=days)
    assert late_fee(agreed, due_on, balance, today) <= late_fee(agreed, due_on, balance, today + timedelta(days=1))


@given(agreed_fees, dues, money(), st.lists(st.integers(1, 500), max_size=4, unique=True))
def test_cutting_a_balance_into_segments_of_the_same_sum_changes_nothing(
    fee: LateFee, due_on: date, owed: Money, cuts: list[int]
) -> None:
    """Invariant I23: interest is the sum over segments, rounded once."""
    today = due_on + timedelta(days=400)
    cut = [Segment(due_on, owed), *(Segment(due_on + timedelta(days=day), owed) for day in sorted(cuts))]
    agreed = Terms(late_fee=fee)
    assert late_fee(agreed, due_on, cut, today) == late_fee(agreed, due_on, [Segment(due_on, owed)], today)


@given(agreed_fees, dues, money(), st.integers(1, 400), st.integers(0, 100))
def test_paying_a_part_never_costs_more(fee: LateFee, due_on: date, owed: Money, day: int, share: int) -> None:
    agreed, today = Terms(late_fee=fee), due_on + timedelta(days=400)
    rest = owed.percent(Decimal(share))
    paid = [Segment(due_on, owed), Segment(due_on + timedelta(days=day), rest)]
    assert interest(agreed, due_on, paid, today) <= interest(agreed, due_on, [Segment(due_on, owed)], today)
