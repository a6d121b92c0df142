"""Decides with which words a payment is thanked for: early, on time, late without a word about it, or on account."""

from goodterms.delivery.words import Wording, spoken_language, wordings
from goodterms.relationship.rules import Timing


def thanks(timing: Timing, tone: str, language: str) -> Wording:
    """The house's words, in the language that is nearest."""
    return wordings("goodterms.relationship.wording", spoken_language(language)[0])[timing][tone]
