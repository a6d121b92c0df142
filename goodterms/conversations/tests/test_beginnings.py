"""With which words an answer may begin: in each tone and language, with nothing in them that names nothing."""

from datetime import date
from itertools import product

import pytest

from goodterms.conversations.rules import Part
from goodterms.conversations.wording import BEGINNINGS, beginning, listed_parts
from goodterms.delivery.words import LANGUAGES, TONES

PARTS = listed_parts([Part(date(2026, 12, 18), 312_00), Part(date(2027, 1, 18), 312_00)], "GBP", "en")
VALUES = {"work": "Spring campaign", "amount": "£624.00", "rest": "£6,542.40", "parts": PARTS}
NEVER = ("final notice", "demand", "immediately", "debt", "legal action", "!", "{")


@pytest.mark.parametrize(("kind", "tone", "language"), list(product(BEGINNINGS, TONES, LANGUAGES)))
def test_there_are_words_for_every_tone_and_language(kind: str, tone: str, language: str) -> None:
    words = beginning(kind, tone, language, VALUES)
    assert words[:1].isupper()
    assert not [word for word in NEVER if word in words.lower()]
    assert ("£624.00" in words) == (kind == "credited")
    assert (PARTS in words) == (kind in ("plan_agreed", "plan_offered"))


def test_parts_are_listed_as_each_language_writes_them() -> None:
    assert PARTS == "£312.00 by 18 December 2026 and £312.00 by 18 January 2027"
    one_year = [Part(date(2026, 11, 18), 150_000_00), Part(date(2026, 12, 18), 150_000_00)]
    assert listed_parts(one_year, "IDR", "id") == (
        "Rp150.000,00 paling lambat 18 November dan Rp150.000,00 paling lambat 18 Desember"
    )


def test_a_dispute_begins_with_thanks_and_the_rest_of_reminders() -> None:
    assert beginning("looking", "informal", "en", VALUES) == (
        "Thanks for spotting that about Spring campaign, we are looking. No reminders meanwhile."
    )
    assert beginning("looking", "formal", "id", VALUES).startswith("Terima kasih atas pemberitahuan Bapak/Ibu")


def test_what_is_named_cannot_write_instructions() -> None:
    assert "{{ amount }}" in beginning("looking", "neutral", "en", {**VALUES, "work": "{{ amount }}"})


def test_where_there_is_nothing_to_begin_with_there_are_no_words() -> None:
    assert beginning("", "neutral", "en", VALUES) == ""
