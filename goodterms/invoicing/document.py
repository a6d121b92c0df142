"""Decides what an issued document holds for good, and its hash: parties, bank details, tax groups and terms of that day."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from secrets import token_hex
from typing import Any, NamedTuple, Self

from goodterms.einvoices.beyond import Advance, AdvanceTax
from goodterms.invoicing.line import Adjustment, Line, Tax, of_columns
from goodterms.invoicing.totals import TaxGroup
from goodterms.rates.rules import Rate
from goodterms.terms.rules import Withholding
from goodterms.values.money import Money

OF_VENDOR = ("name", "legal_name", "address", "country", "tax_id", "email", "bank")
FOR_PROGRAMS = (  # where said
    "street", "city", "post_code", "region", "endpoint_scheme", "endpoint_id", "buyer_reference", "company_number",
)  # fmt: skip
OF_CUSTOMER = ("number", "name", "legal_name", "address", "country", "tax_id")
OF_INVOICE = (
    "kind", "number", "work", "order_number", "currency", "issued_on", "due_on", "net_minor", "tax_minor", "total_minor",
    "terms", "document",
)  # fmt: skip
OF_LINE = (
    "position", "project", "description", "quantity", "unit", "unit_price", "discount_percent", "discount_amount",
    "includes_tax", "tax_category", "tax_percent", "tax_reason", "net_minor",
)  # fmt: skip


class Exchange(NamedTuple):
    """What a document in a foreign currency says of the vendor's own: the rate of its day, and its tax at that rate (VAT
    Directive, art. 230; BT-6 and BT-111)."""

    rate: Rate
    tax: Money


class Shared(NamedTuple):
    """What several documents hold of one vendor, and of tax groups that are the same."""

    seller: dict[str, Any]
    groups: list[dict[str, Any]]


class KeptBack(NamedTuple):
    """What the payer keeps back of a document for the tax office, by the terms in it."""

    name: str
    rate: Decimal
    amount: Money

    @property
    def percent(self) -> str:
        """Such as `15`."""
        return _plain(self.rate)


def kept_back(terms: Mapping[str, Any], net: Money, total: Money) -> KeptBack | None:
    """Of what is billed; never more than that."""
    if not terms.get("withholding"):
        return None
    agreed = Withholding(terms["withholding"]["name"], Decimal(terms["withholding"]["percent"]))
    return KeptBack(agreed.name, agreed.percent, min(agreed.of(net), total))


def snapshot(
    vendor: object,
    customer: object,
    groups: Sequence[TaxGroup],
    before: Mapping[str, Any],
    rate: Rate | None = None,
    enclosed: Sequence[Mapping[str, Any]] = (),
    shared: Shared | None = None,
) -> dict[str, Any]:
    """What is copied in at issue, so that no later change of a name, address or account reaches it (VAT Directive, art. 226).
    `before` is what the draft held already: adjustments, and for a credit note what it corrects. `rate`: into the vendor's own
    currency, where the document is in another. `enclosed` are the files that go with it, by name and hash. `shared`: what was
    said of the vendor and these groups for other documents."""
    if shared is None:
        shared = Shared(seller(vendor), groups_out(groups))
    return {
        **before,
        **({"exchange": exchange_out(rate, Money.total((group.tax for group in groups), rate.currency))} if rate else {}),
        **({"enclosures": [dict(one) for one in enclosed]} if enclosed else {}),
        "vendor": shared.seller,
        "customer": {name: getattr(customer, name) for name in OF_CUSTOMER} | _for_programs(customer),
        "tax_groups": shared.groups,
    }


def seller(vendor: object) -> dict[str, Any]:
    return {name: getattr(vendor, name) for name in OF_VENDOR} | _for_programs(vendor)


def groups_out(groups: Sequence[TaxGroup]) -> list[dict[str, Any]]:
    return [group_out(group) for group in groups]


def digest(facts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], parts: Sequence[tuple[date, int]]) -> bytes:
    """SHA-256 of the canonical JSON of a document with its lines and instalments (I19): keys in order, no spaces, numbers
    without trailing zeros, so that the same document read back from the database gives the same hash."""
    return sha256(canonical(_whole(facts, lines, parts)).encode()).digest()


def sealed(facts: Mapping[str, str], lines: str, parts: Sequence[tuple[date, int]]) -> bytes:
    """The same of what is canonical JSON already: of many documents the most is written once."""
    whole = {**facts, "lines": lines, "instalments": canonical([[on, minor] for on, minor in parts]) if parts else "[]"}
    return sha256(joined(whole).encode()).digest()


def canonical(value: Any) -> str:
    """One value of a document as JSON, always in the same letters."""
    kind = type(value)  # the encoder takes a while to begin
    if kind is str:
        return _QUOTED(value)
    return str(value) if kind is int else f'"{value.isoformat()}"' if kind is date else _CANONICAL.encode(value)


def canonical_lines(lines: Sequence[Mapping[str, Any]]) -> str:
    return canonical(_ordered(lines))


class Said:
    """Canonical JSON of what documents hold that are issued together: what is the same object for several is written once."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[object, str]] = {}  # with the object, so that no other is ever found at its place

    def of(self, value: Any, write: Callable[[Any], str] = canonical) -> str:
        found = self._kept.get(id(value))
        if found is None:
            found = self._kept[id(value)] = (value, write(value))
        return found[1]

    def document(self, held: Mapping[str, Any]) -> str:
        return joined({name: self.of(value) for name, value in held.items()})


def joined(parts: Mapping[str, str]) -> str:
    """An object of values that are canonical JSON."""
    return "{" + ",".join([f"{_QUOTED(name)}:{parts[name]}" for name in sorted(parts)]) + "}"


@dataclass(frozen=True)
class Blank:
    """A place in a mould that is another in each document."""

    name: str


class Mould:
    """Many documents that differ in a few values: what is the same in all is written once. Each value is given by the name
    of its blank, as `canonical` writes it."""

    def __init__(self, shape: Any) -> None:
        """`shape`: whatever `canonical` writes, with blanks in it."""
        token = token_hex(16)  # so that no word of a document is taken for a blank

        def marked(value: object) -> str:
            return token + value.name if isinstance(value, Blank) else _plain(value)

        text = json.JSONEncoder(**_WAY, default=marked).encode(shape).replace("%", "%%")
        self._text = re.sub(f'"{token}([^"]+)"', r"%(\1)s", text)

    @classmethod
    def of_document(cls, facts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Self:
        """Of what `digest` takes the hash, for documents without instalments."""
        return cls(_whole(facts, lines, ()))

    def cast(self, values: Mapping[str, str]) -> str:
        return self._text % values

    def seal(self, values: Mapping[str, str]) -> bytes:
        """What `digest` would make of the same document."""
        return sha256(self.cast(values).encode()).digest()


def group_out(group: TaxGroup) -> dict[str, Any]:
    return {
        "category": group.category,
        "rate": _plain(group.rate),
        "taxable_minor": group.taxable.minor,
        "tax_minor": group.tax.minor,
        "reason": group.reason,
    }


def group_in(stored: Mapping[str, Any], currency: str) -> TaxGroup:
    """The inverse of `group_out`."""
    taxable, tax = Money(stored["taxable_minor"], currency), Money(stored["tax_minor"], currency)
    return TaxGroup(stored["category"], Decimal(stored["rate"]), taxable, tax, stored["reason"])


def exchange_out(rate: Rate, tax: Money) -> dict[str, Any]:
    return {
        "currency": rate.base, "rate": _plain(rate.value), "on": rate.on.isoformat(), "source": rate.source,
        "tax_minor": rate.worth(tax).minor,
    }  # fmt: skip


def exchange_in(stored: Mapping[str, Any], currency: str) -> Exchange | None:
    """Of a document as it is stored, in `currency`; None where that is the vendor's own, or no rate was known."""
    said = stored.get("exchange")
    if not said:
        return None
    rate = Rate(currency, said["currency"], Decimal(said["rate"]), date.fromisoformat(said["on"]), said["source"])
    return Exchange(rate, Money(said["tax_minor"], rate.base))


def adjustment_out(one: Adjustment) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "amount": _plain(one.amount),
        "tax": [one.tax.category, _plain(one.tax.rate), one.tax.reason],
        "reason": one.reason,
    }


def adjustment_in(stored: Mapping[str, Any]) -> Adjustment:
    """The inverse of `adjustment_out`."""
    category, rate, reason = stored["tax"]
    return Adjustment(stored["kind"], Decimal(stored["amount"]), Tax(category, Decimal(rate), reason), stored["reason"])


def advance_out(one: Advance) -> dict[str, Any]:
    """Money that came before the invoice, with the tax in it."""
    taxes = [
        {"amount": _plain(each.amount), "rate": _plain(each.rate), "category": each.category, "reason": each.reason,
         "reason_code": each.reason_code}
        for each in one.taxes
    ]  # fmt: skip
    return {"amount": _plain(one.amount), "on": one.received_on.isoformat() if one.received_on else "", "taxes": taxes}


def advance_in(stored: Mapping[str, Any]) -> Advance:
    """The inverse of `advance_out`."""
    taxes = [
        AdvanceTax(_number(each["amount"]), each["reason"], each["category"], each["reason_code"], _number(each["rate"]))
        for each in stored["taxes"]
    ]
    return Advance(_number(stored["amount"]), date.fromisoformat(stored["on"]) if stored["on"] else None, tuple(taxes))


def _number(said: str) -> Decimal | None:
    return Decimal(said) if said else None


def is_worked_out(stored: Mapping[str, Any]) -> bool:
    """A part of an agreed price, or one that takes off what was invoiced before: its lines are not written by hand."""
    return bool(stored.get("part") or stored.get("earlier"))


def line_taxes(lines: Sequence[Line], currency: str) -> dict[str, int]:
    """The tax that lines bring with them, by position, in minor units."""
    brought = {str(at): line.tax_amount for at, line in enumerate(lines, 1)}
    return {at: Money.of(tax, currency).minor for at, tax in brought.items() if tax is not None}


def lines_in(rows: Sequence[Mapping[str, Any]], stored: Mapping[str, Any], currency: str) -> list[Line]:
    """What was written, out of what is stored: `rows` by the names of their columns, in order, and their document."""
    taxes = stored.get("line_taxes", {})
    return [_line_in(row, taxes.get(str(row["position"])), currency) for row in rows]


def _line_in(row: Mapping[str, Any], tax_minor: int | None, currency: str) -> Line:
    line = of_columns(row)
    return line if tax_minor is None else replace(line, tax_amount=Money(tax_minor, currency).major)


def _for_programs(party: object) -> dict[str, str]:
    return {name: said for name in FOR_PROGRAMS if (said := getattr(party, name, ""))}


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a document")


def _whole(facts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], parts: Sequence[tuple[date, int]]) -> dict[str, Any]:
    return {
        **{name: facts[name] for name in OF_INVOICE},
        "lines": _ordered(lines),
        "instalments": [[on, minor] for on, minor in parts],
    }


def _ordered(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: line[name] for name in OF_LINE} for line in sorted(lines, key=lambda line: line["position"])]


_QUOTED = json.encoder.encode_basestring
_WAY: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
_CANONICAL = json.JSONEncoder(**_WAY, default=_plain)
