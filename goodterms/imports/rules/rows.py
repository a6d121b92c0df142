"""Decides whether one row of a file is an invoice that can be taken over: its values, or every reason against it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.imports.profile import Profile, parsed_terms
from goodterms.imports.rules.lines import Part, Read, Taxed, read_lines
from goodterms.imports.rules.words import Bad, No, read_amount, read_date, read_text
from goodterms.parties.rules import checked_address, payer_key
from goodterms.terms.rules import Days, Terms, due_on
from goodterms.terms.rules.agreed import DAYS_MAX
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

_USUAL = Terms()  # net 30


class Good(NamedTuple):
    """A row as an invoice. Days are dates; `settled_on` and `paperless_on` None: not, or not said."""

    line: int
    number: str
    customer: str
    name: str
    contact: str
    email: str  # as it is written to
    address: str  # as the payer is known by it
    payer_id: UUID | None
    country: str
    currency: str
    minor: int
    issued_on: date
    due_on: date
    settled_on: date | None
    disputed: bool
    paperless_on: date | None
    work: str
    order_number: str
    terms: Terms
    open_minor: int | None = None  # what is still to be paid, where the file says so
    lines: tuple[Part, ...] = ()  # where the file has them and they come to the amount
    taxed: Taxed | None = None  # where their taxes are told apart


class Checker:
    """Checks the rows of one file. It remembers how dates, terms and addresses were read, up to MEMORY of each."""

    MEMORY = 20_000

    def __init__(self, profile: Profile, where: Mapping[str, int], headings: Sequence[str], country: str = "") -> None:
        """`where`: the place of each of the profile's columns in a row; `country`: the vendor's, whose holidays count when
        terms move a due day to the next working day."""
        self._profile = profile
        self._where = where
        self._width = len(headings)
        self._headings = headings
        self._country = country
        self._in_parts = bool({"open", "lines"} & set(where))
        self._disputed = {word.strip().casefold() for word in profile.disputed_words}
        self._dates = Memory(lambda text: read_date(text, profile.dates), self.MEMORY)
        self._terms = Memory(parsed_terms, self.MEMORY)
        self._payers = Memory(lambda text: (checked_address(text), payer_key(text)), self.MEMORY)
        self._spans: dict[int, Terms] = {}
        self._read_alone: list[tuple[str, int | None, Callable[[str], Any]]] = []
        self._unsaid: dict[str, Any] = {}  # what a column comes to that the file lacks: worked out once, not for each row
        for column, reader in self._readers().items():
            at = where.get(column)
            try:
                if at is None:
                    self._unsaid[column] = reader("")
                    continue
            except (No, Refused):
                pass  # said of each row
            self._read_alone.append((column, at, reader))

    def check(self, line: int, fields: Sequence[str]) -> Good | list[Bad]:
        """The row as an invoice, or everything that is wrong with it."""
        if len(fields) != self._width:
            return [Bad(line, "", f"The row has {len(fields)} fields; the headings are {self._width}.")]
        bad: list[Bad] = []
        said = self._unsaid.copy()
        for column, at, reader in self._read_alone:
            try:
                said[column] = reader("" if at is None else fields[at])
            except (No, Refused) as no:
                bad.append(Bad(line, "" if at is None else self._headings[at], str(no)))
                said[column] = None

        def read(column: str, reader: Callable[[str], Any]) -> Any:
            at = self._where.get(column)
            try:
                return reader("" if at is None else fields[at])
            except (No, Refused) as no:
                bad.append(Bad(line, "" if at is None else self._headings[at], str(no)))
                return None

        row = self._together(line, said, read)
        if not bad:
            bad += [Bad(line, self._heading(column), reason) for column, reason in _contradictions(row)]
        return bad or row

    def _readers(self) -> dict[str, Callable[[str], Any]]:
        """Of columns that need no other to be read."""
        return {
            "number": partial(read_text, column="number", needed=True),
            "customer": partial(read_text, column="customer", needed=True),
            "name": partial(read_text, column="name"),
            "contact": partial(read_text, column="contact"),
            "country": self._read_country,
            "currency": self._currency,
            "issued": self._day,
            "settled": self._day_or_none,
            "disputed": lambda text: text.strip().casefold() in self._disputed and "disputed" in self._where,
            "paperless": self._day_or_none,
            "work": partial(read_text, column="work"),
            "order_number": partial(read_text, column="order_number"),
            "terms": self._agreed,
        }

    def _together(self, line: int, said: Mapping[str, Any], read: Callable[[str, Callable[[str], Any]], Any]) -> Good:
        """The row, with the columns that are read by what others say."""
        customer, currency, issued, terms = said["customer"], said["currency"], said["issued"], said["terms"]
        minor = read("amount", lambda text: self._minor(text, currency or ""))
        due = read("due", lambda text: self._due(text, issued, terms))
        source = "customer" if self._profile.address else "email"  # where an address goes wrong is told there
        email, address, payer = read(source, lambda text: self._address(text, customer)) or ("", "", None)
        found, open_minor = Read(()), None
        if self._in_parts and minor is not None and currency:
            found = read("lines", lambda text: self._lines(text, minor, currency)) or Read(())
            open_minor = read("open", lambda text: self._open(text, currency, minor))
        agreed = terms or _USUAL if issued is None or due is None else self._terms_of(terms, issued, due)
        return Good(
            line, said["number"], customer, said["name"] or customer, said["contact"], email, address, payer, said["country"],
            currency, minor, issued, due, said["settled"], said["disputed"], said["paperless"], said["work"],
            said["order_number"], agreed, open_minor, found.parts, found.taxed,
        )  # fmt: skip

    def _currency(self, text: str) -> str:
        code = text.strip().upper() or self._profile.currency
        exponent(code)
        return code

    def _minor(self, text: str, currency: str) -> int:
        if not currency:
            return 0  # the currency is bad already
        return read_amount(text, currency, self._profile.decimal, self._profile.thousands)

    def _open(self, text: str, currency: str, minor: int) -> int | None:
        """What is left to pay; None where the file has no column for it."""
        if "open" not in self._where:
            return None
        said = text.strip()
        nothing = bool(said) and not said.strip("0.,")
        left = 0 if nothing else read_amount(text, currency, self._profile.decimal, self._profile.thousands)
        if left > minor:
            raise No(f"{said} is open, which is more than the whole amount.")
        return left

    def _lines(self, text: str, minor: int, currency: str) -> Read:
        if "lines" not in self._where:
            return Read(())
        return read_lines(text, minor, currency, self._profile.decimal, self._profile.thousands)

    def _day(self, text: str) -> Any:
        if not text.strip():
            raise No("The date is missing.")
        return self._dates(text.strip())

    def _day_or_none(self, text: str) -> Any:
        return self._dates(text.strip()) if text.strip() else None

    def _agreed(self, text: str) -> Any:
        said = text.strip() or self._profile.terms
        return self._terms(said) if said else None

    def _due(self, text: str, issued: date | None, terms: Terms | None) -> date | None:
        if text.strip():
            return self._day(text)  # type: ignore[no-any-return]
        if terms is None:
            raise No("The due date is missing, and there are no terms to work it out.")
        return None if issued is None else due_on(terms, issued, self._country)

    def _terms_of(self, terms: Terms | None, issued: date, due: date) -> Terms:
        """The terms said, where the due date follows from them; else the days between the two."""
        if terms is not None and due_on(terms, issued, self._country) == due:
            return terms
        days = (due - issued).days
        if days not in self._spans and 0 <= days <= DAYS_MAX:
            self._spans[days] = Terms(due=(Days(days),))
        return self._spans.get(days, _USUAL)

    def _address(self, text: str, customer: str | None) -> tuple[str, str, UUID | None]:
        written = text.strip(" ")
        if self._profile.address:
            written = self._profile.address.format(customer=customer).lower() if customer else ""
        if not written:
            return "", "", None
        address, payer = self._payers(written)
        return written, address, payer

    def _read_country(self, text: str) -> str:
        return read_country(text, self._profile.countries)

    def _heading(self, column: str) -> str:
        at = self._where.get(column)
        return "" if at is None else self._headings[at]


class Memory:
    """What was read before is not worked out again; refusals are remembered as well. Forgets all when it is full."""

    def __init__(self, work_out: Callable[[str], Any], most: int) -> None:
        self._work_out = work_out
        self._most = most
        self._known: dict[str, Any] = {}

    def __call__(self, text: str) -> Any:
        try:
            found = self._known[text]
        except KeyError:
            found = self._first(text)
        if isinstance(found, Exception):
            raise found
        return found

    def _first(self, text: str) -> Any:
        if len(self._known) >= self._most:
            self._known.clear()
        try:
            found = self._work_out(text)
        except (No, Refused) as no:
            found = no.with_traceback(None)
        self._known[text] = found
        return found


def read_country(text: str, countries: Mapping[str, str]) -> str:
    """ISO 3166-1, as the file says it or as the profile knows what it says."""
    said = text.strip()
    code = countries.get(said, said.upper())
    if not code or (len(code) == 2 and code.isalpha() and code.isascii()):
        return code
    raise No(f"{said!r} is no country code; the profile's [countries] can say what it means.")


def _contradictions(row: Good) -> list[tuple[str, str]]:
    found = []
    if row.due_on < row.issued_on:
        found.append(("due", f"It is due on {row.due_on}, before it is issued on {row.issued_on}."))
    elif (row.due_on - row.issued_on).days > DAYS_MAX:
        found.append(("due", f"It is due on {row.due_on}, more than {DAYS_MAX} days after {row.issued_on}."))
    if row.settled_on is not None and row.open_minor:
        found.append(("settled", f"It is settled on {row.settled_on}, and some of it is open."))
    if row.settled_on is not None and row.settled_on < row.issued_on:
        found.append(("settled", f"It is settled on {row.settled_on}, before it is issued on {row.issued_on}."))
    return found
