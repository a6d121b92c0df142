"""Decides which words of a vendor's own are in use, and that a letter goes out in the house's where those fail it."""

from collections.abc import Mapping

from goodterms.delivery.models import OwnWording
from goodterms.delivery.wording import Context
from goodterms.delivery.words import Wording
from goodterms.values.refusal import Refused

Voice = tuple[str, ...]  # vendor, kind, tone, language


def own_words() -> dict[Voice, Wording]:
    """What the vendors declared have written themselves, by vendor, kind, tone and language: one statement."""
    rows = OwnWording.objects.filter(ended_at=None)
    return {(str(row.vendor_id), row.kind, row.tone, row.language): Wording(**row.pieces) for row in rows}


def said_in(own: Wording | None, house: Wording, context: Context) -> Wording:
    """The vendor's own words with the names filled in. What cannot be written out for this one document, though it could for
    all that it was tried on, does not keep the document: then the house speaks."""
    if own is not None:
        try:
            return own.said(context)
        except Refused:
            pass
    return house.said(context)


def own_of(words: Mapping[Voice, Wording], vendor_id: object, kind: str, tone: str, language: str) -> Wording | None:
    return words.get((str(vendor_id), kind, tone, language)) if words else None
