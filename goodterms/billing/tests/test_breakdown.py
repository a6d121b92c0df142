"""How finely an invoice tells what was done: nothing is lost, nothing mixed, and the sums stay what they were."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.billing.rules import Doer, bills, broken_down, by_rate
from goodterms.billing.tests.test_consolidation import ANN, BEN, piece
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import totals

TAX, NONE = Tax("S", Decimal(20)), Tax("Z", Decimal(0))
PRIYA, TOM = Doer("Priya", "Design"), Doer("Tom", "Web")


def hours(what: str, of: str, price: str = "80", tax: Tax = TAX, **more: object) -> Line:
    return Line(what, Decimal(of), Decimal(price), tax, "h", project="Gift boxes", **more)  # type: ignore[arg-type]


def said(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.description, f"{line.quantity:f}", f"{line.unit_price:f}") for line in lines]


def test_work_at_one_rate_is_one_line_with_what_was_done_named_once() -> None:
    lines = [hours("Retouching", "2"), hours("Layout", "1.5"), hours("Retouching", "0.5"), hours("Layout", "3", "120")]
    assert said(by_rate(lines)) == [("Retouching, Layout", "4.0", "80"), ("Layout", "3", "120")]


def test_more_than_four_things_are_counted() -> None:
    assert by_rate([hours(word, "1") for word in "ABCDEF"])[0].description == "A, B, C, D and 2 more"


@pytest.mark.parametrize("other", [
    hours("Layout", "1", tax=NONE), hours("Layout", "1", discount_percent=Decimal(10)), hours("Layout", "1", includes_tax=True),
    replace(hours("Layout", "1"), unit="day"), replace(hours("Layout", "1"), project="Spring range"),
])  # fmt: skip
def test_another_tax_discount_unit_or_project_is_another_line(other: Line) -> None:
    assert by_rate([hours("Retouching", "2"), other]) == [hours("Retouching", "2"), other]


def test_what_is_taken_off_in_an_amount_or_taken_back_keeps_its_line() -> None:
    off, back = hours("Layout", "1", discount_amount=Decimal(5)), hours("Layout", "-1")
    for by in ("rates", "people", "teams"):
        assert broken_down([hours("Layout", "2"), off, back], [Doer()] * 3, by, "GBP")[1:] == [off, back]
    assert broken_down([hours("Layout", "2"), back], [], "projects", "GBP")[1:] == [back]


def test_by_person_and_by_team_the_name_stands_before_what_was_done() -> None:
    lines = [hours("Retouching", "2"), hours("Layout", "1"), hours("Checkout", "3"), hours("Tests", "1")]
    doers = [PRIYA, Doer("Elin", "Design"), TOM, Doer()]
    assert said(broken_down(lines, doers, "people", "GBP")) == [
        ("Priya: Retouching", "2", "80"), ("Elin: Layout", "1", "80"), ("Tom: Checkout", "3", "80"), ("Tests", "1", "80"),
    ]  # fmt: skip
    assert said(broken_down(lines, doers, "teams", "GBP")) == [
        ("Design: Retouching, Layout", "3", "80"), ("Web: Checkout", "3", "80"), ("Tests", "1", "80"),
    ]  # fmt: skip
    assert said(broken_down(lines[:2], [], "people", "GBP")) == [
        ("Retouching, Layout", "3", "80")
    ]  # of a schedule nobody is known


def test_by_project_one_sum_stands_for_each_tax() -> None:
    lines = [
        hours("Retouching", "2"),
        hours("Layout", "1", "120", discount_percent=Decimal(50)),
        hours("Books", "1", "9", NONE),
    ]
    assert said(broken_down(lines, [], "projects", "GBP")) == [("Retouching, Layout", "1", "220.00"), ("Books", "1", "9")]


def test_each_customer_reads_it_as_they_prefer() -> None:
    lines = [hours("Retouching", "2"), hours("Layout", "1")]
    both = [piece(lines=lines, doers=[PRIYA, TOM]), piece(BEN, lines=lines, doers=[PRIYA, TOM])]
    of_ann, of_ben = bills(both, apart=frozenset(), breakdown={BEN: "teams"})
    assert of_ann.lines == lines
    assert [line.description for line in of_ben.lines] == ["Design: Retouching", "Web: Layout"]
    assert of_ann.customer == ANN


LINES = st.builds(
    Line,
    st.sampled_from(("Layout", "Retouching", "Calls")),
    st.decimals(Decimal("-3"), Decimal("20"), places=2).filter(bool),
    st.sampled_from((Decimal(80), Decimal("33.33"), Decimal("0.005"), Decimal(0))),
    st.sampled_from((TAX, NONE, Tax("S", Decimal(5)))),
    st.sampled_from(("h", "")),
    st.sampled_from((Decimal(0), Decimal("12.5"), Decimal(100))),
    includes_tax=st.booleans(),
    project=st.sampled_from(("Gift boxes", "Range")),
)
WAYS = st.sampled_from(("items", "rates", "people", "teams", "projects"))
ROWS = st.lists(st.tuples(LINES, st.sampled_from((PRIYA, TOM, Doer()))), min_size=1, max_size=12)


@given(ROWS, WAYS, st.sampled_from(("EUR", "JPY")))
def test_however_it_is_told_no_hour_is_lost_and_the_sum_of_a_project_is_that_of_its_lines(
    rows: list[tuple[Line, Doer]], by: str, currency: str
) -> None:
    lines = [line for line, _ in rows]
    told = broken_down(lines, [doer for _, doer in rows], by, currency)
    if by == "projects":
        assert _rounded(told, currency) == _rounded(lines, currency)
    else:
        assert _quantities(told) == _quantities(lines)


def _rounded(lines: list[Line], currency: str) -> Counter[object]:
    """What is written on the lines of each project and tax, in minor units."""
    found: Counter[object] = Counter()
    for line in lines:
        positive = replace(line, quantity=abs(line.quantity), includes_tax=False)
        minor = totals(currency, [positive]).line_sum.minor
        found[line.project, line.tax, line.includes_tax] += minor if line.quantity > 0 else -minor
    return found


def _quantities(lines: list[Line]) -> Counter[object]:
    found: Counter[object] = Counter()
    for line in lines:
        found[line.project, line.tax, line.unit_price, line.unit, line.discount_percent, line.includes_tax] += line.quantity  # type: ignore[assignment]
    return found
