"""Decides that the rate of a day is the one by hand, else the last published, crossed through the euro, and never stale."""

from datetime import date, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from goodterms.rates.rules import MOST_DAYS, Given, Published, Rate, check_given, no_rate, rate_on
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

FRIDAY = date(2026, 11, 13)
DAY = timedelta(days=1)
PUBLISHED = [
    Published(FRIDAY - DAY, "USD", Decimal("1.1000")),
    Published(FRIDAY - DAY, "GBP", Decimal("0.8500")),
    Published(FRIDAY, "USD", Decimal("1.1250")),
    Published(FRIDAY, "GBP", Decimal("0.8460")),
    Published(FRIDAY, "JPY", Decimal("171.25")),
]


def by_hand(rate: str = "0.77", source: str = "the bank", **more: date) -> Given:
    return Given("USD", "GBP", Decimal(rate), more.get("from_on", FRIDAY), more.get("until_on", FRIDAY), source)


def found(currency: str, base: str, on: date, *given: Given, published: list[Published] = PUBLISHED) -> Rate:
    rate = rate_on(currency, base, on, given=given, published=published)
    assert rate is not None
    return rate


def test_a_published_rate_serves_until_the_next_one_over_a_weekend() -> None:
    for on in (FRIDAY, FRIDAY + DAY, FRIDAY + 3 * DAY):
        assert found("EUR", "GBP", on) == Rate("EUR", "GBP", Decimal("0.846"), FRIDAY, "ECB")
    assert found("EUR", "GBP", FRIDAY - DAY).value == Decimal("0.85")


def test_two_currencies_cross_through_the_euro() -> None:
    assert found("USD", "GBP", FRIDAY).value == Decimal("0.752")  # 0.8460 / 1.1250
    assert found("GBP", "EUR", FRIDAY).value == Decimal("1.182033096927")
    assert found("JPY", "GBP", FRIDAY).worth(Money(100_000, "JPY")) == Money(494_01, "GBP")


def test_both_legs_of_a_cross_are_of_one_day() -> None:
    without = [one for one in PUBLISHED if (one.day, one.currency) != (FRIDAY, "USD")]
    assert found("USD", "GBP", FRIDAY, published=without).on == FRIDAY - DAY


def test_a_rate_that_is_too_old_is_none() -> None:
    assert rate_on("EUR", "GBP", FRIDAY + MOST_DAYS * DAY, given=(), published=PUBLISHED)
    assert rate_on("EUR", "GBP", FRIDAY + (MOST_DAYS + 1) * DAY, given=(), published=PUBLISHED) is None
    assert rate_on("EUR", "GBP", FRIDAY - 2 * DAY, given=(), published=PUBLISHED) is None  # nor one of a later day


def test_what_is_missing_is_said_with_how_to_give_it() -> None:
    said = no_rate("KWD", "GBP", FRIDAY).sentence
    assert said == (
        "There is no exchange rate from KWD to GBP for 13 November 2026, nor of the 7 days before. Import the file of the "
        "European Central Bank (goodterms import rates FILE), or give the rate by hand (goodterms rates give KWD GBP RATE, or "
        "Settings, Exchange rates)."
    )


def test_a_rate_by_hand_comes_before_what_was_published_on_its_days_and_either_way_round() -> None:
    one = by_hand(until_on=FRIDAY + 2 * DAY)
    assert found("USD", "GBP", FRIDAY + DAY, one) == Rate("USD", "GBP", Decimal("0.77"), FRIDAY + DAY, "the bank")
    assert found("GBP", "USD", FRIDAY, one).value == Decimal("1.298701298701")
    assert found("USD", "GBP", FRIDAY + 3 * DAY, one).source == "ECB"
    assert found("USD", "GBP", FRIDAY, by_hand(), by_hand("0.78", "the customs office")).value == Decimal("0.78")


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (by_hand()._replace(base="USD"), "between two currencies"),
        (by_hand()._replace(currency="XYZ"), "is not a currency code"),
        (by_hand("0"), "above zero"),
        (by_hand("NaN"), "above zero"),
        (by_hand("0.1234567890123"), "twelve digits"),
        (by_hand(until_on=FRIDAY - DAY), "not before its first"),
        (by_hand(source=" "), "where the rate is from"),
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused(one: Given, says: str) -> None:
    with pytest.raises(Refused, match=says):
        check_given(one)


CURRENCIES = st.sampled_from(["EUR", "GBP", "JPY", "KWD", "IDR"])
PER_EURO = st.decimals(Decimal("0.2"), Decimal(20_000), places=4)


@each(CURRENCIES, CURRENCIES, PER_EURO, PER_EURO, st.integers(0, 10**6))
def test_there_and_back_again_is_within_rounding(one: str, other: str, first: Decimal, second: Decimal, minor: int) -> None:
    """Of currencies with none, two and three decimals: what comes back is off by no more than rounding on the way."""
    if one == other:
        return
    published = [Published(FRIDAY, code, rate) for code, rate in ((one, first), (other, second)) if code != "EUR"]
    there, back = (found(*pair, FRIDAY, published=published) for pair in ((one, other), (other, one)))
    amount = Money(minor, one)
    came = back.worth(there.worth(amount))
    with localcontext() as exact:
        exact.prec = 60
        # Half a minor unit there is so much here; the rates themselves are known to twelve digits after the point.
        slack = back.factor / 2 + Decimal("0.5") + abs(minor * there.factor * back.factor - minor)
        assert abs(came.minor - minor) <= slack
        assert abs(minor * there.factor * back.factor - minor) <= minor * (
            Decimal("1e-12") * (1 / there.value + 1 / back.value)
        )


@each(CURRENCIES, CURRENCIES, PER_EURO, st.integers(-(10**7), 10**7))
def test_the_factor_between_minor_units_gives_the_same_amount(one: str, other: str, value: Decimal, minor: int) -> None:
    """So that the database may sum without a table of exponents."""
    rate = Rate(one, other, value, FRIDAY, "ECB")
    with localcontext() as exact:
        exact.prec = 60
        exactly = minor * rate.factor
        assert rate.worth(Money(minor, one)).minor == int(exactly + (Decimal("0.5") if minor > 0 else -Decimal("0.5")))
