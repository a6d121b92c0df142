"""Decides the words of letters: wordings by kind, tone and language, and the phrases of the frame around them."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from goodterms.delivery.wording import Context, Kind, check, render

LANGUAGES = ("en", "id")
TONES = ("informal", "neutral", "formal")
_BREAK = "\x1f"  # parts one piece from the next, so that a wording is rendered at one go


class Wording(NamedTuple):
    """Five short texts, plain and in the locked-down Liquid of delivery.wording; a vendor may write others."""

    subject: str
    greeting: str
    opening: str
    closing: str
    signature: str

    def said(self, context: Context) -> "Wording":
        """The same five, with the names filled in."""
        pieces = render(_joined(self), context, html=False).split(_BREAK)
        if len(pieces) != len(self):  # the mark came in with a name
            pieces = render(_joined(self), _without_breaks(context), html=False).split(_BREAK)
        subject, *rest = (piece.strip() for piece in pieces)
        return Wording(" ".join(subject.split()), *rest)


def check_pieces(wording: Wording, kind: Kind) -> None:
    """Refuse what may not be saved as a vendor's own wording of `kind`."""
    for piece in wording:
        check(piece, kind)


class Name(NamedTuple):
    """How a person is addressed."""

    first_name: str
    name: str
    formal_name: str


@lru_cache(maxsize=1_000)
def _joined(wording: Wording) -> str:
    return _BREAK.join(piece.replace(_BREAK, "") for piece in wording)


def _without_breaks(context: Context) -> Context:
    return {name: value.replace(_BREAK, "") if isinstance(value, str) else value for name, value in context.items()}


def spoken_language(language: str) -> tuple[str, str]:
    """The language of the words, and the tag that amounts and days follow: one language in a message."""
    base = language.partition("-")[0].lower()
    return (base, language) if base in LANGUAGES else ("en", "en")


@cache
def wordings(package: str, language: str) -> Mapping[str, Mapping[str, Wording]]:
    """By kind and tone: what `package` keeps in the file of that language."""
    found = read(package, language)
    return {
        kind: {tone: Wording(**{**found["shared"][tone], **tones[tone]}) for tone in TONES}
        for kind, tones in found.items()
        if kind not in ("frame", "shared")
    }


@cache
def read(package: str, language: str) -> Mapping[str, Any]:
    """The file of a language: [kind.tone] texts, [shared.tone] what all kinds say alike, [frame] the phrases around."""
    return tomllib.loads(files(package).joinpath(f"{language}.toml").read_text("utf-8"))


@cache
def phrases(package: str, language: str, tone: str) -> Mapping[str, str]:
    """The words of the frame: those of the tone over those that all tones share."""
    frame = read(package, language)["frame"]
    return {**{name: words for name, words in frame.items() if isinstance(words, str)}, **frame[tone]}


_TITLES = {"id": {"mr": "Bapak", "ms": "Ibu", "mrs": "Ibu", "miss": "Ibu", "": "Bapak/Ibu"}}

# Before a name, and no part of it: nobody is greeted "Hello Dr.,".
_HONOURS = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "ing", "dipl", "dipl-ing", "herr", "frau", "ir", "drs",
    "dra", "bapak", "ibu",
})  # fmt: skip


def name_of(name: str, title: str, language: str) -> Name:
    """`Ms Whitlock` in formal English; `Ibu Sandra Whitlock` in formal Indonesian, where names have no fixed surname."""
    words = name.split()
    if not words:
        return Name("", "", "")
    title = _TITLES.get(language, {}).get(title.rstrip(".").lower(), title)
    called = words[-1] if language == "en" and title else name
    first = next((word for word in words if word.casefold().rstrip(".") not in _HONOURS), words[0])
    return Name(first, name, f"{title} {called}".strip())
