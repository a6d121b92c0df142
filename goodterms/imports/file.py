"""Decides how a file is opened and cut into rows, line by line in constant memory, and which files are no tables at all."""

import csv
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import TextIOWrapper
from typing import BinaryIO

from goodterms.imports.profile import SECTION, Profile
from goodterms.values.refusal import Refused

FIELD_MAX = 10_000
Numbered = tuple[int, list[str]]  # the line a row begins on, counted from 1, and its fields
Mended = Mapping[int, Mapping[int, str] | None]  # by line: fields by their place, as a person wrote them; None: left out
_BROKEN = re.compile("[\udc80-\udcff]")
_MADE = re.compile(r"\s*(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \w+ \d")
_KINDS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet (xlsx, ods)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (xls, doc)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"SQLite format", "a database"),
    (b"<?xml", "XML"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"{", "JSON"),
    (b"[{", "JSON"),
    (b"<", "XML"),  # with no line before its first element
)


def digest(file: BinaryIO) -> bytes:
    """The sha256 of the whole file, which is then at its beginning again. Refuses what is empty or no table."""
    start = file.read(1024)
    _must_be_table(start)
    hashed = sha256(start)
    while chunk := file.read(1 << 20):
        hashed.update(chunk)
    file.seek(0)
    return hashed.digest()


def rows(file: BinaryIO, profile: Profile) -> tuple[list[str], Iterator[Numbered]]:
    """The headings, and every row after them with its line. Bytes that are not of the encoding come as lone surrogates,
    which `broken_byte` finds, so that each is told with its line and column."""
    csv.field_size_limit(FIELD_MAX)
    encoding = "utf-8-sig" if profile.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else profile.encoding
    text = TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    numbered = _numbered(text, profile.delimiter)
    if profile.report:
        numbered = ((line, fields) for line, fields in numbered if any(field.strip() for field in fields))
    headings: list[str] = []
    for line, fields in numbered:
        if line >= profile.heading_line:
            headings = [heading.strip() for heading in fields]
            break
    if not any(headings):
        raise Refused(f"The file has no headings on line {profile.heading_line}.", code="file")
    for heading in headings:
        if byte := broken_byte(heading):
            raise Refused(f"Line {profile.heading_line}: {byte} is not {profile.encoding.upper()}.", code="file")
    return (_as_report(headings, numbered)) if profile.report else (headings, numbered)


def _as_report(headings: list[str], numbered: Iterator[Numbered]) -> tuple[list[str], Iterator[Numbered]]:
    """A report as a table: without its lines of totals and its last line, which says when it was made; what stands alone in
    a first column without a heading is in that column of the rows that follow."""
    if headings[0]:
        return headings, ((line, row) for line, row in numbered if not _is_sum(row) and not _MADE.match(row[0]))
    return [SECTION, *headings[1:]], _in_sections(numbered)


def _in_sections(numbered: Iterator[Numbered]) -> Iterator[Numbered]:
    section = ""
    for line, fields in numbered:
        if fields[0].strip() and not any(field.strip() for field in fields[1:]):
            section = fields[0].strip()
        elif not _is_sum(fields):
            yield line, [fields[0].strip() or section, *fields[1:]]


def _is_sum(fields: list[str]) -> bool:
    said = fields[0].strip().casefold()
    return said == "total" or said.startswith("total for ")


def positions(headings: list[str], profile: Profile) -> dict[str, int]:
    """Where each column of the profile is; refuses one that the file lacks or has twice."""
    where = {}
    for name, heading in profile.columns.items():
        if (count := headings.count(heading)) != 1:
            fault = "has no column" if count == 0 else f"has {count} columns"
            told = ", ".join(headings)[:400]
            raise Refused(f"The file {fault} {heading!r} ({name}). Its columns are: {told}.", code="column", field=heading)
        where[name] = headings.index(heading)
    return where


def as_mended(numbered: Iterator[Numbered], mended: Mended) -> Iterator[Numbered]:
    """The rows with what a person wrote in place of what the file says, and without those that were left out."""
    if not mended:
        yield from numbered  # nearly always
        return
    for line, fields in numbered:
        change = mended.get(line, {})
        if change is not None:
            yield line, [change.get(place, said) for place, said in enumerate(fields)] if change else fields


def broken_byte(text: str) -> str:
    """The first byte in `text` that was not of the file's encoding, as "the byte 0xE9"; empty when all were."""
    found = _BROKEN.search(text)
    return f"the byte 0x{ord(found[0]) - 0xDC00:02X}" if found else ""


def _numbered(text: TextIOWrapper, delimiter: str) -> Iterator[Numbered]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as odd:
        raise Refused(f"Line {line} cannot be read as a row: {odd}.", code="file") from odd
    finally:
        if not text.closed:  # its opener may have closed it before the rows were read to their end
            text.detach()  # it is theirs to close


_INVOICES = " Electronic invoices are taken over with: goodterms import ubl, or by the API."


def _must_be_table(start: bytes) -> None:
    if not start.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise Refused("The file is empty.", code="file")
    beginning = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, kind in _KINDS:
        if beginning[: len(mark)].lower() == mark.lower():
            known = _INVOICES if kind in ("a PDF", "XML") else ""
            raise Refused(f"This file is {kind}. Save it as CSV (UTF-8), and import that.{known}", code="file")
    if b"\x00" in start[:1024]:
        raise Refused("This file is not text. Save it as CSV (UTF-8), and import that.", code="file")
