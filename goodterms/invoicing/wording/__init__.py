"""Decides the words of the letters with which a document reaches its customer, by tone and language."""

from collections.abc import Mapping

from goodterms.delivery.words import Wording, phrases, wordings

_HERE = "goodterms.invoicing.wording"
KINDS = ("invoice", "copy", "credit_note", "order")


def wording_of(kind: str, tone: str, language: str) -> Wording:
    """The house's words; `language` is one that delivery.words knows."""
    return wordings(_HERE, language)[kind][tone]


def frame_phrases(language: str, tone: str) -> Mapping[str, str]:
    return phrases(_HERE, language, tone)
