"""A logo is what its bytes say, small enough, and nothing that acts or fetches."""

import struct
import zlib

import pytest

from goodterms.invoicing.logo import SIZE_MAX, checked_logo
from goodterms.values.refusal import Refused

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 10">'


def svg(inside: str) -> bytes:
    return f"{HEAD}{inside}</svg>".encode()


def png(width: int, height: int) -> bytes:
    rows = b"".join(b"\0" + bytes([150, 56, 15, 255]) * width for _ in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def test_shapes_and_pictures_are_kept_as_they_came() -> None:
    shapes = svg('<defs><linearGradient id="a"/></defs><rect width="40" height="10" fill="url(#a)"/><use xlink:href="#a"/>')
    assert checked_logo(shapes) == (shapes, "image/svg+xml")
    assert checked_logo(png(80, 20)).media_type == "image/png"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Choose a PNG, a JPEG or an SVG."),
        (b"%PDF-1.7", "This is not a picture that can be printed."),
        (b"x" * (SIZE_MAX + 1), "The picture has 300 KB; a logo may have 300."),
        (svg("<script>alert(1)</script>"), "The SVG has a <script>, which is not printed here."),
        (svg('<image href="https://elsewhere.example/x.png"/>'), "The SVG has a <image>"),
        (svg('<use xlink:href="https://elsewhere.example/x.svg#a"/>'), "The SVG has the attribute href"),
        (svg('<rect onload="x()"/>'), "The SVG has the attribute onload"),
        (svg('<rect fill="url(https://elsewhere.example/)"/>'), "The SVG has the attribute fill"),
        (svg("<style>@import 'x'</style>"), "The SVG has a <style>"),
        (svg("<text>Firm</text>"), "its letters as paths"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<rect/>"), "The SVG has a document type of its own."),
        (b"<svg><rect></svg>", "The SVG cannot be read."),
        (svg("<g/>" * 5_001), "The SVG has too many parts for a logo."),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "pixels; a side may have 1 to 4,000."),
        (png(8, 8)[:60], "This picture cannot be printed as it is."),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "The picture is 0 by 0 pixels"),
    ],
)
def test_all_else_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as no:
        checked_logo(content)
    assert sentence in str(no.value)
