"""Reads the text of a PDF of ours back, page by page, as its fonts say it: what is copied, searched, read aloud."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.S)
_INSIDE = rb"(?:\\.|[^\\()])"  # of a string; parentheses that come in pairs need no escape
_STRING = rb"\(((?:" + _INSIDE + rb"|\((?:" + _INSIDE + rb"|\(" + _INSIDE + rb"*\))*\))*)\)"
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|" + _STRING + rb"|<([0-9A-Fa-f]*)>(?!>)|\bET\b", re.S)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

Glyphs = dict[int, str]


def pages(pdf: bytes) -> list[str]:
    """The words of each page in the order in which they are set, with one space between runs."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    return [_page(objects, body) for body in objects.values() if b"/Type/Page/" in body]


def text(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def _page(objects: dict[int, bytes], page: bytes) -> str:
    resources = objects[_ref(page, b"Resources")]
    fonts = {name: _glyphs(objects, int(n)) for name, n in re.findall(rb"/(f\d+) (\d+) 0 R", resources)}
    content = _stream(objects[_ref(page, b"Contents")])
    glyphs: Glyphs = {}
    runs = [""]
    for part in re.findall(rb"BT(.*?ET)", content, re.S):
        for found in _SHOWN.finditer(part):
            font, plain, coded = found.groups()
            if font:
                glyphs = fonts[font]
            elif plain is not None:
                runs[-1] += _said(glyphs, _ESCAPED.sub(_plain, plain))
            elif coded is not None:
                runs[-1] += _said(glyphs, bytes.fromhex(coded.decode()))
            else:
                runs.append("")
    return " ".join(" ".join(runs).replace("\N{NO-BREAK SPACE}", " ").split())


def _glyphs(objects: dict[int, bytes], font: int) -> Glyphs:
    mapped = _stream(objects[_ref(objects[font], b"ToUnicode")])
    return {
        int(glyph, 16): bytes.fromhex(signs.decode()).decode("utf-16-be")
        for glyph, signs in re.findall(rb"<(\w{4})> <(\w+)>", mapped)
    }


def _said(glyphs: Glyphs, shown: bytes) -> str:
    return "".join(glyphs.get(int.from_bytes(shown[n : n + 2], "big"), "") for n in range(0, len(shown), 2))


def _plain(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8)]) if sign.isdigit() else _NAMED.get(sign, sign)


def _ref(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    data = rest.rpartition(b"\nendstream")[0]
    return zlib.decompress(data) if b"Flate" in head else data
