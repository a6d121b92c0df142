"""Decides how the model and the numbers of EN 16931 belong together: a record of terms by number, and back.

A record is the invoice without its shape: `{"BT-1": "VP-26-0331", "BT-27": …, "BG-25": [{"BT-126": "1", …}, …]}`. What can be
there once stands flat, whatever group it is of; what can be there more than once is a list of records. UBL and CII are maps
between such records and elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, get_type_hints

Record = dict[str, Any]
T = TypeVar("T")


def bt(number: str, default: Any = "") -> Any:
    """A field that holds one business term."""
    return field(default=default, metadata={"term": number})


def group(number: str, of: type, numbers: Mapping[str, str] | None = None) -> Any:
    """A field that holds a group that can be there once. `numbers`: which term each of its fields is here, for a shape that
    stands in several places."""
    return field(default=None, metadata={"term": number, "of": of, "numbers": numbers or {}, "many": False})


def groups(number: str, of: type, numbers: Mapping[str, str] | None = None) -> Any:
    """A field that holds a group that can be there more than once."""
    return field(default=(), metadata={"term": number, "of": of, "numbers": numbers or {}, "many": True})


@dataclass(frozen=True, slots=True)
class Part:
    """One field: its term, or the shape of the group it holds."""

    name: str
    term: str  # empty: this place of the class has no such term
    nothing: Any  # what stands there when it is absent
    type: type | None  # of a term: str, Decimal, date or bytes
    below: Shape | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of the model in one of its places."""

    of: type
    open: type  # the same, not frozen
    parts: tuple[Part, ...]
    terms: frozenset[str]  # all that a record holds flat for it
    keys: tuple[str, ...]  # of each part, what a record holds it under; a group that can be there once is flat, under no key
    nothings: tuple[Any, ...]
    groups: tuple[tuple[int, Shape, bool], ...]  # which of the parts are groups, and whether there can be many


@cache
def shape(of: type, numbers: tuple[tuple[str, str], ...] = ()) -> Shape:
    """Worked out once for each place of a class."""
    given, types = dict(numbers), get_type_hints(of)
    parts = tuple(_part(each, given, types[each.name]) for each in fields(of))
    flat = {part.term for part in parts if part.term and (part.below is None or part.many)}
    flat |= {term for part in parts if part.below and not part.many for term in part.below.terms}
    keys = tuple("" if part.below and not part.many else part.term for part in parts)
    below = tuple((at, part.below, part.many) for at, part in enumerate(parts) if part.below)
    return Shape(of, _open(of), parts, frozenset(flat), keys, tuple(part.nothing for part in parts), below)


def _part(each: Any, given: Mapping[str, str], said: Any) -> Part:
    meta = each.metadata
    if "of" in meta:
        below = shape(meta["of"], tuple(meta["numbers"].items()))
        return Part(each.name, meta["term"], each.default, None, below, meta["many"])
    term = given.get(each.name) or meta.get("term", "")
    kind = next(one for one in (str, Decimal, date, bytes) if said is one or said == one | None)
    return Part(each.name, term, each.default, kind)


@cache
def _open(of: type) -> type:
    """The same class, not frozen. To make one of it and then call it what it is takes a fifth of the time: a frozen class
    sets each of its fields past its own guard."""
    return make_dataclass(of.__name__, [each.name for each in fields(of)], slots=True, eq=False, repr=False)


def built(of: type[T], record: Mapping[str, Any]) -> T:
    """The record in the shape of the model."""
    made: T = _built(shape(of), record)  # type: ignore[arg-type]
    return made


def _built(kind: Shape, record: Mapping[str, Any]) -> Any:
    values = list(map(record.get, kind.keys, kind.nothings))
    for at, below, many in kind.groups:
        if many:
            values[at] = tuple([_built(below, one) for one in values[at]])
        elif not record.keys().isdisjoint(below.terms):
            values[at] = _built(below, record)
    made = kind.open(*values)
    made.__class__ = kind.of
    return made


def recorded(model: Any) -> Record:
    """The terms of the model by number: the inverse of `built`."""
    record: Record = {}
    _record(shape(type(model)), model, record)  # type: ignore[arg-type]
    return record


def _record(kind: Shape, model: Any, into: Record) -> None:
    for part in kind.parts:
        value = getattr(model, part.name)
        if value == part.nothing or not part.term:
            continue
        if part.below is None:
            into[part.term] = value
        elif part.many:
            into[part.term] = [_one(part.below, each) for each in value]
        else:
            _record(part.below, value, into)


def _one(kind: Shape, model: Any) -> Record:
    record: Record = {}
    _record(kind, model, record)
    return record


def types(kind: Shape) -> dict[str, type]:
    """The type of each term of a shape and of those below."""
    found = {part.term: part.type for part in kind.parts if part.type and part.term}
    for part in kind.parts:
        if part.below:
            found |= types(part.below)
    return found


def told(record: Record, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each term with its place, such as `BG-25[2] BT-131`, for comparing and for people."""
    for term, value in record.items():
        if isinstance(value, list):
            for at, one in enumerate(value, 1):
                yield from told(one, f"{before}{term}[{at}] ")
        else:
            yield f"{before}{term}", value
