"""Decides what a file of the European Central Bank says: eurofxref as CSV, as XML, or in the ZIP it is published in."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from goodterms.rates.rules import Published
from goodterms.values.refusal import Refused

SOURCE = "ECB"
BYTES_MAX = 20_000_000  # the whole history since 1999 has some two million
NO_RATE = ("", "N/A")
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CODE = re.compile(r"[A-Z]{3}")
_LARGEST = Decimal(10) ** 9


def read_ecb(content: bytes) -> list[Published]:
    """Every rate in the file, in its order. Refused: what is none of the three forms, or says something that is no rate."""
    if len(content) > BYTES_MAX:
        raise _not_ours(f"it is larger than {BYTES_MAX // 1_000_000} MB")
    if content.startswith(b"PK"):
        content = _unpacked(content)
    read = list(_xml(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _csv(content))
    if not read:
        raise _not_ours("it has no rate")
    return read


def _unpacked(content: bytes) -> bytes:
    """eurofxref-hist.zip and eurofxref.zip hold one CSV."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inside = packed.infolist()
            if len(inside) != 1:
                raise _not_ours("it holds more than one file")
            with packed.open(inside[0]) as file:
                plain = file.read(BYTES_MAX + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as broken:
        raise _not_ours("it cannot be unpacked") from broken
    if len(plain) > BYTES_MAX:
        raise _not_ours(f"it is larger than {BYTES_MAX // 1_000_000} MB when unpacked")
    return plain


def _csv(content: bytes) -> Iterator[Published]:
    """A column for each currency, a row for each day; both forms end a line with a comma."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        head = [one.strip() for one in next(rows, [])]
        if not head or head[0] != "Date":
            raise _not_ours("its first column is not called Date")
        for at, row in enumerate(rows, 2):
            if not any(cell.strip() for cell in row):
                continue
            day = _day(row[0].strip(), f"line {at}")
            for currency, said in zip(head[1:], (cell.strip() for cell in row[1:]), strict=False):
                if currency and said not in NO_RATE:
                    yield _rate(day, currency, said, f"line {at}")
    except (UnicodeDecodeError, csv.Error) as odd:
        raise _not_ours("it is no CSV in UTF-8") from odd


def _xml(content: bytes) -> Iterator[Published]:
    """Cubes of days, each with a cube for each currency."""
    from lxml import etree  # here, since whoever issues loads this file, and few read one of theirs

    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as broken:
        raise _not_ours("it is no XML") from broken
    if root.getroottree().docinfo.doctype:
        raise _not_ours("it has a document type, which theirs has not")
    for of_day in root.iter(_CUBE):
        if (said := of_day.get("time")) is not None:
            day = _day(said, f"the day {said}")
            for one in of_day.iterchildren(_CUBE):
                yield _rate(day, one.get("currency", ""), one.get("rate", ""), f"the day {said}")


def _day(said: str, where: str) -> date:
    """2026-11-16 in the history and in XML, 16 November 2026 in the CSV of a day."""
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(said, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    raise _not_ours(f"in {where}, {said[:20]!r} is no day")


def _rate(day: date, currency: str, said: str, where: str) -> Published:
    try:
        value = Decimal(said)
    except InvalidOperation:
        value = Decimal(0)
    if not _CODE.fullmatch(currency) or not value.is_finite() or not 0 < value <= _LARGEST:
        raise _not_ours(f"in {where}, {currency[:20]!r} {said[:20]!r} is no rate")
    if value != value.quantize(Decimal("1e-8")):
        raise _not_ours(f"in {where}, the rate of {currency} has more than eight digits after the point")
    return Published(day, currency, value, SOURCE)


def _not_ours(why: str) -> Refused:
    return Refused(
        f"This is no file of rates of the European Central Bank: {why}. Nothing was read. Take eurofxref-hist.zip, "
        "eurofxref-hist.csv or eurofxref-daily.xml from its page of reference rates.",
        code="file",
        field="file",
    )
