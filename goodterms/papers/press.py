"""Decides how a document becomes a PDF: archivable (PDF/A-3a) and accessible (PDF/UA-1), the same bytes each time."""

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import typst

Kind = Literal["statement", "receipt", "invoice", "letter", "enclosed"]
Standard = Literal["a-3a", "ua-1", "1.7"]

ROOM = Path(__file__).parent
STANDARDS: tuple[Standard, ...] = ("a-3a", "ua-1")
# Our own fonts speak Latin, Greek and Cyrillic; typst's own a little Arabic and Hebrew. What they lack, such as Chinese,
# the system's fonts may have. What nobody can draw is printed as a gap, which both standards forbid.
WAYS: tuple[tuple[bool, tuple[Standard, ...]], ...] = ((False, STANDARDS), (True, STANDARDS), (True, ("1.7",)))
# Nothing is left of what a file cannot hold, or what stands for no character at all.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")
SHEET = b"goodterms letter 1\n"  # and its data, as JSON
_at_once, _turn = Lock(), Lock()


def pdf(kind: Kind, data: Mapping[str, Any]) -> bytes:
    """The document, dated by its own day, not by today's. `data` is what `statement.data` or `receipt.data` made."""
    return _made(kind, _text(_printable(data)))


def pdfs(kind: Kind, each: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Several documents, in their order. typst sets one while the next is made ready: it needs no turn of Python's.

    Who comes with several while others are set waits until all of those are done: were they set in turns, both would be done
    at once, and the press would rest while they are stored."""
    with ThreadPoolExecutor(1, "press") as press:
        turn = press.submit(_turn.acquire)
        try:
            setting = [press.submit(_made, kind, _text(_printable(data))) for data in each]
            return [one.result() for one in setting]
        finally:
            turn.result()
            _turn.release()


def sheet(data: Mapping[str, Any]) -> bytes:
    """All that `printed` makes the same PDF of at any time. It is what is frozen of a letter on paper: to set it takes a
    hundred times as long as to write it, so that is left to whoever prints."""
    return SHEET + json.dumps(_printable(data), ensure_ascii=False).encode()


def printed(page: bytes) -> bytes:
    """What goes to the printer: the sheet of a letter as PDF, and what is a PDF already as it is."""
    return _made("letter", _text(content(page))) if page.startswith(SHEET) else page


def content(page: bytes) -> dict[str, Any]:
    """What a sheet says, by the names of its template; nothing for a PDF."""
    said: dict[str, Any] = json.loads(page.removeprefix(SHEET)) if page.startswith(SHEET) else {}
    return said


def _made(kind: Kind, text: str) -> bytes:
    import typst

    for with_system, standards in WAYS[:-1]:
        try:
            return _set(kind, text, with_system, standards)
        except typst.TypstError:
            continue
    return _set(kind, text, *WAYS[-1])


def _text(data: dict[str, Any]) -> str:
    """What typst reads, with the code of an address drawn that a slip asks for."""
    from goodterms.papers.codes import address_code

    slip = data.get("slip")
    if slip and slip.get("code_of"):
        data = data | {"slip": slip | {"code": address_code(slip["code_of"]).svg}}
    return json.dumps(data, ensure_ascii=False)


def can_set(svg: str) -> bool:
    """Whether a picture can be printed as an archive wants it."""
    import typst

    try:
        _set("picture", json.dumps({"svg": svg}), False, STANDARDS)
    except typst.TypstError:
        return False
    return True


def pictures(kind: Kind, data: Mapping[str, Any], sharpness: int) -> list[bytes]:
    """The pages as PNG, to be looked at; `sharpness` in pixels an inch."""
    text = _text(_printable(data))
    with _at_once:
        made = _compiler(False).compile(
            input=str(ROOM / "typst" / f"{kind}.typ"), format="png", ppi=sharpness, sys_inputs={"data": text}
        )
    return [page for page in (made if isinstance(made, list) else [made]) if page]


def _set(kind: str, text: str, with_system: bool, standards: tuple[Standard, ...]) -> bytes:
    with _at_once:
        made = _compiler(with_system).compile(
            input=str(ROOM / "typst" / f"{kind}.typ"), format="pdf", sys_inputs={"data": text},
            pdf_standards=list(standards),
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(with_system: bool) -> "typst.Compiler":
    """One for each process: it keeps the fonts and the templates. The press is heavy, and a day without paper needs none."""
    import typst

    return typst.Compiler(root=str(ROOM), font_paths=[str(ROOM / "fonts")], ignore_system_fonts=not with_system)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, Mapping):
        return {name: _printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
