"""Addresses on pages are those of Django, whichever words they are made of."""

from uuid import UUID, uuid4

import pytest
from django.template import Context, Engine
from django.urls import NoReverseMatch, reverse

PAYER, OTHER = uuid4(), uuid4()


def written(tag: str, **given: object) -> str:
    return Engine.get_default().from_string(tag).render(Context(given))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("front", ()), ("invoices", ("tom-and-co",)), ("invoice", ("tom-and-co", PAYER)), ("invoice", ("vermeer", OTHER)),
        ("hold-message", ("tom-and-co", PAYER, "2026-11-16")), ("hold-message", ("tom-and-co", OTHER, "2026-11-17")),
        ("introduction", ("tom-and-co", PAYER, OTHER)),
    ],
)  # fmt: skip
def test_the_address_is_the_one_that_reverse_makes(name: str, words: tuple[str | UUID, ...]) -> None:
    given = {f"w{n}": word for n, word in enumerate(words)}
    tag = "{% url '" + name + "' " + " ".join(given) + " %}"
    for _ in range(2):
        assert written(tag, **given) == reverse(name, args=words)


def test_a_word_of_a_stranger_is_escaped() -> None:
    assert written("{% url 'letter' name %}", name="a&b'c") == "/outbox/a&amp;b&#x27;c/"


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(NoReverseMatch):
        written("{% url 'invoice' slug %}", slug="tom-and-co")
