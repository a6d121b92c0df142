"""Decides what one currency is worth in another on a day: by hand before published, crossed through the euro, never stale."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused

EURO = "EUR"
MOST_DAYS = 7  # the longest a published rate is used on: past any run of days on which none is published
PLACES = Decimal("1e-12")
_PRECISION = 50
LARGEST = Decimal(10) ** 9


class Rate(NamedTuple):
    """One unit of `currency` is worth `value` of `base`: of which day, and where that is from."""

    currency: str
    base: str
    value: Decimal
    on: date
    source: str

    @property
    def factor(self) -> Decimal:
        """The same between minor units: of 1 USD in JPY it is a hundredth of the rate."""
        return self.value.scaleb(exponent(self.base) - exponent(self.currency))

    def worth(self, amount: Money) -> Money:
        """`amount` in the other currency, rounded once, half up."""
        if amount.currency != self.currency:
            raise ValueError(f"this rate is of {self.currency}, and the amount is {amount}")
        with localcontext() as exact:
            exact.prec = _PRECISION
            return Money.of(amount.major * self.value, self.base)


class Published(NamedTuple):
    """One euro was worth so much of `currency` on `day`."""

    day: date
    currency: str
    per_euro: Decimal
    source: str = "ECB"


class Given(NamedTuple):
    """One unit of `currency` is worth `rate` of `base` from a day to a day, says somebody."""

    currency: str
    base: str
    rate: Decimal
    from_on: date
    until_on: date
    source: str


def rate_on(currency: str, base: str, on: date, *, given: Iterable[Given], published: Iterable[Published]) -> Rate | None:
    """The rate of a day: one given for that day (the last one given), either way round; else the last published on or before
    it, not more than MOST_DAYS old, through the euro where neither of the two is one. None where nobody knows."""
    if currency == base:
        return Rate(currency, base, Decimal(1), on, "")
    for one in reversed([each for each in given if each.from_on <= on <= each.until_on]):
        if (one.currency, one.base) == (currency, base):
            return Rate(currency, base, one.rate, on, one.source)
        if (one.currency, one.base) == (base, currency):
            return Rate(currency, base, _divided(Decimal(1), one.rate), on, one.source)
    return _crossed(currency, base, on, published)


def no_rate(currency: str, base: str, on: date) -> Refused:
    """Said where a rate is needed and nobody knows one."""
    return Refused(
        f"There is no exchange rate from {currency} to {base} for {on.day} {on:%B %Y}, nor of the {MOST_DAYS} days before. "
        f"Import the file of the European Central Bank (goodterms import rates FILE), or give the rate by hand "
        f"(goodterms rates give {currency} {base} RATE, or Settings, Exchange rates).",
        code="rate",
        field="rate",
    )


def check_given(one: Given) -> None:
    """Refuses a rate that cannot be meant."""
    for code in (one.currency, one.base):
        exponent(code)  # refuses, in words of its own, what is no currency
    if one.currency == one.base:
        raise Refused("A rate is between two currencies.", code="currency", field="currency")
    if not one.rate.is_finite() or not PLACES <= one.rate <= LARGEST or one.rate != one.rate.quantize(PLACES):
        raise Refused("A rate is a number above zero, with at most twelve digits after the point.", code="rate", field="rate")
    if one.until_on < one.from_on:
        raise Refused("The last day of a rate is not before its first.", code="date", field="until_on")
    if not one.source.strip():
        raise Refused("Say where the rate is from, such as your bank or the customs office.", code="source", field="source")


def earliest(on: date) -> date:
    """The first day whose published rate may serve on `on`."""
    return on - timedelta(days=MOST_DAYS)


def _crossed(currency: str, base: str, on: date, published: Iterable[Published]) -> Rate | None:
    """Both legs are of one day and one publisher."""
    by_day: dict[tuple[date, str], dict[str, Decimal]] = {}
    for one in published:
        if earliest(on) <= one.day <= on:
            by_day.setdefault((one.day, one.source), {EURO: Decimal(1)})[one.currency] = one.per_euro
    days: Sequence[tuple[date, str]] = sorted(key for key, rates in by_day.items() if {currency, base} <= rates.keys())
    if not days:
        return None
    day, source = days[-1]
    return Rate(currency, base, _divided(by_day[days[-1]][base], by_day[days[-1]][currency]), day, source)


def _divided(upper: Decimal, lower: Decimal) -> Decimal:
    with localcontext() as exact:
        exact.prec = _PRECISION
        return (upper / lower).quantize(PLACES, ROUND_HALF_UP).normalize()
