"""Decides how lines of deposits, parts and retainers are said to a customer, in their language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from goodterms.billing.rules import Ask
from goodterms.delivery import spoken
from goodterms.delivery.words import spoken_language
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import TaxGroup
from goodterms.papers.letterhead import in_words
from goodterms.papers.words import words
from goodterms.parties.models import Customer, Vendor
from goodterms.values.money import Money


class Voice(NamedTuple):
    """The phrases of a language, and how its days and amounts are written."""

    phrases: Mapping[str, str]
    tag: str

    def of_part(self, kind: str, ask: Ask, project: str, milestone: str) -> str:
        """What a deposit or a part is called on its invoice."""
        percent = ask.complete if ask.percent is None else ask.percent
        values = {"project": project, "milestone": milestone, "percent": _plain(percent)}
        if milestone:
            return in_words(self.phrases["milestone"], values)
        if percent is not None:
            return in_words(self.phrases["deposit_percent" if kind == "deposit" else "complete"], values)
        return in_words(self.phrases[kind], values)

    def top_up(self, retainer: str) -> str:
        return in_words(self.phrases["top_up"], {"retainer": retainer})

    def from_retainer(self, work: str, retainer: str) -> str:
        return in_words(self.phrases["from_retainer"], {"work": work, "retainer": retainer})


def said_in(customer: Customer, vendor: Vendor) -> Voice:
    language, tag = spoken_language(customer.language or vendor.language)
    return Voice(words(language)["parts"], tag)


def less(voice: Voice, kind: str, earlier: Invoice, group: TaxGroup) -> str:
    """What is taken off: of which invoice, of which day, and how much tax goes with it."""
    assert earlier.issued_on is not None
    return in_words(voice.phrases[f"less_{kind}"], {
        "number": earlier.number, "day": spoken.day(earlier.issued_on, voice.tag),
        "tax": spoken.amount(Money(group.tax.minor, earlier.currency), voice.tag),
    })  # fmt: skip


def _plain(percent: Decimal | None) -> str:
    return "" if percent is None else f"{percent.normalize():f}"
