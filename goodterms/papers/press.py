"""Decides how a document becomes a PDF: archivable (PDF/A-3a) and accessible (PDF/UA-1), the same bytes each time."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

Kind = Literal["statement", "receipt", "invoice", "letter"]
Standard = Literal["a-3a", "ua-1", "1.7"]

ROOM = Path(__file__).parent
STANDARDS: tuple[Standard, ...] = ("a-3a", "ua-1")
# Our own fonts speak Latin, Greek and Cyrillic; typst's own a little Arabic and Hebrew. What they lack, such as Chinese,
# the system's fonts may have. What nobody can draw is printed as a gap, which both standards forbid.
WAYS: tuple[tuple[bool, tuple[Standard, ...]], ...] = ((False, STANDARDS), (True, STANDARDS), (True, ("1.7",)))
# Nothing is left of what a file cannot hold, or what stands for no character at all.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")
_at_once = Lock()


def pdf(kind: Kind, data: Mapping[str, Any]) -> bytes:
    """The document, dated by its own day, not by today's. `data` is what `statement.data` or `receipt.data` made."""
    text = json.dumps(_printable(data), ensure_ascii=False)
    for with_system, standards in WAYS[:-1]:
        try:
            return _set(kind, text, with_system, standards)
        except typst.TypstError:
            continue
    return _set(kind, text, *WAYS[-1])


def can_set(svg: str) -> bool:
    """Whether a picture can be printed as an archive wants it."""
    try:
        _set("picture", json.dumps({"svg": svg}), False, STANDARDS)
    except typst.TypstError:
        return False
    return True


def _set(kind: str, text: str, with_system: bool, standards: tuple[Standard, ...]) -> bytes:
    with _at_once:
        made = _compiler(with_system).compile(
            input=str(ROOM / "typst" / f"{kind}.typ"), format="pdf", sys_inputs={"data": text},
            pdf_standards=list(standards),
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(with_system: bool) -> typst.Compiler:
    """One for each process: it keeps the fonts and the templates."""
    return typst.Compiler(root=str(ROOM), font_paths=[str(ROOM / "fonts")], ignore_system_fonts=not with_system)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, Mapping):
        return {name: _printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
