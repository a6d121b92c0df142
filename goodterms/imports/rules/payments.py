"""Decides whether one row of a file is a payment that can be taken over: its values, or every reason against it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from goodterms.imports.profile import Profile
from goodterms.imports.rules.rows import Memory
from goodterms.imports.rules.words import Bad, No, read_amount, read_date, read_text, reading
from goodterms.values.money import exponent

METHODS = ("bank_transfer", "card", "cheque", "cash", "direct_debit", "other")
_USUAL = {
    "bank": "bank_transfer", "transfer": "bank_transfer", "wire": "bank_transfer", "ach": "bank_transfer",
    "bacs": "bank_transfer", "sepa": "bank_transfer", "eft": "bank_transfer", "creditcard": "card", "debitcard": "card",
    "visa": "card", "mastercard": "card", "check": "cheque", "directdebit": "direct_debit", "banktransfer": "bank_transfer",
    "": "other",
}  # fmt: skip


class Paid(NamedTuple):
    """A row as a payment; `customer` empty: whose the invoices are."""

    line: int
    number: str
    customer: str
    received_on: date
    minor: int
    currency: str
    method: str
    reference: str
    invoices: tuple[str, ...]
    withheld_minor: int | None = None  # kept back for the tax office; None: the file does not say
    certificate: str = ""
    certificate_on: date | None = None

    @property
    def key(self) -> str:
        """By which it is recorded once: the number it has elsewhere, or all that is said of it."""
        if self.number:
            return f"import:payment:{self.number}"
        said = [self.customer, self.received_on.isoformat(), str(self.minor), self.currency, self.method, self.reference]
        if self.withheld_minor is not None or self.certificate:
            said.append(f"{self.withheld_minor} {self.certificate}")
        return "import:payment:" + sha256("\x1f".join([*said, *self.invoices]).encode()).hexdigest()


class PaymentChecker:
    """Checks the rows of one file of payments; `today` is the last day on which one can have come, `currency` the vendor's."""

    def __init__(self, profile: Profile, where: Mapping[str, int], headings: Sequence[str], today: date, currency: str) -> None:
        self._profile = profile
        self._where = where
        self._headings = headings
        self._today = today
        self._usual = profile.currency or currency
        self._dates = Memory(lambda text: read_date(text, profile.dates), 20_000)
        self._methods = {said.strip().casefold(): word for said, word in profile.methods.items()}

    def check(self, line: int, fields: Sequence[str]) -> Paid | list[Bad]:
        """The row as a payment, or everything that is wrong with it."""
        if len(fields) != len(self._headings):
            return [Bad(line, "", f"The row has {len(fields)} fields; the headings are {len(self._headings)}.")]
        bad: list[Bad] = []
        read = reading(line, fields, self._where, self._headings, bad)
        currency = read("currency", self._currency)
        found = Paid(
            line, read("number", lambda text: read_text(text, "number")),
            read("customer", lambda text: read_text(text, "customer")), read("received", self._day),
            read("amount", lambda text: self._minor(text, currency)), currency, read("method", self._method),
            read("reference", lambda text: read_text(text, "reference")), read("invoices", read_numbers) or (),
            read("withheld", lambda text: self._withheld(text, currency)),
            read("certificate", lambda text: read_text(text, "certificate")),
            read("certificate_on", lambda text: self._day(text) if text.strip() else None),
        )  # fmt: skip
        if not bad:
            bad += [Bad(line, "", why) for why in _contradictions(found)]
        return bad or found

    def _withheld(self, text: str, currency: str) -> int | None:
        """Nothing said, or nothing kept back: as its terms say."""
        said = text.strip()
        return None if not said.strip("0.,") else self._minor(said, currency)

    def _currency(self, text: str) -> str:
        code = text.strip().upper() or self._usual
        exponent(code)
        return code

    def _minor(self, text: str, currency: str) -> int:
        return read_amount(text, currency, self._profile.decimal, self._profile.thousands, of="payment") if currency else 0

    def _day(self, text: str) -> date:
        if not text.strip():
            raise No("The date is missing.")
        day: date = self._dates(text.strip())
        if day > self._today:
            raise No(f"{day} is still to come; a payment is taken over once it is here.")
        return day

    def _method(self, text: str) -> str:
        said = text.strip().casefold()
        plain = re.sub(r"[^a-z]", "", said)
        found = self._methods.get(said) or _USUAL.get(plain) or (said if said in METHODS else "")
        if found not in METHODS:
            told = ", ".join(METHODS)
            raise No(f"{text.strip()[:40]!r} is no way of paying that is known here; [methods] can say which of {told} it is.")
        return found


def _contradictions(found: Paid) -> Iterator[str]:
    if not found.customer and not found.invoices:
        yield "It says neither whose payment it is nor which invoices it settles."
    if (found.withheld_minor is not None or found.certificate) and len(found.invoices) != 1:
        yield "What was kept back for the tax office is of one invoice; name that one, and give each other a line of its own."
    if bool(found.certificate) != bool(found.certificate_on):
        yield "A certificate has its number and its day; give both, or neither."


def read_numbers(text: str) -> tuple[str, ...]:
    """The numbers of invoices in one field, with commas or semicolons between them; each is told once."""
    said = [read_text(one, "number") for one in re.split(r"[;,\n]", text)]
    return tuple(dict.fromkeys(one for one in said if one))
