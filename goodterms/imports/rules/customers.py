"""Decides whether one row of a file is a customer that can be taken over, with the person who pays and what was agreed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.imports.profile import Profile, parsed_terms
from goodterms.imports.rules.rows import Memory, read_country
from goodterms.imports.rules.words import Bad, No, Read, read_text, reading
from goodterms.parties.rules import (
    checked_address,
    checked_for_programs,
    checked_tax_id,
    checked_wants,
    checked_wishes,
    payer_key,
)
from goodterms.terms.rules import Terms
from goodterms.values.money import exponent

_PLAIN = ("legal_name", "contact", "phone", "street", "city", "region", "post_code", "company_number", "note")


class Known(NamedTuple):
    """A row as a customer. `terms` None: the vendor's usual ones; `payer_id` None: nobody to write to."""

    line: int
    number: str
    name: str
    contact: str
    email: str
    address_key: str  # as the payer is known by it
    payer_id: UUID | None
    phone: str
    address: str
    street: str
    city: str
    region: str
    post_code: str
    country: str
    tax_id: str
    language: str
    currency: str
    terms: Terms | None
    order_required: bool
    enclosure_required: str
    invoice_format: str
    bill_days: list[int]
    note: str
    legal_name: str = ""
    company_number: str = ""
    endpoint_scheme: str = ""
    endpoint_id: str = ""
    buyer_reference: str = ""
    parent: str = ""  # the number of the customer that it belongs to


class CustomerChecker:
    """Checks the rows of one file of customers."""

    def __init__(self, profile: Profile, where: Mapping[str, int], headings: Sequence[str], country: str = "") -> None:
        """`country`: the vendor's, which is a customer's where the file says none and no tax id could be held against it."""
        self._profile = profile
        self._where = where
        self._headings = headings
        self._country = country
        self._needed = {word.strip().casefold() for word in profile.order_words}
        self._terms = Memory(parsed_terms, 1_000)

    def check(self, line: int, fields: Sequence[str]) -> Known | list[Bad]:
        """The row as a customer, or everything that is wrong with it."""
        if len(fields) != len(self._headings):
            return [Bad(line, "", f"The row has {len(fields)} fields; the headings are {len(self._headings)}.")]
        bad: list[Bad] = []
        read = reading(line, fields, self._where, self._headings, bad)
        found = self._read(line, read)
        return bad or found

    def _read(self, line: int, read: Read) -> Known:
        number = read("number", lambda text: read_text(text, "number", needed=True))
        source = "number" if self._profile.address else "email"
        email, key, payer = read(source, lambda text: self._address(text, number)) or ("", "", None)
        country = read("country", lambda text: read_country(text, self._profile.countries))
        endpoint = read("endpoint_id", lambda text: read_text(text, "endpoint_id"))
        scheme = read("endpoint_scheme", lambda text: _scheme(text, endpoint))
        plain = {word: read(word, lambda text: _unformed(text, "name")) for word in _PLAIN}
        return Known(
            line=line, number=number, name=read("name", lambda text: read_text(text, "name")) or number,
            email=email, address_key=key, payer_id=payer, address=read("address", read_address), country=country,
            tax_id=read("tax_id", lambda text: checked_tax_id(read_text(text, "tax_id"), country)),
            language=read("language", _language), currency=read("currency", self._currency),
            terms=read("terms", self._agreed) or None,
            order_required=read("order_required", lambda text: text.strip().casefold() in self._needed),
            enclosure_required=read("enclosure_required", lambda text: _wanted("enclosure_required", text)),
            invoice_format=read("invoice_format", lambda text: _wanted("invoice_format", text)),
            bill_days=read("bill_days", read_days) or [], endpoint_scheme=scheme, endpoint_id=endpoint,
            buyer_reference=read("buyer_reference", lambda text: read_text(text, "buyer_reference")),
            parent=read("parent", lambda text: _another(read_text(text, "customer"), number)), **plain,
        )  # fmt: skip

    def _address(self, text: str, number: str) -> tuple[str, str, UUID | None]:
        written = self._profile.address.format(customer=number).lower() if self._profile.address else text.strip(" ")
        return (written, checked_address(written), payer_key(written)) if written else ("", "", None)

    def _currency(self, text: str) -> str:
        code = text.strip().upper() or self._profile.currency
        if code:  # else the vendor's
            exponent(code)
        return code

    def _agreed(self, text: str) -> Any:
        said = text.strip() or self._profile.terms
        return self._terms(said) if said else None


def read_address(text: str) -> str:
    """An address in its lines, which a file may keep within one field."""
    lines = [_unformed(line, "address") for line in text.replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if line)


def read_days(text: str) -> list[int]:
    """Days of the month, as "1, 15": those on which a customer accepts invoices."""
    said = [word for word in re.split(r"[\s,;/]+", text.strip()) if word]
    if any(not word.isascii() or not word.isdigit() for word in said):
        raise No(f"{text.strip()[:40]!r} are no days of the month; write them like 1, 15.")
    days = [int(word) for word in said]
    if any(not 1 <= day <= 31 for day in days) or len(set(days)) != len(days):
        raise No(f"{text.strip()[:40]!r} are no days of the month, each once, 1 to 31.")
    return sorted(days)


def _wanted(column: str, text: str) -> str:
    return checked_wants({column: read_text(text, column)})[column]


def _scheme(text: str, endpoint: str) -> str:
    """The scheme of an electronic address (EAS); both are said, or neither is."""
    said = {"endpoint_scheme": text.strip().upper(), "endpoint_id": endpoint or ""}
    return checked_for_programs(said, {})["endpoint_scheme"]


def _another(parent: str, number: str) -> str:
    if parent and parent == number:
        raise No("A customer cannot belong to itself.")
    return parent


def _language(text: str) -> str:
    said = text.strip()
    return str(checked_wishes({"language": said})["language"])


def _unformed(text: str, column: str) -> str:
    """A text in which a number may begin with + (a telephone), and no other formula may be."""
    plain = text.strip()
    if column == "name" and re.fullmatch(r"\+[\d ()./-]+", plain):
        return plain
    return read_text(plain, column)
