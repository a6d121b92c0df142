"""Decides what stands at the head of a paper: the firm that writes, with its letterhead and logo."""

from collections.abc import Mapping
from typing import Any

from goodterms.invoicing.models import Letterhead
from goodterms.papers.letterhead import Firm
from goodterms.papers.pictures import as_svg
from goodterms.parties.models import Vendor


def firm_of(vendor: Vendor, letterhead: Letterhead | None, of: Mapping[str, Any] | None = None) -> Firm:
    """Who writes: as it was copied into a document, or as it is now."""
    said = of or {name: getattr(vendor, name) for name in ("name", "legal_name", "address", "tax_id", "email", "country")}
    return Firm(
        said.get("name", ""), said.get("legal_name", ""), in_lines(said.get("address", "")), said.get("tax_id", ""),
        said.get("email", ""), *_of_letterhead(letterhead), said.get("country", ""),
    )  # fmt: skip


def in_lines(address: str) -> list[str]:
    return [line.strip() for line in address.splitlines() if line.strip()]


def _of_letterhead(one: Letterhead | None) -> tuple[str, str, str, str, str]:
    if one is None:
        return "", "", "", "", ""
    logo = as_svg(bytes(one.logo), one.logo_type) if one.logo else ""
    return one.trade, one.phone, one.company_number, logo, one.colour
