"""Decides how figures of several currencies become one: at the rates of one day, which are named beside them."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.rates.reading import rates_for
from goodterms.rates.rules import Rate
from goodterms.values.money import Money, exponent

DEFINITION = "All currencies together, each at its rate of the last day: by hand, else the last published."


class InOne(NamedTuple):
    """A currency for all figures, and the rates into it."""

    currency: str
    rates: Mapping[str, Rate]

    def worth(self, minor: int, currency: str) -> int:
        """Minor units of the one currency."""
        return minor if currency == self.currency else self.rates[currency].worth(Money(minor, currency)).minor

    @property
    def factors(self) -> tuple[list[str], list[Decimal]]:
        """Currencies, and what one minor unit of each is worth in minor units of the one."""
        return [self.currency, *self.rates], [Decimal(1), *(rate.factor for rate in self.rates.values())]

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"currency": one.currency, "rate": f"{one.value:f}", "on": one.on.isoformat(), "source": one.source}
            for one in self.rates.values()
        ]


def in_one(*, vendor_id: UUID, currency: str, currencies: Iterable[str], on: date) -> InOne:
    """The rates of a day from each of `currencies` into `currency`; refuses where one is not known."""
    exponent(currency)  # refuses, in words of its own, what is no currency
    return InOne(currency, rates_for(vendor_id=vendor_id, base=currency, currencies=set(currencies), on=on))
