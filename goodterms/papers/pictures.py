"""Decides how a picture comes onto paper: as an SVG, which is what the press takes, by the size that its own bytes say."""

import base64

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG: the segments that say how large it is


def as_svg(picture: bytes, media_type: str) -> str:
    """A picture of any kind as an SVG, which is what the press takes."""
    if media_type == "image/svg+xml":
        return picture.decode()
    width, height = size_of(picture, media_type)
    data = base64.b64encode(picture).decode()
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
