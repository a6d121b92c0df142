"""Nothing that a payer reads, and nothing of sign-in, is left in English: no sentence without its translation, no bare text."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.template.base import Lexer, TokenType

from tidy.catalogue import MO, forms, gathered, kept, said, sentence_of, sources, templates
from tidy.source import PACKAGE, faulty, name, tree

HOW = "run `python -m tidy.catalogue`, and write what is missing into the catalogue"
# What is called the same in every language.
NAMES = {"Goodterms", "CSV", "PDF", "PO"}
SHOWN = ("alt", "aria-label", "placeholder", "title")
NOT_SHOWN = ("script", "style")
CLASSES = ("body", "main_class")  # blocks that name the look of a page
VALUES = re.compile(r"%%|%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+>")


def translated() -> list[Message]:
    return [message for message in kept() if message.id]


def test_every_sentence_is_translated() -> None:
    known = {message.id for message in translated() if all(forms(message))}
    missing = [sentence for sentence in said() if sentence not in known]
    assert missing == [], HOW


def test_no_sentence_stays_that_nobody_says() -> None:
    spoken = said()
    assert [message.id for message in translated() if message.id not in spoken] == [], HOW


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in kept() if message.fuzzy] == []


def test_the_compiled_catalogue_is_of_these_words() -> None:
    compiled = {sentence_of(message): forms(message) for message in kept(MO) if message.id}
    assert compiled == {sentence_of(message): forms(message) for message in translated()}, HOW


def test_gathering_again_changes_nothing() -> None:
    assert {one.id: forms(one) for one in gathered() if one.id} == {one.id: forms(one) for one in translated()}, HOW


def test_a_translation_holds_the_values_of_its_sentence() -> None:
    assert [f"{one.id!r} → {form!r}" for one in translated() for form in forms(one) if values(form) not in asked_by(one)] == []


def asked_by(message: Message) -> list[Counter[str]]:
    """The values of the sentence, or of its singular and its plural."""
    return [values(str(one)) for one in (message.id if isinstance(message.id, tuple) else (message.id,))]


def values(text: str) -> Counter[str]:
    return Counter(VALUES.findall(text))


def test_every_text_of_a_page_is_marked() -> None:
    unmarked = faulty(templates(), lambda path: [text for text in bare(path.read_text()) if text not in NAMES])
    assert unmarked == {}, "wrap it in {% translate %}"


def bare(template: str) -> list[str]:
    """The words of a template that stand there as they are: between tags, and in attributes that are read out."""
    page = Page()
    page.feed("".join(_kept_texts(template)))
    return page.words


def _kept_texts(template: str) -> list[str]:
    """Without tags of the template, and without what they mark for translation or leave out."""
    texts, inside = [], ""
    for token in Lexer(template).tokenize():
        word, *rest = token.split_contents() if token.token_type == TokenType.BLOCK else ("",)
        if inside:
            inside = "" if word == f"end{inside}" else inside
        elif word in ("blocktranslate", "comment") or (word == "block" and rest[0] in CLASSES):
            inside = word
        elif token.token_type == TokenType.TEXT:
            texts.append(token.contents)
    return texts


class Page(HTMLParser):
    """Gathers what somebody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.words += [word for key, value in attrs if key in SHOWN and value for word in _letters(value)]

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within not in NOT_SHOWN:
            self.words += _letters(data)


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{2,}(?:[ '’][^\W\d_]+)*", text)


def test_no_stylesheet_says_a_word_in_every_language() -> None:
    """`at` before a price is a sign on pages that are not in English; the two sides of a timeline are the desk's."""
    sheets = "".join((PACKAGE / "static" / sheet).read_text() for sheet in ("goodterms.css", "more.css"))
    assert set(re.findall(r'content: *"([^"]*[a-z][^"]*)"', sheets)) <= {"at ", "we: ", "they: "}
    assert 'html:not(:lang(en)) .lines tbody td:nth-child(3)::before { content: "× "; }' in sheets


def test_bare_text_is_found() -> None:
    assert bare('<p title="Pay {{ x }}">{% translate "Ask" %} us {{ name }}<script>let a</script></p>') == ["Pay", "us"]
    assert bare("{% comment %}For us{% endcomment %}<p>{% blocktranslate %}Ask {{ x }}{% endblocktranslate %}</p>") == []


@pytest.mark.parametrize("english", sorted(PACKAGE.rglob("en.toml")), ids=name)
def test_every_letter_and_paper_has_its_words_in_indonesian(english: Path) -> None:
    """Reminders, short letters, codes and links, and what is printed: kind by kind, tone by tone, phrase by phrase."""
    indonesian = tomllib.loads(english.with_name("id.toml").read_text())
    assert keys(tomllib.loads(english.read_text())) == keys(indonesian)
    assert all(said.strip() or place.endswith("signature") for place, said in flat(indonesian))


def keys(words: dict[str, Any]) -> set[str]:
    return {place for place, _ in flat(words)}


def flat(words: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for key, value in words.items():
        if isinstance(value, dict):  # what all tones share stands once, beside them
            yield from flat({**{one: said for one, said in words.items() if isinstance(said, str)}, **value}, f"{place}{key}.")
        elif not any(isinstance(one, dict) for one in words.values()):
            yield f"{place}{key}", str(value)


def test_a_refusal_names_its_values() -> None:
    """A sentence that is put together before it is said cannot be translated after."""
    assert faulty(sources(), pasted) == {}


def pasted(path: Path) -> list[str]:
    return [
        ast.unparse(call.args[0])
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Refused", "to_say", "_")
        if call.args and isinstance(call.args[0], ast.JoinedStr)
    ]
