"""Decides how a value stands as text in XML: numbers, days, bytes, and the few terms that one syntax puts another way."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_DAY_AND_ZONE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})")  # a day of the calendar needs no zone
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NOTE = re.compile(r"#([A-Z]{3})#(.*)", re.S)


class Codec(NamedTuple):
    """Text in and out. `read` raises ValueError for what cannot be meant; `compact` days are written without hyphens."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    compact: Callable[[Any], str]


def plain(kind: type) -> Codec:
    return {str: _TEXT, Decimal: _DECIMAL, date: _DAY, bytes: _BYTES}[kind]


def _text(said: str) -> str:
    """As it stands; where a file was laid out in lines, without the layout around it."""
    return said.strip() if said[0] in "\r\n" else said


def _number(said: str) -> Decimal:
    if not _NUMBER.fullmatch(said):
        said = said.strip()
        if not _NUMBER.fullmatch(said):
            raise ValueError("is not a number")
    return Decimal(said)


def _day(said: str) -> date:
    said = said.strip()
    if len(said) > 10 and (found := _DAY_AND_ZONE.fullmatch(said)):
        said = found[1]
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError("is not a day") from None


def _bytes(said: str) -> bytes:
    try:
        return binascii.a2b_base64(said, strict_mode=True)
    except (binascii.Error, ValueError):
        pass  # most often it is only laid out in lines
    try:
        return binascii.a2b_base64("".join(said.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not Base64") from None


def _number_out(value: Decimal) -> str:
    return f"{value:f}"


_TEXT = Codec(_text, str, str)
_DECIMAL = Codec(_number, _number_out, _number_out)
_DAY = Codec(_day, date.isoformat, lambda on: f"{on:%Y%m%d}")
_BYTES = Codec(_bytes, lambda content: base64.b64encode(content).decode(), lambda content: base64.b64encode(content).decode())


def _discount(said: str) -> Decimal | None:
    """No discount where it is nothing: UBL has to write one beside a gross price."""
    return _number(said) or None


def _note(said: str) -> dict[str, str]:
    """UBL puts the subject code into the text: `#AAI#Thank you`."""
    found = _NOTE.fullmatch(_text(said))
    return {"BT-21": found[1], "BT-22": found[2]} if found else {"BT-22": _text(said)}


def _note_out(note: dict[str, str]) -> str:
    code = note.get("BT-21")
    return f"#{code}#{note.get('BT-22', '')}" if code else note.get("BT-22", "")


# BT-8: UBL counts in UNTDID 2005, CII in UNTDID 2475.
_TAX_POINTS = {"5": "3", "29": "35", "72": "432"}
_TAX_POINTS_OUT = {ours: theirs for theirs, ours in _TAX_POINTS.items()}


def _tax_point(said: str) -> str:
    return _TAX_POINTS.get(said.strip(), said.strip())


def _tax_point_out(code: str) -> str:
    return _TAX_POINTS_OUT.get(code, code)


CODECS = {
    "discount": Codec(_discount, _number_out, _number_out),
    "note": Codec(_note, _note_out, _note_out),
    "tax_point": Codec(_tax_point, _tax_point_out, _tax_point_out),
}
NAMED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "iban": lambda record: bool(_IBAN.fullmatch(record.get("BT-84", "").replace(" ", "").upper())),
}
