"""Decides the words of the letters with which a document reaches its customer, and which names a vendor's own may use."""

from collections.abc import Mapping
from functools import cache

from goodterms.delivery.wording import Context, Kind
from goodterms.delivery.words import Wording, phrases, wordings

_HERE = "goodterms.invoicing.wording"
BEFORE = ("forewarning", "forewarned_again")  # what asks before an invoice that is more than expected
KINDS = ("invoice", "copy", "credit_note", "order", *BEFORE)  # which a vendor may word


def wording_of(kind: str, tone: str, language: str) -> Wording:
    """The house's words; `language` is one that delivery.words knows."""
    return wordings(_HERE, language)[kind][tone]


def frame_phrases(language: str, tone: str) -> Mapping[str, str]:
    return phrases(_HERE, language, tone)


@cache
def kind_of(name: str) -> Kind:
    """What a vendor's own wording of this kind may use. What is asked for before there is an invoice has no number yet."""
    if name in BEFORE:
        return Kind(name, (_ESTIMATED, _ORDERED, _UNUSUAL))
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
_ESTIMATED: Context = {
    "first_name": "Sandra", "name": "Sandra Whitlock", "formal_name": "Ms Whitlock", "sender": "Jory", "work": "Gift boxes",
    "has_work": True, "net": "£1,780.00", "is_estimate": True, "is_order": False, "about": "Gift boxes, launch",
    "expected": "£1,350.00", "has_before": False, "before": "£0.00", "comes_to": "£1,780.00", "more": "£430.00",
    "has_note": False, "note": "", "has_until": False, "until": "",
}  # fmt: skip
_ORDERED: Context = {
    **_ESTIMATED, "is_estimate": False, "is_order": True, "about": "BF-88301", "has_before": True, "before": "£600.00",
    "comes_to": "£2,380.00", "more": "£1,030.00", "has_note": True, "note": "Two more rounds were asked for.",
    "has_until": True, "until": "9 November",
}  # fmt: skip
_UNUSUAL: Context = {
    **_ESTIMATED, "name": "ليلى حداد", "work": "", "has_work": False, "is_estimate": False, "about": "",
    "expected": "IDR 999.999.999.999",
}  # fmt: skip
