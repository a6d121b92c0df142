"""Decides which files from outside are looked into at all: none that could cost more than an invoice is worth.

What is refused, within two seconds and 256 MB: a DOCTYPE (and so every entity), an encoding that nobody sends, too many bytes,
elements or levels, attachments that unpack to more than anyone reads. Nothing is kept of a file that was refused.
"""

from __future__ import annotations

import re
from typing import Any

from goodterms.values.files import is_a_bomb, unpacked_size
from goodterms.values.refusal import Refused

BYTES_MAX = 20 * 1024 * 1024
MARKS_MAX = 600_000  # of < and =, which make elements and attributes: an invoice of some 6,000 lines
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_DECLARED = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ADVICE = re.compile(r",? (?:try|use) XML_PARSE_HUGE(?: option)?")  # to whoever writes programs
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.S)


def tree(data: bytes, marks_max: int = MARKS_MAX) -> Any:
    """The root element of an XML document from outside, without comments; refuses what it may not be."""
    from lxml import etree

    check_size(len(data))
    _check_prolog(data)
    if len(data) > marks_max and data.count(b"<") + data.count(b"=") > marks_max:
        raise Refused("The file holds more elements than an invoice of thousands of lines. Nothing was read.", code="size")
    try:
        return etree.fromstring(data, parser())
    except etree.XMLSyntaxError as fault:
        raise Refused(f"The file is not sound XML, so nothing was read: {_said(fault)}.", code="xml") from None


def parser() -> Any:
    """A parser that follows nothing out of the file, and does not go too deep."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )


def check_size(size: int) -> None:
    if size > BYTES_MAX:
        raise Refused(f"The file is larger than {BYTES_MAX // 1024 // 1024} MB. Nothing was read.", code="size")
    if not size:
        raise Refused("The file is empty.", code="empty")


def check_attachment(name: str, content: bytes) -> None:
    """Refuses an attachment that unpacks to far more than it is; it is looked at, never unpacked."""
    if content[:2] != b"PK":
        return
    unpacked = unpacked_size(content)
    if unpacked is None:
        raise Refused(f"The attachment {name[:80]!r} is a broken archive. Nothing was read.", code="attachment")
    if is_a_bomb(content, unpacked):
        raise Refused(f"The attachment {name[:80]!r} would unpack to {unpacked:,} bytes. Nothing was read.", code="attachment")


def _check_prolog(data: bytes) -> None:
    """The encoding and what comes before the first element, without a parser: entities are never even declared to one."""
    text = _decoded(data)
    start = _PROLOG.match(text)
    if text[start.end() if start else 0 :][:9].upper() == "<!DOCTYPE":
        raise Refused("The file begins with a DOCTYPE, which no invoice has. Nothing was read.", code="doctype")


def _decoded(data: bytes) -> str:
    """The text as far as its markup goes; refuses an encoding in which markup could hide."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0\0" not in data[2:4]:
        return data.decode("utf-16", "replace")
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    said = _DECLARED.match(text[:4096].lstrip())
    encoding = said[1] if said else "utf-8"
    if encoding.lower() not in ENCODINGS or "\0" in text[:4]:
        encoding = "an encoding without its mark" if "\0" in text[:4] else encoding
        raise Refused(f"The file is written in {encoding}, which is not read here. Save it as UTF-8.", code="encoding")
    return text


def _said(fault: Any) -> str:
    message = _ADVICE.sub("", re.sub(r"\s+", " ", str(fault.msg))).strip().rstrip(".")
    return message[:200]
