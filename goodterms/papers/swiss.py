"""Decides what the Swiss QR code says (SIX, QR-bill 2.3): who is paid, how much, by which reference; or that there is none."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import segno

from goodterms.papers.codes import Code, drawn
from goodterms.values.money import Money
from goodterms.values.reference import in_fours, reference_for, shown

CURRENCIES = ("CHF", "EUR")
MOST = 999_999_999_99
_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?(\d{4,6})\s+(\S.*)")
_HOUSE = re.compile(r"(.*\D)\s+(\d\S{0,15})")


class Place(NamedTuple):
    """An address as the code holds it, and as people read it."""

    name: str
    street: str
    house: str
    code: str
    town: str
    country: str

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.name, f"{self.street} {self.house}".strip(), f"{self.code} {self.town}") if line]


class Bill(NamedTuple):
    """The payment part: what it shows, and its code."""

    iban: str
    payee: Sequence[str]  # who is paid, in lines
    giver: Sequence[str]  # who pays, in lines; empty: to be written by hand
    reference: str
    amount: Money
    code: Code


def swiss_bill(*, iban: str, to: Place | None, from_: Place | None, amount: Money, number: str) -> Bill | None:
    """None where there is no such bill: another currency, an account elsewhere, or an address without code and town."""
    iban = "".join(iban.split()).upper()
    if iban[:2] not in ("CH", "LI") or amount.currency not in CURRENCIES or not 0 < amount.minor <= MOST or to is None:
        return None
    reference = reference_for(number, iban)
    rows = [
        "SPC", "0200", "1", iban, *_address(to), *[""] * 7, f"{amount.major:.2f}", amount.currency, *_address(from_),
        _kind(reference), reference, "", "EPD",
    ]  # fmt: skip
    code = drawn(segno.make("\n".join(rows), error="m", micro=False, boost_error=False, encoding="utf-8"))
    return Bill(in_fours(iban), to.lines, from_.lines if from_ else [], shown(reference), amount, code)


def place_of(name: str, address: Sequence[str], country: str) -> Place | None:
    """The parts of an address in lines, whose last line begins with the code of the town; None where it does not."""
    found = _TOWN.fullmatch(address[-1].strip()) if address else None
    if found is None or not country or not name.strip():
        return None
    street = address[-2].strip() if len(address) > 1 else ""
    house = _HOUSE.fullmatch(street)
    named, numbered = (house[1].strip(), house[2]) if house else (street, "")
    return Place(name.strip()[:70], named[:70], numbered, found[1], found[2].strip()[:35], country)


def _kind(reference: str) -> str:
    """What the guidelines call it."""
    return "QRR" if reference.isdigit() else "SCOR" if reference else "NON"


def _address(place: Place | None) -> list[str]:
    if place is None:
        return [""] * 7
    return ["S", place.name, place.street, place.house, place.code, place.town, place.country]
