"""Decides which picture may stand at the head of a vendor's papers: what it is by its own bytes, and nothing that acts.

A PNG or JPEG is measured by its header. An SVG is read as XML, and only shapes and colours are let through: no script, no
style sheet, no picture or page from elsewhere, no letters that would need a font we do not have.
"""

import re
from typing import Any, NamedTuple

from goodterms.papers.pictures import as_svg, size_of
from goodterms.papers.press import can_set
from goodterms.values.refusal import Refused

SIZE_MAX = 300 * 1024
PIXELS_MAX = 4_000  # a side
NODES_MAX = 5_000
SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "lineargradient", "stop", "use"}
    | {"radialgradient", "clippath", "mask", "title", "desc", "symbol", "metadata"}
)
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_INSIDE = re.compile(r"\s*url\(\s*['\"]?#[^)]*\)\s*|#.*")
_KINDS = "Choose a PNG, a JPEG or an SVG."


class Logo(NamedTuple):
    content: bytes
    media_type: str


def checked_logo(content: bytes) -> Logo:
    """The picture as it may be kept; refuses what is too large, no picture, or not one that can be printed."""
    if not content:
        raise Refused(f"The file is empty. {_KINDS}", code="logo", field="logo")
    if len(content) > SIZE_MAX:
        size = f"{len(content) / 1024:,.0f}"
        raise Refused(
            f"The picture has {size} KB; a logo may have {SIZE_MAX // 1024}. Save it smaller.", code="logo", field="logo"
        )
    logo = Logo(content, _kind(content))
    if logo.media_type == "image/svg+xml":
        _check_shapes(content)
    else:
        _check_pixels(logo)
    if not can_set(as_svg(*logo)):
        raise Refused("This picture cannot be printed as it is. Save it once more, as a PNG.", code="logo", field="logo")
    return logo


def checked_colour(written: str) -> str:
    """`#1d43b4`, dark enough to be read on white paper (WCAG 2.2: 4.5 to 1); empty means ink."""
    colour = written.strip().lower()
    if not colour:
        return ""
    if not _COLOUR.fullmatch(colour):
        raise Refused(f"{written[:20]!r} is not a colour; write it like #1d43b4.", code="colour", field="colour")
    if _contrast(colour) < 4.5:
        raise Refused(f"{colour} is hard to read on white paper. Choose a darker one.", code="colour", field="colour")
    return colour


def _kind(content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if b"<svg" in content[:2_000]:
        return "image/svg+xml"
    raise Refused(f"This is not a picture that can be printed. {_KINDS}", code="logo", field="logo")


def _check_pixels(logo: Logo) -> None:
    width, height = size_of(*logo)
    if not (0 < width <= PIXELS_MAX and 0 < height <= PIXELS_MAX):
        raise Refused(
            f"The picture is {width} by {height} pixels; a side may have 1 to {PIXELS_MAX:,}.", code="logo", field="logo"
        )


def _check_shapes(content: bytes) -> None:
    from lxml import etree  # here, since no cold command looks at a logo

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as broken:
        raise Refused("The SVG cannot be read. Save it once more.", code="logo", field="logo") from broken
    if root.getroottree().docinfo.doctype:
        raise Refused("The SVG has a document type of its own. Save it as plain SVG.", code="logo", field="logo")
    for count, node in enumerate(root.iter(), 1):
        if count > NODES_MAX:
            raise Refused("The SVG has too many parts for a logo. Save it simpler.", code="logo", field="logo")
        if isinstance(node.tag, str) and (odd := _odd(node)):
            raise Refused(
                f"The SVG has {odd}, which is not printed here. Save it as shapes alone, its letters as paths.", code="logo",
                field="logo",
            )  # fmt: skip


def _odd(node: Any) -> str:
    """What in this element is more than a shape; nothing where all is well."""
    from lxml import etree

    name = etree.QName(node)
    if name.namespace == SVG and str(name.localname).lower() not in SHAPES:
        return f"a <{name.localname}>"
    for key, value in node.attrib.items():
        local = etree.QName(key).localname.lower()
        outside = "url(" in value and not _INSIDE.fullmatch(value)
        if local.startswith("on") or (local == "href" and not value.startswith("#")) or outside or local == "src":
            return f"the attribute {local}"
    return ""


def _contrast(colour: str) -> float:
    """Against white."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
