"""Decides how an amount, a date, a count and a list of names are said in a language (CLDR, by Babel).

Babel takes 20 to 60 microseconds for each amount or date. So its patterns are asked once for each language and currency,
and the days of a run, which are few, are kept.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, get_day_names
from babel.numbers import format_currency, get_currency_symbol, get_decimal_symbol, get_group_symbol

from goodterms.values.money import Money, exponent

_USUAL = {"en": "en_GB"}  # "9 November" is read the same everywhere; en-US is asked for by name
_COUNTS = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas",
           "dua belas"),
}  # fmt: skip
_DOLLAR = "$"
_MINUS = "\N{MINUS SIGN}"
_AND = {"en": " and ", "id": " dan "}


def amount(money: Money, language: str) -> str:
    """`£1,942.80`; in Indonesian `£1.942,80`. Never broken over two lines; a minus is U+2212."""
    return _writer(language, money.currency)(money.minor)


def amounts(sums: Sequence[Money], language: str) -> str:
    """Sums of several currencies beside each other, never added: `£2,554.80 and €7,360.00`."""
    return listed([amount(money, language) for money in sums], language)


@cache
def sign(currency: str, language: str) -> str:
    """How a currency is marked: `£`, `€`, `CHF`. A dollar of the United States is `$` wherever no other currency is that in
    the language (Canada's is in en-CA); every other dollar keeps its letters, so no two on a page look alike."""
    locale = locale_of(language)
    if currency == "USD" and _DOLLAR not in {mark for code, mark in locale.currency_symbols.items() if code != "USD"}:
        return _DOLLAR
    return str(get_currency_symbol(currency, locale=locale))


@cache
def marks(language: str, currency: str) -> tuple[str, str]:
    """What stands before and after the figures; a bare code such as IDR keeps a space that does not break."""
    written, pattern = sign(currency, language), locale_of(language).currency_formats["standard"]
    before, after = pattern.prefix[0], pattern.suffix[0]
    if written == currency and before.endswith("¤"):
        before += "\N{NO-BREAK SPACE}"
    return before.replace("¤", written), after.replace("¤", written)


@lru_cache(maxsize=4_096)
def day(on: date, language: str) -> str:
    """`9 November 2026`"""
    return str(format_date(on, "long", locale=locale_of(language)))


@lru_cache(maxsize=4_096)
def short_day(on: date, language: str) -> str:
    """`9 November`"""
    return str(format_skeleton("MMMMd", on, locale=locale_of(language)))


@lru_cache(maxsize=4_096)
def month(on: date, language: str) -> str:
    """`November 2026`"""
    return str(format_skeleton("yMMMM", on, locale=locale_of(language)))


@lru_cache(maxsize=4_096)
def days(first: date, last: date, language: str) -> str:
    """`1–17 November 2026`, both days included."""
    return day(first, language) if first == last else str(format_interval(first, last, "yMMMMd", locale=locale_of(language)))


@lru_cache(maxsize=4_096)
def weekday(on: date, language: str) -> str:
    """`Friday`"""
    return str(get_day_names("wide", locale=locale_of(language))[on.weekday()])


def weekday_and_day(on: date, language: str) -> str:
    """`Thursday 1 October 2026`; with a comma where the month comes first, and in Indonesian."""
    said = day(on, language)
    comma = "," if language.startswith("id") or not said[:1].isdigit() else ""
    return f"{weekday(on, language)}{comma} {said}"


def weekdays(isoweekdays: Sequence[int], language: str) -> str:
    """`Friday and Saturday`, from ISO numbers: Monday is 1."""
    monday = date(2024, 1, 1)
    return listed([weekday(monday + timedelta(days=n - 1), language) for n in isoweekdays], language)


def count(number: int, language: str) -> str:
    """`three`, and in figures from thirteen on or in a language whose words are not known here."""
    words = _COUNTS.get(language.partition("-")[0], ())
    return words[number] if 0 <= number < len(words) else str(number)


def listed(words: Sequence[str], language: str) -> str:
    """`a, b and c`"""
    if len(words) < 2:
        return "".join(words)
    joiner = _AND.get(language.partition("-")[0], ", ")
    return joiner.join((", ".join(words[:-1]), words[-1]))


@cache
def direction(language: str) -> str:
    """`ltr` or `rtl`"""
    return str(locale_of(language).text_direction)


@cache
def locale_of(language: str) -> Locale:
    """The locale of a tag such as `en`, `en-US`, `id`; English where nothing is known of it."""
    try:
        return Locale.parse(_USUAL.get(language, language).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_USUAL["en"])


@cache
def _writer(language: str, currency: str) -> Callable[[int], str]:
    """Babel's own pattern for the pair, taken apart once; where digits are not grouped by three, Babel itself."""
    locale, digits = locale_of(language), exponent(currency)
    pattern = locale.currency_formats["standard"]
    if pattern.grouping != (3, 3) or locale.default_numbering_system != "latn":
        return lambda minor: str(format_currency(Money(minor, currency).major, currency, locale=locale))
    before, after = marks(language, currency)
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    unit = 10**digits

    def write(minor: int) -> str:
        whole, part = divmod(abs(minor), unit)
        figures = f"{whole:,}".replace(",", group)
        if digits:
            figures += f"{point}{part:0{digits}d}"
        return f"{_MINUS if minor < 0 else ''}{before}{figures}{after}"

    return write
