"""Decides what a payer keeps back of one invoice for the tax office: as its terms have it, or as was chosen for this one."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from goodterms.terms.rules import Terms, Withholding

KEY = "withholding"  # in what a draft holds, and then in the document; null: nothing of this one


def terms_for(held: Mapping[str, Any], agreed: Terms) -> Terms:
    """The terms of an invoice that holds this: those agreed, but for what was chosen for it."""
    return replace(agreed, withholding=withholding_in(held)) if KEY in held else agreed


def withholding_in(held: Mapping[str, Any]) -> Withholding | None:
    """What was chosen; none where nothing is kept back of this one, and where nothing was chosen."""
    said = held.get(KEY)
    return Withholding(said["name"], Decimal(said["percent"])) if said else None


def holding(held: Mapping[str, Any], withholding: Withholding | None) -> dict[str, Any]:
    """What a draft holds once this is chosen for it."""
    said = {"name": withholding.name, "percent": f"{withholding.percent.normalize():f}"} if withholding else None
    return {**held, KEY: said}


def without_choice(held: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft holds once it goes by its customer's terms again."""
    return {name: said for name, said in held.items() if name != KEY}
