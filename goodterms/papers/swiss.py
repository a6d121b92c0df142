"""Decides what the Swiss QR code says (SIX, QR-bill 2.3): who is paid, how much, by which reference; or that there is none."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import segno

from goodterms.papers.codes import Code, drawn
from goodterms.values.money import Money
from goodterms.values.reference import in_fours, structured_reference

CURRENCIES = ("CHF", "EUR")
MOST = 999_999_999_99
_TABLE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)  # modulo 10, recursive
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
    kind, reference = _reference(iban, number)
    rows = [
        "SPC", "0200", "1", iban, *_address(to), *[""] * 7, f"{amount.major:.2f}", amount.currency, *_address(from_), kind,
        reference, "", "EPD",
    ]  # fmt: skip
    code = drawn(segno.make("\n".join(rows), error="m", micro=False, boost_error=False, encoding="utf-8"))
    shown = f"{reference[:2]} {_in_fives(reference[2:])}" if kind == "QRR" else in_fours(reference)
    return Bill(in_fours(iban), to.lines, from_.lines if from_ else [], shown, amount, code)


def place_of(name: str, address: Sequence[str], country: str) -> Place | None:
    """The parts of an address in lines, whose last line begins with the code of the town; None where it does not."""
    found = _TOWN.fullmatch(address[-1].strip()) if address else None
    if found is None or not country or not name.strip():
        return None
    street = address[-2].strip() if len(address) > 1 else ""
    house = _HOUSE.fullmatch(street)
    named, numbered = (house[1].strip(), house[2]) if house else (street, "")
    return Place(name.strip()[:70], named[:70], numbered, found[1], found[2].strip()[:35], country)


def qr_reference(number: str) -> str:
    """26 figures, and the one by which they are checked: the figures of the number, after zeros."""
    plain = "".join(sign for sign in number if sign.isascii() and sign.isdigit())[-26:].rjust(26, "0")
    carry = 0
    for sign in plain:
        carry = _TABLE[(carry + int(sign)) % 10]
    return f"{plain}{(10 - carry) % 10}"


def is_qr_iban(iban: str) -> bool:
    """Whether the account takes payments by their QR reference alone: its bank's number is 30000 to 31999."""
    return iban[4:9].isdigit() and 30000 <= int(iban[4:9]) <= 31999


def _reference(iban: str, number: str) -> tuple[str, str]:
    if is_qr_iban(iban):
        return "QRR", qr_reference(number)
    reference = structured_reference(number)
    return ("SCOR", reference) if reference else ("NON", "")


def _address(place: Place | None) -> list[str]:
    if place is None:
        return [""] * 7
    return ["S", place.name, place.street, place.house, place.code, place.town, place.country]


def _in_fives(digits: str) -> str:
    return " ".join(digits[at : at + 5] for at in range(0, len(digits), 5))
