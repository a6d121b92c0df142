"""Decides what an electronic invoice says: terms by the map of its syntax, and by name whatever the model cannot carry.

Nothing is dropped in silence: an element, attribute or word that has no place in the map, a second value where one can be, a
value that cannot be meant, a currency that is not the invoice's are all told, by BT number where there is one, else by path.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from goodterms.einvoices.map import FOLDER, RECORD, TERM, Place
from goodterms.einvoices.terms import Record

SHOWN = 200  # of a value that was not carried
LOST_MAX = 1_000  # told one by one; those after them are counted


class Lost(NamedTuple):
    """What a file holds and the model does not: its term or nothing, where it stands, what it says, and why it is lost."""

    term: str
    path: str
    value: str
    why: str

    def __str__(self) -> str:
        said = f" ({self.value})" if self.value else ""
        return f"{f'{self.term}, ' * bool(self.term)}{self.path}{said}: {self.why}"


NO_TERM = "EN 16931 has no term for it"
NO_PLACE = "the model of EN 16931 has no place for it"
NO_KIND = "it does not say which of {terms} it is"
SECOND = "there can be one, and another came before"
OTHER_WORD = "only {word} can stand here"
CURRENCY = "the invoice is in {currency}"


def terms_of(root: Any, place: Place) -> tuple[Record, list[Lost]]:
    """The record of a document whose root element is `root`, by its map, and what it cannot hold."""
    reading = _Reading()
    reading.take(root, place, reading.document)
    reading.compare_currencies()
    if reading.untold:
        reading.lost.append(Lost("", place.path, "", f"and {reading.untold:,} more that are not carried"))
    return reading.document, reading.lost


class _Reading:
    __slots__ = ("currencies", "document", "lost", "untold")

    def __init__(self) -> None:
        self.document: Record = {}
        self.lost: list[Lost] = []
        self.untold = 0
        self.currencies: list[tuple[Place, str]] = []

    def tell(self, lost: Lost) -> None:
        if len(self.lost) < LOST_MAX:
            self.lost.append(lost)
        else:
            self.untold += 1

    def take(self, element: Any, place: Place, record: Record) -> None:
        """All children of an element, each at its place. What most of them are is read right here, for speed."""
        only = place.only
        for child in element:
            at = only.get(child.tag)
            if at is None:
                self.other(child, place, record, element)
                continue
            kind = at.kind
            if kind == TERM and not len(child):
                if text := child.text:
                    self.term(at, text, record)
            elif kind == FOLDER:
                self.take(child, at, record)
            elif kind == RECORD:
                into: Record = {}
                self.take(child, at, into)
                if into:
                    record.setdefault(at.each, []).append(into)
            else:
                self.at(child, at, record, element)
                continue
            if names := child.keys():
                self.attributes(child, at, record, names)

    def term(self, at: Place, text: str, record: Record) -> None:
        try:
            value = at.read(text)  # type: ignore[misc]
        except ValueError as odd:
            self.tell(Lost(at.term, at.path, text.strip()[:SHOWN], str(odd)))
            return
        if at.term in record or value is None:
            self.keep(at, value, record)
        elif value or value.__class__ is not str:  # to compare a Decimal with a text costs more than to read it
            record[at.term] = value

    def other(self, child: Any, place: Place, record: Record, parent: Any) -> None:
        """What is not told by its name alone: one of several places of that name, or none at all."""
        there = place.below.get(child.tag)
        at = chosen(child, there, self.document) if there else None
        if at is not None:
            self.at(child, at, record, parent)
        else:
            self.lose(child, place.path, _kinds(there) if there else NO_TERM)

    def at(self, child: Any, at: Place, record: Record, parent: Any) -> None:
        if at.lost:
            self.lose(child, at.path.rpartition("/")[0], NO_PLACE, at.lost)
        elif at.each:
            into: Record = {}
            self.within(child, at, into, parent)
            if into:
                record.setdefault(at.each, []).append(into)
        else:
            self.within(child, at, record, parent)

    def within(self, child: Any, at: Place, record: Record, parent: Any) -> None:
        if at.codec:
            self.leaf(child, at, record, parent)
        elif at.word or at.silent:
            self.word(child, at)
        names = child.keys()
        if names:
            self.attributes(child, at, record, names)
        if len(child):
            self.take(child, at, record)

    def leaf(self, child: Any, at: Place, record: Record, parent: Any) -> None:
        text = child.text
        if not text or (at.otherwise == text and len(parent) > 1):
            return
        try:
            value = at.read(text)  # type: ignore[misc]
        except ValueError as odd:
            self.tell(Lost(at.term, at.path, text.strip()[:SHOWN], str(odd)))
            return
        if at.term:
            self.keep(at, value, record)
        else:
            record |= value

    def keep(self, at: Place, value: Any, record: Record) -> None:
        if value is None or value == "":
            return
        into = self.document if at.again else record
        before = into.setdefault(at.term, value)
        if before is not value and before != value:
            if at.wins:
                into[at.term], value = value, before
            self.tell(Lost(at.term, at.path, _shown(value), SECOND))

    def word(self, child: Any, at: Place) -> None:
        said = (child.text or "").strip()
        if not at.any_word and said and not _is_word(said, at.word or at.silent, self.document):
            self.tell(Lost("", at.path, said[:SHOWN], OTHER_WORD.format(word=at.word or at.silent)))

    def attributes(self, child: Any, at: Place, record: Record, names: list[str]) -> None:
        for name in names:
            value, known = child.get(name), at.of_attribute(name) if at.attributes else None
            if known is None:
                if name == "currencyID":
                    if value != self.document.get("BT-5"):
                        self.currencies.append((at, value))
                elif value and not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
                    self.tell(Lost("", f"{at.path}/@{name}", value[:SHOWN], NO_TERM))
            elif known.term:
                self.keep(known, value.strip(), record)
            elif not _is_word(value, known.word, self.document):
                self.tell(Lost("", known.path, value[:SHOWN], OTHER_WORD.format(word=known.word)))

    def lose(self, element: Any, path: str, why: str = NO_TERM, term: str = "") -> None:
        """Everything in an element without a place, each value by its own path."""
        path = f"{path}/{_name(element)}"
        text = (element.text or "").strip()
        if text or not len(element):
            self.tell(Lost(term, path, text[:SHOWN], why))
        for child in element:
            self.lose(child, path, why, term)

    def compare_currencies(self) -> None:
        currency = self.document.get("BT-5", "")
        for at, said in self.currencies:
            if said != currency:
                self.lost.append(
                    Lost(at.term, f"{at.path}/@currencyID", said[:SHOWN], CURRENCY.format(currency=currency or "?"))
                )


def chosen(element: Any, variants: list[Place], document: Record) -> Place | None:
    """Which of the places of one name this element is: the one whose words it says, else the default."""
    for at in variants:
        if at.words and all(_says(element, steps, word, document) for steps, word in at.words):
            return at
    return next((at for at in variants if not at.words), None)


def _says(element: Any, steps: tuple[str, ...], word: str, document: Record) -> bool:
    for step in steps:
        if step[0] == "@":
            return _is_word(element.get(step[1:], ""), word, document)
        element = element.find(step)
        if element is None:
            return False
    return not word or _is_word((element.text or "").strip(), word, document)


def _is_word(said: str, word: str, document: Record) -> bool:
    if word[0] == "$":
        word = document.get(word[1:], "")
    return bool(word) and (said == word or _FLAGS.get(said) == word)


_FLAGS = {"0": "false", "1": "true"}


def _name(element: Any) -> str:
    local = element.tag.rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def _kinds(variants: list[Place]) -> str:
    terms = [at.each or next(_terms(at), "") for at in variants]
    return NO_KIND.format(terms=", ".join(term for term in terms if term)) if any(terms) else NO_TERM


def _terms(at: Place) -> Iterator[str]:
    if at.term:
        yield at.term
    for below in at.order:
        yield from _terms(below)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return (f"{value:f}" if isinstance(value, Decimal) else str(value))[:SHOWN]
