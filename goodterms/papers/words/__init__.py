"""Decides the words that printed documents have around what they are about, in each language."""

from collections.abc import Mapping
from typing import Any

from goodterms.delivery.words import read, spoken_language


def words(language: str) -> Mapping[str, Any]:
    """The phrases of the language; English where there are none."""
    return read(__name__, spoken_language(language)[0])
