"""Terms in plain words: as the pages say them, with days and sums worked out, in English and Indonesian."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.terms.rules import DayOfMonth, Days, Discount, LateFee, MonthEnd, Terms, Tolerance, Withholding, in_words, parse
from goodterms.terms.rules.agreed import Ops
from goodterms.terms.rules.phrases import PHRASES
from goodterms.terms.tests.made import issue_days, money, terms
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

BELLWETHER = Terms(
    due=(Days(30),),
    discounts=(Discount(Decimal(2), (Days(10),)),),
    grace_days=7,
    late_fee=LateFee("monthly", agreed=True, percent=Decimal("1.5")),
)


def said(agreed: Terms, language: str = "en", **known: object) -> list[str]:
    return [clause.sentence for clause in in_words(agreed, language, **known)]  # type: ignore[arg-type]


def test_a_customers_terms_in_english() -> None:
    assert [(clause.label, clause.sentence) for clause in in_words(BELLWETHER, "en")] == [
        ("Time to pay", "30 days from invoice date"),
        ("Early payment", "2% off within 10 days"),
        ("Late fee", "1.5% a month, after 7 days of grace"),
    ]


def test_a_customers_terms_in_indonesian() -> None:
    assert [(clause.label, clause.sentence) for clause in in_words(BELLWETHER, "id")] == [
        ("Jangka waktu pembayaran", "30 hari sejak tanggal faktur"),
        ("Pembayaran lebih awal", "Potongan 2% dalam 10 hari"),
        ("Denda keterlambatan", "1,5% per bulan, setelah masa tenggang 7 hari"),
    ]


def test_with_an_invoice_each_day_and_sum_is_worked_out() -> None:
    issued_on, total = date(2026, 10, 1), Money(10_255_20, "GBP")
    assert said(BELLWETHER, issued_on=issued_on, total=total)[:2] == [
        "30 days from invoice date, until Saturday 31 October 2026",
        "2% off if paid by Sunday 11 October 2026: £10,050.10 instead of £10,255.20",
    ]
    assert said(BELLWETHER, "id-ID", issued_on=issued_on, total=total)[1] == (
        "Potongan 2% bila dibayar paling lambat Minggu, 11 Oktober 2026: £10.050,10, bukan £10.255,20"
    )


@pytest.mark.parametrize(
    ("due", "phrase"),
    [
        ((), "On receipt"),
        ((Days(0),), "On receipt"),
        ((Days(1),), "1 day from invoice date"),
        ((MonthEnd(),), "By the end of the invoice month"),
        ((MonthEnd(), Days(15)), "15 days after the end of the invoice month"),
        ((MonthEnd(), Days(-5)), "5 days before the end of the invoice month"),
        ((Days(30), MonthEnd()), "30 days from invoice date, then to the end of that month"),
        ((MonthEnd(), DayOfMonth(1)), "On the 1st of the month after the invoice"),
        ((DayOfMonth(12),), "On the next 12th after the invoice date"),
        (
            (Days(5), MonthEnd(), DayOfMonth(23)),
            "5 days from invoice date, then to the end of that month, then to the next 23rd",
        ),
    ],
)
def test_each_due_rule_has_its_phrase(due: Ops, phrase: str) -> None:
    assert said(Terms(due=due)) == [phrase]


def test_a_moved_due_day_is_said_or_worked_out() -> None:
    moved = Terms(due=(Days(24),), non_working="next_working_day")
    assert said(moved) == ["24 days from invoice date; a day that is not a working day moves to the next one"]
    assert said(moved, issued_on=date(2026, 12, 1), country="GB") == [
        "24 days from invoice date, until Tuesday 29 December 2026"
    ]


def test_instalments_are_said_with_shares_then_with_days_and_sums() -> None:
    halves = parse("50% on receipt, 50% net 30")
    assert said(halves) == ["50% (on receipt) and 50% (30 days from invoice date)"]
    assert said(halves, issued_on=date(2026, 11, 2), total=Money(1_01, "EUR")) == [
        "€0.50 (50%) by Monday 2 November 2026 and €0.51 (50%) by Wednesday 2 December 2026"
    ]


def test_late_fees_say_their_law_their_sum_and_their_limit() -> None:
    def fee(late_fee: LateFee, grace_days: int = 0) -> str:
        return said(Terms(late_fee=late_fee, grace_days=grace_days))[1]

    assert fee(LateFee("eu", agreed=True, points=Decimal(9))) == (
        "Statutory interest, 9 points above the rate of the European Central Bank, and a fixed sum of €40.00"
    )
    assert "base rate of the Bank of England" in fee(LateFee("uk", agreed=True))
    fixed = LateFee("fixed", agreed=True, amount=Money(25_00, "USD"), cap_percent=Decimal(10))
    assert fee(fixed, 1) == "$25.00, once, at most 10% of the overdue amount, after 1 day of grace"
    assert fee(LateFee("monthly", agreed=False, percent=Decimal(1))) == "None: it was not agreed"


def test_deposit_advance_and_tolerance_are_said() -> None:
    agreed = Terms(due=(), supply="before", deposit_percent=Decimal(20), tolerance=Tolerance(Decimal(1), Money(500, "GBP")))
    assert said(agreed) == [
        "In advance, before the work starts",
        "20% before the work starts",
        "A payment short by no more than £5.00 and 1% of the total counts as paid",
    ]


@pytest.mark.parametrize("net", [None, Money(0, "GBP")])
def test_where_nothing_is_to_be_paid_the_days_are_said_without_sums(net: Money | None) -> None:
    """A discount of nothing is no sum; and nothing in pounds is no nothing in euros, which could not be taken off it."""
    told = said(BELLWETHER, issued_on=date(2026, 10, 1), total=Money(0, "GBP"), net=net)
    assert told[1] == "2% off if paid by Sunday 11 October 2026"


def test_a_document_of_tax_alone_has_a_discount_of_nothing() -> None:
    kept = replace(BELLWETHER, discount_tax="always")
    told = said(kept, issued_on=date(2026, 10, 1), total=Money(2_000, "GBP"), net=Money(0, "GBP"))
    assert told[1].endswith(": £20.00 instead of £20.00")


def test_what_is_kept_back_is_said_with_its_sums_where_they_are_known() -> None:
    kept = Terms(withholding=Withholding("PPh 23", Decimal(2)))
    assert in_words(kept, "en")[-1].sentence == "2% of the sum before tax (PPh 23), against a certificate"
    sums = in_words(kept, "id", issued_on=date(2026, 10, 1), total=Money(1_110_000, "IDR"), net=Money(1_000_000, "IDR"))
    assert sums[-1].label == "Dipotong untuk kantor pajak"
    assert "2% dari jumlah sebelum pajak (PPh 23)" in sums[-1].sentence
    assert "dibayarkan kepada kami" in sums[-1].sentence


def test_whoever_pays_early_and_keeps_tax_back_reads_the_sum_that_both_leave() -> None:
    kept = replace(parse("3/7 2/14 net 30"), withholding=Withholding("IRPF", Decimal(15)))
    given: dict[str, Any] = {"issued_on": date(2026, 10, 1), "total": Money(1_210_00, "EUR"), "net": Money(1_000_00, "EUR")}
    assert in_words(kept, "en", **given)[-1].sentence == (
        "15% of the sum before tax (IRPF), against a certificate: €150.00, so that €1,060.00 is to be paid to us,"
        " or €1,023.70 if paid by Thursday 8 October 2026 or €1,035.80 if paid by Thursday 15 October 2026"
    )
    assert "atau €1.023,70 bila dibayar paling lambat Kamis, 8 Oktober 2026" in in_words(kept, "id", **given)[-1].sentence
    all_of_it = replace(kept, withholding=Withholding("IRPF", Decimal(99)))
    nothing_left = in_words(all_of_it, "en", **given | {"total": Money(1_000_00, "EUR")})
    assert nothing_left[-1].sentence.endswith("€10.00 is to be paid to us")


def test_days_and_sums_follow_the_region_of_the_language() -> None:
    terms_ = parse("2/10 net 30")
    told = in_words(terms_, "en-US", issued_on=date(2026, 10, 1), total=Money(1_000_00, "USD"), net=Money(900_00, "USD"))
    assert told[1].sentence == "2% off if paid by Sunday, October 11, 2026: $980.00 instead of $1,000.00"


def test_a_language_without_phrases_is_refused() -> None:
    with pytest.raises(Refused, match="choose en or id"):
        in_words(Terms(), "tlh")


def test_every_language_has_every_phrase_with_the_same_blanks() -> None:
    for language, phrases in PHRASES.items():
        assert phrases.keys() == PHRASES["en"].keys(), language
        for name, phrase in phrases.items():
            blanks = {word.split("}")[0] for word in phrase.split("{")[1:]}
            assert blanks == {word.split("}")[0] for word in PHRASES["en"][name].split("{")[1:]}, (language, name)


@given(terms(), st.sampled_from(["en", "id"]), st.none() | issue_days, st.none() | money())
def test_any_terms_can_be_said(agreed: Terms, language: str, issued_on: date | None, total: Money | None) -> None:
    clauses = in_words(agreed, language, issued_on=issued_on, total=total, net=total)
    assert clauses[0].about == ("instalments" if agreed.instalments else "due")
    assert all(clause.label and clause.sentence and "{" not in clause.sentence for clause in clauses)
