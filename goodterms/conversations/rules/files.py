"""Decides which files may come with a message: what one is by its bytes, never by its name, and how it is called here."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from goodterms.values.refusal import Refused

SIZE_MAX = 10 * 1024 * 1024
AT_MOST = 5  # of one message
NAME_MAX = 100
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "text/csv": ("csv", "txt"),
    "text/plain": ("txt", "csv", "log", "md"),
}
_BEGINS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSAFE = re.compile(r'[<>:"|?*]')


class File(NamedTuple):
    """A file as somebody gave it: the name it had with them, and its bytes."""

    name: str
    content: bytes


class Checked(NamedTuple):
    """A file that may be kept: its cleaned name, and what it is."""

    name: str
    media_type: str


def check_file(file: File) -> Checked:
    """What may be kept of a file; refuses an empty one, a large one, and what is neither document, picture nor text."""
    name = clean_name(file.name)
    check_size(name, len(file.content))
    media_type = kind_of(file.content)
    if media_type is None:
        raise Refused(
            "{name} is not a kind of file that can be kept here. Send a PDF, a PNG or JPEG picture, plain text or CSV.",
            code="file",
            field="files",
            name=name,
        )
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


def check_count(count: int) -> None:
    if count > AT_MOST:
        raise Refused(
            "A message takes {most} files at most. Send the others with another message.",
            code="file",
            field="files",
            most=AT_MOST,
        )


def kind_of(content: bytes) -> str | None:
    """The media type that the bytes themselves show; None for all that is not kept."""
    for begin, media_type in _BEGINS.items():
        if content.startswith(begin):
            return media_type
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
