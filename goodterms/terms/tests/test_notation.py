"""The trade's shorthand: what each form means, what is refused, and that no text can make it stumble."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.terms.rules import DayOfMonth, Days, Discount, MonthEnd, Part, Terms, parse, readings, written
from goodterms.terms.rules.agreed import Ops
from goodterms.terms.tests.made import terms
from goodterms.values.refusal import Refused

TEN = Discount(Decimal(2), (Days(10),))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("net 30", (Days(30),)),
        ("Net 30 days", (Days(30),)),
        ("n/30", (Days(30),)),
        ("30 days", (Days(30),)),
        ("EOM", (MonthEnd(),)),
        ("net end of month", (MonthEnd(),)),
        ("EOM + 15", (MonthEnd(), Days(15))),
        ("15 days after end of month", (MonthEnd(), Days(15))),
        ("5 days before EOM", (MonthEnd(), Days(-5))),
        ("60 days then EOM", (Days(60), MonthEnd())),
        ("net 60, to end of month", (Days(60), MonthEnd())),
        ("15 prox", (MonthEnd(), DayOfMonth(15))),
        ("net 15th prox.", (MonthEnd(), DayOfMonth(15))),
        ("15 MFI", (MonthEnd(), DayOfMonth(15))),
        ("25th of the following month", (MonthEnd(), DayOfMonth(25))),
        ("due on receipt", ()),
        ("Immediate", ()),
    ],
)
def test_due_rules_are_read_as_the_trade_writes_them(text: str, due: Ops) -> None:
    assert parse(text) == Terms(due=due)


@pytest.mark.parametrize(
    "text", ["2/10 net 30", "2/10, n/30", "2% 10, net 30", "2 % 10 net 30 days", "2% in 10 days, net 30", "2%/10 N30"]
)
def test_2_10_net_30_in_its_spellings(text: str) -> None:
    assert parse(text) == Terms(due=(Days(30),), discounts=(TEN,))


def test_several_discounts_and_one_to_a_day_of_next_month() -> None:
    assert parse("3/10, 2/20, net 30").discounts == (
        Discount(Decimal(3), (Days(10),)),
        Discount(Decimal(2), (Days(20),)),
    )
    assert parse("1.5/10 prox net 60").discounts == (Discount(Decimal("1.5"), (MonthEnd(), DayOfMonth(10))),)


def test_instalments_are_percentages_with_due_rules() -> None:
    halves = (Part(Decimal(50), ()), Part(Decimal(50), (Days(30),)))
    assert parse("50% on receipt, 50% net 30").instalments == halves
    assert parse("50% on receipt and 50% net 30").instalments == halves
    with pytest.raises(Refused, match=r"these are 50 \+ 40"):
        parse("50% on receipt; 40% net 30")
    with pytest.raises(Refused, match="not a way of writing"):
        parse("50% sometime, 100% net 30")


@pytest.mark.parametrize(
    ("text", "supply"),
    [("CIA", "before"), ("PIA", "before"), ("CWO", "before"), ("CBD", "before"), ("CBS", "before"), ("COD", "with")],
)
def test_money_before_or_with_the_goods(text: str, supply: str) -> None:
    assert parse(text) == Terms(due=(), supply=supply)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["30 EOM", "net 30 EOM", "2 % 10, net 30 EOM", "30 days end of month"])
def test_n_eom_is_refused_with_both_readings_to_choose_from(text: str) -> None:
    with pytest.raises(Refused, match=r"“EOM \+ 30”.*“30 days then EOM”") as no:
        parse(text)
    assert no.value.code == "ambiguous"
    assert readings(text)["month_end_first"].due == (MonthEnd(), Days(30)) == parse("EOM + 30").due
    assert readings(text)["days_first"].due == (Days(30), MonthEnd()) == parse("30 days then EOM").due


@pytest.mark.parametrize("text", ["2/10 ROG net 30", "CND", "1MD", "2MD", "contra", "stage payment"])
def test_what_an_invoice_date_cannot_tell_is_refused_with_its_reason(text: str) -> None:
    with pytest.raises(Refused, match="Write days from the invoice date"):
        parse(text)


@pytest.mark.parametrize("text", ["", "30", "net", "whenever", "net 30 or so", "2/10", "net -5", "net 30 net 60", "32 prox"])
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse(text)


@given(st.integers(0, 730), st.integers(1, 31), st.decimals("0.01", 100, places=2), st.integers(1, 60))
def test_numbers_arrive_unchanged(days: int, day: int, percent: Decimal, early: int) -> None:
    assert parse(f"{percent}/{early} net {days}").discounts == (Discount(percent, (Days(early),)),)
    assert parse(f"{day} prox").due == (MonthEnd(), DayOfMonth(day))
    assert parse(f"EOM + {days}").due == (MonthEnd(), Days(days))


words = st.sampled_from(["net", "2/10", "30", "EOM", "prox", "50%", "%", ",", "+", "days", "then", "on receipt", "9" * 30])


@given(st.lists(words, max_size=7).map(" ".join) | st.text(max_size=300))
def test_any_text_is_terms_or_a_refusal(text: str) -> None:
    with suppress(Refused):
        assert parse(text).to_json()


@pytest.mark.parametrize(
    "text",
    [
        "net 30", "2/10 net 30", "3/10 2/20 net 60", "2/15 prox net 60", "EOM", "EOM + 15", "EOM - 5", "15 prox",
        "60 days then EOM", "on receipt", "50% on receipt, 50% net 30", "cash in advance", "cash on delivery",
    ],
)  # fmt: skip
def test_what_is_agreed_is_written_again_as_the_trade_writes_it(text: str) -> None:
    assert written(parse(text)) == text


@given(terms())
def test_what_is_written_of_any_terms_reads_as_the_same_or_is_nothing(one: Terms) -> None:
    if text := written(one):
        said = parse(text)
        assert (said.due, said.supply, said.instalments, said.discounts) == (
            one.due,
            one.supply,
            one.instalments,
            one.discounts,
        )
