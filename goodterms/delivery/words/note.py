"""Decides what a short letter about one thing says: thanks, an answer, more time, a question after payment."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from goodterms.delivery import frame, spoken
from goodterms.delivery.frame import Letter
from goodterms.delivery.wording import Context, Kind
from goodterms.delivery.words import Wording, check_pieces, name_of, phrases, spoken_language, wordings
from goodterms.values.money import Money

_HERE = "goodterms.delivery.words"
_SHARED = {
    "first_name": "Sandra", "name": "Sandra Whitlock", "formal_name": "Ms Whitlock", "vendor": "Penhale Print",
    "sender": "Jory", "work": "Labels, second run", "number": "PP-4471",
}  # fmt: skip
_OWN = {
    "receipt": {"amount": "£1,942.80", "paid_on": "17 November 2026"},
    "answered": {"answer": "Line 3 was counted twice."},
    "replied": {"answer": "Line 3 was counted twice."},
    "dispute_received": {},
    "more_time": {"until_date": "18 December 2026"},
    "satisfaction": {},
}
KINDS = tuple(_OWN)


class NoteContent(NamedTuple):
    kind: str  # one of KINDS
    language: str
    tone: str
    name: str  # of the person written to; may be empty
    title: str  # Ms, Mr, Dr; may be empty
    vendor: str
    person: str  # who signs; may be empty
    values: Mapping[str, str | Money | date]  # work, number and what names_of(kind) asks for beside them
    ways: Sequence[tuple[str, str]]  # (receipt, invoice, answer, portal, good, mixed or poor; its address), in order
    preferences_url: str
    wording: Wording | None = None  # a vendor's own, in the language and tone of this note


def names_of(kind: str) -> tuple[str, ...]:
    """What `values` must hold for a note of this kind."""
    return ("work", "number", *_OWN[kind])


def note(content: NoteContent) -> Letter:
    """Subject, plain text and HTML. Refuses a wording that cannot be written out: then nothing is sent."""
    language, tag = spoken_language(content.language)
    around, words = phrases(_HERE, language, content.tone), said(content)
    ways = [(around[word], url) for word, url in content.ways]
    opening, closing = f"{words.greeting}\n{words.opening}", f"{words.closing}\n{words.signature}"
    rows = [
        frame.said(opening),
        *([frame.links([frame.way(url, word) for word, url in ways])] if ways else []),
        frame.said(closing, first=False),
        frame.small("", frame.link(content.preferences_url, around["preferences"])),
    ]
    text = [
        content.vendor,
        opening,
        *(["\n".join(f"{word}: {url}" for word, url in ways)] if ways else []),
        closing,
        f"--\n{around['preferences']}: {content.preferences_url}",
    ]
    html = frame.page(tag, spoken.direction(tag), words.subject, content.vendor, rows)
    return Letter(words.subject, "\n\n".join(text) + "\n", html)


def said(content: NoteContent) -> Wording:
    """The words alone, whatever they are written on."""
    language, tag = spoken_language(content.language)
    wording = content.wording or wordings(_HERE, language)[content.kind][content.tone]
    words = wording.said(_context(content, language, tag))
    if content.name.strip():
        return words
    return words._replace(greeting=phrases(_HERE, language, content.tone)["greeting_unknown"])


def check_wording(wording: Wording, kind: str) -> None:
    """Refuse what may not be saved as a vendor's own wording of `kind`."""
    check_pieces(wording, _kind(kind))


@cache
def _kind(name: str) -> Kind:
    sample: dict[str, str] = {**_SHARED, **_OWN[name]}
    return Kind(name, (sample, {**sample, "name": "ليلى حداد", "work": "Umbau " * 60}))


def _context(content: NoteContent, language: str, tag: str) -> Context:
    name = name_of(content.name, content.title, language)
    person = content.person or content.vendor
    first = (content.person.split() or [content.vendor])[0]
    return {
        **{key: _said(content.values[key], tag) for key in names_of(content.kind)},
        "first_name": name.first_name,
        "name": name.name,
        "formal_name": name.formal_name,
        "vendor": content.vendor,
        "sender": first if content.tone == "informal" else person,
    }


def _said(value: str | Money | date, tag: str) -> str:
    if isinstance(value, Money):
        return spoken.amount(value, tag)
    return spoken.day(value, tag) if isinstance(value, date) else value
