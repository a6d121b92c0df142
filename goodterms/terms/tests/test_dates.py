"""Due days: each fact of the trade's notation with its source, and what must hold for any terms."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.terms.rules import (
    DayOfMonth,
    Days,
    Instalment,
    MonthEnd,
    Part,
    Terms,
    due_on,
    instalments,
    is_late,
    late_after,
    next_due,
    parse,
    until,
)
from goodterms.terms.tests.made import issue_days, money, terms
from goodterms.values.days import is_working_day
from goodterms.values.money import Money


def due(notation: str, issued_on: date) -> date:
    return due_on(parse(notation), issued_on, "GB")


def test_net_30_is_thirty_days_after_the_invoice_date() -> None:
    """Bellwether Foods: invoice of 1 October 2026, due on 31 October."""
    assert due("net 30", date(2026, 10, 1)) == date(2026, 10, 31)


def test_end_of_month_then_30_days_is_counted_from_the_month_end() -> None:
    """Reading (a) of N EOM, older American use."""
    assert due("EOM + 30", date(2026, 3, 5)) == date(2026, 4, 30)


def test_30_days_then_end_of_month_is_the_end_of_the_month_reached() -> None:
    """Reading (b) of N EOM, British: 30 days EOM of an invoice in March is the end of April."""
    assert due("30 days then EOM", date(2026, 3, 5)) == date(2026, 4, 30)
    assert due("30 days then EOM", date(2026, 3, 1)) == date(2026, 3, 31)


def test_the_two_readings_differ_by_up_to_a_month() -> None:
    assert due("EOM + 30", date(2026, 1, 31)) == date(2026, 3, 2)
    assert due("30 days then EOM", date(2026, 1, 31)) == date(2026, 3, 31)


def test_15_mfi_and_15_prox_are_day_15_of_the_following_month() -> None:
    """N MFI: day N of the month following the invoice; prox: a day of the next month."""
    assert due("15 MFI", date(2026, 3, 20)) == date(2026, 4, 15)
    assert due("15 prox", date(2026, 3, 1)) == date(2026, 4, 15)


@pytest.mark.parametrize(
    ("issued_on", "expected"), [(date(2026, 3, 5), date(2026, 4, 1)), (date(2026, 3, 28), date(2026, 5, 1))]
)
def test_5_days_eom_on_the_1st_by_odoos_order_of_steps(issued_on: date, expected: date) -> None:
    """Odoo's order: + days, to month end, + day of the next month. 5 March becomes 1 April, 28 March becomes 1 May."""
    assert until((Days(5), MonthEnd(), DayOfMonth(1)), issued_on) == expected


def test_negative_days_count_back_from_the_month_end() -> None:
    """Odoo: negative means before the month end."""
    assert due("5 days before EOM", date(2026, 3, 5)) == date(2026, 3, 26)


def test_nothing_is_due_before_its_invoice_date() -> None:
    assert due("5 days before EOM", date(2026, 3, 30)) == date(2026, 3, 30)


def test_the_31st_of_a_short_month_is_its_last_day() -> None:
    assert due("31 prox", date(2026, 1, 15)) == date(2026, 2, 28)
    assert due("31 prox", date(2028, 1, 15)) == date(2028, 2, 29)


def test_on_receipt_is_due_on_the_invoice_date() -> None:
    assert due("due on receipt", date(2026, 3, 5)) == date(2026, 3, 5)


def test_a_due_day_that_is_not_a_working_day_is_kept_unless_terms_move_it() -> None:
    """No universal rule, so a policy: 25 December 2026 is a Friday and a holiday, 28 December its substitute Monday."""
    kept, moved = Terms(due=(Days(24),)), Terms(due=(Days(24),), non_working="next_working_day")
    assert due_on(kept, date(2026, 12, 1), "GB") == date(2026, 12, 25)
    assert due_on(moved, date(2026, 12, 1), "GB") == date(2026, 12, 29)
    assert due_on(moved, date(2026, 12, 1), "") == date(2026, 12, 25)


def test_the_due_day_itself_is_in_time_and_the_fee_waits_for_grace() -> None:
    """Bellwether Foods, seven days of grace: due 31 December 2026, fee from 8 January."""
    assert not is_late(date(2026, 12, 31), date(2026, 12, 31))
    assert is_late(date(2026, 12, 31), date(2027, 1, 1))
    assert late_after(Terms(grace_days=7), date(2026, 12, 31)) == date(2027, 1, 7)


def test_thirds_of_100_leave_the_cent_in_the_last_part() -> None:
    third = Decimal("33.33")
    agreed = Terms(instalments=(Part(third, ()), Part(third, (Days(30),)), Part(Decimal("33.34"), (MonthEnd(), Days(60)))))
    parts = instalments(agreed, date(2026, 1, 10), Money(100_01, "EUR"), "DE")
    assert [part.amount.minor for part in parts] == [33_33, 33_33, 33_35]
    assert [part.due_on for part in parts] == [date(2026, 1, 10), date(2026, 2, 9), date(2026, 4, 1)]
    assert due_on(agreed, date(2026, 1, 10), "DE") == date(2026, 4, 1)


def test_money_settles_instalments_in_order_of_their_days() -> None:
    parts = [
        Instalment(date(2026, 1, 1), Money(50, "EUR"), Decimal(50)),
        Instalment(date(2026, 2, 1), Money(50, "EUR"), Decimal(50)),
    ]
    assert next_due(parts, Money(0, "EUR")) == parts[0]
    assert next_due(parts, Money(50, "EUR")) == parts[1]
    assert next_due(parts, Money(70, "EUR")) == Instalment(date(2026, 2, 1), Money(30, "EUR"), Decimal(50))
    assert next_due(parts, Money(100, "EUR")) is None


@given(terms(), issue_days, money())
def test_instalments_add_up_to_the_total_in_order_and_none_is_negative(agreed: Terms, issued_on: date, total: Money) -> None:
    """Invariant I10."""
    parts = instalments(agreed, issued_on, total, "GB")
    assert Money.total((part.amount for part in parts), total.currency) == total
    assert all(part.amount.minor >= 0 for part in parts)
    assert [part.due_on for part in parts] == sorted(part.due_on for part in parts)
    assert parts[-1].due_on == due_on(agreed, issued_on, "GB")


@given(terms(), issue_days, st.sampled_from(["GB", "DE", "ID", ""]))
def test_a_due_day_is_never_before_the_invoice_and_works_where_agreed(agreed: Terms, issued_on: date, country: str) -> None:
    on = due_on(agreed, issued_on, country)
    assert on >= issued_on
    assert agreed.non_working == "keep" or is_working_day(on, country)


@given(terms(), issue_days, issue_days)
def test_grace_never_shortens(agreed: Terms, due_day: date, today: date) -> None:
    assert late_after(agreed, due_day) == due_day + timedelta(days=agreed.grace_days)
    assert is_late(due_day, today) == (due_day < today)
