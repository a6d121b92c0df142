"""Decides with which words somebody is welcomed, and a payment thanked for: early, on time, late, or on account."""

from functools import cache

from goodterms.delivery.wording import Context, Kind
from goodterms.delivery.words import Wording, spoken_language, wordings
from goodterms.relationship.rules import Timing

_HERE = "goodterms.relationship.wording"
THANKS = ("early", "on_time", "late", "on_account")
KINDS = ("welcome", *THANKS)  # which a vendor may word


def thanks(timing: Timing, tone: str, language: str) -> Wording:
    """The house's words, in the language that is nearest. Who paid late hears nothing of it."""
    return wordings(_HERE, spoken_language(language)[0])[timing][tone]


def wording_of(kind: str, tone: str, language: str) -> Wording:
    """The house's words; `language` is one that delivery.words knows."""
    return wordings(_HERE, language)[kind][tone]


@cache
def kind_of(name: str) -> Kind:
    """What a vendor's own wording of this kind may use."""
    if name == "welcome":
        return Kind(name, (_SAMPLE, {**_SAMPLE, "name": "ليلى حداد", "customer": "Umbau " * 30}))
    paid: Context = {**{word: said for word, said in _SAMPLE.items() if word != "customer"}, **_PAID}
    return Kind(name, (paid, {**paid, "name": "ليلى حداد", "work": "", "number": ""}))


_PAID: Context = {"work": "Labels, second run", "number": "PP-4471", "amount": "£1,942.80", "paid_on": "17 November 2026"}
_SAMPLE: Context = {
    "first_name": "Sandra", "name": "Sandra Whitlock", "formal_name": "Ms Whitlock", "vendor": "Penhale Print",
    "sender": "Jory", "customer": "Bellwether Foods",
}  # fmt: skip
