"""On which days a schedule bills: no day twice, none left out, and month ends where people expect them."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.billing.rules import Period, accepted_on, bill_on, checked, periods
from goodterms.values.days import in_month
from goodterms.values.refusal import Refused

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
RULES = st.sampled_from((
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=10", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=6", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
))  # fmt: skip


def first(rule: str, starts_on: date, number: int = 4, ends_on: date | None = None) -> list[tuple[str, str]]:
    return [(str(one.from_on), str(one.until_on)) for one in islice(periods(rule, starts_on, ends_on), number)]


@given(RULES, DAYS)
def test_periods_follow_each_other_without_a_gap_from_the_first_day_on(rule: str, starts_on: date) -> None:
    found = list(islice(periods(rule, starts_on), 15))
    assert found[0].from_on == starts_on
    assert all(after.from_on == before.until_on + timedelta(days=1) for before, after in pairwise(found))
    assert all(one.from_on <= one.until_on for one in found)
    assert all(one.is_whole for one in found[1:])
    assert (found[0].until_on - found[0].from_on).days + 1 <= found[0].days


@given(RULES, DAYS, st.integers(0, 800))
def test_an_end_cuts_the_last_period_and_nothing_comes_after(rule: str, starts_on: date, length: int) -> None:
    ends_on = starts_on + timedelta(days=length)
    found = list(periods(rule, starts_on, ends_on))
    assert found[-1].until_on == ends_on
    covered = sum((one.until_on - one.from_on).days + 1 for one in found)
    assert covered == length + 1
    assert found[:-1] == list(islice(periods(rule, starts_on), len(found) - 1))


@given(st.integers(1, 31), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_once_a_month_is_on_that_day_or_the_last_of_a_shorter_month(day: int, near: date) -> None:
    starts_on = in_month(near.year, near.month, day)
    found = [one.from_on for one in islice(periods(f"FREQ=MONTHLY;BYMONTHDAY={day}", starts_on), 14)]
    months = [(near.year + (near.month - 1 + n) // 12, (near.month - 1 + n) % 12 + 1) for n in range(14)]
    assert found == [in_month(year, month, day) for year, month in months]


def test_a_rule_that_begins_on_the_31st_needs_no_day_to_be_named() -> None:
    assert first("FREQ=MONTHLY", date(2026, 1, 31), 3) == [
        ("2026-01-31", "2026-02-27"), ("2026-02-28", "2026-03-30"), ("2026-03-31", "2026-04-29"),
    ]  # fmt: skip
    assert [one.from_on for one in islice(periods("FREQ=YEARLY", date(2024, 2, 29)), 5)] == [
        date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29),
    ]  # fmt: skip


def test_a_first_day_within_a_month_makes_a_broken_period_of_that_month() -> None:
    [broken, whole] = islice(periods("FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 1, 15)), 2)
    assert broken == Period(date(2026, 1, 15), date(2026, 1, 31), 31)
    assert whole == Period(date(2026, 2, 1), date(2026, 2, 28), 28)
    [quarter] = islice(periods("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", date(2026, 2, 10)), 1)
    assert quarter == Period(date(2026, 2, 10), date(2026, 4, 30), 89)  # of the three months from 1 February


def test_a_rule_with_a_count_bills_so_many_periods_and_each_is_whole() -> None:
    assert first("FREQ=MONTHLY;COUNT=2", date(2026, 1, 1), 9) == [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28")]
    assert len(list(periods("FREQ=MONTHLY;UNTIL=20260401", date(2026, 1, 1)))) == 4


def test_ahead_of_the_period_or_after_it() -> None:
    november = Period(date(2026, 11, 1), date(2026, 11, 30), 30)
    assert bill_on(november, in_advance=True) == date(2026, 11, 1)
    assert bill_on(november, in_advance=False) == date(2026, 12, 1)


@given(DAYS, st.frozensets(st.integers(1, 31), max_size=3), st.none() | st.integers(1, 31))
def test_the_customers_days_are_kept_and_no_earlier_one_was_left_out(
    on: date, wished: frozenset[int], cut_off: int | None
) -> None:
    def suits(day: date) -> bool:
        last = (day + timedelta(days=1)).day == 1
        on_day = not wished or day.day in wished or (last and any(one > day.day for one in wished))
        return on_day and (cut_off is None or day.day <= cut_off)

    found = accepted_on(on, wished, cut_off)
    within = [day for n in range(62) if suits(day := on + timedelta(days=n))]
    assert found == (within[0] if within else on)


@pytest.mark.parametrize("rule", ["", "every month", "FREQ=HOURLY", "FREQ=MONTHLY;BYHOUR=9", "FREQ=MONTHLY;INTERVAL=0"])
def test_what_is_no_rule_of_days_is_refused_with_an_example(rule: str) -> None:
    with pytest.raises(Refused, match=r"FREQ=MONTHLY;BYMONTHDAY=1|thousand"):
        checked(rule)


def test_a_rule_that_never_comes_round_is_refused() -> None:
    with pytest.raises(Refused, match="never comes round, so nothing would be billed"):
        checked("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO;BYSETPOS=1")


@pytest.mark.parametrize("part", ["BYMONTHDAY=32", "BYMONTHDAY=1,0", "BYMONTHDAY=", "BYMONTH=13", "BYMONTH=-1"])
def test_a_day_that_no_month_has_is_a_slip_and_no_month_end(part: str) -> None:
    with pytest.raises(Refused, match=r"goes from 1 to \d+, so .* is none"):
        checked(f"FREQ=MONTHLY;{part}")


def test_a_rule_is_kept_as_the_standard_writes_it() -> None:
    assert checked(" rrule:freq=monthly;bymonthday=1 ") == "FREQ=MONTHLY;BYMONTHDAY=1"
