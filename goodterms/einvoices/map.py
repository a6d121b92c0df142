"""Decides how a map is read: which element or attribute of a syntax holds which term of EN 16931, for reading and for writing.

A line of a map is a path, indented under its parent, in the order of the schema, and what stands there:

    BT-n            the text is this term                      ^BT-n           … of the whole document, told here once more
    each BG-n       every such element is a record of the group; `once`: written without one for the sake of its ^ terms
    = word          always this word (= $BT-n: what that term says); read, another word is reported
    ~ word          written so, but read as whatever it is     (word)          never written, may be read
    $               an amount that names its currency          as NAME         put another way, see codecs.py
    if X, unless X  written only with (without) this term, or when codecs.py says so
    else word       written so when the term is absent and its parent is not
    first           of a ^ term: only in the first of the elements that could say it
    wins            where another value came before, this one is the term
    always          written even when empty                    default         of elements with one name: the one without words
    strict          not read at all where a word in it is another
    tells           of elements with one name: this one is there in one of them only
    lost TERM       read as none: the model has no place for this term, and it is told by its number
    from NAME       what stands below is the section of that name
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from goodterms.einvoices.codecs import CODECS, NAMED, Codec, plain
from goodterms.einvoices.model import Invoice
from goodterms.einvoices.terms import shape, types

TYPES = types(shape(Invoice))
# What most elements are, so that the reader need not ask long: a term by its text, a folder of others, a record of its own.
TERM, FOLDER, RECORD, OTHER = range(4)


@dataclass(slots=True, eq=False)
class Place:
    """An element or attribute of the syntax, and what it holds."""

    name: str  # cbc:ID, or @schemeID
    tag: str  # as lxml has it
    path: str
    term: str = ""
    codec: Codec | None = None
    way: str = ""  # of a codec that is not that of its type
    again: bool = False  # a ^ term
    each: str = ""
    once: bool = False
    word: str = ""  # of = or ~
    any_word: bool = False
    silent: str = ""  # (word)
    currency: bool = False
    condition: str = ""
    wanted: bool = True  # whether the condition must hold, or must not
    otherwise: str = ""
    always: bool = False
    default: bool = False
    strict: bool = False
    tells: bool = False
    lost: str = ""
    wins: bool = False
    first: bool = False
    attributes: list[Place] = field(default_factory=list)
    order: list[Place] = field(default_factory=list)
    below: dict[str, list[Place]] = field(default_factory=dict)
    words: list[tuple[tuple[str, ...], str]] = field(default_factory=list)  # by which it is told from others of its name
    fixed: bool = False  # holds words only
    only: dict[str, Place] = field(default_factory=dict)  # of `below`, what is told by its name alone
    kind: int = OTHER
    read: Callable[[str], Any] | None = None  # of its codec

    def of_attribute(self, name: str) -> Place | None:
        return next((each for each in self.attributes if each.tag == name), None)

    def holds(self, record: dict[str, Any], document: dict[str, Any]) -> bool:
        """Whether its condition allows it to be written for this record."""
        if not self.condition:
            return True
        named = NAMED.get(self.condition)
        return (named(record) if named else self.condition in record or self.condition in document) == self.wanted


def load(name: str, namespaces: dict[str, str], root: str, mark: str = "") -> Place:
    """The map of a syntax as a tree under `root`; with `mark`, only lines for all and those marked so."""
    _, *sections = (files("goodterms.einvoices") / "maps" / f"{name}.txt").read_text("utf-8").split("\n---\n")
    texts = {"": sections[0]} | {text.partition("\n")[0]: text.partition("\n")[2] for text in sections[1:]}
    top = Place(root, _clark(root, namespaces), root)
    _Reader(texts, namespaces, mark).fill(top, "")
    _distinguish(top)
    _fix(top)
    return top


@dataclass(slots=True)
class _Reader:
    texts: dict[str, str]
    namespaces: dict[str, str]
    mark: str

    def fill(self, top: Place, section: str) -> None:
        stack = [(-1, top)]
        for line in self.texts[section].splitlines():
            if not line.strip() or (line[0] != " " and line[0] != self.mark):
                continue
            depth = len(line[2:]) - len(line[2:].lstrip())
            while stack[-1][0] >= depth:
                stack.pop()
            path, *said = line[2:].split()
            stack.append((depth, self._added(stack[-1][1], path, said)))

    def _added(self, parent: Place, path: str, said: list[str]) -> Place:
        *over, last = path.split("/")
        for name in over:
            parent = self._child(parent, name)
        place = self._child(parent, last)
        section = _say(place, said)
        if section:
            self.fill(place, section)
        return place

    def _child(self, parent: Place, name: str) -> Place:
        if name.startswith("@"):
            place = Place(name, name[1:], f"{parent.path}/{name}")
            parent.attributes.append(place)
            return place
        place = Place(name, _clark(name, self.namespaces), f"{parent.path}/{name}")
        parent.order.append(place)
        parent.below.setdefault(place.tag, []).append(place)
        return place


def _say(place: Place, said: list[str]) -> str:
    """What a line says of its place; the section that it goes on with."""
    words = iter(said)
    section = ""
    for word in words:
        if word == "from":
            section = next(words)
        elif word in _ONE:
            setattr(place, _ONE[word], True)
        elif word in _NEXT:
            setattr(place, _NEXT[word], next(words))
        elif word in ("if", "unless"):
            place.condition, place.wanted = next(words), word == "if"
        elif word in ("=", "~"):
            place.word, place.any_word = " ".join(words), word == "~"
        elif word[0] == "(":
            place.silent = word[1:-1]
        else:
            place.term, place.again = word.lstrip("^"), word[0] == "^"
    place.codec = CODECS[place.way] if place.way else plain(TYPES[place.term]) if place.term else None
    return section


_ONE = {"$": "currency", **{word: word for word in ("always", "default", "strict", "tells", "wins", "once", "first")}}
_NEXT = {"each": "each", "lost": "lost", "else": "otherwise", "as": "way"}


def _clark(name: str, namespaces: dict[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{namespaces[prefix]}}}{local}"


def _distinguish(place: Place) -> None:
    """Where several places have one name, the words by which each is told: those that are not the same in all of them."""
    for variants in place.below.values():
        for each in variants:
            _distinguish(each)
            if each.strict or (len(variants) > 1 and not each.default):
                words = list(_words(each, ()))
                each.words = [(way, word) for way, word in words if not word] or words
        told = [each.words for each in variants if each.words]
        if len(told) > 1:
            shared = [word for word in told[0] if all(word in other for other in told)]
            for words in told:
                words[:] = [word for word in words if word not in shared]


def _words(place: Place, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each word and the way to it; no word where it is enough that the element is there."""
    if place.tells:
        yield steps, ""
    if place.word and not place.any_word:
        yield steps, place.word
    for attribute in place.attributes:
        if attribute.word:
            yield (*steps, f"@{attribute.tag}"), attribute.word
    for child in place.order:
        if not child.each:
            yield from _words(child, (*steps, child.tag))


def _fix(place: Place) -> bool:
    """What follows from the lines of the map, worked out once: the reader asks for it at every element."""
    place.only = {tag: each[0] for tag, each in place.below.items() if len(each) == 1 and not each[0].words}
    if place.term and not (place.each or place.again or place.wins or place.otherwise):
        place.kind = TERM
    elif place.order and not (place.term or place.codec or place.word):
        place.kind = RECORD if place.each else FOLDER
    place.read = place.codec.read if place.codec else None
    below = [_fix(each) for each in place.order]
    said = bool(place.term or place.each or place.codec)
    place.fixed = not said and (bool(place.word) or (bool(below) and all(below)))
    return place.fixed
