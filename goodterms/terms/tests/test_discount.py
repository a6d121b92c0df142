"""Early payment: what it saves, until when, what it does to the tax, and what a short payment may leave."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from goodterms.terms.rules import (
    Days,
    Discount,
    Terms,
    Tolerance,
    discount_at,
    discounts,
    is_within_tolerance,
    parse,
    yearly_price,
)
from goodterms.terms.tests.made import issue_days, money, terms
from goodterms.values.money import Money

ISSUED = date(2026, 10, 1)
EUR_121 = Money(121_00, "EUR")
EUR_100 = Money(100_00, "EUR")


def two_percent(**policy: str) -> Terms:
    return Terms(discounts=(Discount(Decimal(2), (Days(10),)),), **policy)  # type: ignore[arg-type]


def test_the_last_day_of_the_discount_is_in_time_and_the_next_is_not() -> None:
    """Invariant I9; the figures of Bellwether Foods: £10,050.10 by 11 October instead of £10,255.20."""
    total = Money(10_255_20, "GBP")
    assert total - discount_at(two_percent(), ISSUED, date(2026, 10, 11), total) == Money(10_050_10, "GBP")
    assert discount_at(two_percent(), ISSUED, date(2026, 10, 12), total) == Money(0, "GBP")


def test_of_several_offers_the_largest_still_open_counts_and_they_do_not_add_up() -> None:
    agreed = parse("3/10, 2/20, net 30")
    by_day = [discount_at(agreed, ISSUED, ISSUED + timedelta(days=n), EUR_100).minor for n in (0, 10, 11, 20, 21)]
    assert by_day == [3_00, 3_00, 2_00, 2_00, 0]
    assert [offer.until for offer in discounts(agreed, ISSUED, EUR_100)] == [date(2026, 10, 11), date(2026, 10, 21)]


def test_a_discount_may_run_to_a_day_of_the_next_month() -> None:
    assert discounts(parse("2/10 prox net 60"), ISSUED, EUR_100)[0].until == date(2026, 11, 10)


def test_tax_follows_the_discount_only_if_taken() -> None:
    """100 + 21 %, 2 %: 118.58 early, 121.00 late."""
    assert EUR_121 - discount_at(two_percent(), ISSUED, ISSUED, EUR_121) == Money(118_58, "EUR")


def test_tax_never_follows_the_discount() -> None:
    """100 + 21 %, 2 %: 119.00 early, 121.00 late."""
    off = discount_at(two_percent(discount_tax="never"), ISSUED, ISSUED, EUR_121, EUR_100)
    assert EUR_121 - off == Money(119_00, "EUR")


def test_tax_is_always_of_the_discounted_amount() -> None:
    """100 + 21 %, 2 %: the invoice already says 120.58 (tax on 98), early it is 118.58."""
    billed = Money(120_58, "EUR")
    off = discount_at(two_percent(discount_tax="always"), ISSUED, ISSUED, billed, EUR_100)
    assert billed - off == Money(118_58, "EUR")


def test_a_discount_that_leaves_the_tax_alone_needs_the_net_amount() -> None:
    with pytest.raises(ValueError, match="pass net"):
        discounts(two_percent(discount_tax="never"), ISSUED, EUR_121)


def test_leaving_2_10_net_30_untaken_costs_37_2_percent_a_year_or_44_6_compounded() -> None:
    """2/98 x 365/20."""
    assert round(yearly_price(Decimal(2), 20), 1) == Decimal("37.2")
    assert round(yearly_price(Decimal(2), 20, compounded=True), 1) == Decimal("44.6")


def test_a_small_difference_is_let_go_within_each_limit() -> None:
    both = Terms(tolerance=Tolerance(Decimal(1), Money(5_00, "EUR")))
    assert is_within_tolerance(both, Money(1_00, "EUR"), EUR_100)
    assert not is_within_tolerance(both, Money(1_01, "EUR"), EUR_100)
    assert not is_within_tolerance(both, Money(5_01, "EUR"), Money(9_000_00, "EUR"))
    assert not is_within_tolerance(both, Money(1_00, "USD"), Money(100_00, "USD"))


def test_without_a_limit_nothing_is_let_go() -> None:
    assert not is_within_tolerance(Terms(), Money(1, "EUR"), EUR_100)
    assert not is_within_tolerance(Terms(tolerance=Tolerance(Decimal(1))), Money(0, "EUR"), EUR_100)


@given(terms(), issue_days, issue_days, money())
def test_a_discount_is_one_of_the_offers_and_waiting_never_earns_more(
    agreed: Terms, issued_on: date, paid_on: date, total: Money
) -> None:
    offers = discounts(agreed, issued_on, total, total)
    now = discount_at(agreed, issued_on, paid_on, total, total)
    later = discount_at(agreed, issued_on, paid_on + timedelta(days=1), total, total)
    assert now in [Money(0, total.currency), *(offer.amount for offer in offers if paid_on <= offer.until)]
    assert Money(0, total.currency) <= later <= now <= total
