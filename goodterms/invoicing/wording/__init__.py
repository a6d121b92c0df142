"""Decides the words of the letters with which a document reaches its customer, and which names a vendor's own may use."""

from collections.abc import Mapping
from functools import cache

from goodterms.delivery.wording import Context, Kind
from goodterms.delivery.words import Wording, phrases, wordings

_HERE = "goodterms.invoicing.wording"
KINDS = ("invoice", "copy", "credit_note", "order")  # which a vendor may word; what asks before an invoice is the house's


def wording_of(kind: str, tone: str, language: str) -> Wording:
    """The house's words; `language` is one that delivery.words knows."""
    return wordings(_HERE, language)[kind][tone]


def frame_phrases(language: str, tone: str) -> Mapping[str, str]:
    return phrases(_HERE, language, tone)


@cache
def kind_of(name: str) -> Kind:
    """What a vendor's own wording of this kind may use. What is asked for before there is an invoice has no number yet."""
    left_out = ("number", "has_due", "due_date") if name == "order" else ()
    samples = [{key: value for key, value in one.items() if key not in left_out} for one in (_USUAL, _BARE, _WIDE)]
    return Kind(name, tuple(samples))


_USUAL: Context = {
    "first_name": "Sandra", "name": "Sandra Whitlock", "formal_name": "Ms Whitlock", "sender": "Jory",
    "work": "Labels, second run", "has_work": True, "number": "PP-4471", "amount": "£1,942.80", "has_due": True,
    "due_date": "9 November",
}  # fmt: skip
_BARE: Context = {**_USUAL, "work": "", "has_work": False, "has_due": False, "due_date": ""}
_WIDE: Context = {**_USUAL, "name": "ليلى حداد", "work": "Umbau " * 60, "amount": "IDR 999.999.999.999"}
