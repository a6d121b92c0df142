"""What a period costs: all of it, its share of days, at the price of each day, and nothing while it pauses."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from goodterms.billing.rules import Agreed, Period, Span, left_of, lines_of
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import totals

TAX = Tax("S", Decimal(20))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), 30)
RETAINER = Line("Retainer", Decimal(1), Decimal("1800.00"), TAX, "month")


def days(first: date, last: date) -> str:
    return f"{first.day} to {last.day}"


def priced(period: Period, agreed: list[Agreed], pauses: list[Span] = [], *, prorated: bool = True) -> list[tuple[str, str]]:  # noqa: B006
    lines = lines_of(period, agreed, pauses, prorated=prorated, currency="GBP", say=days)
    return [(line.description, str(line.quantity * line.unit_price)) for line in lines]


def test_a_whole_period_at_one_price_is_the_line_as_it_was_agreed() -> None:
    [line] = lines_of(NOVEMBER, [Agreed(1, date(2026, 1, 1), RETAINER)], [], prorated=True, currency="GBP", say=days)
    assert line == RETAINER


def test_a_broken_period_costs_its_share_of_days_and_says_which() -> None:
    broken = NOVEMBER._replace(from_on=date(2026, 11, 21))
    assert priced(broken, [Agreed(1, date(2026, 11, 21), RETAINER)]) == [("Retainer, 21 to 30", "600.00")]
    assert priced(broken, [Agreed(1, date(2026, 11, 21), RETAINER)], prorated=False) == [("Retainer", "1800.00")]


def test_another_price_within_the_period_is_another_line() -> None:
    dearer = Line("Retainer", Decimal(1), Decimal("2100.00"), TAX, "month")
    agreed = [Agreed(1, date(2026, 11, 16), dearer), Agreed(1, date(2026, 1, 1), RETAINER)]
    assert priced(NOVEMBER, agreed) == [("Retainer, 1 to 15", "900.00"), ("Retainer, 16 to 30", "1050.00")]
    assert priced(NOVEMBER, agreed, prorated=False) == [("Retainer", "1800.00")]


def test_a_line_that_ends_is_billed_until_then() -> None:
    agreed = [Agreed(1, date(2026, 1, 1), RETAINER), Agreed(1, date(2026, 11, 11), None)]
    assert priced(NOVEMBER, agreed) == [("Retainer, 1 to 10", "600.00")]


def test_paused_days_cost_nothing() -> None:
    agreed = [Agreed(1, date(2026, 1, 1), RETAINER)]
    week = Span(date(2026, 11, 11), date(2026, 11, 20))
    assert priced(NOVEMBER, agreed, [week]) == [("Retainer, 1 to 10", "600.00"), ("Retainer, 21 to 30", "600.00")]
    assert priced(NOVEMBER, agreed, [Span(date(2026, 10, 1), date(9999, 12, 31))]) == []
    assert priced(NOVEMBER, agreed, [week], prorated=False) == [("Retainer", "1800.00")]
    assert priced(NOVEMBER, agreed, [Span(NOVEMBER.from_on, NOVEMBER.from_on)], prorated=False) == []


OFFSETS = st.integers(-5, 40)
PAUSES = st.lists(
    st.tuples(OFFSETS, st.integers(0, 12)).map(
        lambda pair: Span(date(2026, 11, 1) + timedelta(pair[0]), date(2026, 11, 1) + timedelta(pair[0] + pair[1]))
    ),
    max_size=4,
)


@given(PAUSES)
def test_every_day_is_either_paused_or_left(pauses: list[Span]) -> None:
    span = Span(NOVEMBER.from_on, NOVEMBER.until_on)
    found = [day for one in left_of(span, pauses) for day in _days(one)]
    assert found == [day for day in _days(span) if not any(one.from_on <= day <= one.until_on for one in pauses)]


@given(PAUSES, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 32))
def test_what_is_billed_is_the_price_of_each_day_within_half_a_cent_a_line(
    pauses: list[Span], before: int, after: int, changes: int
) -> None:
    changes_on = date(2026, 11, 1) + timedelta(changes)
    prices = {True: Decimal(before) / 100, False: Decimal(after) / 100}
    agreed = [
        Agreed(1, day, Line("Retainer", Decimal(1), prices[first], TAX))
        for day, first in ((date(2026, 1, 1), True), (changes_on, False))
    ]
    lines = lines_of(NOVEMBER, agreed, pauses, prorated=True, currency="GBP", say=days)
    exact = sum(
        prices[day < changes_on] / 30
        for day in _days(Span(NOVEMBER.from_on, NOVEMBER.until_on))
        if not any(one.from_on <= day <= one.until_on for one in pauses)
    )
    billed = totals("GBP", lines).line_sum.major if lines else Decimal(0)
    assert abs(billed - exact) <= Decimal("0.005") * len(lines) + Decimal("1e-9")


def _days(span: Span) -> list[date]:
    return [span.from_on + timedelta(n) for n in range(span.days)]
