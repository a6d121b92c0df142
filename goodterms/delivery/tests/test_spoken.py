"""Stories of how amounts, days and counts are said, held against Babel itself."""

from datetime import date

import pytest
from babel.dates import format_date
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from goodterms.delivery.spoken import amount, amounts, count, day, direction, listed, short_day, sign, weekday, weekdays
from goodterms.values.money import Money

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("minor", "currency", "language", "said"),
    [
        (194280, "GBP", "en", "£1,942.80"),
        (736000, "EUR", "en", "€7,360.00"),
        (640000, "USD", "en-US", "$6,400.00"),
        (640000, "USD", "en", "$6,400.00"),
        (640000, "USD", "id", "$6.400,00"),
        (640000, "USD", "en-CA", "US$6,400.00"),
        (640000, "CAD", "en", "CA$6,400.00"),
        (640000, "CAD", "en-CA", "$6,400.00"),
        (640000, "AUD", "en", "A$6,400.00"),
        (-1250, "EUR", "en", "−€12.50"),
        (5, "EUR", "en", "€0.05"),
        (194280, "GBP", "id", "£1.942,80"),
        (150000000, "IDR", "id", "Rp1.500.000,00"),
        (150000000, "IDR", "en", "IDR\N{NO-BREAK SPACE}1,500,000.00"),
        (1942, "JPY", "en-US", "¥1,942"),
        (1942805, "KWD", "en", "KWD\N{NO-BREAK SPACE}1,942.805"),
        (123456789, "EUR", "de", "1.234.567,89\N{NO-BREAK SPACE}€"),
        (1234567800, "INR", "en-IN", "₹1,23,45,678.00"),
        (194280, "GBP", "klingon", "£1,942.80"),
    ],
)
def test_an_amount_is_said_as_its_reader_writes_it(minor: int, currency: str, language: str, said: str) -> None:
    assert amount(Money(minor, currency), language) == said


LOCALES = {"en": "en_GB", "en-US": "en_US", "id": "id", "de": "de", "fr": "fr", "es": "es", "ar": "ar", "hi": "hi"}


@given(st.integers(0, 10**14), st.sampled_from(["EUR", "GBP", "JPY", "KWD", "IDR", "CHF"]), st.sampled_from(sorted(LOCALES)))
def test_the_quick_way_says_what_babel_says(minor: int, currency: str, language: str) -> None:
    slowly = format_currency(Money(minor, currency).major, currency, locale=LOCALES[language])
    assert amount(Money(minor, currency), language).replace("\N{NO-BREAK SPACE}", "") == slowly.replace(
        "\N{NO-BREAK SPACE}", ""
    )


@pytest.mark.parametrize("language", ["en", "id", "en-US", "en-CA", "en-AU", "es-MX", "fr", "ar"])
def test_no_two_currencies_of_a_page_look_alike(language: str) -> None:
    dollars = [sign(currency, language) for currency in ("USD", "CAD", "AUD", "NZD", "MXN", "HKD", "SGD", "BRL")]
    assert len(set(dollars)) == len(dollars)


def test_currencies_stand_beside_each_other_and_are_never_added() -> None:
    assert amounts([Money(255480, "GBP"), Money(736000, "EUR")], "en") == "£2,554.80 and €7,360.00"


def test_days_are_said_in_full_in_short_and_by_name() -> None:
    assert [day(FRIDAY, language) for language in ("en", "en-US", "id", "fr")] == [
        "20 November 2026", "November 20, 2026", "20 November 2026", "20 novembre 2026",
    ]  # fmt: skip
    assert (short_day(FRIDAY, "en"), short_day(FRIDAY, "en-US")) == ("20 November", "November 20")
    assert (weekday(FRIDAY, "en"), weekday(FRIDAY, "id")) == ("Friday", "Jumat")
    assert weekdays([5, 6, 7], "en") == "Friday, Saturday and Sunday"


@given(st.dates(), st.sampled_from(["en", "id", "de", "es"]))
def test_a_day_is_said_as_babel_says_it(on: date, language: str) -> None:
    assert day(on, language) == format_date(on, "long", locale=LOCALES[language])


def test_small_counts_are_words_and_large_ones_figures() -> None:
    assert [count(n, "en") for n in (1, 3, 12, 13)] == ["one", "three", "twelve", "13"]
    assert [count(n, "id") for n in (1, 3, 12, 13)] == ["satu", "tiga", "dua belas", "13"]
    assert count(2, "fr") == "2"


def test_names_are_listed_as_one_would_say_them() -> None:
    assert listed([], "en") == ""
    assert listed(["Jory"], "en") == "Jory"
    assert listed(["Jory", "Anouk", "Tom"], "en") == "Jory, Anouk and Tom"
    assert listed(["Jory", "Anouk", "Tom"], "id") == "Jory, Anouk dan Tom"


def test_the_direction_follows_the_language() -> None:
    assert [direction(language) for language in ("en", "id", "ar", "he")] == ["ltr", "ltr", "rtl", "rtl"]
