"""Decides what of a file that was read may vary in its mould: the values of terms, as far as nothing else hangs on them.

No mould is made where one cannot be sure: of values in CDATA, of a term that comes twice, of lines that stand apart, of a loss
in a line. And what it says of its own file has to be what the reader said.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any

from goodterms.einvoices.codecs import plain
from goodterms.einvoices.map import Place
from goodterms.einvoices.model import Invoice
from goodterms.einvoices.model import Line as LineOfModel
from goodterms.einvoices.moulds import Frame, Hole, Line, Plan, Said, Step, Stretch
from goodterms.einvoices.read import chosen
from goodterms.einvoices.terms import Part, Record, Shape, shape

LINES = "BG-25"
NOTHINGS = ("", None, b"", ())
DECIDING = frozenset({"BT-5", "BT-6"})  # amounts are compared with them, and told apart by them
# An element with a value and nothing below, or a comment, which might hold what looks like one.
_LEAF = re.compile(r"<!--.*?-->|<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?(?<!/)>([^<]+)</\1\s*>", re.S)
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

Key = tuple[int, str]  # a term of a record; the document is the first of all


def cast(text: str, root: Any, record: Record, said: Said) -> Frame | None:
    """The mould of a file that was read with care; nothing where one file does not tell enough about the next."""
    try:
        return _Casting(text, root, record, said).frame()
    except ValueError:
        return None


class _NotSureError(ValueError):
    """What is a value, and of which term, could be another in the next file."""


class _Casting:
    """One file: where the values stand in its text, and what each of them is."""

    def __init__(self, text: str, root: Any, record: Record, said: Said) -> None:
        self.text, self.root, self.record, self.said = text, root, record, said
        self.way = _way(said.kind.place)
        self.lines = root.findall("/".join(at.tag for at in self.way))
        if not self.lines or any(each.path.startswith(self.way[-1].path) for each in said.lost):
            raise _NotSureError
        name = self.way[-1].name.rpartition(":")[2]
        self.name = f"{self.lines[0].prefix}:{name}" if self.lines[0].prefix else name

    def frame(self) -> Frame | None:
        closed = f"</{self.name}>"
        starts = [each.start() for each in re.finditer(f"<{re.escape(self.name)}>", self.text)]
        if len(starts) != len(self.lines) or self.text.count(closed) != len(starts):
            raise _NotSureError
        there = dict(zip(starts, self.lines, strict=True))
        around = _Part(self.root, self.said.kind.place, self.record)
        before = around.stretch(self.text, 0, starts[0])
        after = around.stretch(self.text, self.text.find("<", self.text.rindex(closed) + len(closed)), len(self.text))
        made = Frame(before, after, around.plan(shape(Invoice)), self.said.kind, self.said.lost)

        def unknown(at: int) -> Line | None:
            if at not in there:
                return None
            line = _Part(there[at], self.way[-1], self.record)
            stretch = line.stretch(self.text, at, self.text.index(closed, at) + len(closed))
            return Line(stretch, line.plan(shape(LineOfModel)))

        return made if made.fill(self.text, unknown) == self.said else None


class _Part:
    """What stands in an element, but for lines: which of its leaves is which term of which record."""

    def __init__(self, element: Any, place: Place, document: Record) -> None:
        self.document = document
        self.records = 1
        self.parts: dict[Key, list[int]] = {}  # records of a group, by the record that they are part of
        self.literal: dict[Key, Any] = {}  # terms that stay as they are
        self.holes: dict[Any, tuple[Key, Place]] = {}  # terms that may vary, by their leaves
        self.filled: list[Key] = []  # the same, in the order of the text
        self.taken: set[Key] = set()
        self.leaves: deque[Any] = deque()
        self.below(element, place, 0)

    def below(self, element: Any, place: Place | None, record: int) -> None:
        for child in element:
            there = place.below.get(child.tag) if place else None
            at = chosen(child, there, self.document) if there else None
            if at is None or at.each != LINES:
                self.element(child, None if at is None or at.lost else at, record)

    def element(self, child: Any, at: Place | None, whole: int) -> None:
        record = whole
        if at is not None and at.each:
            record, self.records = self.records, self.records + 1
        if child.text and not len(child):
            self.leaves.append(child)
        if at is not None:
            if at.codec and child.text:
                self.value(child, at, record)
            for name, said in child.items():
                known = at.of_attribute(name)
                if known is not None and known.term and said.strip():
                    self.literal[self.key(known, known.term, record)] = said.strip()
        self.below(child, at, record)
        if record != whole and at is not None and any(each == record for each, _ in self.taken):
            self.parts.setdefault((whole, at.each), []).append(record)

    def value(self, child: Any, at: Place, record: int) -> None:
        """A term that may vary, or one that stays as it is since more hangs on it."""
        assert at.read is not None
        try:
            value = at.read(child.text)
        except ValueError:
            raise _NotSureError from None
        if len(child):
            raise _NotSureError
        if value is None or value == "" or child.text == at.otherwise:
            return
        said = value if isinstance(value, dict) else {at.term: value}
        if at.term in DECIDING or len(said) > 1:
            self.literal |= {self.key(at, term, record): one for term, one in said.items()}
        else:
            (term,) = said
            self.holes[child] = self.key(at, term, record), at

    def key(self, at: Place, term: str, record: int) -> Key:
        """Of a term that is there once: which of two it is would hang on what they say."""
        key = (0 if at.again else record, term)
        if key in self.taken:
            raise _NotSureError
        self.taken.add(key)
        return key

    def stretch(self, text: str, start: int, end: int) -> Stretch:
        """The text from here to there, with a hole for each value that may vary."""
        holes = []
        for found in _LEAF.finditer(text, start, end):
            if found[1] is None:
                continue
            leaf = self.leaves.popleft() if self.leaves else None
            if leaf is None or leaf.text != (_without_entities(found[2]) if "&" in found[2] else found[2]):
                raise _NotSureError
            if leaf in self.holes:
                key, place = self.holes[leaf]
                before = text[start : found.start(2)]
                holes.append(Hole(before, len(before), _present(place)))
                self.filled.append(key)
                start = found.end(2)
        return Stretch(tuple(holes), text[start:end])

    def plan(self, kind: Shape) -> Plan:
        if self.leaves:
            raise _NotSureError
        planned = _Planning(self, kind)
        return Plan(tuple(planned.literal), tuple(planned.steps))


class _Planning:
    """By which number each value is known, and what is made of them."""

    def __init__(self, part: _Part, kind: Shape) -> None:
        self.part = part
        self.literal = [*NOTHINGS, *part.literal.values()]
        known = [*part.literal, *part.filled, *([(0, LINES)] if kind.of is Invoice else [])]
        self.numbers = {key: at for at, key in enumerate(known, len(NOTHINGS))}
        self.first = len(NOTHINGS) + len(known)
        self.terms: dict[int, set[str]] = defaultdict(set)
        for record, term in (*self.numbers, *part.parts):
            self.terms[record].add(term)
        self.steps: list[Step] = []
        self.object(kind, 0)

    def object(self, kind: Shape, record: int) -> int:
        return self.step(Step(_picking([self.value(each, record) for each in kind.parts]), kind.open, kind.of))

    def step(self, step: Step) -> int:
        self.steps.append(step)
        return self.first + len(self.steps) - 1

    def value(self, part: Part, record: int) -> int:
        key = record, part.term
        if part.below is None or key == (0, LINES):
            return self.numbers.get(key, NOTHINGS.index(part.nothing))
        if part.many:
            of = self.part.parts.get(key)
            made = [self.object(part.below, each) for each in of] if of else []
            return self.step(Step(_picking(made))) if made else NOTHINGS.index(())
        there = not part.below.terms.isdisjoint(self.terms[record])
        return self.object(part.below, record) if there else NOTHINGS.index(None)


def _picking(numbers: list[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    if len(numbers) > 1:
        return itemgetter(*numbers)
    (one,) = numbers
    return lambda values: (values[one],)


@cache
def _present(place: Place) -> Callable[[str], Any]:
    """How a value is read that is there: ValueError for one that is nothing after all."""
    read, otherwise = place.read, place.otherwise
    assert read is not None

    def present(said: str) -> Any:
        value = read(said) if said and said != otherwise else None
        if value.__class__ is dict:
            value = value["BT-22"] if len(value) == 1 else None  # a note without a code
        if value is None or value == "":
            raise ValueError("is nothing")
        return value

    if place.codec is plain(str) and not otherwise:
        return _text_as_it_stands
    return read if place.codec in (plain(Decimal), plain(date), plain(bytes)) else present


def _text_as_it_stands(said: str) -> str:
    if not said or said[0] == "\n":
        raise ValueError("is nothing, or laid out in lines")
    return _without_entities(said) if "&" in said else said


def _without_entities(said: str) -> str:
    """With the signs that each XML knows by name; ValueError for all others."""
    first, *rest = said.split("&")
    parts = [each.partition(";") for each in rest]
    if any(not end or name not in _SIGNS for name, end, _ in parts):
        raise ValueError("holds a sign by its number")
    return first + "".join(_SIGNS[name] + after for name, _, after in parts)


@cache
def _way(place: Place) -> list[Place]:
    """From the root to a line."""
    for each in place.order:
        if each.each == LINES:
            return [each]
        if rest := _way(each):
            return [each, *rest]
    return []
