"""Decides what stands at the head of a paper: the firm that writes, with its letterhead and logo."""

import base64
from collections.abc import Mapping
from typing import Any

from goodterms.invoicing.models import Letterhead
from goodterms.papers.letterhead import Firm
from goodterms.parties.models import Vendor

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG: the segments that say how large it is


def firm_of(vendor: Vendor, letterhead: Letterhead | None, of: Mapping[str, Any] | None = None) -> Firm:
    """Who writes: as it was copied into a document, or as it is now."""
    said = of or {name: getattr(vendor, name) for name in ("name", "legal_name", "address", "tax_id", "email")}
    return Firm(
        said.get("name", ""), said.get("legal_name", ""), in_lines(said.get("address", "")), said.get("tax_id", ""),
        said.get("email", ""), *_of_letterhead(letterhead),
    )  # fmt: skip


def logo_svg(logo: bytes, media_type: str) -> str:
    """A picture of any kind as an SVG, which is what the press takes."""
    if media_type == "image/svg+xml":
        return logo.decode()
    width, height = size_of(logo, media_type)
    data = base64.b64encode(logo).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{media_type};base64,{data}"/></svg>'
    )


def size_of(picture: bytes, media_type: str) -> tuple[int, int]:
    """Width and height of a PNG or JPEG by its own bytes; nothing where they do not say."""
    if media_type == "image/png":
        return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
    at = 2
    while at + 9 < len(picture) and picture[at] == 0xFF:
        if picture[at + 1] in _FRAMES:
            return int.from_bytes(picture[at + 7 : at + 9], "big"), int.from_bytes(picture[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    return 0, 0


def in_lines(address: str) -> list[str]:
    return [line.strip() for line in address.splitlines() if line.strip()]


def _of_letterhead(one: Letterhead | None) -> tuple[str, str, str, str, str]:
    if one is None:
        return "", "", "", "", ""
    logo = logo_svg(bytes(one.logo), one.logo_type) if one.logo else ""
    return one.trade, one.phone, one.company_number, logo, one.colour
