"""Decides what an amount of money is: whole minor units of one currency (ISO 4217), never a bare number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal

from goodterms.values.refusal import Refused, to_say

Rounding = Literal["half_up", "half_even", "down"]
_ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
MINOR_MAX = 10**15  # a thousand billion in cents: well inside bigint, well past any invoice
NO_CURRENCY = to_say("{currency} is not a currency code of ISO 4217; write it like EUR or USD.")
TOO_LARGE = to_say("{amount} {currency} is larger than an amount can be here.")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` whole minor units (cents, yen, fils) of `currency`. Adding two currencies raises."""

    minor: int
    currency: str

    @staticmethod
    def of(amount: Decimal, currency: str, rounding: Rounding = "half_up") -> Money:
        """From major units, rounded as named to the currency's minor unit."""
        return Money(to_minor(amount, currency, rounding), currency)

    @staticmethod
    def total(parts: Iterable[Money], currency: str) -> Money:
        """The sum, which is zero of `currency` when there is nothing to add."""
        return sum(parts, Money(0, currency))

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        """`1,942.80 GBP`: in the log and in refusals; pages and letters have delivery.spoken."""
        return f"{self.major:,f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, factor: Decimal, rounding: Rounding) -> Money:
        """The amount times `factor`, rounded once, as named."""
        return Money(int((self.minor * factor).quantize(Decimal(1), _ROUNDINGS[rounding])), self.currency)

    def percent(self, rate: Decimal, rounding: Rounding = "half_up") -> Money:
        """`rate` per cent of the amount, rounded once."""
        return self.times(rate / 100, rounding)

    def split(self, weights: Sequence[Decimal | int]) -> list[Money]:
        """Parts in proportion to `weights` (none negative) that add up to the whole; what is left goes to the largest
        remainders."""
        total = sum(Decimal(w) for w in weights)
        if not weights or total <= 0 or any(w < 0 for w in weights):
            raise ValueError("split needs weights that are not negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        exact = [abs(self.minor) * Decimal(w) / total for w in weights]
        parts = [int(share) for share in exact]
        rest = abs(self.minor) - sum(parts)
        by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
        for i in by_remainder[:rest]:
            parts[i] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are not added: name a rate first")
        return other.minor


def to_minor(amount: Decimal, currency: str, rounding: Rounding = "half_up") -> int:
    """Whole minor units of `amount` major units; refuses what no invoice can hold."""
    if not amount.is_finite():
        raise Refused("{amount} is not an amount.", code="amount", amount=amount)
    if amount.adjusted() > 18:  # past what quantize can hold, and far past MINOR_MAX
        raise Refused(TOO_LARGE, code="amount", amount=amount, currency=currency)
    minor = int(amount.scaleb(exponent(currency)).quantize(Decimal(1), _ROUNDINGS[rounding]))
    if abs(minor) > MINOR_MAX:
        raise Refused(TOO_LARGE, code="amount", amount=amount, currency=currency)
    return minor


@cache
def exponent(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency: EUR 2, JPY 0, KWD 3. Refuses an unknown code."""
    from babel.core import get_global
    from babel.numbers import list_currencies

    if currency not in list_currencies():
        raise Refused(NO_CURRENCY, code="currency", currency=repr(currency))
    fractions: dict[str, tuple[int, int, int, int]] = get_global("currency_fractions")  # type: ignore[assignment]
    return fractions.get(currency, fractions["DEFAULT"])[0]
