"""Who may approve: never beyond a limit, never one's own work under four eyes; told for every sum and every writer."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from goodterms.invoicing.approval import may_approve
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

NAMES = some.sampled_from(["Tom", "Ann", "Priya", "the clock"])
SUMS = some.integers(0, 10_000_00)


@given(SUMS, some.none() | SUMS, NAMES, some.sets(NAMES, min_size=1), some.booleans(), some.booleans())
def test_it_is_approved_within_the_limit_and_by_another_and_else_refused(
    total: int, limit: int | None, by: str, wrote: set[str], four_eyes: bool, is_program: bool
) -> None:
    up_to = None if limit is None else Money(limit, "GBP")
    allowed = (limit is None or total <= limit) and not (four_eyes and (is_program or by in wrote))
    try:
        may_approve(total=Money(total, "GBP"), by=by, written_by=wrote, up_to=up_to, four_eyes=four_eyes, is_program=is_program)
    except Refused:
        assert not allowed
    else:
        assert allowed


def test_nobody_is_told_of_a_limit_of_nothing() -> None:
    with pytest.raises(Refused, match=r"somebody else approves them\. Ask an owner or an approver\."):
        may_approve(total=Money(1, "GBP"), by="Ann", written_by=["Tom"], up_to=Money(0, "GBP"))


def test_a_limit_in_another_currency_says_whom_to_ask() -> None:
    with pytest.raises(Refused, match=r"up to 50\.00 GBP, and this invoice is in USD\. Ask somebody without a limit\."):
        may_approve(total=Money(1, "USD"), by="Ann", written_by=["Tom"], up_to=Money(50_00, "GBP"))
