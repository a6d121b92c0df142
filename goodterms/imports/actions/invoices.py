"""Decides how a file of invoices is taken over: read whole, previewed, then all of it in one transaction or nothing."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from goodterms.imports.actions import book, stage
from goodterms.imports.actions.frame import must_be_theirs
from goodterms.imports.file import Mended, Numbered, as_mended, digest, positions, rows
from goodterms.imports.models import Import
from goodterms.imports.profile import LINE_COLUMNS, Profile
from goodterms.imports.rules import Checker, Sieve, folded
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
    in the file is paid. `file` must be seekable.
    """
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)  # one import of a vendor after the other
    sha256 = digest(file)
    headings, numbered = rows(file, profile)
    where = positions(headings, profile)
    known_on = min(until or date.max, day_in(vendor.timezone, now))  # the last day whose payments can be known
    staged = stage.Stage(vendor, issued_until=until or date.max, known_on=known_on, now=now, headings=profile.columns)
    try:
        numbered = _shaped(as_mended(numbered, mended or {}), staged, profile, where, headings)
        staged.take(numbered, Checker(profile, where, headings, vendor.country), with_documents=not dry_run)
        answer: dict[str, Any] = {"until": until.isoformat() if until else None, "dry_run": dry_run, "imported": False}
        answer |= staged.preview()
        if dry_run or answer["bad_count"]:
            return answer
        book.write(vendor=vendor, counted=answer, by=by, on=known_on, now=now, has_parts=staged.has_parts)
        _note(vendor, PurePath(name).name[:200], sha256, known_on, answer, by, now)
        return {**answer, "imported": True}
    finally:
        staged.drop()


def _shaped(
    numbered: Iterator[Numbered], staged: stage.Stage, profile: Profile, where: dict[str, int], headings: list[str]
) -> Iterator[Numbered]:
    """The rows without those the profile leaves out, and with those of one invoice as one; most files need neither."""
    if profile.taken or profile.left_out or "open" in where:
        sieve = Sieve(profile, headings)
        staged.left_out = sieve.left_out
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
