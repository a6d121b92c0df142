"""Decides with which words we may begin an answer, in each tone and language: a person goes on from there, or writes others."""

from collections.abc import Mapping

from goodterms.delivery.wording import render
from goodterms.delivery.words import read

BEGINNINGS = ("looking", "answered", "credited", "corrected", "granted", "refused")


def beginning(kind: str, tone: str, language: str, values: Mapping[str, str]) -> str:
    """The first words of an answer; the letter brings its greeting and its close. Nothing where there is no such kind."""
    found = read("goodterms.conversations.wording", language)
    if kind not in found:
        return ""
    said = render(found[kind][tone], dict(values), html=False).strip()
    return said[:1].upper() + said[1:]
