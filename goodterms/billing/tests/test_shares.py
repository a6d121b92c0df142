"""A price, invoiced bit by bit: whatever the order of deposits, parts and credits, the sum is the price, rate by rate."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.billing.rules import Ask, invoice_line, less_line, must_not_fall_below, net_of, price_of, shares, wanted_of
from goodterms.billing.rules.shares import rest_of
from goodterms.invoicing import credits
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import TaxGroup, totals
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

RATES = [
    Tax("S", Decimal(19)),
    Tax("S", Decimal(7)),
    Tax("S", Decimal("8.1")),
    Tax("Z", Decimal(0)),
    Tax("E", Decimal(0), "School"),
]
CURRENCIES = ("EUR", "JPY", "KWD")


class Step(NamedTuple):
    """What is done next: a part of so much per cent of what is left, or a credit of so much of what a part billed."""

    deed: str
    percent: int


def price_line(name: str, price: str, tax: Tax = RATES[0], quantity: str = "1") -> Line:
    return Line(name, Decimal(quantity), Decimal(price), tax)


def sums(groups: Sequence[TaxGroup]) -> dict[tuple[str, Decimal], tuple[int, int]]:
    """Before tax and tax by rate, without what is nothing."""
    found: dict[tuple[str, Decimal], tuple[int, int]] = {}
    for group in groups:
        net, tax = found.get((group.category, group.rate.normalize()), (0, 0))
        found[group.category, group.rate.normalize()] = (net + group.taxable.minor, tax + group.tax.minor)
    return {key: pair for key, pair in found.items() if pair != (0, 0)}


def part(currency: str, price: Sequence[TaxGroup], counted: Sequence[TaxGroup], wanted: Money) -> list[TaxGroup]:
    """As its invoice has it: through the lines and the totals of a document."""
    lines = [invoice_line(share, "Part", "Shop") for share in shares(price, counted, wanted)]
    return list(totals(currency, lines).groups)


def final(currency: str, lines: Sequence[Line], earlier: Sequence[Sequence[TaxGroup]]) -> list[TaxGroup]:
    less = [less_line(group, "Less", "Shop") for part in earlier for group in part if group.taxable or group.tax]
    return list(totals(currency, [*lines, *less]).groups)


PRICES = st.builds(
    lambda rows: [price_line(f"Line {at}", price, tax, quantity) for at, (price, tax, quantity) in enumerate(rows)],
    st.lists(
        st.tuples(
            st.integers(1, 40_000).map(str), st.sampled_from(RATES), st.sampled_from(["1", "3", "0.5", "7"]),
        ),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
STEPS = st.lists(
    st.builds(Step, st.sampled_from(["part", "part", "part", "credit"]), st.integers(1, 100)), max_size=9
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(currency=st.sampled_from(CURRENCIES), lines=PRICES, steps=STEPS)
def test_all_parts_and_the_final_invoice_come_to_the_price_in_every_rate(
    currency: str, lines: list[Line], steps: list[Step]
) -> None:
    price = price_of(currency, lines)
    whole, parts = net_of(price, currency), list[list[TaxGroup]]()
    for step in steps:
        counted = [group for one in parts for group in one]
        left = whole - net_of(counted, currency)
        if step.deed == "part":
            wanted = left.percent(Decimal(step.percent))
            if wanted.minor > 0:
                parts.append(part(currency, price, counted, wanted))
        elif parts:
            at = step.percent % len(parts)
            worth = Money.total((group.taxable + group.tax for group in parts[at]), currency)
            if amount := worth.percent(Decimal(step.percent)):
                parts[at] = credits.left(parts[at], credits.by_amount(parts[at], amount))
        counted = [group for one in parts for group in one]
        assert net_of(counted, currency) <= whole
        assert all(group.taxable.minor >= 0 for group in rest_of(price, counted))
    rest = final(currency, lines, parts)
    assert sums([*rest, *(group for one in parts for group in one)]) == sums(price)
    assert sum(group.taxable.minor + group.tax.minor for group in rest) >= 0


@given(lines=PRICES, percents=st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_as_it_goes_on_what_is_complete_is_what_is_invoiced(lines: list[Line], percents: list[int]) -> None:
    price, counted = price_of("EUR", lines), list[TaxGroup]()
    whole = net_of(price, "EUR")
    for percent in sorted(set(percents)):
        if whole.percent(Decimal(percent)) == net_of(counted, "EUR"):  # so little more that it rounds to nothing
            continue
        wanted = wanted_of(Ask(complete=Decimal(percent)), whole, net_of(counted, "EUR"), [])
        counted += part("EUR", price, counted, wanted)
        assert net_of(counted, "EUR") == whole.percent(Decimal(percent))


def test_the_last_part_takes_the_last_of_the_tax() -> None:
    """Three times 33.33 with 6.33 each would leave 0.01 with no tax: 100.00 has 19.00, and 3 × 6.33 is 18.99."""
    price, counted = price_of("EUR", [price_line("Shop", "100")]), list[TaxGroup]()
    for wanted in (33_33, 33_33, 33_34):
        counted += part("EUR", price, counted, Money(wanted, "EUR"))
    assert [group.tax.minor for group in counted] == [6_33, 6_33, 6_34]
    assert sums(counted) == {("S", Decimal(19)): (100_00, 19_00)}


def test_a_deposit_at_an_older_rate_is_taken_off_at_that_rate() -> None:
    """16 per cent when it was billed, 19 when the work is done: the final invoice says both."""
    older = Tax("S", Decimal(16))
    lines = [price_line("Kitchen", "10000")]
    deposit = part("EUR", price_of("EUR", [price_line("Kitchen", "10000", older)]), [], Money(3000_00, "EUR"))
    rest = final("EUR", lines, [deposit])
    assert sums(rest) == {("S", Decimal(16)): (-3000_00, -480_00), ("S", Decimal(19)): (10_000_00, 1_900_00)}
    assert sums([*rest, *deposit]) == {("S", Decimal(19)): (10_000_00, 1_900_00)}
    more = part("EUR", price_of("EUR", lines), deposit, Money(7000_00, "EUR"))
    assert sums(more) == {("S", Decimal(19)): (7000_00, 1330_00)}


def test_a_milestone_is_billed_under_its_own_tax_as_far_as_that_is_left() -> None:
    lines = [price_line("Design", "600"), price_line("Books", "400", RATES[1])]
    price = price_of("EUR", lines)
    ahead = part("EUR", price, [], Money(100_00, "EUR"))  # 60 and 40
    found = shares(price, ahead, Money(600_00, "EUR"), RATES[0])
    assert [(int(one.tax.rate), one.net.minor) for one in found] == [(19, 540_00), (7, 60_00)]
    assert [(int(one.tax.rate), one.net.minor) for one in shares(price, [], Money(400_00, "EUR"), RATES[1])] == [(7, 400_00)]


WHOLE, HALF = Money(1000_00, "EUR"), Money(500_00, "EUR")
REFUSED: list[tuple[Ask, Money, str]] = [
    (Ask(net=Money(500_01, "EUR")), HALF, "Only 500.00 EUR of the agreed 1,000.00 EUR are left to invoice before tax"),
    (Ask(percent=Decimal(51)), HALF, "and this is 510.00 EUR. Bill what is left, or agree another price first."),
    (Ask(complete=Decimal(50)), HALF, "500.00 EUR of the agreed 1,000.00 EUR are invoiced already"),
    (Ask(percent=Decimal(101)), HALF, "more than 0 and at most 100 per cent of the price, not 101."),
    (Ask(net=Money(0, "EUR")), HALF, "A part is more than nothing."),
    (Ask(milestone=3), HALF, "The agreed price has no line 3."),
    (Ask(net=HALF), WHOLE, "All of the agreed 1,000.00 EUR is invoiced. Agree another price first."),
    (Ask(), HALF, "Say how much in one way"),
    (Ask(net=HALF, percent=Decimal(10)), HALF, "Say how much in one way"),
]


@pytest.mark.parametrize(("ask", "invoiced", "said"), REFUSED)
def test_never_more_than_is_left_and_said_in_one_way(ask: Ask, invoiced: Money, said: str) -> None:
    with pytest.raises(Refused) as no:
        wanted_of(ask, WHOLE, invoiced, [HALF, HALF])
    assert said in no.value.sentence


def test_by_which_more_would_be_given_back_than_is_billed_is_refused() -> None:
    must_not_fall_below(WHOLE, WHOLE)
    with pytest.raises(Refused, match=r"is 500.00 EUR more than all of it, with tax. Credit so much of a deposit first"):
        must_not_fall_below(HALF, WHOLE)


def test_a_price_has_lines_that_can_be_told_apart_and_cost_something() -> None:
    with pytest.raises(Refused, match="Two lines of a price have the same name"):
        price_of("EUR", [price_line("Design", "10"), price_line("Design ", "20")])
    with pytest.raises(Refused, match="Each tax rate of a price comes to more than nothing"):
        price_of("EUR", [price_line("Design", "10"), price_line("Gift", "5", RATES[1], "-1")])
    with pytest.raises(Refused, match="Give the discount of a line of a price in per cent"):
        price_of("EUR", [Line("Design", Decimal(1), Decimal(10), RATES[0], discount_amount=Decimal(1))])
