"""Files that are no tables, profiles that do not fit, and where the fault is."""

import tracemalloc
from io import BytesIO
from typing import Any

import pytest

from goodterms.imports.file import digest, positions, rows
from goodterms.imports.profile import Profile, read_profile
from goodterms.imports.tests.cast import EXAMPLES, HEADINGS, PROFILE, a_file
from goodterms.values.refusal import Refused

SMALL = """
currency = "EUR"
terms = "net 30"
[columns]
number = "No"
customer = "Client"
issued = "Raised"
amount = "Amount"
"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "The file is empty"),
        (b"%PDF-1.7\n...", "is a PDF"),
        (b"PK\x03\x04rest", "zip archive or a spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"\x1f\x8brest", "gzip"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\xff\xfeN\x00o\x00", "UTF-16"),
        (b"  <?XML version='1.0'?>", "is XML"),
        (b'<Invoice xmlns="urn:x"><ID>', "is XML"),
        (b"<!doctype html>", "a web page"),
        (b'{"a": 1}', "is JSON"),
        (b"No,\x00Client", "is not text"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        digest(BytesIO(content))
    assert refused.value.code == "file"


def read(content: bytes, profile: Profile = PROFILE) -> tuple[list[str], list[Any]]:
    headings, numbered = rows(BytesIO(content), profile)
    return headings, list(numbered)


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    headings, found = read(b'\xef\xbb\xbfNo,What\r\n1,"two\r\nlines"\r\n\r\n2,plain\r\n')
    assert headings == ["No", "What"]
    assert found == [(2, ["1", "two\r\nlines"]), (5, ["2", "plain"])]


def test_headings_may_come_after_other_lines() -> None:
    profile = read_profile("heading_line = 3\ndelimiter = ';'" + SMALL)
    assert read(b"Report of today\n\nNo;Amount\n1;2\n", profile) == (["No", "Amount"], [(4, ["1", "2"])])
    with pytest.raises(Refused, match="no headings on line 3"):
        read(b"No;Amount\n1;2\n", profile)


def test_another_encoding_is_read_when_it_is_named() -> None:
    profile = read_profile("encoding = 'cp1252'" + SMALL)
    assert read("No,Café €\n1,ü\n".encode("cp1252"), profile)[0] == ["No", "Café €"]
    with pytest.raises(Refused, match="0xE9"):
        read("No,Café\n".encode("cp1252"))


@pytest.mark.parametrize(
    ("content", "line"), [(b'No,What\n1,"a"b\n', 2), (b'No,What\n1,a\n2,"open\n', 3), (b"No\n" + b"x" * 20_000, 2)]
)
def test_what_is_no_row_is_told_with_its_line(content: bytes, line: int) -> None:
    with pytest.raises(Refused, match=f"Line {line} cannot be read as a row"):
        read(content)


def test_a_column_that_the_file_lacks_is_named_with_those_it_has() -> None:
    assert positions(list(HEADINGS), PROFILE)["number"] == 0
    with pytest.raises(Refused, match=r"no column 'Amount' \(amount\). Its columns are: No, Client") as refused:
        positions([heading for heading in HEADINGS if heading != "Amount"], PROFILE)
    assert refused.value.field == "Amount"
    with pytest.raises(Refused, match="has 2 columns 'No'"):
        positions([*HEADINGS, "No"], PROFILE)


def test_reading_takes_the_same_memory_for_a_longer_file() -> None:
    def peak(count: int) -> int:
        content = a_file(*[{}] * count)
        tracemalloc.start()
        for _ in rows(content, PROFILE)[1]:
            pass
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    peak(10)
    assert peak(4_000) < 1.2 * peak(400)


def test_the_profile_that_is_shipped_can_be_read() -> None:
    profile = read_profile((EXAMPLES / "receivables-book.toml").read_text())
    assert (profile.currency, profile.dates, profile.columns["paperless"]) == ("USD", ("month/day/year",), "PaperlessDate")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "not TOML"),
        ("colour = 'red'" + SMALL, "says 'colour'"),
        (SMALL.replace('number = "No"', ""), "which column is 'number'"),
        (SMALL + 'shoe = "S"', "has 'shoe'"),
        (SMALL.replace('"EUR"', '"EUX"'), "not a currency code"),
        (SMALL.replace('currency = "EUR"', ""), "neither a currency"),
        (SMALL.replace('terms = "net 30"', ""), "neither terms"),
        (SMALL.replace('"net 30"', '"soon"'), "not a way of writing terms"),
        (SMALL.replace('"net 30"', '"50% on receipt, 50% net 30"'), "instalments"),
        ("dates = ['dd/mm/yyyy']" + SMALL, "no way of writing a date"),
        ("dates = ['day/day/year']" + SMALL, "no way of writing a date"),
        ("dates = ['daymonthyear']" + SMALL, "no way of writing a date"),
        ("dates = 'day/month/year'" + SMALL, "dates is a list of words"),
        ("decimal = ','\nthousands = ','" + SMALL, "same sign"),
        ("decimal = 'x'" + SMALL, "point or a comma"),
        ("delimiter = ',,'" + SMALL, "one sign"),
        ("encoding = 'utf-16'" + SMALL, "save the file as UTF-8"),
        ("encoding = 'klingon'" + SMALL, "not an encoding"),
        ("heading_line = 0" + SMALL, "counted from 1"),
        ("heading_line = 'x'" + SMALL, "whole number"),
        ("address = 'all@book.example'" + SMALL, "needs {customer}"),
        ("address = '{shoe}@book.example'" + SMALL, "no pattern"),
        ("address = '{customer}'" + SMALL, "no pattern"),
        ("address = '{customer}@b.example'" + SMALL + 'email = "E"', "keep one"),
        ("columns = 3", "table of words"),
    ],
)
def test_a_profile_that_cannot_work_says_why(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_profile(text)
    assert sentence in refused.value.sentence
