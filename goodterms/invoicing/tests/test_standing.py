"""Decides that caches follow what happens, whatever happens in whatever order: a walk beside a plain account."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodterms.invoicing.standing import Standing, chase_on, moved, settles_from
from goodterms.values.days import NEVER

ISSUED, DUE = date(2026, 10, 1), date(2026, 10, 31)
PARTS = ((date(2026, 10, 10), 40_00), (date(2026, 10, 20), 0), (DUE, 60_00))


def an_invoice(*, parts: tuple[tuple[date, int], ...] = (), until: date | None = None) -> Standing:
    return Standing(
        invoice_id=UUID(int=1), customer_id=UUID(int=2), number="N-1", currency="GBP", issued_on=ISSUED, due_on=DUE,
        total_minor=100_00, net_minor=100_00, tax_minor=0, terms="{}", open_minor=100_00, settled_on=NEVER, in_parts=False,
        chase_on=DUE, booked=((ISSUED, 100_00),), fees_minor=0, discounted_minor=0, instalments=parts, extended_until=until,
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(-60_00, 30_00), st.integers(-5, 90)), max_size=8))
def test_caches_agree_with_the_account_on_every_day(steps: list[tuple[int, int]]) -> None:
    standing, booked = an_invoice(), [(ISSUED, 100_00)]
    for wish, after in steps:
        change, on = max(wish, -standing.open_minor), ISSUED + timedelta(days=after)
        on = settles_from(standing, -change, on) if change < 0 else max(on, ISSUED)
        standing = moved(standing, change, on)
        booked.append((on, change))
    assert standing.open_minor == sum(minor for _, minor in booked)
    if standing.open_minor:
        assert standing.settled_on == NEVER
    for day in (ISSUED + timedelta(days=n) for n in range(95)):
        open_then = sum(minor for on, minor in booked if on <= day)
        assert open_then >= 0
        if day >= standing.settled_on:
            assert open_then == 0
        elif not standing.in_parts:
            assert open_then == 100_00


def test_money_counts_from_its_day_but_not_before_there_was_something_to_pay() -> None:
    paid = moved(an_invoice(), -100_00, ISSUED + timedelta(days=5))
    bounced = moved(paid, 100_00, ISSUED + timedelta(days=10), again=True)
    assert settles_from(an_invoice(), 100_00, ISSUED + timedelta(days=3)) == ISSUED + timedelta(days=3)
    assert settles_from(bounced, 100_00, ISSUED + timedelta(days=3)) == ISSUED + timedelta(days=10)
    charged = moved(an_invoice()._replace(fees_minor=5_00), 5_00, DUE)
    assert settles_from(charged, 105_00, ISSUED) == DUE
    assert settles_from(charged, 100_00, ISSUED) == ISSUED


def test_paid_at_once_is_not_in_parts_and_everything_else_is() -> None:
    once = moved(an_invoice(), -100_00, DUE)
    assert (once.settled_on, once.in_parts) == (DUE, False)
    assert moved(an_invoice(), -99_99, DUE).in_parts
    assert moved(an_invoice(), 5_00, DUE).in_parts
    assert moved(once, 100_00, DUE, again=True).in_parts
    assert not moved(an_invoice(), 0, DUE).in_parts


def test_money_from_before_the_invoice_settles_it_when_it_is_issued() -> None:
    assert settles_from(an_invoice(), 100_00, ISSUED - timedelta(days=5)) == ISSUED


def test_instalments_are_covered_one_after_the_other() -> None:
    standing = an_invoice(parts=PARTS)
    assert chase_on(standing) == date(2026, 10, 10)
    assert chase_on(moved(standing, -39_99, ISSUED)) == date(2026, 10, 10)
    paid = moved(standing, -45_00, ISSUED)
    assert [(part.due_on, part.amount.minor) for part in paid.open_parts] == [(DUE, 55_00)]
    assert paid.chase_on == DUE


def test_a_fee_is_the_last_to_be_covered() -> None:
    charged = moved(an_invoice(parts=PARTS)._replace(fees_minor=5_00), 5_00, DUE)
    assert [part.amount.minor for part in charged.open_parts] == [40_00, 60_00, 5_00]
    assert [part.amount.minor for part in moved(charged, -101_00, DUE).open_parts] == [4_00]


def test_time_that_was_granted_counts_only_when_it_is_later() -> None:
    later = DUE + timedelta(days=14)
    assert chase_on(an_invoice(until=later)) == later
    assert chase_on(an_invoice(until=ISSUED)) == DUE


@given(st.integers(0, 100_00), st.integers(0, 9_00))
def test_open_parts_add_up_to_what_is_open(paid: int, fees: int) -> None:
    standing = an_invoice(parts=PARTS)._replace(fees_minor=fees, open_minor=100_00 + fees - paid)
    assert sum(part.amount.minor for part in standing.open_parts) == standing.open_minor
