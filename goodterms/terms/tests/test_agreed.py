"""Terms as data: they survive storage, and refuse what nobody can have agreed."""

import json
from decimal import Decimal

import pytest
from hypothesis import given

from goodterms.terms.rules import DayOfMonth, Days, Discount, LateFee, Part, Terms, Tolerance
from goodterms.terms.tests.made import terms
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


@given(terms())
def test_terms_come_back_from_storage_as_they_were(agreed: Terms) -> None:
    assert Terms.from_json(json.loads(json.dumps(agreed.to_json()))) == agreed


def test_what_is_left_out_has_its_default() -> None:
    assert Terms.from_json({}) == Terms()
    assert Terms.from_json({"due": [["month_end"], ["days", 15]], "grace_days": 7}).grace_days == 7


@pytest.mark.parametrize(
    "stored",
    [
        {"due": [["weeks", 2]]},
        {"due": [["days", "30"]]},
        {"due": [["days", True]]},
        {"due": 30},
        {"late_fee": {"kind": "monthly"}},
        {"late_fee": {"kind": "monthly", "agreed": "no", "percent": "1"}},
        {"late_fee": {"kind": "monthly", "agreed": True, "percent": "a lot"}},
        {"discounts": [{"percent": "2"}]},
        {"tolerance": {"amount": {"minor": 5}}},
        {"deposit_percent": "NaN"},
        {"withholding": {"name": " ", "percent": "15"}},
        {"withholding": {"name": "IRPF", "percent": "0"}},
        {"withholding": {"name": "IRPF", "percent": "100"}},
        {"withholding": {"percent": "15"}},
        {"supply": "maybe"},
        {"weather": "fine"},
    ],
)
def test_what_terms_cannot_say_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(Refused):
        Terms.from_json(stored)


def test_instalments_that_do_not_add_up_say_what_they_are() -> None:
    with pytest.raises(Refused, match=r"add up to 100%; these are 50 \+ 40"):
        Terms(instalments=(Part(Decimal(50), ()), Part(Decimal(40), (Days(30),))))


@pytest.mark.parametrize("percent", ["0", "-1", "100.01", "Infinity"])
def test_a_discount_is_a_percentage(percent: str) -> None:
    with pytest.raises(Refused, match="above 0 and up to 100"):
        Discount(Decimal(percent), (Days(10),))


def test_a_fixed_fee_needs_an_amount_and_monthly_interest_a_rate() -> None:
    with pytest.raises(Refused, match="amount above zero"):
        LateFee("fixed", agreed=True)
    with pytest.raises(Refused, match="percentage"):
        LateFee("monthly", agreed=True)


def test_statutory_interest_is_at_least_eight_points() -> None:
    """Directive 2011/7/EU, art. 2(6): at least eight percentage points; member states may be stricter."""
    with pytest.raises(Refused, match="8 to 25 points"):
        LateFee("eu", agreed=True, points=Decimal("7.99"))
    assert LateFee("eu", agreed=True, points=Decimal(9)).points == 9


def test_days_and_tolerances_stay_in_reason() -> None:
    for wrong in (lambda: Days(731), lambda: Days(-32), lambda: DayOfMonth(32), lambda: Terms(grace_days=-1)):
        with pytest.raises(Refused):
            wrong()
    with pytest.raises(Refused, match="not negative"):
        Tolerance(amount=Money(-1, "EUR"))
