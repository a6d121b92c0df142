"""Decides which reference rate counts for a day of statutory interest: one table for each law, one row a half-year.

EU: the European Central Bank's rate for main refinancing operations on the first day of the half-year (Directive
2011/7/EU, art. 2(7)). UK: the Bank of England's official dealing rate on the 31 December or 30 June before it (SI 2002/1675,
art. 4). Both banks publish them; the rows of 2026 were read from third parties. Rates are per cent a year.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from goodterms.values.refusal import Refused

Law = Literal["eu", "uk"]
Rates = Mapping[date, Decimal]  # first day of a half-year: rate

_EU = {
    2013: ("0.75", "0.50"),
    2014: ("0.25", "0.15"),
    2015: ("0.05", "0.05"),
    2016: ("0.05", "0.00"),
    2017: ("0.00", "0.00"),
    2018: ("0.00", "0.00"),
    2019: ("0.00", "0.00"),
    2020: ("0.00", "0.00"),
    2021: ("0.00", "0.00"),
    2022: ("0.00", "0.00"),
    2023: ("2.50", "4.00"),
    2024: ("4.50", "4.25"),
    2025: ("3.15", "2.15"),
    2026: ("2.15", "2.40"),
}
_UK = {
    2013: ("0.50", "0.50"),
    2014: ("0.50", "0.50"),
    2015: ("0.50", "0.50"),
    2016: ("0.50", "0.50"),
    2017: ("0.25", "0.25"),
    2018: ("0.50", "0.50"),
    2019: ("0.75", "0.75"),
    2020: ("0.75", "0.10"),
    2021: ("0.10", "0.10"),
    2022: ("0.25", "1.25"),
    2023: ("3.50", "5.00"),
    2024: ("5.25", "5.25"),
    2025: ("4.75", "4.25"),
    2026: ("3.75", "3.75"),
}


def _by_half_year(table: Mapping[int, tuple[str, str]]) -> Rates:
    return {
        date(year, month, 1): Decimal(rate) for year, pair in table.items() for month, rate in zip((1, 7), pair, strict=True)
    }


RATES: Mapping[Law, Rates] = {"eu": _by_half_year(_EU), "uk": _by_half_year(_UK)}
_BANK: Mapping[Law, str] = {"eu": "European Central Bank", "uk": "Bank of England"}


def reference_rate(law: Law, on: date, rates: Mapping[Law, Rates] = RATES) -> Decimal:
    """Per cent a year for the day `on`; refuses a day whose half-year is not in the table."""
    half = half_year(on)
    if half not in rates[law]:
        raise Refused(
            f"The reference rate of the {_BANK[law]} for the half-year from {half:%d.%m.%Y} is not in the table yet. "
            "Add it, and the interest can be worked out.",
            code="rate_unknown",
        )
    return rates[law][half]


def half_year(on: date) -> date:
    """The first day of the half-year that holds `on`."""
    return date(on.year, 1 if on.month < 7 else 7, 1)
