"""Decides with which words we may begin an answer, in each tone and language: a person goes on from there, or writes others."""

from collections.abc import Mapping, Sequence

from goodterms.conversations.rules import Part
from goodterms.delivery import spoken
from goodterms.delivery.wording import render
from goodterms.delivery.words import read
from goodterms.values.money import Money

BEGINNINGS = (
    "looking", "answered", "credited", "corrected", "granted", "refused", "plan_agreed", "plan_offered", "plan_declined"
)  # fmt: skip


def beginning(kind: str, tone: str, language: str, values: Mapping[str, str]) -> str:
    """The first words of an answer; the letter brings its greeting and its close. Nothing where there is no such kind."""
    found = read("goodterms.conversations.wording", language)
    if kind not in found:
        return ""
    said = render(found[kind][tone], dict(values), html=False).strip()
    return said[:1].upper() + said[1:]


def listed_parts(parts: Sequence[Part], currency: str, language: str) -> str:
    """`£1,418.40 by 20 November, £1,418.40 by 20 December and £1,418.40 by 20 January 2027`"""
    years = {part.on.year for part in parts}
    said = [_part(part, currency, language, len(years) > 1) for part in parts]
    return spoken.listed(said, language)


def _part(part: Part, currency: str, language: str, with_year: bool) -> str:
    day = spoken.day(part.on, language) if with_year else spoken.short_day(part.on, language)
    return f"{spoken.amount(Money(part.minor, currency), language)} {_BY.get(language[:2], _BY['en'])} {day}"


_BY = {"en": "by", "id": "paling lambat"}
