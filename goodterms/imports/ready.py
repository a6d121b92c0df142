"""Decides how the exports of accounting systems are read, and by which headings each is recognised.

Where the headings are documented, and which of them we saw only in the files that people share, is in docs/import.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from goodterms.imports.file import rows
from goodterms.imports.profile import SECTION, Profile
from goodterms.imports.rules import guess as guessing
from goodterms.values.refusal import Refused

SYSTEMS = ("quickbooks", "xero", "stripe")
TOP = 20  # lines among which the headings are looked for: a report has its name and its days above them
_ISO = ("year-month-day time", "year-month-day")


@dataclass(frozen=True)
class Ready:
    """One kind of file of one system. `columns`: our word to the headings that it may have, the first that is there counts;
    `marks`: headings that all are there in such a file and in no other. Headings are compared without regard to capitals."""

    system: str
    told: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    holds: str = "invoices"
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    balances: bool = False
    dates: tuple[str, ...] = ()  # empty: as the firm's country writes them, which the lines must tell or a person
    report: bool = False
    terms: str = "net 30"


class Recognised(NamedTuple):
    """A file that is known: what it is, how it is read, and why its days are read as they are (empty `dates`: ask)."""

    ready: Ready
    columns: dict[str, str]
    heading_line: int
    dates: tuple[str, ...]
    dates_reason: str
    decimal: str
    thousands: str
    delimiter: str
    encoding: str

    def said(self, currency: str) -> dict[str, Any]:
        """The fields of a profile; `currency` is the vendor's, for files that say none."""
        return {
            "columns": self.columns, "holds": self.ready.holds, "heading_line": self.heading_line, "dates": list(self.dates),
            "decimal": self.decimal, "thousands": self.thousands, "delimiter": self.delimiter, "encoding": self.encoding,
            "currency": currency, "terms": self.ready.terms if self.ready.holds == "invoices" else "",
            "report": self.ready.report, "taken": {name: list(words) for name, words in self.ready.taken.items()},
            "left_out": {name: list(words) for name, words in self.ready.left_out.items()},
            "credits": {name: list(words) for name, words in self.ready.credits.items()}, "balances": self.ready.balances,
        }  # fmt: skip


_QUICKBOOKS = {
    "number": ("num", "no.", "transaction number"),
    "customer": ("name", "customer full name", "customer", "client full name", SECTION),
    "issued": ("date", "transaction date", "invoice date"),
    "due": ("due date",),
    "amount": ("amount", "open balance"),
    "open": ("open balance",),
    "currency": ("currency",),
    "order_number": ("p.o. #", "po number"),
}
READY = (
    Ready(
        "quickbooks", "QuickBooks Online, an invoice list or a report of open invoices", ("transaction type", "open balance"),
        _QUICKBOOKS, taken={"transaction type": ("invoice",)}, credits={"transaction type": ("credit memo",)}, report=True,
    ),
    Ready(
        "quickbooks", "QuickBooks Online, a list of how customers are reached", ("customer full name", "phone numbers"),
        {
            "number": ("customer full name",), "contact": ("full name",), "email": ("email",), "phone": ("phone numbers",),
            "address": ("bill address",), "terms": ("terms",), "tax_id": ("tax id",),
        },
        holds="customers", report=True,
    ),
    Ready(
        "xero", "Xero, sales invoices", ("contactname", "invoicenumber", "invoiceamountdue"),
        {
            "number": ("invoicenumber",), "customer": ("contactname",), "email": ("emailaddress",), "issued": ("invoicedate",),
            "due": ("duedate",), "amount": ("total",), "open": ("invoiceamountdue",), "order_number": ("reference",),
            "currency": ("currency",), "line": ("description",), "line_quantity": ("quantity",), "line_price": ("unitamount",),
            "line_amount": ("lineamount",), "line_tax": ("taxamount",), "line_rate": ("taxtype",),
        },
        taken={"type": ("sales invoice",), "status": ("awaiting payment", "paid")},
        left_out={"status": ("draft", "awaiting approval", "submitted", "voided", "deleted")},
        credits={"type": ("sales credit note",)},
    ),
    Ready(
        "stripe", "Stripe, invoices", ("amount due", "amount remaining", "date (utc)"),
        {
            "number": ("number",), "customer": ("customer", "customer id"), "name": ("customer name",),
            "email": ("customer email",), "issued": ("date (utc)",), "due": ("due date (utc)",), "amount": ("amount due",),
            "open": ("amount remaining",), "currency": ("currency",),
        },
        taken={"status": ("open", "paid")}, left_out={"status": ("draft", "void", "deleted", "uncollectible")},
        dates=_ISO, terms="due on receipt",
    ),
    Ready(
        "stripe", "Stripe, customers", ("id", "email", "created (utc)", "delinquent"),
        {"number": ("id",), "name": ("name",), "email": ("email",), "currency": ("currency",)},
        holds="customers", dates=_ISO,
    ),
    Ready(
        "stripe", "Stripe, customers with their balances", ("id", "account balance", "delinquent"),
        {
            "number": ("id",), "customer": ("id",), "name": ("name",), "email": ("email",), "amount": ("account balance",),
            "currency": ("currency",),
        },
        holds="credits", balances=True, dates=_ISO,
    ),
)  # fmt: skip


def recognise(content: bytes, system: str = "", holds: str = "") -> Recognised | None:
    """What a file is, by its headings, among those of a system and a kind where they are named; None: none of them."""
    encoding = guessing.encoding(content)
    lines = content[:200_000].decode(encoding, "replace").splitlines()[:TOP]
    for at, line in enumerate(lines, 1):
        for sign in (",", ";", "\t"):
            plain = [said.strip().strip('"').strip().casefold() for said in line.lstrip("\ufeff").split(sign)]
            for ready in READY:
                asked = system in ("", ready.system) and holds in ("", ready.holds)
                if asked and set(ready.marks) <= set(plain):
                    return _read(content, ready, at, sign, encoding)
    return None


def ready_profile(file: BinaryIO, *, system: str, holds: str, currency: str, dates: str = "") -> Profile:
    """How an export of `system` is read; refuses one that is none, and days that could be read two ways where nobody says
    which. The file is at its beginning again."""
    content = file.read()
    file.seek(0)
    found = recognise(content, system, holds)
    if found is None:
        known = "; ".join(one.told for one in READY if one.system == system and one.holds == holds)
        if not known:
            raise Refused(f"No export of {holds} of {system} is known here. Say how it is read with a profile.", code="profile")
        raise Refused(f"The headings are not those of an export that is known here ({known}). Use a profile.", code="profile")
    said = found.said(currency)
    if dates:
        said["dates"] = [dates]
    if not said["dates"]:
        raise Refused(
            f"Say how days are written, --dates day/month/year or --dates month/day/year ({found.dates_reason}).", code="dates"
        )
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Profile(**given)


def _read(content: bytes, ready: Ready, heading_line: int, delimiter: str, encoding: str) -> Recognised:
    plain = Profile(
        columns={"number": "?"}, holds="customers", delimiter=delimiter, encoding=encoding, heading_line=heading_line,
        report=ready.report,
    )  # fmt: skip
    headings, numbered = rows(BytesIO(content), plain)
    there = {heading.casefold(): heading for heading in reversed(headings)}
    columns = {
        word: there[next(name for name in names if name in there)]
        for word, names in ready.columns.items()
        if any(name in there for name in names)
    }
    ready = _with_headings(ready, there)
    guess = guessing.signs(columns, headings, [fields for _, fields in islice(numbered, guessing.SAMPLE)])
    return Recognised(
        ready, columns, heading_line, ready.dates or guess.dates, guess.dates_reason, guess.decimal or ".",
        guess.thousands or ("," if (guess.decimal or ".") == "." else "."), delimiter, encoding,
    )  # fmt: skip


def _with_headings(ready: Ready, there: Mapping[str, str]) -> Ready:
    """The same with its headings as this file writes them."""

    def here(said: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        return {there[name]: tuple(words) for name, words in said.items() if name in there}

    return replace(ready, taken=here(ready.taken), left_out=here(ready.left_out), credits=here(ready.credits))
