"""Decides whether one row of a file is a credit note that can be taken over: its values, or every reason against it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from goodterms.imports.profile import Profile
from goodterms.imports.rules.lines import Read, read_lines
from goodterms.imports.rules.rows import Memory
from goodterms.imports.rules.words import Bad, No, read_amount, read_date, read_text, reading
from goodterms.parties.rules import checked_address
from goodterms.values.money import Money, exponent

REASON = "As credited"  # where the file says none


class Credited(NamedTuple):
    """A row as a credit note. `invoice` empty: it corrects none, and is kept for its customer. `left_minor`: what of it is
    still to be used, None where the file does not say; `read`: its lines, where all of it is left."""

    line: int
    number: str
    invoice: str
    customer: str
    issued_on: date
    minor: int
    currency: str
    reason: str
    left_minor: int | None
    name: str = ""
    email: str = ""
    read: Read = Read(())

    @property
    def gives_minor(self) -> int:
        """What a customer has to their credit by it, where it corrects no invoice."""
        return self.minor if self.left_minor is None else self.left_minor

    @property
    def why(self) -> str:
        """Its reason, and how much of it was used elsewhere."""
        if self.invoice or self.gives_minor == self.minor:
            return self.reason
        left, whole = Money(self.gives_minor, self.currency).major, Money(self.minor, self.currency).major
        return f"{self.reason}; {left} of {whole} {self.currency} were left of it"


class CreditChecker:
    """Checks the rows of one file of credit notes; `today` is the last day on which one can have been written, `currency` the
    vendor's."""

    def __init__(self, profile: Profile, where: Mapping[str, int], headings: Sequence[str], today: date, currency: str) -> None:
        self._profile = profile
        self._where = where
        self._headings = headings
        self._today = today
        self._usual = profile.currency or currency
        self._dates = Memory(lambda text: read_date(text, profile.dates), 20_000)

    def check(self, line: int, fields: Sequence[str]) -> Credited | list[Bad]:
        """The row as a credit note, or everything that is wrong with it."""
        if len(fields) != len(self._headings):
            return [Bad(line, "", f"The row has {len(fields)} fields; the headings are {len(self._headings)}.")]
        bad: list[Bad] = []
        read = reading(line, fields, self._where, self._headings, bad)
        currency = read("currency", self._currency)
        minor = read("amount", lambda text: self._minor(text, currency))
        found = Credited(
            line, self._named(read("number", lambda text: read_text(text, "number", needed=True))),
            read("invoice", lambda text: read_text(text, "number")),
            read("customer", lambda text: read_text(text, "customer")), read("issued", self._day), minor, currency,
            read("reason", lambda text: read_text(text, "reason")) or REASON,
            read("left", lambda text: self._left(text, currency, minor or 0)),
            read("name", lambda text: read_text(text, "name")), read("email", _address),
        )  # fmt: skip
        if not bad and not found.invoice and not found.customer:
            bad.append(Bad(line, "", "It says neither which invoice it corrects nor whose credit it is."))
        return bad or found._replace(read=self._lines(found, read))

    def _named(self, number: str) -> str:
        """A balance has no number of its own: it goes by its customer's."""
        return f"{number} balance"[:64] if self._profile.balances and number else number

    def _lines(self, found: Credited, read: Callable[[str, Callable[[str], Any]], Any]) -> Read:
        if "lines" not in self._where or found.gives_minor != found.minor:
            return Read(())
        decimal, thousands = self._profile.decimal, self._profile.thousands
        return read("lines", lambda text: read_lines(text, found.minor, found.currency, decimal, thousands)) or Read(())

    def _currency(self, text: str) -> str:
        code = text.strip().upper() or self._usual
        exponent(code)
        return code

    def _minor(self, text: str, currency: str) -> int:
        """A credit is a credit, whether its program writes it above zero or below."""
        said = text.strip().removeprefix("-")
        return read_amount(said, currency, self._profile.decimal, self._profile.thousands, of="credit") if currency else 0

    def _left(self, text: str, currency: str, minor: int) -> int | None:
        if "left" not in self._where:
            return None
        said = text.strip().removeprefix("-")
        if not said.strip("0.,"):  # nothing, or a written zero
            return 0
        left = self._minor(said, currency)
        if left > minor:
            raise No(f"{said!r} is left of it, and that is more than it gives.")
        return left

    def _day(self, text: str) -> date:
        """A balance is of the day on which it is taken over, where no column says another."""
        if self._profile.balances and "issued" not in self._where:
            return self._today
        if not text.strip():
            raise No("The date is missing.")
        day: date = self._dates(text.strip())
        if day > self._today:
            raise No(f"{day} is still to come; a credit note is taken over once it is written.")
        return day


def _address(text: str) -> str:
    written = text.strip()
    if written:
        checked_address(written)
    return written
