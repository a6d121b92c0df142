"""Decides how a file becomes an invoice and an invoice a file: UBL, CII, or a PDF with one of them inside."""

from __future__ import annotations

from typing import Any, NamedTuple

from goodterms.einvoices import guard, syntaxes
from goodterms.einvoices.known import MOULDS
from goodterms.einvoices.model import Invoice
from goodterms.einvoices.moulds import Said
from goodterms.einvoices.profiles import EXTENDED, Profile, Syntax, profile_of
from goodterms.einvoices.read import Lost, terms_of
from goodterms.einvoices.syntaxes import Kind
from goodterms.einvoices.terms import Record, built, recorded, told
from goodterms.einvoices.write import tree_of
from goodterms.values.refusal import Refused


class Reading(NamedTuple):
    """What a file says: the invoice, in which syntax and use it came, what of it the model cannot carry, and its XML."""

    invoice: Invoice
    syntax: Syntax
    profile: Profile | None
    lost: tuple[Lost, ...]
    xml: bytes
    name: str  # of the XML inside a PDF; empty for a file that is XML


def read(data: bytes) -> Reading:
    """Any electronic invoice. Refused, with nothing kept: what is none, and what no invoice would be (guard.py)."""
    guard.check_size(len(data))
    xml, name = data, ""
    if b"%PDF-" in data[:1024]:
        from goodterms.einvoices.embedded import xml_inside

        name, xml = xml_inside(data)
    said = MOULDS.said(xml) or _with_care(xml)
    for supporting in said.invoice.supporting:
        if supporting.attached is not None:
            guard.check_attachment(supporting.attached.file_name, supporting.attached.content)
    return Reading(said.invoice, said.kind.syntax, profile_of(said.invoice.guideline), said.lost, xml, name)


def _with_care(xml: bytes) -> Said:
    root = guard.tree(xml)
    kind = syntaxes.kind_of(root)
    if kind is None:
        raise Refused(f"{_root(root)} is not an electronic invoice. UBL, CII and PDFs with one inside are read.", code="syntax")
    record, lost = record_of(root, kind)
    said = Said(built(Invoice, record), kind, tuple(lost))
    MOULDS.learn(xml, root, record, said)
    return said


def record_of(root: Any, kind: Kind) -> tuple[Record, list[Lost]]:
    """The terms under a root element, by the map of its kind."""
    return terms_of(root, kind.place)


def write(invoice: Invoice, syntax: Syntax) -> bytes:
    """The invoice as XML in UTF-8."""
    from lxml import etree

    kind = _kind(invoice, syntax)
    root = _tree(recorded(invoice), kind)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def unwritten(invoice: Invoice, syntax: Syntax) -> list[tuple[str, Any]]:
    """The terms that this syntax cannot say, with their values: found by reading back what was written."""
    kind = _kind(invoice, syntax)
    record = recorded(invoice)
    said = dict(told(record_of(_tree(record, kind), kind)[0]))
    return [(term, value) for term, value in told(record) if said.get(term) != value]


def _tree(record: Record, kind: Kind) -> Any:
    return tree_of(kind.prepare(record), kind.place, kind.namespaces, compact_days=kind.compact_days)


def _kind(invoice: Invoice, syntax: Syntax) -> Kind:
    if syntax == "cii":
        return syntaxes.cii_extended() if profile_of(invoice.guideline) is EXTENDED else syntaxes.cii()
    return syntaxes.ubl_credit_note() if invoice.is_credit_note else syntaxes.ubl_invoice()


def _root(root: Any) -> str:
    return f"A document that begins with {root.tag.rpartition('}')[2][:60]!r}"
