"""A file is read as all of its lines allow; where they do not agree about days or money, a person is asked."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.imports.rules import read_amount, read_date
from goodterms.imports.rules.guess import CONTENT, NAMED, delimiter, encoding, guess

HEADINGS = ["Inv no", "Client", "Email", "Raised", "Due", "O/S", "Notes", "Acct mgr"]
ROW = ["CL-611", "Tobacco Factory Theatres", "box@tft.example", "15/10/2026", "01/11/2026", "640.00", "letterpress", "JF"]


def test_columns_are_found_by_their_names() -> None:
    found = guess(HEADINGS, [ROW])
    words = ("number", "customer", "email", "issued", "due", "amount", "work")
    assert found.columns == dict(zip(words, HEADINGS, strict=False))
    assert set(found.reasons.values()) == {NAMED}


@pytest.mark.parametrize(
    "headings",
    [
        ["Rechnungsnr.", "Kunde", "Rechnungsdatum", "Fälligkeit", "Bruttobetrag", "Währung"],
        ["Factuurnummer", "Klant", "Factuurdatum", "Vervaldatum", "Bedrag", "Valuta"],
        ["Numéro", "Client", "Date facture", "Échéance", "Montant TTC", "Devise"],
        ["Nomor", "Pelanggan", "Tanggal", "Jatuh tempo", "Jumlah", "Mata uang"],
    ],
)
def test_columns_are_found_by_their_names_in_other_languages(headings: list[str]) -> None:
    found = guess(headings, [["1", "x", "15/10/2026", "01/11/2026", "640,00", "EUR"]])
    assert found.columns == dict(zip(("number", "customer", "issued", "due", "amount", "currency"), headings, strict=True))
    assert set(found.reasons.values()) == {NAMED}


def test_what_is_called_otherwise_is_found_by_its_content() -> None:
    found = guess(["A", "B", "C", "D", "E"], [["x", "box@tft.example", "15/10/2026", "14/11/2026", "640.00"]] * 3)
    assert found.columns == {"email": "B", "issued": "C", "due": "D", "amount": "E"}
    assert set(found.reasons.values()) == {CONTENT}


@pytest.mark.parametrize(
    ("days", "pattern", "why"),
    [
        (["02/10/2026", "15/10/2026"], ("day/month/year",), "day first, because of 15/10/2026"),
        (["10/02/2026", "10/15/2026"], ("month/day/year",), "month first, because of 10/15/2026"),
        (["2026-10-02"], ("year-month-day",), ""),
        (["02.10.2026", "31.10.2026"], ("day.month.year",), "day first, because of 31.10.2026"),
        (["02/10/2026", "03/11/2026"], (), "day or month first: no line says which"),
        (["15/10/2026", "10/15/2026"], (), "15/10/2026 and 10/15/2026 contradict each other"),
    ],
)
def test_days_are_read_as_no_line_contradicts(days: list[str], pattern: tuple[str, ...], why: str) -> None:
    found = guess(["Invoice date"], [[day] for day in days])
    assert (found.dates, found.dates_reason) == (pattern, why)


@pytest.mark.parametrize(
    ("amounts", "signs"),
    [
        (["640.00", "1,240.50"], (".", ",")),
        (["1.240,50", "98,00"], (",", ".")),
        (["640"], (".", "")),
        (["1.240", "2.300"], ("", "")),
        (["1,240.50", "1,300.00", "1.240,50"], (".", ",")),
    ],
)
def test_amounts_are_read_as_most_are_written_and_never_when_a_sign_could_be_either(
    amounts: list[str], signs: tuple[str, str]
) -> None:
    found = guess(["Amount"], [[amount] for amount in amounts])
    assert (found.decimal, found.thousands) == signs


def test_the_sign_between_columns_and_the_encoding() -> None:
    assert delimiter('No;Name\n1;"a, b"\n2;c\n') == ";"
    assert delimiter("No\tName\n1\tb\n") == "\t"
    assert delimiter("one column\n") == ","
    assert encoding("Café".encode()) == "utf-8"
    assert encoding("Café".encode("cp1252")) == "cp1252"


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2090, 12, 31)), min_size=1, max_size=30), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"])
)
def test_what_is_guessed_of_days_reads_every_line_as_it_was_meant(days: list[date], written: str) -> None:
    said = [day.strftime(written) for day in days]
    found = guess(["Date"], [[one] for one in said])
    if found.dates:
        assert [read_date(one, found.dates) for one in said] == days


@given(st.lists(st.decimals(Decimal("0.01"), Decimal(10**7), places=2), min_size=1, max_size=30), st.booleans(), st.booleans())
def test_what_is_guessed_of_amounts_reads_every_line_as_it_was_meant(
    amounts: list[Decimal], german: bool, grouped: bool
) -> None:
    said = [f"{amount:,.2f}" if grouped else f"{amount:.2f}" for amount in amounts]
    said = [one.translate(str.maketrans(".,", ",.")) for one in said] if german else said
    found = guess(["Amount"], [[one] for one in said])
    assert found.decimal == ("," if german else ".")
    assert [read_amount(one, "EUR", found.decimal, found.thousands) for one in said] == [
        int(amount * 100) for amount in amounts
    ]
