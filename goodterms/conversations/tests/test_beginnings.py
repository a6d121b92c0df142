"""With which words an answer may begin: in each tone and language, with nothing in them that names nothing."""

from itertools import product

import pytest

from goodterms.conversations.wording import BEGINNINGS, beginning
from goodterms.delivery.words import LANGUAGES, TONES

VALUES = {"work": "Spring campaign", "amount": "£624.00", "rest": "£6,542.40"}
NEVER = ("final notice", "demand", "immediately", "debt", "legal action", "!", "{")


@pytest.mark.parametrize(("kind", "tone", "language"), list(product(BEGINNINGS, TONES, LANGUAGES)))
def test_there_are_words_for_every_tone_and_language(kind: str, tone: str, language: str) -> None:
    words = beginning(kind, tone, language, VALUES)
    assert words[:1].isupper()
    assert not [word for word in NEVER if word in words.lower()]
    assert ("£624.00" in words) == (kind == "credited")


def test_a_dispute_begins_with_thanks_and_the_rest_of_reminders() -> None:
    assert beginning("looking", "informal", "en", VALUES) == (
        "Thanks for spotting that about Spring campaign, we are looking. No reminders meanwhile."
    )
    assert beginning("looking", "formal", "id", VALUES).startswith("Terima kasih atas pemberitahuan Bapak/Ibu")


def test_what_is_named_cannot_write_instructions() -> None:
    assert "{{ amount }}" in beginning("looking", "neutral", "en", {**VALUES, "work": "{{ amount }}"})


def test_where_there_is_nothing_to_begin_with_there_are_no_words() -> None:
    assert beginning("", "neutral", "en", VALUES) == ""
