"""A comma of somebody used to decimal commas makes no sum a hundred times larger."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.values.typed import without_commas


@given(st.decimals(0, 10**9, places=2))
def test_what_is_grouped_is_read_as_it_is_meant(number: Decimal) -> None:
    assert Decimal(without_commas(f" {number:,} ")) == number


@pytest.mark.parametrize(
    ("typed", "plain"), [("£1,250.00", "£1250.00"), ("1 250", "1250"), ("-1,000", "-1000"), ("5%", "5%"), ("", "")]
)
def test_signs_and_spaces_are_nothing_to_it(typed: str, plain: str) -> None:
    assert without_commas(typed) == plain


@pytest.mark.parametrize("typed", ["12,50", "1.250,00", "1,25,000", "1234,567", ",5", "1,2345", "1,250,00"])
def test_a_comma_anywhere_else_stays_and_is_no_number(typed: str) -> None:
    assert without_commas(typed) == typed
