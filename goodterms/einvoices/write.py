"""Decides how terms become elements: in the order of the map, which is that of the schema, and nothing that is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodterms.einvoices.map import Place
from goodterms.einvoices.terms import Record


def tree_of(record: Record, place: Place, namespaces: Mapping[str | None, str], *, compact_days: bool) -> Any:
    """The root element with all that the record says."""
    from lxml import etree

    return _Writing(etree.SubElement, record, compact_days=compact_days).root(
        etree.Element(place.tag, nsmap=dict(namespaces)), place
    )


class _Writing:
    def __init__(self, add: Any, document: Record, *, compact_days: bool) -> None:
        self.add = add
        self.document = document
        self.compact_days = compact_days
        self.said_once: set[str] = set()

    def root(self, element: Any, place: Place) -> Any:
        self.below(element, place, self.document)
        return element

    def below(self, element: Any, place: Place, record: Record) -> bool:
        """Whether anything of the record was written."""
        filled = False
        late: list[tuple[Any, Place]] = []
        for at in place.order:
            if at.fixed:
                late.append((self.add(element, at.tag), at))
            elif not at.lost and (at.each or at.holds(record, self.document)):
                filled |= self.place(element, at, record, late)
        for child, at in late:
            if filled:
                self.constant(child, at)
            else:
                element.remove(child)
        return filled

    def place(self, element: Any, at: Place, record: Record, late: list[tuple[Any, Place]]) -> bool:
        if at.each:
            records = record.get(at.each) or ([{}] if at.once else [])
            written = [self.one(element, at, each) for each in records if at.holds(each, self.document)]
            return any(written)
        if at.otherwise and at.term not in record:
            late.append((self.add(element, at.tag), at))
            return False
        return self.one(element, at, record)

    def one(self, element: Any, at: Place, record: Record) -> bool:
        """An element with what it holds; it stays away when that is nothing."""
        child = self.add(element, at.tag)
        filled = self.text(child, at, record)
        filled |= self.below(child, at, record) if at.order else False
        if not filled and not at.always:
            element.remove(child)
            return False
        for attribute in at.attributes:
            self.attribute(child, attribute, record)
        return True

    def text(self, child: Any, at: Place, record: Record) -> bool:
        if at.term:
            value = self.value(at, record)
            if value is None:
                return False
            child.text = self.said(at, value)
        elif at.codec:
            child.text = self.said(at, record)
        else:
            return False
        if at.currency:
            child.set("currencyID", self.document.get("BT-5", ""))
        return True

    def value(self, at: Place, record: Record) -> Any:
        """The term's value; of a term that is said once, only the first time."""
        if at.first:
            if at.term in self.said_once:
                return None
            self.said_once.add(at.term)
        return (self.document if at.again else record).get(at.term)

    def said(self, at: Place, value: Any) -> str:
        assert at.codec is not None
        return at.codec.compact(value) if self.compact_days else at.codec.write(value)

    def attribute(self, child: Any, at: Place, record: Record) -> None:
        value = self.value(at, record) if at.term else at.word
        if at.word.startswith("$"):
            value = self.document.get(at.word[1:])
        if value:
            child.set(at.tag, value)

    def constant(self, child: Any, at: Place) -> None:
        """A word, or what stands for an absent term: only beside something that was said."""
        child.text = at.word or at.otherwise or None
        if at.currency:
            child.set("currencyID", self.document.get("BT-5", ""))
        for below in at.order:
            self.constant(self.add(child, below.tag), below)
