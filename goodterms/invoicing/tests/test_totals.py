"""Totals: the facts of EN 16931 and of the trade with their sources, then what must hold for any document."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.totals import TaxMethod, Totals, percent_off, tax_less_early_discount, totals
from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused


def vat(rate: str) -> Tax:
    return Tax("S", Decimal(rate))


def line(quantity: str, price: str, tax: str = "20", *, off: str = "0", amount: str = "0", project: str = "") -> Line:
    return Line(
        description="Work",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        tax=vat(tax),
        discount_percent=Decimal(off),
        discount_amount=Decimal(amount),
        project=project,
    )


def gross_line(quantity: str, price: str, tax: str) -> Line:
    return Line("Work", Decimal(quantity), Decimal(price), vat(tax), includes_tax=True)


def test_an_invoice_of_the_trade_adds_up() -> None:
    """LR-2026-0187: 8,546.00 and 20 % VAT make 10,255.20."""
    sums = totals("GBP", [line("6", "720"), line("2", "680"), line("14", "145"), line("9.5", "88")])
    assert [each.net.minor for each in sums.lines] == [4_320_00, 1_360_00, 2_030_00, 836_00]
    assert (sums.net, sums.tax, sums.total) == (
        Money(8_546_00, "GBP"),
        Money(1_709_20, "GBP"),
        Money(10_255_20, "GBP"),
    )
    assert sums.payable == sums.total


def test_line_nets_are_rounded_before_they_are_added() -> None:
    """BR-CO-10: 16 x 348.35 less 4 % is 5,350.66 rounded, with 22 % 6,527.81; unrounded to the end it were 6,527.80."""
    sums = totals("EUR", [line("16", "348.35", "22", off="4")])
    assert sums.line_sum == Money(5_350_66, "EUR")
    assert sums.lines[0].allowance == Money(222_94, "EUR")
    assert sums.total == Money(6_527_81, "EUR")
    unrounded = Decimal("348.35") * 16 * Decimal("0.96") * Decimal("1.22")
    assert unrounded.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("6527.80")


@pytest.mark.parametrize("free", [
    line("1", "0.005", off="100"), line("-1", "0.005", off="100"), line("1", "0.005", amount="0.005"),
])  # fmt: skip
def test_all_of_half_a_cent_taken_off_leaves_nothing_and_gives_no_cent_back(free: Line) -> None:
    assert totals("GBP", [line("1", "1"), free]).net == Money(1_00, "GBP")


@pytest.mark.parametrize(("method", "tax"), [("group", 56), ("line", 57)])
def test_three_lines_of_99_cents_differ_by_a_cent_between_the_methods(method: TaxMethod, tax: int) -> None:
    """19 % of 2.97 is 0.56, three times 19 % of 0.99 is 0.57; the series says which."""
    assert totals("EUR", [line("1", "0.99", "19")] * 3, method=method).tax == Money(tax, "EUR")


def test_the_official_example_with_five_lines_three_rates_and_a_prepayment() -> None:
    """CEN/TC 434 UBL example 2 (NOK): 1,436.50 in lines, allowance and freight of 100 each, 1,801.78, 1,000 prepaid."""
    lines = [
        Line("Laptop", Decimal(2), Decimal(1273), vat("25"), discount_amount=Decimal(1273)),
        line("-1", "3.96", "15"),
        line("2", "2.48", "15"),
        Line("Old computer", Decimal(-1), Decimal(25), Tax("E", Decimal(0), "Exempt New Means of Transport")),
        line("250", "0.75", "25"),
    ]
    sums = totals(
        "NOK",
        lines,
        adjustments=[
            Adjustment("allowance", Decimal(100), vat("25"), "Promotion discount"),
            Adjustment("charge", Decimal(100), vat("25"), "Freight"),
        ],
        prepaid=Money(1_000_00, "NOK"),
    )
    assert [each.net.minor for each in sums.lines] == [1273_00, -3_96, 4_96, -25_00, 187_50]
    assert [(g.category, int(g.rate), g.taxable.minor, g.tax.minor) for g in sums.groups] == [
        ("E", 0, -25_00, 0),
        ("S", 15, 1_00, 15),
        ("S", 25, 1460_50, 365_13),
    ]
    assert (sums.line_sum.minor, sums.allowances.minor, sums.charges.minor) == (1436_50, 100_00, 100_00)
    assert (sums.net.minor, sums.total.minor, sums.payable.minor) == (1436_50, 1801_78, 801_78)


def test_a_gross_price_is_met_to_the_cent() -> None:
    """A price of 499.99 or 500.01 with 10 % inside cannot be hit from a net price of two digits, so net is worked out."""
    for gross in ("499.99", "500.00", "500.01"):
        sums = totals("EUR", [gross_line("1", gross, "10")])
        assert sums.total == Money.of(Decimal(gross), "EUR")


def test_of_a_gross_price_the_net_is_rounded_and_the_tax_is_the_rest() -> None:
    """2.99 with 4 %: net 2.88, tax 0.11 (rounding the tax instead would say 0.12)."""
    sums = totals("EUR", [gross_line("1", "2.99", "4")])
    assert (sums.net, sums.tax) == (Money(2_88, "EUR"), Money(11, "EUR"))


def test_many_gross_lines_meet_their_sum_without_drift() -> None:
    """Forty times 2.99 with 4 %: 119.60; forty nets of 2.88 would leave 4.40 of tax, 20 cents short of 4 %."""
    sums = totals("EUR", [gross_line("1", "2.99", "4")] * 40)
    assert (sums.total, sums.net, sums.tax) == (Money(119_60, "EUR"), Money(115_00, "EUR"), Money(4_60, "EUR"))
    assert {each.net.minor for each in sums.lines} == {2_87, 2_88}


def test_tax_always_of_the_discounted_amount() -> None:
    """100 + 21 %, 2 % early discount: 120.58, in which 98 are taxed and 2 are exempt."""
    lines = [line("1", "100", "21")]
    early = tax_less_early_discount("EUR", lines, Decimal(2), "Early payment")
    sums = totals("EUR", lines, adjustments=early)
    assert (sums.net, sums.tax, sums.total) == (Money(100_00, "EUR"), Money(20_58, "EUR"), Money(120_58, "EUR"))


def test_a_discount_on_the_whole_is_shared_by_the_tax_groups() -> None:
    lines = [line("1", "100", "20"), line("1", "50", "5")]
    sums = totals("GBP", lines, adjustments=percent_off("GBP", lines, Decimal(10), "Loyal customer"))
    assert sums.allowances == Money(15_00, "GBP")
    assert [(g.taxable.minor, g.tax.minor) for g in sums.groups] == [(45_00, 2_25), (90_00, 18_00)]


@pytest.mark.parametrize(
    ("currency", "price", "total"), [("JPY", "1999", 2199), ("KWD", "1.9995", 2200), ("EUR", "19.99", 2199)]
)
def test_every_currency_has_its_own_minor_unit(currency: str, price: str, total: int) -> None:
    """ISO 4217: no digit in JPY (199.9 of tax is 200), three in KWD, two in EUR."""
    assert totals(currency, [line("1", price, "10")]).total == Money(total, currency)


@pytest.mark.parametrize(("price", "payable", "rounding"), [("9.97", 9_95, -2), ("9.98", 10_00, 2), ("9.975", 10_00, 2)])
def test_cash_is_rounded_in_its_own_field(price: str, payable: int, rounding: int) -> None:
    """BR-CO-16: payable = total - prepaid + rounding (BT-114); five centimes in Swiss francs."""
    sums = totals("CHF", [Line("Work", Decimal(1), Decimal(price), Tax("Z", Decimal(0)))], cash_step=Decimal("0.05"))
    assert (sums.payable.minor, sums.rounding.minor) == (payable, rounding)


def test_zero_tax_needs_a_reason() -> None:
    with pytest.raises(Refused, match="No tax needs a reason"):
        vat("0")
    for category in ("E", "AE", "K", "G", "O"):
        with pytest.raises(Refused, match="say why there is no tax"):
            Tax(category, Decimal(0))
    with pytest.raises(Refused, match="takes no reason"):
        Tax("Z", Decimal(0), "books")
    with pytest.raises(Refused, match="has no tax, so its rate is 0"):
        Tax("AE", Decimal(20), "Reverse charge")
    with pytest.raises(Refused, match="not a tax category"):
        Tax("VAT", Decimal(20))


def test_a_line_that_says_nothing_or_nonsense_is_refused() -> None:
    for quantity, price in [("0", "10"), ("1", "-10"), ("NaN", "1"), ("1", "Infinity"), ("1e10", "1"), ("1", "0.123456789")]:
        with pytest.raises(Refused):
            line(quantity, price)
    with pytest.raises(Refused, match="description is empty"):
        Line(" ", Decimal(1), Decimal(1), vat("20"))
    with pytest.raises(Refused, match="not more than its line"):
        line("1", "10", amount="10.01")
    with pytest.raises(Refused, match="not both"):
        line("1", "10", off="5", amount="1")
    with pytest.raises(Refused, match="0 to 100 per cent"):
        line("1", "10", off="101")


def test_a_document_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="at least one line"):
        totals("EUR", [])
    with pytest.raises(Refused, match="credit note"):
        totals("EUR", [line("-1", "10")])
    with pytest.raises(Refused, match="Return what is too much"):
        totals("EUR", [line("1", "10")], prepaid=Money(12_01, "EUR"))
    with pytest.raises(Refused, match="BR-O-11"):
        totals("EUR", [line("1", "10"), Line("Stamps", Decimal(1), Decimal(1), Tax("O", Decimal(0), "Postage"))])
    with pytest.raises(Refused, match="smallest unit"):
        totals("EUR", [line("1", "10")], cash_step=Decimal("0.001"))
    with pytest.raises(Refused, match="larger than an amount"):
        totals("EUR", [line("999999999", "999999999999")])
    with pytest.raises(Refused, match="ISO 4217"):
        totals("EURO", [line("1", "10")])


taxes = st.sampled_from(
    [vat("20"), vat("19"), vat("5.5"), Tax("Z", Decimal(0)), Tax("AE", Decimal(0), "Reverse charge"), Tax("L", Decimal(7))]
)
lines_of_any_kind = st.builds(
    Line,
    description=st.just("Work"),
    quantity=st.decimals(-5, 200, places=3).filter(bool),
    unit_price=st.decimals(0, 5000, places=4),
    tax=taxes,
    discount_percent=st.just(Decimal(0)) | st.decimals(0, 100, places=2),
    includes_tax=st.booleans(),
)
adjustments_of_any_kind = st.builds(
    Adjustment,
    kind=st.sampled_from(["allowance", "charge"]),
    amount=st.decimals("0.01", 50, places=2),
    tax=taxes,
    reason=st.just("Agreed"),
)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "GBP", "IDR"])


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Line], list[Adjustment], Totals, TaxMethod]:
    lines = draw(st.lists(lines_of_any_kind, min_size=1, max_size=8))
    ballast = Line("Work", Decimal(1), Decimal(10**6), vat("20"))  # so that no document falls below zero
    adjustments = draw(st.lists(adjustments_of_any_kind, max_size=3))
    method: TaxMethod = draw(st.sampled_from(["group", "line"]))
    currency = draw(currencies)
    everything = [*lines, ballast]
    return everything, adjustments, totals(currency, everything, adjustments=adjustments, method=method), method


@given(documents())
def test_the_sums_of_any_document_are_exact(document: tuple[list[Line], list[Adjustment], Totals, TaxMethod]) -> None:
    """Invariant I5 and BR-CO-10, -13, -14, -15, -16: integers of minor units that add up without a tolerance."""
    _, _, sums, _ = document
    assert sums.line_sum.minor == sum(each.net.minor for each in sums.lines)
    assert sums.net == sums.line_sum - sums.allowances + sums.charges
    assert sums.tax.minor == sum(group.tax.minor for group in sums.groups)
    assert sums.net.minor == sum(group.taxable.minor for group in sums.groups)
    assert sums.total == sums.net + sums.tax
    assert sums.payable == sums.total - sums.prepaid + sums.rounding
    assert sums.rounding.minor == 0


@given(documents())
def test_the_tax_of_each_group_is_its_rate_within_a_unit(
    document: tuple[list[Line], list[Adjustment], Totals, TaxMethod],
) -> None:
    """BR-CO-17 has a slack of one unit; for each line by itself, half a unit a line or adjustment more."""
    lines, adjustments, sums, method = document
    slack = 1 if method == "group" else 1 + (len(lines) + len(adjustments)) / 2
    for group in sums.groups:
        exact = group.taxable.minor * group.rate / 100
        assert abs(group.tax.minor - exact.quantize(Decimal(1), ROUND_HALF_UP)) <= slack


@given(st.lists(lines_of_any_kind, min_size=1, max_size=8), currencies)
def test_each_line_stays_within_a_unit_of_its_own_price(lines: list[Line], currency: str) -> None:
    sums = totals(currency, [*lines, Line("Work", Decimal(1), Decimal(10**6), vat("20"))])
    for each, result in zip(lines, sums.lines, strict=False):
        own = (each.quantity * each.unit_price).scaleb(exponent(currency)) - result.allowance.minor
        net = own * 100 / (100 + each.tax.rate) if each.includes_tax else own
        assert abs(result.net.minor - net) <= (Decimal("1.5") if each.includes_tax else Decimal("0.5"))
        assert result.gross == result.net + result.tax


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30), st.sampled_from(["4", "10", "19", "20"]))
def test_prices_with_tax_inside_always_meet_their_sum(cents: list[int], rate: str) -> None:
    sums = totals("EUR", [gross_line("1", str(Decimal(each) / 100), rate) for each in cents])
    assert sums.total == Money(sum(cents), "EUR")


@given(st.lists(lines_of_any_kind, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_lines_priced_without_tax_does_not_change_the_sums(lines: list[Line], shuffle: object) -> None:
    plain = [each for each in lines if not each.includes_tax] + [line("1000", "10000")]
    other = list(plain)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    a, b = totals("EUR", plain), totals("EUR", other)
    assert (a.groups, a.total) == (b.groups, b.total)
