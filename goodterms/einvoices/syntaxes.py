"""Decides which kinds of XML are invoices here: UBL Invoice and CreditNote, and the Cross Industry Invoice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from goodterms.einvoices.map import Place, load
from goodterms.einvoices.profiles import Syntax
from goodterms.einvoices.terms import Record

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_UBL = {"cac": f"{_OASIS}CommonAggregateComponents-2", "cbc": f"{_OASIS}CommonBasicComponents-2"}
_CEFACT = "urn:un:unece:uncefact:data:standard:"
_CII = {
    "rsm": f"{_CEFACT}CrossIndustryInvoice:100",
    "ram": f"{_CEFACT}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_CEFACT}UnqualifiedDataType:100",
    "qdt": f"{_CEFACT}QualifiedDataType:100",
}


class Kind(NamedTuple):
    """One kind of document: its root, its namespaces, and the map of what stands where."""

    syntax: Syntax
    root: str
    place: Place
    namespaces: Mapping[str | None, str]
    compact_days: bool  # 20261116 instead of 2026-11-16
    prepare: Callable[[Record], Record]  # what this syntax has to say besides


@cache
def ubl_invoice() -> Kind:
    return _ubl("Invoice", "I")


@cache
def ubl_credit_note() -> Kind:
    return _ubl("CreditNote", "C")


@cache
def cii() -> Kind:
    """As EN 16931 has it."""
    return _cii("E")


@cache
def cii_extended() -> Kind:
    """With what Factur-X EXTENDED has beside; every CII file is read by it."""
    return _cii("X")


def kind_of(root: Any) -> Kind | None:
    """By its root element; nothing for one that is no invoice."""
    known = {
        f"{{{_OASIS}Invoice-2}}Invoice": ubl_invoice,
        f"{{{_OASIS}CreditNote-2}}CreditNote": ubl_credit_note,
        f"{{{_CII['rsm']}}}CrossIndustryInvoice": cii_extended,
    }
    found = known.get(root.tag)
    return found() if found else None


def _ubl(root: str, mark: str) -> Kind:
    own = f"{_OASIS}{root}-2"
    place = load("ubl", {**_UBL, "": own, "doc": own}, f"doc:{root}", mark)
    namespaces: dict[str | None, str] = {None: own}
    namespaces.update(_UBL)
    return Kind("ubl", place.tag, place, namespaces, compact_days=False, prepare=lambda record: record)


def _cii(mark: str) -> Kind:
    place = load("cii", _CII, "rsm:CrossIndustryInvoice", mark)
    return Kind("cii", place.tag, place, dict(_CII.items()), compact_days=True, prepare=_with_gross_prices)


def _with_gross_prices(record: Record) -> Record:
    """CII tells a discount on the price (BT-147) only beside the price before it (BT-148), which is what both add up to."""
    if not any("BT-147" in line for line in record.get("BG-25", ())):
        return record
    return record | {"BG-25": [_with_gross_price(line) for line in record["BG-25"]]}


def _with_gross_price(line: Record) -> Record:
    if "BT-148" in line or not {"BT-146", "BT-147"} <= line.keys():
        return line
    return line | {"BT-148": line["BT-146"] + line["BT-147"]}
