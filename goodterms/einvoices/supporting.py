"""Decides which supporting documents travel with an invoice (BG-24): no PDF that runs something, and in XML only what
EN 16931 takes there.

A letter of an invoice goes out under the vendor's name, through gateways that turn active files away; so what runs a script,
starts a program, plays something or asks for a password is refused where it is added, not where it would be missed.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from goodterms.einvoices.embedded import limit
from goodterms.einvoices.guard import BYTES_MAX
from goodterms.values.files import ODS, XLSX, is_a_bomb, unpacked_size
from goodterms.values.refusal import Refused, to_say

if TYPE_CHECKING:
    import pikepdf

# BR-CL-24: what BT-125 may be.
IN_XML = frozenset({"application/pdf", "image/png", "image/jpeg", "text/csv", XLSX, ODS})
OBJECTS_MAX = 200_000
BROKEN = to_say("{name} is a broken PDF. Save it once more, or print it to a new one.")
LOCKED = to_say("{name} asks for a password, so nobody could be sure to read it. Save it without one.")
ACTIVE = to_say("{name} runs a script or starts a program when it is opened. Print it to a new PDF, and send that.")
HEAVY = to_say("{name} holds files that unpack to far more than it is. Send them by themselves.")
_STRING = re.compile(rb"\((?:\\.|[^()\\])*\)", re.S)
_ACTS = re.compile(rb"/(?:JS|JavaScript|Launch|RichMedia|Movie|XFA)(?![A-Za-z0-9])")


def left_out(name: str, media_type: str) -> str:
    """Why a supporting document is not in the XML; empty where it is."""
    if media_type in IN_XML:
        return ""
    return f"{name} is {media_type}, which EN 16931 does not take (BR-CL-24); it is in the PDF and goes with the letter."


def check_pdf(name: str, content: bytes) -> None:
    """Refuses a PDF that is broken, locked or does something by itself; none of it is run, and little unpacked."""
    import pikepdf

    limit()
    try:
        with pikepdf.open(BytesIO(content)) as file:
            locked, active, heavy = file.is_encrypted, _acts(file), _is_heavy(file)
    except pikepdf.PasswordError:
        locked, active, heavy = True, False, False
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, KeyError, RecursionError, MemoryError):
        raise Refused(BROKEN, code="file", field="files", name=name) from None
    if locked or active or heavy:
        raise Refused(LOCKED if locked else ACTIVE if active else HEAVY, code="file", field="files", name=name)


def _acts(file: pikepdf.Pdf) -> bool:
    """By the names in its objects, spelled plainly by the reader however the file hides them; words are no names."""
    import pikepdf

    if len(file.objects) > OBJECTS_MAX:
        raise ValueError("too many objects")
    found = (one for one in file.objects if isinstance(one, pikepdf.Dictionary | pikepdf.Array))
    return any(_ACTS.search(_STRING.sub(b"", one.unparse(resolved=True))) for one in found)


def _is_heavy(file: pikepdf.Pdf) -> bool:
    """Whether the files within it unpack to more than it may be, one by one or together; no more than that is unpacked."""
    import pikepdf

    total = 0
    for one in file.objects:
        if not isinstance(one, pikepdf.Dictionary) or not isinstance(held := one.get("/EF"), pikepdf.Dictionary):
            continue
        for stream in {each.objgen: each for each in held.as_dict().values() if isinstance(each, pikepdf.Stream)}.values():
            try:
                content = stream.read_bytes()
            except (pikepdf.PdfError, pikepdf.DataDecodingError):  # beyond the limit
                return True
            total += len(content)
            if total > BYTES_MAX or (content[:2] == b"PK" and is_a_bomb(content, unpacked_size(content) or 0)):
                return True
    return False
