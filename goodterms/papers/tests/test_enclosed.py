"""What goes with a document is printed behind it, and what no printer can print is named with the place where it is found."""

import io
import struct
import zlib
from typing import NamedTuple

import pikepdf

from goodterms.papers.enclosed import PAGES_MAX, _named, behind
from goodterms.papers.tests.reading import text


class A(NamedTuple):
    name: str
    media_type: str
    content: bytes


def a_pdf(pages: int = 1, **more: object) -> bytes:
    file, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        file.add_blank_page()
    file.save(out, deterministic_id=not more, **more)  # type: ignore[arg-type]
    return out.getvalue()


def a_png(width: int = 40, height: int = 20) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\xff\x00\x00" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


DOCUMENT = a_pdf()
SHEET = A("hours.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK")


def printed(*files: A, language: str = "en") -> pikepdf.Pdf:
    made = behind(DOCUMENT, files, number="PP-1", page="https://goodterms.example/pay/invoices/1/", language=language)
    return pikepdf.open(io.BytesIO(made))


def pictures(page: pikepdf.Page) -> int:
    return len(page.get_images())


def test_without_files_the_document_is_as_it_is() -> None:
    assert behind(DOCUMENT, [], number="PP-1", page="", language="en") == DOCUMENT


def test_pages_follow_as_they_are_and_a_picture_has_a_page_of_its_own() -> None:
    whole = printed(A("plan.pdf", "application/pdf", a_pdf(3)), A("receipt.png", "image/png", a_png()))
    assert len(whole.pages) == 1 + 3 + 1
    assert pictures(whole.pages[-1]) == 1
    assert len(printed(A("high.png", "image/png", a_png(10, 400))).pages) == 2


def test_what_cannot_be_printed_is_named_once_at_the_end() -> None:
    locked = A("locked.pdf", "application/pdf", a_pdf(encryption=pikepdf.Encryption(user="x", owner="x")))
    long = A("long.pdf", "application/pdf", a_pdf(PAGES_MAX + 1))
    odd = A("odd.png", "image/png", b"\x89PNG\r\n\x1a\n")
    whole = printed(SHEET, locked, long, odd, A("plan.pdf", "application/pdf", a_pdf()))
    assert len(whole.pages) == 3


def test_the_last_page_says_where_they_are() -> None:
    said = text(_named(["hours.xlsx"], "PP-1", "https://goodterms.example/pay/invoices/1/", "en"))
    assert "These files go with PP-1 and cannot be printed:" in said
    assert "hours.xlsx" in said
    assert "https://goodterms.example/pay/invoices/1/" in said.replace("/ 1/", "/1/")  # set over two lines
    assert "tidak dapat dicetak" in text(_named(["hours.xlsx"], "PP-1", "https://goodterms.example/", "id"))


def test_the_same_files_make_the_same_bytes() -> None:
    files = [A("receipt.png", "image/png", a_png()), SHEET]
    one, again = (behind(DOCUMENT, files, number="PP-1", page="https://goodterms.example/", language="en") for _ in range(2))
    assert one == again
