"""Decides what paying early saves, until when, and how much may be missing from a payment without a word."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from goodterms.terms.rules.agreed import Terms
from goodterms.terms.rules.dates import until
from goodterms.values.money import Money


class Offer(NamedTuple):
    """`amount`, `percent` of its base, less when paid on or before `until`."""

    until: date
    amount: Money
    percent: Decimal


def discounts(terms: Terms, issued_on: date, total: Money, net: Money | None = None) -> list[Offer]:
    """Every early discount in order of day, rounded once.

    It is taken of `total` when the tax follows the discount (`discount_tax="if_taken"`), else of `net`, the amount before
    tax, which is then needed: the tax is settled on the invoice and stays.
    """
    base = total if terms.discount_tax == "if_taken" else net
    if base is None:
        raise ValueError("a discount that leaves the tax alone is taken of the net amount: pass net")
    return sorted(Offer(until(tier.until, issued_on), base.percent(tier.percent), tier.percent) for tier in terms.discounts)


def discount_at(terms: Terms, issued_on: date, paid_on: date, total: Money, net: Money | None = None) -> Money:
    """What is off when paid on `paid_on`, the day in the seller's zone on which the money was received; the largest offer
    still open that day, zero when none is (invariant I9: the last day is in time, and offers do not add up)."""
    still = [offer.amount for offer in discounts(terms, issued_on, total, net) if paid_on <= offer.until]
    return max(still, key=lambda amount: amount.minor, default=Money(0, total.currency))


def is_within_tolerance(terms: Terms, open_amount: Money, total: Money) -> bool:
    """May `open_amount`, what a short payment left open, be let go? Only when terms name a limit, and within each."""
    allowed = terms.tolerance
    if open_amount.minor <= 0 or (allowed.percent is None and allowed.amount is None):
        return False
    if allowed.amount is not None and (allowed.amount.currency != total.currency or allowed.amount < open_amount):
        return False
    return allowed.percent is None or open_amount.minor * 100 <= total.minor * allowed.percent


def yearly_price(percent: Decimal, days_earlier: int, *, compounded: bool = False) -> Decimal:
    """What leaving a discount untaken costs the customer in per cent a year: 2% for paying 20 days earlier is 37.2%."""
    once = percent / (100 - percent)
    times = Decimal(365) / days_earlier
    return ((1 + once) ** times - 1 if compounded else once * times) * 100
