"""Decides how a file of another program is read: which column means what, and how it writes dates, numbers and words."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from string import Formatter
from typing import Any

from goodterms.parties.rules import checked_address
from goodterms.terms.rules import Terms, parse
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

HOLDS = ("invoices", "customers", "payments", "credits")  # what a file can be a book of
NEEDED = ("number", "customer", "issued", "amount")
COLUMNS = (
    *NEEDED, "due", "currency", "terms", "name", "contact", "email", "country", "work", "order_number", "disputed", "settled",
    "paperless", "open", "line", "line_quantity", "line_price", "line_amount", "line_tax",
    "line_rate",
)  # fmt: skip
LINE_COLUMNS = (
    "line",
    "line_quantity",
    "line_price",
    "line_amount",
    "line_tax",
    "line_rate",
)  # several rows are one invoice's lines
SECTION = "(section)"  # what the first column of a report is called that has no heading, and names whose rows follow
NEEDED_OF = {"invoices": NEEDED, "customers": ("number",), "payments": ("received", "amount"),
             "credits": ("number", "amount")}  # fmt: skip
COLUMNS_OF = {
    "invoices": COLUMNS,
    "customers": (
        "number", "name", "legal_name", "contact", "email", "phone", "address", "street", "city", "region", "post_code",
        "country", "tax_id", "company_number", "endpoint_scheme", "endpoint_id", "buyer_reference", "parent", "language",
        "currency", "terms", "order_required", "enclosure_required", "invoice_format", "bill_days", "note",
    ),
    "credits": ("number", "invoice", "customer", "issued", "amount", "left", "currency", "reason", "name", "email"),
    "payments": (
        "number", "customer", "received", "amount", "currency", "method", "reference", "invoices", "withheld", "certificate",
        "certificate_on",
    ),
}  # fmt: skip
_DATE = re.compile(r"(day|month|year)([^A-Za-z0-9]+)(day|month|year)([^A-Za-z0-9]+)(day|month|year)")


@dataclass(frozen=True)
class Profile:
    """How one kind of file is read. `columns` maps our words (COLUMNS_OF what it holds) to the file's headings."""

    columns: Mapping[str, str]
    holds: str = "invoices"  # one of HOLDS
    delimiter: str = ","
    encoding: str = "utf-8"
    heading_line: int = 1
    dates: tuple[str, ...] = ("year-month-day",)  # day, month and year with the signs between them; tried in order
    decimal: str = "."
    thousands: str = ""
    currency: str = ""  # of every row, where no column says it
    terms: str = ""  # of every invoice or customer, where no column says it
    address: str = ""  # a pattern such as "{customer}@book.example", where no column has the contact's address
    disputed_words: tuple[str, ...] = ("yes", "true", "1")  # compared without regard to capitals
    order_words: tuple[str, ...] = ("yes", "true", "1")  # what says that no invoice goes without a purchase order
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # heading → the words of rows that are taken over
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # heading → the words of rows that are not
    credits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # heading → the words of rows that are credit notes
    balances: bool = False  # credits are customers' balances: below zero is theirs
    report: bool = False  # with lines for totals, and sections in its first column
    methods: Mapping[str, str] = field(default_factory=dict)  # what the file says → our word for a way of paying
    countries: Mapping[str, str] = field(default_factory=dict)  # what the file says → ISO 3166-1 alpha-2

    def __post_init__(self) -> None:
        _check_columns(self)
        _check_signs(self)
        for pattern in self.dates:
            date_parts(pattern)
        if self.currency:
            exponent(self.currency)
        if self.terms:
            parsed_terms(self.terms)
        if self.address:
            _check_pattern(self.address)


def read_profile(text: str, holds: str = "") -> Profile:
    """A profile from TOML: `[columns]`, and the other fields of Profile by name; refuses with what is wrong in it.
    `holds`: what the file is a book of, whose asker knows it; a profile that says another is refused."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as odd:
        raise _no(f"it is not TOML ({odd})") from odd
    known = {one.name for one in fields(Profile)}
    if unknown := sorted(set(said) - known):
        raise _no(f"it says {unknown[0]!r}, which no profile has; there are {', '.join(sorted(known))}", unknown[0])
    for name, value in said.items():
        _check_kind(name, value)
    if holds and said.setdefault("holds", holds) != holds:
        raise _no(f"it is for a file of {said['holds']}, and this is to be one of {holds}", "holds")
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Profile(**values)


def parsed_terms(text: str) -> Terms:
    """Terms in the trade's shorthand, for an invoice that was issued elsewhere; refuses those in several instalments."""
    terms = parse(text)
    if terms.instalments:
        raise Refused(f"{text!r} has instalments, and a row of a file has one due date.", code="terms")
    return terms


@cache
def date_parts(pattern: str) -> tuple[list[str], list[str]]:
    """The order of day, month and year in a pattern, and the signs between them; refuses what is no such pattern."""
    found = _DATE.fullmatch(pattern.removesuffix(" time"))
    if found is None or len(set(found.group(1, 3, 5))) != 3:
        raise _no(f"{pattern!r} is no way of writing a date; write it like month/day/year", "dates")
    return list(found.group(1, 3, 5)), list(found.group(2, 4))


def _check_columns(profile: Profile) -> None:
    if profile.holds not in HOLDS:
        raise _no(f"a file holds {', '.join(HOLDS)}, and it says {profile.holds!r}", "holds")
    if missing := [name for name in NEEDED_OF[profile.holds] if not profile.columns.get(name)]:
        raise _no(f"[columns] does not say which column is {missing[0]!r}", f"columns.{missing[0]}")
    if unknown := sorted(set(profile.columns) - set(COLUMNS_OF[profile.holds])):
        known = ", ".join(COLUMNS_OF[profile.holds])
        raise _no(f"[columns] has {unknown[0]!r}, which is not taken over; there are {known}", f"columns.{unknown[0]}")
    if profile.holds == "invoices" and not profile.currency and "currency" not in profile.columns:
        raise _no("it names neither a currency nor the column that has it", "currency")
    if profile.holds == "credits" and not {"customer", "invoice"} & set(profile.columns):
        raise _no("it names neither the column of the invoice nor that of the customer", "columns.invoice")
    if profile.holds == "credits" and not profile.balances and "issued" not in profile.columns:
        raise _no("[columns] does not say which column is 'issued'", "columns.issued")
    if profile.holds == "payments" and not {"customer", "invoices"} & set(profile.columns):
        raise _no("it names neither the column of the customer nor that of the invoices that were paid", "columns.customer")
    if profile.holds == "invoices" and not profile.terms and not {"terms", "due"} & set(profile.columns):
        raise _no("it names neither terms nor a column with the due date", "terms")
    if profile.address and "email" in profile.columns:
        raise _no("it has both a pattern for addresses and a column with them; keep one", "address")


def _check_signs(profile: Profile) -> None:
    if len(profile.delimiter) != 1 or profile.delimiter in '"\r\n' or profile.delimiter.isalnum():
        raise _no("the delimiter is one sign, such as a comma, a semicolon or a tab", "delimiter")
    if profile.decimal not in (".", ",") or profile.thousands not in ("", ".", ",", " ", "'", "\u00a0", "\u202f"):
        raise _no("decimals are written with a point or a comma, thousands with a point, comma, blank or apostrophe", "decimal")
    if profile.decimal == profile.thousands:
        raise _no("decimals and thousands cannot have the same sign", "thousands")
    if profile.heading_line < 1:
        raise _no("lines are counted from 1", "heading_line")
    try:
        "é".encode(profile.encoding)
    except (LookupError, UnicodeError) as odd:
        raise _no(
            f"{profile.encoding!r} is not an encoding that is read here; write utf-8, cp1252 or latin-1", "encoding"
        ) from odd
    if "\n".encode(profile.encoding) != b"\n":
        raise _no(f"{profile.encoding} is not read here; save the file as UTF-8", "encoding")


def _check_pattern(pattern: str) -> None:
    try:
        names = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        checked_address(pattern.format(customer="c-1"))
    except (ValueError, KeyError, IndexError, Refused) as odd:
        raise _no(f"{pattern!r} is no pattern for an address; write it like {{customer}}@book.example", "address") from odd
    if names != {"customer"}:
        raise _no(f"{pattern!r} gives every customer the same address; it needs {{customer}}", "address")


def _check_kind(name: str, value: Any) -> None:
    if name in ("columns", "countries", "methods"):
        good = isinstance(value, dict) and all(isinstance(word, str) for word in value.values())
        what = "a table of words"
    elif name in ("taken", "left_out", "credits"):
        lists = value.values() if isinstance(value, dict) else [None]
        good = all(isinstance(words, list) and all(isinstance(word, str) for word in words) for words in lists)
        what = "a table of lists of words"
    elif name in ("report", "balances"):
        good, what = isinstance(value, bool), "true or false"
    elif name in ("dates", "disputed_words", "order_words"):
        good = isinstance(value, list) and value != [] and all(isinstance(word, str) for word in value)
        what = "a list of words"
    elif name == "heading_line":
        good, what = type(value) is int, "a whole number"
    else:
        good, what = isinstance(value, str), "a word in quotes"
    if not good:
        raise _no(f"{name} is {what}", name)


def _no(why: str, field: str | None = None) -> Refused:
    return Refused(f"This import profile cannot be used: {why}.", code="profile", field=field)
