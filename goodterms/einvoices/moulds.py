"""Decides which files need no parser: those that stand sign for sign like one that was read before, but for their values.

A program writes all its invoices alike. What was read with care (read.py) leaves a mould: its markup as literal text, and a
hole for each value. A file that fills a mould to its last sign is well-formed because that one was, and means the same because
nothing that the reader decides hangs on a hole: words, attributes, currencies and all that is not carried are literal. Lines
have moulds of their own, so that files differ in their number. What fits into none, or holds a value that cannot be meant, is
read with care. `casting.py` makes moulds, `known.py` keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from goodterms.einvoices.model import Invoice
from goodterms.einvoices.read import Lost
from goodterms.einvoices.syntaxes import Kind

LINES_MAX = 12  # moulds of lines in one frame, those that were filled last


class Said(NamedTuple):
    """What a file says, in which kind of document, and what it holds besides."""

    invoice: Invoice
    kind: Kind
    lost: tuple[Lost, ...]


class Hole(NamedTuple):
    """The text before a value, and how the value is read: ValueError where it cannot be meant."""

    before: str
    length: int
    read: Callable[[str], Any]


class Stretch(NamedTuple):
    """Text with holes."""

    holes: tuple[Hole, ...]
    end: str

    def fill(self, text: str, at: int, values: list[Any]) -> int:
        """Where the text goes on after it, its values being added to the others; -1 where it does not fit."""
        for before, length, read in self.holes:
            if not text.startswith(before, at):
                return -1
            start = at + length
            at = text.find("<", start)
            values.append(read(text[start:at]))
        return at + len(self.end) if text.startswith(self.end, at) else -1


class Step(NamedTuple):
    """One object of the model, made of some of the values; without `make` they are a tuple."""

    pick: Callable[[list[Any]], tuple[Any, ...]]
    make: Callable[..., Any] | None = None  # of its open class, see terms.py
    of: type | None = None


class Plan(NamedTuple):
    """How values become the model: those that are literal stand first, those of the holes follow, then what each step made."""

    literal: tuple[Any, ...]
    steps: tuple[Step, ...]

    def made(self, values: list[Any]) -> Any:
        for pick, make, of in self.steps:
            picked: Any = pick(values)
            if make is not None:
                picked = make(*picked)
                picked.__class__ = of
            values.append(picked)
        return values[-1]


class Line(NamedTuple):
    stretch: Stretch
    plan: Plan


class Frame:
    """A file without its lines, and the moulds of lines that were seen in it."""

    __slots__ = ("after", "before", "kind", "lines", "lost", "plan")

    def __init__(self, before: Stretch, after: Stretch, plan: Plan, kind: Kind, lost: tuple[Lost, ...]) -> None:
        self.before, self.after, self.plan = before, after, plan
        self.kind, self.lost = kind, lost
        self.lines: tuple[Line, ...] = ()

    def fill(self, text: str, unknown: Callable[[int], Line | None] = lambda at: None) -> Said | None:
        """What the text says where it fits. `unknown`: the mould for a line that fits into none, by where it stands."""
        values, lines = list(self.plan.literal), list[Any]()
        at = self.before.fill(text, 0, values)
        while at > 0:
            line, end = self.line(text, at)
            if end < 0 and (one := unknown(at)):
                self.keep(one)
                line, end = self.line(text, at)
            if end < 0:
                break
            lines.append(line)
            at = text.find("<", end)
            if text[end:at].strip(" \t\n"):
                return None
        if at < 0 or not lines or self.after.fill(text, at, values) != len(text):
            return None
        values.append(tuple(lines))
        return Said(self.plan.made(values), self.kind, self.lost)

    def line(self, text: str, at: int) -> tuple[Any, int]:
        """The line that stands there and where it ends; -1 where none is that fits."""
        for one in self.lines:
            values = list(one.plan.literal)
            end = one.stretch.fill(text, at, values)
            if end > 0:
                self.keep(one)
                return one.plan.made(values), end
        return None, -1

    def keep(self, line: Line) -> None:
        """First of all, since the next is most often like it."""
        if not self.lines or line is not self.lines[0]:
            self.lines = (line, *(each for each in self.lines if each is not line))[:LINES_MAX]

    def is_of(self, other: Frame) -> bool:
        """Whether it is of the same text, whatever its lines."""
        return (self.before, self.after, self.lost) == (other.before, other.after, other.lost)
