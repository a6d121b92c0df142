"""Decides how the files that go with a document are printed behind it: pages as they are, pictures on pages of their own, and
the names of what no printer can print."""

import io
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Protocol

from goodterms.papers.letterhead import in_words
from goodterms.papers.pictures import as_svg, size_of
from goodterms.papers.press import pdf
from goodterms.papers.words import words

PAGES_MAX = 60  # of one file; more is no letter
PICTURES = ("image/png", "image/jpeg")


class File(Protocol):
    """What is enclosed."""

    @property
    def name(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def content(self) -> bytes: ...


def behind(document: bytes, files: Sequence[File], *, number: str, page: str, language: str) -> bytes:
    """The document as PDF with its files after it, in their order; what cannot be printed is named on a last page, with the
    address at which it is found. Without files it is the same bytes."""
    if not files:
        return document
    import pikepdf

    left, out = [], io.BytesIO()
    with ExitStack() as opened:
        whole = opened.enter_context(pikepdf.open(io.BytesIO(document)))
        for file in files:
            if made := _as_pages(file, language):
                whole.pages.extend(opened.enter_context(pikepdf.open(io.BytesIO(made))).pages)
            else:
                left.append(file.name)
        if left:
            last = _named(left, number, page, language)
            whole.pages.extend(opened.enter_context(pikepdf.open(io.BytesIO(last))).pages)
        whole.save(out, deterministic_id=True)
    return out.getvalue()


def _as_pages(file: File, language: str) -> bytes:
    """The file as PDF; nothing where it is none that can be printed."""
    if file.media_type == "application/pdf":
        return file.content if _can_be_read(file.content) else b""
    if file.media_type not in PICTURES or not all(size_of(file.content, file.media_type)):
        return b""
    import typst

    try:
        return _page(file.name, language, svg=as_svg(file.content, file.media_type))
    except typst.TypstError:  # its head is that of a picture, and the rest is not
        return b""


def _named(names: Sequence[str], number: str, page: str, language: str) -> bytes:
    phrases = words(language)["enclosed"]
    before, after = in_words(phrases["not_here"], {"number": number}), in_words(phrases["there"], {"page": page})
    return _page(phrases["title"], language, before=before, names=list(names), after=after)


def _page(title: str, language: str, **said: object) -> bytes:
    return pdf("enclosed", {"title": title, "language": language, "svg": "", "names": [], **said})


def _can_be_read(content: bytes) -> bool:
    """Not one that is locked or broken, nor one too long for a letter."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as file:
            return 0 < len(file.pages) <= PAGES_MAX
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return False
