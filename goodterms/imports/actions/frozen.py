"""Decides what is frozen of an invoice that is taken over: its document as it can be known from a row, and its seal."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from goodterms.imports.actions import parts
from goodterms.imports.rules import Good
from goodterms.invoicing import document
from goodterms.invoicing.document import Blank, Mould, canonical
from goodterms.parties.models import Vendor
from goodterms.terms.rules import Terms
from goodterms.values.money import Money

DESCRIPTION = parts.DESCRIPTION


class Frozen(NamedTuple):
    """Terms and document as JSON, the seal over all of it, and the unit price of a document's one line. The document lacks
    the vendor, who is the same in all of them: `Press.vendor` is put in when they are written."""

    terms: str
    document: str
    seal: bytes
    price: str


NOTHING = Frozen("{}", "{}", b"", "0")


class Press:
    """Makes the documents of one vendor's rows. Nearly all have one line and no tax told apart: those differ in a few values
    only and are cast, which takes an eighth of the time."""

    def __init__(self, vendor: Vendor) -> None:
        self._seller = {name: getattr(vendor, name) for name in document.OF_VENDOR}
        # Each value of the one shape is a blank; `minor` is the whole amount, in the sums, the line and the group of taxes.
        self._held = Mould(_held(Blank("customer"), _one_group(Blank("minor"))))
        facts = {name: Blank(name) for name in document.OF_INVOICE} | {
            "kind": "invoice", "net_minor": Blank("minor"), "tax_minor": 0, "total_minor": Blank("minor"),
            "document": self.vendor | _held(Blank("customer"), _one_group(Blank("minor"))),
        }  # fmt: skip
        line = _LINE | {"description": Blank("description"), "unit_price": Blank("price"), "net_minor": Blank("minor")}
        self._whole = Mould.of_document(facts, [line])

    @property
    def vendor(self) -> dict[str, Any]:
        """What every document holds besides."""
        return {"vendor": self._seller}

    def freeze(self, row: Good, buyers: Mapping[str, Mapping[str, Any]]) -> Frozen:
        """`buyers`: customers that we know, by number; they are on a document as we know them."""
        known = buyers.get(row.customer)
        if row.taxed or row.lines:
            return self._by_parts(row, known or _unknown(row))
        terms, price = _terms(row.terms)[1], Money(row.minor, row.currency).major
        number, work = canonical(row.number), canonical(row.work)
        said = {
            "customer": canonical(known) if known else _stranger(row), "number": number, "work": work,
            "order_number": canonical(row.order_number), "currency": _word(row.currency), "issued_on": _day(row.issued_on),
            "due_on": _day(row.due_on), "minor": str(row.minor), "terms": terms,
            "description": work if row.work else _word(DESCRIPTION), "price": canonical(price),
        }  # fmt: skip
        return Frozen(terms, self._held.cast(said), self._whole.seal(said), str(price))

    def _by_parts(self, row: Good, customer: Mapping[str, Any]) -> Frozen:
        held = _held(customer, _taxes(row))
        tax = row.taxed.tax_minor if row.taxed else 0
        terms = _terms(row.terms)
        price = Money(row.minor, row.currency).major
        facts = {
            "kind": "invoice", "number": row.number, "work": row.work, "order_number": row.order_number,
            "currency": row.currency, "issued_on": row.issued_on, "due_on": row.due_on, "net_minor": row.minor - tax,
            "tax_minor": tax, "total_minor": row.minor, "terms": terms[0], "document": self.vendor | held,
        }  # fmt: skip
        lines = [_LINE | {"description": row.work or DESCRIPTION, "unit_price": price, "net_minor": row.minor}]
        if row.lines:
            lines = [_LINE | one for one in parts.as_lines(row)]
        return Frozen(terms[1], json.dumps(held, ensure_ascii=False), document.digest(facts, lines, []), str(price))


def _held(customer: object, taxes: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer": customer, **taxes}


def _unknown(row: Good) -> dict[str, Any]:
    """A customer of whom we know what the row says."""
    return _NOBODY | {"number": row.customer, "name": row.name, "country": row.country}


def _stranger(row: Good) -> str:
    """`_unknown`, as it is sealed."""
    return _STRANGER.cast({"number": canonical(row.customer), "name": canonical(row.name), "country": _word(row.country)})


def _taxes(row: Good) -> dict[str, Any]:
    """Rate by rate where the file tells them apart, and how they are rounded; else one sum that holds them."""
    if row.taxed is None:
        return _one_group(row.minor)
    return {
        "tax_groups": [document.group_out(group) for group in row.taxed.groups], "adjustments": [], "method": row.taxed.method,
    }  # fmt: skip


def _one_group(minor: object) -> dict[str, Any]:
    return {"tax_groups": [{"category": "O", "rate": "0", "taxable_minor": minor, "tax_minor": 0, "reason": DESCRIPTION}]}


@lru_cache(maxsize=10_000)
def _day(day: date) -> str:
    return canonical(day)


@lru_cache(maxsize=1_000)
def _word(word: str) -> str:
    return canonical(word)


@lru_cache(maxsize=1_000)
def _terms(terms: Terms) -> tuple[dict[str, Any], str]:
    plain = terms.to_json()
    return plain, canonical(plain)


_LINE = {
    "position": 1, "project": "", "quantity": Decimal(1), "unit": "", "discount_percent": Decimal(0),
    "discount_amount": Decimal(0), "includes_tax": False, "tax_category": "O", "tax_percent": Decimal(0),
    "tax_reason": DESCRIPTION,
}  # fmt: skip
_NOBODY = dict.fromkeys(document.OF_CUSTOMER, "")
_STRANGER = Mould(_NOBODY | {name: Blank(name) for name in ("number", "name", "country")})
