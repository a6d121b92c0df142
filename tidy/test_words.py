"""One word for one thing: every noun that is kept stands in docs/words.md, and no other word is used for it."""

import re

import pytest
from django.apps import apps
from django.db import models

from tidy.source import ROOT, files, name

WORDS = (ROOT / "docs/words.md").read_text()
# Words of the field that we do not use, because another is ours.
INSTEAD = {"dunning": "reminder", "debtor": "customer", "creditor": "vendor"}


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("goodterms.")]


def test_every_noun_that_is_kept_is_explained() -> None:
    nouns = [re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower() for model in ours()]
    assert len(nouns) > 50
    assert [noun for noun in nouns if not re.search(rf"^\| {noun} \|", WORDS, re.M | re.I)] == [], "no row in docs/words.md"


@pytest.mark.parametrize("word", INSTEAD)
def test_no_second_word_for_one_thing(word: str) -> None:
    used = [name(path) for path in files() if re.search(rf"\b{word}", path.read_text(), re.I) and "rules" not in path.parts]
    assert used == []
