"""Decides how a file of invoices is taken over: read whole, previewed, then all of it in one transaction or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection, transaction

from goodterms.imports.actions import book, crediting, stage
from goodterms.imports.actions.frame import must_be_theirs
from goodterms.imports.file import Mended, Numbered, as_mended, digest, positions, rows
from goodterms.imports.models import Import
from goodterms.imports.profile import COLUMNS_OF, LINE_COLUMNS, Profile
from goodterms.imports.rules import Bad, Checker, CreditChecker, Sieve, folded
from goodterms.imports.rules.sieve import LATER
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.parties.models import Vendor
from goodterms.payments.actions import reading
from goodterms.values.days import day_in
from goodterms.values.keys import new_key


@transaction.atomic
def import_invoices(
    *,
    vendor_id: UUID,
    file: BinaryIO,
    name: str,
    profile: Profile,
    by: str,
    role: Role,
    now: datetime,
    until: date | None = None,
    dry_run: bool = False,
    mended: Mended | None = None,
) -> dict[str, Any]:
    """Take over the invoices of a file, with their customers, contacts and payments; the answer says what it holds.

    With `until` only what was known at the end of that day is taken: invoices issued by then, payments received by then.
    Bad rows: nothing is written, `imported` is false and `bad` names each by line, column and reason (at most 1,000; all
    are counted in `bad_count`). What a person mended stands in for what the file says. A file that is no table, or lacks a
    column, is refused. What is in the books already and the same is left as it is; an invoice that is open there and settled
    in the file is paid. Rows that are credit notes are kept for their customers. `file` must be seekable."""
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)  # one import of a vendor after the other
    sha256, (headings, numbered) = digest(file), rows(file, profile)
    where = positions(headings, profile)
    known_on = min(until or date.max, day_in(vendor.timezone, now))  # the last day whose payments can be known
    staged = stage.Stage(vendor, issued_until=until or date.max, known_on=known_on, now=now, headings=profile.columns)
    beside = _Beside(vendor, profile, headings, where, until or date.max, day_in(vendor.timezone, now))
    try:
        numbered = _shaped(as_mended(numbered, mended or {}), staged, beside, profile, where, headings)
        checker = Checker(profile, where, headings, vendor.country)
        staged.take(numbered, checker, with_documents=not dry_run, aside=lambda: len(beside.rows))
        answer = {"until": until and until.isoformat(), "dry_run": dry_run, "imported": False} | beside.told(staged)
        if dry_run or answer["bad_count"]:
            return answer
        book.write(vendor=vendor, counted=answer, by=by, on=known_on, now=now, has_parts=staged.has_parts)
        crediting.write(vendor, beside.new, by, role, now)
        _note(vendor, PurePath(name).name[:200], sha256, known_on, answer, by, now)
        return {**answer, "imported": True}
    finally:
        staged.drop()


class _Beside:
    """The credit notes in a file of invoices: its rows of another kind, read by the same columns."""

    def __init__(
        self, vendor: Vendor, profile: Profile, headings: list[str], where: dict[str, int], until: date, today: date
    ) -> None:
        self.rows: list[Numbered] = []  # as the sieve puts them aside
        self.new: list[crediting.Use] = []
        self.known = self.count = 0
        self._vendor, self._until, self._today = vendor, until, today
        self._headings, self._where = list(headings), dict(where)
        columns = {word: name for word, name in profile.columns.items() if word in COLUMNS_OF["credits"]}
        if "open" in profile.columns:
            columns["left"] = profile.columns["open"]
        self._profile = replace(profile, holds="credits", columns=columns) if profile.credits else profile
        self._books: crediting.Books | None = None

    def told(self, staged: stage.Stage) -> dict[str, Any]:
        """What is counted of the invoices, and of these."""
        self._read(staged)
        counted = staged.preview()
        strangers = crediting.customers_new(self.new, self._books) - _staged_customers() if self._books else set()
        both = {"rows": counted["rows"] + self.count, "customers": counted["customers"] + len(strangers)}
        mine = {"credits": crediting.totals_of(self.new), "credits_new": len(self.new), "credits_known": self.known}
        return counted | both | mine

    def _read(self, staged: stage.Stage) -> None:
        """Check them, hold them against the books and against the invoices of the file."""
        if not self.rows:
            return
        where = {word: self._headings.index(name) for word, name in self._profile.columns.items()}
        rows: Iterator[Numbered] = iter(self.rows)
        headings = list(self._headings)
        if set(LINE_COLUMNS) & set(self._where):
            rows = folded(rows, self._where, self._headings, staged.tell)
            where["lines"] = len(headings)
            headings.append("lines")
        checker = CreditChecker(self._profile, where, headings, self._today, self._vendor.currency)
        found = []
        for self.count, (line, fields) in enumerate(rows, 1):
            row = checker.check(line, fields)
            if isinstance(row, list):
                staged.tell(row)
            elif row.issued_on > self._until:
                staged.left_out.name(row.line, row.number, LATER)
            else:
                found.append(row)
        self._hold_against(found, staged)

    def _hold_against(self, found: list[Any], staged: stage.Stage) -> None:
        books, columns = crediting.books_of(self._vendor, found), self._profile.columns
        for bad in crediting.against(found, books, columns):
            staged.tell([bad])
        lines = _staged_lines([row.number for row in found])
        for row in found:
            if line := lines.get(row.number):
                staged.tell([Bad(row.line, columns["number"], f"Number {row.number} is on line {line} already.")])
        self.new = crediting.uses_of(found, books, columns, lambda bad: staged.tell(list(bad)), staged.left_out)
        self.known = sum(row.number in books.documents for row in found)
        self._books = books


def _staged_lines(numbers: list[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select number, min(line) from import_row where number = any(%s) group by number", [numbers])
        return dict(cursor.fetchall())


def _staged_customers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select distinct customer from import_row")
        return {customer for (customer,) in cursor.fetchall()}


def _shaped(
    numbered: Iterator[Numbered], staged: stage.Stage, beside: _Beside, profile: Profile, where: dict[str, int],
    headings: list[str],
) -> Iterator[Numbered]:  # fmt: skip
    """The rows without those the profile leaves out, and with those of one invoice as one; most files need neither."""
    if profile.taken or profile.left_out or profile.credits or "open" in where:
        sieve = Sieve(profile, headings, staged.left_out)
        beside.rows = sieve.credits
        numbered = sieve.through(numbered, staged.tell)
    if set(LINE_COLUMNS) & set(where):
        numbered = folded(numbered, dict(where), list(headings), staged.tell)
        where["lines"] = len(headings)
        headings.append("lines")
    return numbered


def _note(vendor: Vendor, name: str, sha256: bytes, known_on: date, answer: dict[str, Any], by: str, now: datetime) -> None:
    """What was taken over, and until which day payments are known now."""
    source = Import(
        id=new_key(now), vendor=vendor, kind="invoices", name=name, sha256=sha256, known_until_on=known_on, rows=answer["rows"],
        added=answer["new"], by=by, at=now,
    )  # fmt: skip
    source.save(force_insert=True)
    reading(vendor_id=vendor.id, source="import", known_until_on=known_on, by=by, now=now)
    counts = {word: answer[word] for word in ("rows", "new", "unchanged", "settled_since")}
    record(at=now, deed=Deed(vendor.id, "invoices.imported", by, subject_id=source.id, channel="import", data=counts))
