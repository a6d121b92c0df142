"""Decides the words of each kind of reminder, and which names a vendor's own wording of it may use."""

from collections.abc import Mapping
from functools import cache

from goodterms.delivery.wording import Context, Kind
from goodterms.delivery.words import Wording, phrases, wordings

_HERE = "goodterms.reminders.wording"
KINDS = ("heads_up", "due_day", "first", "second", "promise_missed", "bundle")
_HIGHEST = "second"  # steps after it are a person's; should one go out by letter, it speaks no louder than this


def wording_of(kind: str, tone: str, language: str) -> Wording:
    """The house's words; `language` is one that delivery.words knows."""
    texts = wordings(_HERE, language)
    return texts.get(kind, texts[_HIGHEST])[tone]


def frame_phrases(language: str, tone: str) -> Mapping[str, str]:
    return phrases(_HERE, language, tone)


@cache
def kind_of(name: str) -> Kind:
    """What a vendor's own wording of this kind may use."""
    return Kind(name, (_sample(), {**_sample(), **_WIDE}, {**_sample(), **_RIGHT_TO_LEFT}), "A reminder")


def _sample() -> Context:
    return {
        "first_name": "Sandra", "name": "Sandra Whitlock", "formal_name": "Ms Whitlock",
        "vendors": "Penhale Print and Vermeer Packaging", "vendor_count": "two", "vendors_several": True,
        "senders": "Jory and Anouk", "number": "PP-4471", "work": "Labels, second run", "has_work": True, "amount": "£1,942.80",
        "due_date": "9 November", "several": True, "count": "three", "late": True, "late_one": True, "late_count": "one",
        "soon_one": False, "soon_count": "two", "last_date": "23 November",
        "promised_date": "13 November", "promised_work": "Labels, second run",
    }  # fmt: skip


_WIDE: Context = {
    "name": "W" * 120, "work": "Umbau " * 60, "has_work": False, "amount": "IDR 999.999.999.999", "several": False,
    "late": False, "late_one": False, "soon_one": True, "vendors_several": False,
}  # fmt: skip
_RIGHT_TO_LEFT: Context = {"name": "ليلى حداد", "work": "ملصقات الخريف", "amount": "١٬٩٤٢٫٨٠٥ د.ك.", "several": False}
