"""Decides that the published forms of the ECB's file are read as they are, and everything else is refused in words."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from goodterms.rates import ecb
from goodterms.rates.ecb import read_ecb
from goodterms.rates.rules import Published
from goodterms.values.refusal import Refused

# The heads, days and figures are of the forms that the ECB publishes; the rates are those of 16 and 17 May 2024.
HISTORY = b"""Date,USD,JPY,BGN,CYP,CZK,GBP,ISK,
2024-05-17,1.0844,168.95,1.9558,N/A,24.709,0.85675,150.3,
2024-05-16,1.0866,168.21,1.9558,N/A,24.687,0.85790,150.1,
"""
OF_A_DAY = b"Date, USD, JPY, BGN, GBP, \n17 May 2024, 1.0844, 168.95, 1.9558, 0.85675, \n"
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube><Cube time='2024-05-17'><Cube currency='USD' rate='1.0844'/><Cube currency='GBP' rate='0.85675'/></Cube></Cube>
</gesmes:Envelope>"""
USD = Published(date(2024, 5, 17), "USD", Decimal("1.0844"), "ECB")
GBP = Published(date(2024, 5, 17), "GBP", Decimal("0.85675"), "ECB")


def zipped(*files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for at, content in enumerate(files):
            into.writestr(f"eurofxref{at}.csv", content)
    return packed.getvalue()


def test_the_history_has_a_row_for_each_day_and_leaves_out_what_was_not_published() -> None:
    read = read_ecb(HISTORY)
    assert len(read) == 12
    assert USD in read
    assert GBP in read
    assert "CYP" not in {one.currency for one in read}
    assert read[-1] == Published(date(2024, 5, 16), "ISK", Decimal("150.1"), "ECB")


def test_the_file_of_a_day_writes_its_day_in_words() -> None:
    assert read_ecb(OF_A_DAY)[0] == USD
    assert len(read_ecb(OF_A_DAY)) == 4


def test_the_xml_says_the_same() -> None:
    assert read_ecb(XML) == [USD, GBP]
    assert read_ecb(b"\xef\xbb\xbf" + XML) == [USD, GBP]


def test_the_zip_that_it_is_published_in_is_opened() -> None:
    assert read_ecb(zipped(HISTORY)) == read_ecb(HISTORY)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "first column is not called Date"),
        (b"Date,USD\n", "it has no rate"),
        (b"Name,USD\n1,2\n", "first column is not called Date"),
        (HISTORY.replace(b"2024-05-16", b"16.5.2024"), "in line 3, '16.5.2024' is no day"),
        (HISTORY.replace(b"1.0866", b"-1"), "in line 3, 'USD' '-1' is no rate"),
        (HISTORY.replace(b"1.0866", b"NaN"), "is no rate"),
        (HISTORY.replace(b"1.0866", b"1.123456789"), "more than eight digits"),
        (HISTORY.replace(b"USD", b"US$"), "is no rate"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
        (b"<Cube", "it is no XML"),
        (b"<html><body>Not found</body></html>", "it has no rate"),
        (b'<!DOCTYPE x [<!ENTITY a "1">]><x>&a;</x>', "document type"),
        (zipped(HISTORY, HISTORY), "more than one file"),
        (b"PK\x03\x04 no zip", "cannot be unpacked"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_take(content: bytes, why: str) -> None:
    with pytest.raises(Refused, match="is no file of rates of the European Central Bank") as no:
        read_ecb(content)
    assert why in no.value.sentence
    assert "Take eurofxref-hist.zip" in no.value.sentence


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecb, "BYTES_MAX", 1_000_000)
    with pytest.raises(Refused, match="when unpacked"):
        read_ecb(zipped(b"0" * 50_000_000))
