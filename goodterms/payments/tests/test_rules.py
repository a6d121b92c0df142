"""Decides that money goes where the payer said, else where it fits, and that not one cent is made or lost on the way."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.payments.rules import Named, OpenItem, Outcome, allocate, as_said
from goodterms.terms.rules import Days, Discount, Instalment, Terms, Tolerance, Withholding
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

ISSUED = date(2026, 3, 2)
PLAIN = Terms()
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(10),)),))  # 2/10 net 30
LENIENT = Terms(tolerance=Tolerance(percent=Decimal(1), amount=Money(5_00, "EUR")))
IN_TIME, TOO_LATE = ISSUED + timedelta(days=10), ISSUED + timedelta(days=11)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def item(number: int, *opens: int, due: int | tuple[int, ...] = 30, terms: Terms = PLAIN, taken: bool = False) -> OpenItem:
    """Invoice `number` with parts of so much, due so many days after it was issued."""
    days = due if isinstance(due, tuple) else (due,) * len(opens)
    parts = tuple(
        Instalment(ISSUED + timedelta(days=after), eur(minor)) for minor, after in zip(opens, days, strict=True) if minor
    )
    total = eur(sum(opens))
    return OpenItem(UUID(int=number), parts, total, total, ISSUED, terms, taken)


def spent(outcome: Outcome) -> dict[int, tuple[int, int, int]]:
    return {s.invoice_id.int: (s.amount.minor, s.discount.minor, s.let_go.minor) for s in outcome.shares}


def named(**amounts: int | None) -> Named:
    return {UUID(int=int(key[1:])): None if minor is None else eur(minor) for key, minor in amounts.items()}


def test_the_payers_word_comes_before_age_and_before_a_match() -> None:
    items = [item(1, 100_00, due=10), item(2, 70_00, due=20), item(3, 70_00, due=30)]
    assert spent(allocate(eur(70_00), items, named=named(_3=None), received_on=TOO_LATE)) == {3: (70_00, 0, 0)}
    assert spent(allocate(eur(70_00), items, named=named(_1=None), received_on=TOO_LATE)) == {1: (70_00, 0, 0)}


def test_what_was_named_with_a_sum_gets_that_sum_and_the_rest_goes_by_age() -> None:
    items = [item(1, 100_00, due=10), item(2, 70_00, due=20)]
    outcome = allocate(eur(80_00), items, named=named(_2=30_00), received_on=TOO_LATE)
    assert spent(outcome) == {2: (30_00, 0, 0), 1: (50_00, 0, 0)}
    kept = allocate(eur(80_00), items, named=named(_2=30_00), received_on=TOO_LATE, only_named=True)
    assert (spent(kept), kept.unapplied) == ({2: (30_00, 0, 0)}, eur(50_00))


def test_several_named_without_sums_are_paid_in_the_order_of_naming() -> None:
    items = [item(1, 100_00), item(2, 70_00), item(3, 10_00)]
    outcome = allocate(eur(120_00), items, named=named(_2=None, _1=None), received_on=TOO_LATE)
    assert spent(outcome) == {2: (70_00, 0, 0), 1: (50_00, 0, 0)}


def test_money_that_matches_one_invoice_is_that_invoices_though_another_is_older() -> None:
    items = [item(1, 100_00, due=10), item(2, 70_00, due=20)]
    assert spent(allocate(eur(70_00), items, received_on=TOO_LATE)) == {2: (70_00, 0, 0)}


def test_of_two_that_match_the_older_due_is_paid() -> None:
    items = [item(1, 70_00, due=20), item(2, 70_00, due=10)]
    assert spent(allocate(eur(70_00), items, received_on=TOO_LATE)) == {2: (70_00, 0, 0)}


def test_else_the_oldest_due_is_paid_first_and_the_last_in_part() -> None:
    items = [item(1, 70_00, due=30), item(2, 40_00, due=10), item(3, 50_00, due=20)]
    outcome = allocate(eur(100_00), items, received_on=TOO_LATE)
    assert spent(outcome) == {2: (40_00, 0, 0), 3: (50_00, 0, 0), 1: (10_00, 0, 0)}
    assert not outcome.unapplied


def test_a_later_instalment_waits_for_another_invoice_that_is_due_before_it() -> None:
    items = [item(1, 50_00, 50_00, due=(10, 60)), item(2, 100_00, due=30)]
    assert spent(allocate(eur(120_00), items, received_on=TOO_LATE)) == {1: (50_00, 0, 0), 2: (70_00, 0, 0)}


def test_what_is_too_much_stays_with_the_customer() -> None:
    outcome = allocate(eur(130_00), [item(1, 100_00)], received_on=TOO_LATE)
    assert (spent(outcome), outcome.unapplied) == ({1: (100_00, 0, 0)}, eur(30_00))
    assert allocate(eur(5), [], received_on=TOO_LATE) == Outcome((), eur(5))


def test_the_discount_counts_by_the_day_the_money_was_received() -> None:
    """2/10 net 30 on 100.00: 98.00 settles it on the tenth day, and on the eleventh 2.00 stay open."""
    items = [item(1, 100_00, terms=EARLY)]
    assert spent(allocate(eur(98_00), items, received_on=IN_TIME)) == {1: (98_00, 2_00, 0)}
    assert spent(allocate(eur(98_00), items, received_on=TOO_LATE)) == {1: (98_00, 0, 0)}


def test_a_discount_is_taken_once() -> None:
    items = [item(1, 100_00, terms=EARLY, taken=True)]
    assert spent(allocate(eur(98_00), items, received_on=IN_TIME)) == {1: (98_00, 0, 0)}


def test_who_pays_in_full_takes_no_discount_and_who_pays_in_part_earns_none() -> None:
    items = [item(1, 100_00, terms=EARLY)]
    assert spent(allocate(eur(100_00), items, received_on=IN_TIME)) == {1: (100_00, 0, 0)}
    assert spent(allocate(eur(60_00), items, received_on=IN_TIME)) == {1: (60_00, 0, 0)}
    assert spent(allocate(eur(99_00), items, received_on=IN_TIME)) == {1: (99_00, 1_00, 0)}


def test_one_sum_for_several_invoices_less_their_discounts_settles_them_all() -> None:
    items = [item(1, 100_00, due=10, terms=EARLY), item(2, 50_00, due=20, terms=EARLY), item(3, 9_00, due=30)]
    assert spent(allocate(eur(147_00), items, received_on=IN_TIME)) == {1: (98_00, 2_00, 0), 2: (49_00, 1_00, 0)}
    assert spent(allocate(eur(147_00), items, received_on=TOO_LATE)) == {1: (100_00, 0, 0), 2: (47_00, 0, 0)}


@pytest.mark.parametrize(("paid", "let_go"), [(99_00, 1_00), (98_99, 0), (99_99, 1), (100_00, 0)])
def test_a_shortage_within_both_limits_of_the_tolerance_is_let_go(paid: int, let_go: int) -> None:
    """1 % and at most 5.00: of 100.00, one euro."""
    assert spent(allocate(eur(paid), [item(1, 100_00, terms=LENIENT)], received_on=TOO_LATE)) == {1: (paid, 0, let_go)}


def test_discount_and_tolerance_add_up() -> None:
    both = Terms(discounts=EARLY.discounts, tolerance=LENIENT.tolerance)
    items = [item(1, 100_00, terms=both)]
    assert spent(allocate(eur(97_50), items, received_on=IN_TIME)) == {1: (97_50, 2_00, 50)}
    assert spent(allocate(eur(97_50), items, received_on=TOO_LATE)) == {1: (97_50, 0, 0)}


def test_refusals_are_said_in_words() -> None:
    with pytest.raises(Refused, match="more than nothing"):
        allocate(eur(0), [], received_on=IN_TIME)
    with pytest.raises(Refused, match="no open invoice"):
        allocate(eur(1), [item(1, 1)], named=named(_2=None), received_on=IN_TIME)
    with pytest.raises(Refused, match="sum above zero"):
        allocate(eur(1), [item(1, 1)], named=named(_1=0), received_on=IN_TIME)
    with pytest.raises(ValueError, match="not added"):
        allocate(Money(1, "GBP"), [item(1, 1)], received_on=IN_TIME)


IRPF = Terms(withholding=Withholding("IRPF", Decimal(15)))


def keeping(number: int, total: int = 121_00, kept: int = 15_00, terms: Terms = IRPF, due: int = 30) -> OpenItem:
    return item(number, total, terms=terms, due=due)._replace(to_withhold=eur(kept))


def with_kept(outcome: Outcome) -> dict[int, tuple[int, int, int, int]]:
    return {s.invoice_id.int: (s.amount.minor, s.discount.minor, s.let_go.minor, s.withheld.minor) for s in outcome.shares}


@pytest.mark.parametrize(
    ("paid", "settled"),
    [
        (106_00, (106_00, 0, 0, 15_00)),  # all that is to be paid: what was agreed was kept back
        (106_40, (106_40, 0, 0, 14_60)),  # the tax office rounds to whole units
        (121_00, (121_00, 0, 0, 0)),  # they kept nothing back
        (50_00, (50_00, 0, 0, 0)),  # a part
        (110_00, (110_00, 0, 0, 0)),  # less was kept back than agreed: a person asks why
    ],
)  # fmt: skip
def test_what_was_to_be_kept_back_is_kept_back_once_the_rest_is_paid(paid: int, settled: tuple[int, ...]) -> None:
    assert with_kept(allocate(eur(paid), [keeping(1)], received_on=TOO_LATE)) == {1: settled}


def test_a_discount_and_a_tolerance_go_with_what_is_kept_back() -> None:
    both = Terms(discounts=EARLY.discounts, tolerance=LENIENT.tolerance, withholding=IRPF.withholding)
    early = allocate(eur(103_58), [keeping(1, terms=both)], received_on=IN_TIME)
    assert with_kept(early) == {1: (103_58, 2_42, 0, 15_00)}
    short = allocate(eur(105_50), [keeping(1, terms=both)], received_on=TOO_LATE)
    assert with_kept(short) == {1: (105_50, 0, 50, 15_00)}


def test_what_the_payer_says_that_they_kept_back_counts_also_of_a_part_and_where_nothing_was_agreed() -> None:
    part = allocate(eur(53_00), [as_said(keeping(1), eur(7_50))], named=named(_1=None), received_on=TOO_LATE)
    assert with_kept(part) == {1: (53_00, 0, 0, 7_50)}
    unagreed = allocate(eur(100_00), [as_said(item(1, 110_00), eur(10_00))], named=named(_1=None), received_on=TOO_LATE)
    assert with_kept(unagreed) == {1: (100_00, 0, 0, 10_00)}
    with pytest.raises(Refused, match="part of what is open"):
        as_said(item(1, 10_00), eur(10_00))
    with pytest.raises(Refused, match="in its currency"):
        as_said(item(1, 10_00), Money(1_00, "GBP"))


def test_money_for_several_pays_each_without_what_is_kept_back_and_more_than_that_pays_it_too() -> None:
    items = [keeping(1, due=10), keeping(2, due=20)]
    assert with_kept(allocate(eur(212_00), items, received_on=TOO_LATE)) == {1: (106_00, 0, 0, 15_00), 2: (106_00, 0, 0, 15_00)}
    assert with_kept(allocate(eur(150_00), items, received_on=TOO_LATE)) == {1: (106_00, 0, 0, 15_00), 2: (44_00, 0, 0, 0)}
    over = allocate(eur(300_00), items, received_on=TOO_LATE)
    assert (with_kept(over), over.unapplied) == ({1: (121_00, 0, 0, 0), 2: (121_00, 0, 0, 0)}, eur(58_00))
    some = allocate(eur(220_00), items, received_on=TOO_LATE)
    assert (with_kept(some), some.unapplied) == ({1: (106_00, 0, 0, 15_00), 2: (106_00, 0, 0, 15_00)}, eur(8_00))


minors = st.integers(1, 300_00)
ALL = Terms(discounts=EARLY.discounts, tolerance=LENIENT.tolerance)


@st.composite
def books(draw: st.DrawFn) -> list[OpenItem]:
    found = [
        item(
            number,
            *draw(st.lists(minors, min_size=1, max_size=3)),
            due=draw(st.integers(0, 60)),
            terms=draw(st.sampled_from([PLAIN, EARLY, LENIENT, ALL])),
            taken=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(1, 6)))
    ]
    kept = [draw(st.none() | st.integers(0, one.open.minor // 4).map(eur)) for one in found]
    return [one._replace(to_withhold=part) for one, part in zip(found, kept, strict=True)]


@given(books(), st.data())
def test_no_cent_is_made_or_lost_and_nothing_is_overpaid(items: list[OpenItem], data: st.DataObject) -> None:
    choices = [sum(i.open.minor for i in items), sum(i.open.minor for i in items) * 98 // 100]
    payment = eur(max(1, data.draw(st.one_of(st.integers(1, 2000_00), st.sampled_from(choices)))))
    keys = [i.invoice_id for i in items]
    amounts = st.one_of(st.none(), minors.map(eur))
    wish: Named = data.draw(st.dictionaries(st.sampled_from(keys), amounts)) if keys else {}
    received_on = data.draw(st.sampled_from([IN_TIME, TOO_LATE]))
    outcome = allocate(payment, items, named=wish, received_on=received_on)
    by_key = {i.invoice_id: i for i in items}
    assert sum(s.amount.minor for s in outcome.shares) + outcome.unapplied.minor == payment.minor
    assert outcome.unapplied.minor >= 0
    assert len({s.invoice_id for s in outcome.shares}) == len(outcome.shares)
    for share in outcome.shares:
        one = by_key[share.invoice_id]
        assert share.amount.minor > 0
        assert min(share.discount.minor, share.let_go.minor, share.withheld.minor) >= 0
        assert share.withheld <= one.kept
        assert share.settles <= one.open
        if share.discount.minor:
            assert received_on == IN_TIME
            assert not one.discount_taken
            assert share.discount <= one.total.percent(Decimal(2))
        if share.discount.minor or share.let_go.minor or share.withheld.minor:
            assert share.settles == one.open
    if outcome.unapplied.minor and not any(wish.values()):  # nothing is kept back while something is open
        assert {s.invoice_id for s in outcome.shares if s.settles == by_key[s.invoice_id].open} == set(keys)


@given(books(), st.integers(1, 2000_00), st.randoms(use_true_random=False))
def test_the_order_in_which_invoices_are_found_does_not_matter(items: list[OpenItem], minor: int, random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (allocate(eur(minor), found, received_on=IN_TIME) for found in (items, shuffled))
    assert (set(first.shares), first.unapplied) == (set(second.shares), second.unapplied)
