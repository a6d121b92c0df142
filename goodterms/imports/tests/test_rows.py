"""One row of a file: read as it is written, or refused with every reason and its column."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goodterms.imports.profile import Profile
from goodterms.imports.rules import Bad, Checker, Good, No, read_amount, read_date, read_text
from goodterms.imports.tests.cast import HEADINGS, PROFILE, ROW
from goodterms.terms.rules import Terms, due_on, parse

DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))


def check(profile: Profile = PROFILE, **said: str) -> Good | list[Bad]:
    where = {name: HEADINGS.index(heading) for name, heading in profile.columns.items()}
    row = ROW | {name.replace("_", " "): text for name, text in said.items()}
    return Checker(profile, where, HEADINGS, "GB").check(7, [row[name] for name in HEADINGS])


def good(**said: Any) -> Good:
    found = check(**said)
    assert isinstance(found, Good), found
    return found


def bad(**said: Any) -> dict[str, str]:
    found = check(**said)
    assert isinstance(found, list), found
    assert all(one.line == 7 for one in found)
    return {one.column: one.reason for one in found}


def test_a_good_row_is_read_whole() -> None:
    row = good(Amount="1,240.50", Paid="15/10/2026", Query="YES", Paper_until="01/01/2027")
    assert (row.number, row.customer, row.name, row.work) == ("CL-611", "C1", "Tobacco Factory Theatres", "Letterpress")
    assert (row.currency, row.minor) == ("GBP", 1_240_50)
    assert (row.issued_on, row.due_on, row.settled_on) == (date(2026, 10, 2), date(2026, 11, 1), date(2026, 10, 15))
    assert (row.disputed, row.paperless_on) == (True, date(2027, 1, 1))
    assert row.terms == parse("net 30")


@pytest.mark.parametrize(
    ("said", "column", "reason"),
    [
        ({"Raised": "31/06/2026"}, "Raised", "'31/06/2026' does not exist: June 2026 has 30 days"),
        ({"Raised": "29/02/2027"}, "Raised", "February 2027 has 28 days"),
        ({"Raised": "01/13/2026"}, "Raised", "there is no month 13"),
        ({"Raised": "2026-10-02"}, "Raised", "not a date written day/month/year"),
        ({"Raised": "02/10/26"}, "Raised", "not a date written"),
        ({"Raised": "02/10/0001"}, "Raised", "not a plausible date"),
        ({"Raised": "٠٢/10/2026"}, "Raised", "not a date written"),
        ({"Raised": ""}, "Raised", "date is missing"),
        ({"Due": "01/10/2026"}, "Due", "before it is issued"),
        ({"Due": "01/10/2036"}, "Due", "more than 730 days"),
        ({"Paid": "01/10/2026"}, "Paid", "before it is issued"),
        ({"Amount": "-5.00"}, "Amount", "below zero"),
        ({"Amount": "0.00"}, "Amount", "zero"),
        ({"Amount": ""}, "Amount", "missing"),
        ({"Amount": "1.240,50"}, "Amount", "'1.240,50' is not an amount written like 1,240.50"),
        ({"Amount": "1,24.50"}, "Amount", "not an amount"),
        ({"Amount": "5.001"}, "Amount", "more decimals than GBP has (2)"),
        ({"Amount": "9" * 17}, "Amount", "larger than an amount can be"),
        ({"Amount": "1e3"}, "Amount", "not an amount"),
        ({"Amount": "NaN"}, "Amount", "not an amount"),
        ({"Amount": "£5"}, "Amount", "not an amount"),
        ({"Cur": "GBX"}, "Cur", "not a currency code"),
        ({"Cur": ""}, "Cur", "not a currency code"),
        ({"Name": "=HYPERLINK(1)"}, "Name", "begins like a formula ('=')"),
        ({"Name": "\t=1"}, "Name", "begins like a formula"),
        ({"Name": " @x"}, "Name", "begins like a formula"),
        ({"Client": "+1"}, "Client", "begins like a formula"),
        ({"No": "-1"}, "No", "begins like a formula"),
        ({"No": ""}, "No", "missing"),
        ({"No": "x" * 65}, "No", "too long: 65 letters, and 64 fit"),
        ({"Name": "a\x00b"}, "Name", "cannot be seen (NUL)"),
        ({"Name": "a\u2028b"}, "Name", "cannot be seen (U+2028)"),
        ({"Name": "caf\udce9"}, "Name", "the byte 0xE9"),
        ({"Email": "a@@b.example"}, "Email", "2 @ signs"),
        ({"Email": "a@b.example\r\nBcc: c@d.example"}, "Email", "line break"),
    ],
)
def test_what_is_wrong_is_named_by_its_column(said: dict[str, str], column: str, reason: str) -> None:
    found = bad(**said)
    assert list(found) == [column]
    assert reason in found[column]


def test_a_row_with_several_faults_tells_them_all() -> None:
    assert set(bad(Amount="x", Raised="x", Email="x")) == {"Amount", "Raised", "Email"}
    assert set(bad(Amount="x", Cur="x")) == {"Cur"}  # without a currency nobody knows what an amount may be


def test_a_row_with_a_field_too_many_is_not_shifted_into_place() -> None:
    found = Checker(PROFILE, {}, HEADINGS).check(3, ["x"] * 13)
    assert found == [Bad(3, "", "The row has 13 fields; the headings are 12.")]


def test_a_due_date_that_is_missing_follows_from_the_terms() -> None:
    row = good(Due="")
    assert row.due_on == date(2026, 11, 1)
    no_terms = Profile(columns=PROFILE.columns, dates=PROFILE.dates)
    assert "no terms to work it out" in bad(profile=no_terms, Due="")["Due"]


def test_the_files_due_date_goes_before_the_terms_and_is_kept_as_terms() -> None:
    assert good(Due="16/10/2026").terms == parse("net 14")


def test_terms_may_stand_in_a_column() -> None:
    columns = {name: heading for name, heading in PROFILE.columns.items() if name != "work"} | {"terms": "What"}
    profile = Profile(columns=columns, dates=PROFILE.dates)
    assert good(profile=profile, What="2/10 net 60", Due="").due_on == date(2026, 12, 1)
    assert "not a way of writing terms" in bad(profile=profile, What="whenever")["What"]
    assert "instalments" in bad(profile=profile, What="50% on receipt, 50% net 30")["What"]


def test_an_address_can_follow_from_the_customer() -> None:
    columns = {name: heading for name, heading in PROFILE.columns.items() if name != "email"}
    profile = Profile(columns=columns, dates=PROFILE.dates, terms="net 30", address="{customer}@Book.example")
    assert (good(profile=profile, Client="0379-NEVHP").email) == "0379-nevhp@book.example"
    assert "not an e-mail address" in bad(profile=profile, Client="A B")["Client"]


def test_a_country_is_a_code_or_said_by_the_profile() -> None:
    columns = {name: heading for name, heading in PROFILE.columns.items() if name != "work"} | {"country": "What"}
    profile = Profile(columns=columns, dates=PROFILE.dates, countries={"England": "GB"})
    assert [good(profile=profile, What=text).country for text in ("England", "id", "")] == ["GB", "ID", ""]
    assert "[countries]" in bad(profile=profile, What="391")["What"]


@given(DAYS, st.sampled_from(["day/month/year", "month/day/year", "year-month-day", "day. month. year"]))
def test_every_day_is_read_back_as_it_was_written(day: date, pattern: str) -> None:
    text = pattern.replace("day", str(day.day)).replace("month", f"{day.month:02}").replace("year", str(day.year))
    assert read_date(text, [pattern]) == day


@given(DAYS)
def test_two_ways_of_writing_dates_never_make_a_guess(day: date) -> None:
    text = f"{day.day}/{day.month}/{day.year}"
    both = ["day/month/year", "month/day/year"]
    if day.day > 12 or day.day == day.month:
        assert read_date(text, both) == day
    else:
        with pytest.raises(No, match="can be"):
            read_date(text, both)


@given(
    st.integers(1, 10**15),
    st.sampled_from([("GBP", 2), ("JPY", 0), ("KWD", 3)]),
    st.sampled_from([(".", ","), (",", "."), (",", " ")]),
)
def test_every_amount_is_read_back_to_the_last_unit(minor: int, currency: tuple[str, int], signs: tuple[str, str]) -> None:
    decimal, thousands = signs
    text = f"{Decimal(minor).scaleb(-currency[1]):,f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    assert read_amount(text, currency[0], decimal, thousands) == minor
    assert read_amount(text.replace(thousands, ""), currency[0], decimal, thousands) == minor


@given(st.text(max_size=30))
def test_whatever_is_written_is_an_amount_above_zero_or_a_reason(text: str) -> None:
    try:
        minor = read_amount(text, "EUR", ".", ",")
    except No:
        return
    assert 0 < minor <= 10**15


@given(st.text(max_size=60))
def test_no_text_that_is_kept_is_a_formula_or_hides_a_sign(text: str) -> None:
    try:
        kept = read_text(text, "name")
    except No:
        return
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert kept.isprintable() or not any(ord(letter) < 32 for letter in kept)


@given(DAYS, st.integers(0, 730))
def test_the_terms_that_are_kept_lead_to_the_due_date(issued: date, days: int) -> None:
    due = issued + timedelta(days=days)
    assume(due.year <= 2100)
    row = good(Raised=f"{issued:%d/%m/%Y}", Due=f"{due:%d/%m/%Y}", Paid="", Paper_until="")
    assert due_on(row.terms, issued, "GB") == due == row.due_on


def test_what_is_remembered_is_bounded_and_refusals_are_remembered_too() -> None:
    where = {name: HEADINGS.index(heading) for name, heading in PROFILE.columns.items()}
    small = Checker(PROFILE, where, HEADINGS)
    small._dates._most = 3
    for month in range(1, 13):
        row = ROW | {"Raised": f"01/{month:02}/2026", "Due": "31/12/2026"}
        assert isinstance(small.check(1, [row[name] for name in HEADINGS]), Good)
        assert len(small._dates._known) <= 3
    for _ in range(2):
        assert "does not exist" in bad(Raised="31/06/2026")["Raised"]
    assert good().terms == Terms()
