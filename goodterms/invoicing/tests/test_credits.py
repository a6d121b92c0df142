"""Decides that credit notes never give back more than is left, in no tax group, and in the end exactly all of it."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goodterms.invoicing import credits
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def group(rate: int, taxable: int, tax: int) -> TaxGroup:
    return TaxGroup("S" if rate else "Z", Decimal(rate), Money(taxable, "EUR"), Money(tax, "EUR"), "")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@st.composite
def invoices(draw: st.DrawFn) -> list[TaxGroup]:
    rates = draw(st.lists(st.sampled_from([0, 5, 7, 19, 21]), min_size=1, max_size=3, unique=True))
    nets = [draw(st.integers(1, 10_000_00)) for _ in rates]
    return [
        group(rate, net, int(Money(net, "EUR").percent(Decimal(rate)).minor)) for rate, net in zip(rates, nets, strict=True)
    ]


def gross(groups: list[TaxGroup]) -> int:
    return sum(one.taxable.minor + one.tax.minor for one in groups)


@given(invoices(), st.lists(st.integers(1, 5_000_00), max_size=5), st.booleans())
def test_any_run_of_credits_ends_at_nothing_and_never_below(issued: list[TaxGroup], sums: list[int], by_net: bool) -> None:
    credited: list[TaxGroup] = []
    for minor in sums:
        remaining = credits.left(issued, credited)
        if by_net:
            first = next((one for one in remaining if one.taxable), None)
            assume(first is not None)
            assert first is not None
            net = min(eur(minor), first.taxable)
            given_back = credits.by_net(remaining, {(first.category, first.rate): net})
            assert [one.taxable for one in given_back] == [net]
        else:
            amount = min(minor, gross(remaining))
            assume(amount)
            given_back = credits.by_amount(remaining, eur(amount))
            assert gross(given_back) == amount
        credited += given_back
        assert all(one.taxable.minor >= 0 and one.tax.minor >= 0 for one in credits.left(issued, credited))
    remaining = credits.left(issued, credited)
    if gross(remaining):
        credited += credits.by_amount(remaining, eur(gross(remaining)))
    assert {(one.taxable.minor, one.tax.minor) for one in credits.left(issued, credited)} == {(0, 0)}


def test_a_part_takes_its_tax_with_it() -> None:
    issued = [group(21, 100_00, 21_00), group(0, 79_00, 0)]
    (part,) = credits.by_net(issued, {("S", Decimal(21)): eur(10_00)})
    assert (part.taxable, part.tax) == (eur(10_00), eur(2_10))
    spread = credits.by_amount(issued, eur(20_00))
    assert [(one.taxable.minor, one.tax.minor) for one in spread] == [(10_00, 2_10), (7_90, 0)]


def test_more_than_is_left_is_refused_in_each_group_and_in_all() -> None:
    issued = [group(21, 100_00, 21_00), group(7, 10_00, 70)]
    with pytest.raises(Refused, match=r"Only 131\.70 EUR"):
        credits.by_amount(issued, eur(131_71))
    with pytest.raises(Refused, match=r"Only 10\.00 EUR"):
        credits.by_net(issued, {("S", Decimal(7)): eur(10_01)})
    with pytest.raises(Refused, match="more than nothing"):
        credits.by_amount(issued, eur(0))


def test_an_allowance_on_the_whole_is_credited_by_lines_or_all_at_once() -> None:
    issued = [group(21, 100_00, 21_00), group(0, -5_00, 0)]
    assert gross(credits.by_amount(issued, eur(116_00))) == 116_00
    with pytest.raises(Refused, match="by lines"):
        credits.by_amount(issued, eur(10_00))
