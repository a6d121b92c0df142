"""Decides which files from people may be kept: what one is by its bytes, never by its name, and how it is called here."""

import csv
import re
import unicodedata
import zipfile
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import NamedTuple

from goodterms.values.refusal import Refused, to_say

SIZE_MAX = 10 * 1024 * 1024
NAME_MAX = 100
UNPACKED_MAX = 64 * 1024 * 1024  # of an archive, which a spreadsheet is
RATIO_MAX = 200  # a spreadsheet packs to a tenth; nothing that people wrote packs to less than this
MEMBERS_MAX = 5_000  # of an archive
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "text/csv": ("csv", "txt"),
    "text/plain": ("txt", "csv", "log", "md"),
    XLSX: ("xlsx",),
    ODS: ("ods",),
}
PLAIN = frozenset(ENDINGS) - {XLSX, ODS}
_BEGINS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSAFE = re.compile(r'[<>:"|?*]')


OTHER_KIND = to_say("{name} is not a kind of file that can be kept here. Send a PDF, a PNG or JPEG picture, plain text or CSV.")
OTHER_KIND_OF_PAPER = to_say(
    "{name} is not a kind of file that goes with an invoice. Send a PDF, a PNG or JPEG picture, a spreadsheet without macros"
    " (XLSX, ODS), CSV or plain text."
)


class File(NamedTuple):
    """A file as somebody gave it: the name it had with them, and its bytes."""

    name: str
    content: bytes


class Checked(NamedTuple):
    """A file that may be kept: its cleaned name, and what it is."""

    name: str
    media_type: str


def check_file(file: File, takes: Collection[str] = PLAIN) -> Checked:
    """What may be kept of a file; refuses an empty one, a large one, and what is none of the kinds that are taken."""
    name = clean_name(file.name)
    check_size(name, len(file.content))
    media_type = kind_of(file.content)
    if media_type is None or media_type not in takes:
        raise Refused(OTHER_KIND if XLSX not in takes else OTHER_KIND_OF_PAPER, code="file", field="files", name=name)
    if media_type in (XLSX, ODS):
        _check_archive(name, file.content)
    return Checked(_with_ending(name, media_type), media_type)


def check_size(name: str, size: int) -> None:
    """Refuses nothing, and too much; a door asks before it reads the bytes."""
    if size == 0:
        raise Refused("{name} is empty. Please choose the file again.", code="file", field="files", name=clean_name(name))
    if size > SIZE_MAX:
        raise Refused(
            "{name} has {size} MB; a file may have {most} MB at most. Send it in parts, or as a smaller picture.",
            code="file",
            field="files",
            name=clean_name(name),
            size=f"{size / 1024 / 1024:.1f}",
            most=SIZE_MAX // 1024 // 1024,
        )


def kind_of(content: bytes) -> str | None:
    """The media type that the bytes themselves show; None for all that is not kept."""
    for begin, media_type in _BEGINS.items():
        if content.startswith(begin):
            return media_type
    if content.startswith(b"PK\x03\x04") and content.count(b"PK\x01\x02") <= MEMBERS_MAX:
        return _kind_of_archive(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if _CONTROL.search(text):
        return None
    return "text/csv" if _is_table(text) else "text/plain"


def clean_name(name: str) -> str:
    """The last part of a path, without what is invisible or turns the writing round, and not longer than NAME_MAX."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    plain = " ".join(_UNSAFE.sub("-", seen).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > NAME_MAX and stem and len(ending) <= 8:
        return f"{stem[: NAME_MAX - len(ending) - 1].rstrip()}{dot}{ending}"
    return plain[:NAME_MAX] or "file"


def unpacked_size(content: bytes) -> int | None:
    """What an archive says that it unpacks to; it is looked at, never unpacked. None for one that is broken."""
    if content.count(b"PK\x01\x02") > MEMBERS_MAX:
        return UNPACKED_MAX + 1
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None


def is_a_bomb(content: bytes, unpacked: int) -> bool:
    return unpacked > UNPACKED_MAX or unpacked > RATIO_MAX * len(content)


def _check_archive(name: str, content: bytes) -> None:
    unpacked = unpacked_size(content)
    if unpacked is None or is_a_bomb(content, unpacked):
        raise Refused(
            "{name} would unpack to far more than it is, so it is not kept. Save it once more, or send it as PDF.",
            code="file", field="files", name=name,
        )  # fmt: skip


def _kind_of_archive(content: bytes) -> str | None:
    """A spreadsheet by what is in it, none with macros; all other archives are not kept."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = {name.lower() for name in packed.namelist()[:MEMBERS_MAX]}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if any(name.endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) or name.startswith("basic/") for name in names):
        return None
    if {"[content_types].xml", "xl/workbook.xml"} <= names:
        return XLSX
    mark = b"mimetype" + ODS.encode()  # the first member, packed as it is (OpenDocument 1.3, part 2, 3.3)
    return ODS if "content.xml" in names and content[30 : 30 + len(mark)] == mark else None


def _with_ending(name: str, media_type: str) -> str:
    """The name with an ending that says what the file is: whoever saves it will open it by that."""
    stem, dot, ending = name.rpartition(".")
    if dot and stem and ending.lower() in ENDINGS[media_type]:
        return name
    return f"{name[: NAME_MAX - 5]}.{ENDINGS[media_type][0]}"


def _is_table(text: str) -> bool:
    """Several rows that all have the same number of columns, by one of the usual marks."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if len(lines) < 2:
        return False
    for mark in (",", ";", "\t"):
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=mark)}
        except csv.Error:
            continue
        if len(widths) == 1 and widths != {1}:
            return True
    return False
