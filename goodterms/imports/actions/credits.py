"""Decides how a file of credit notes is taken over: held against the books whole, previewed, then all written or none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.imports.actions.frame import Faults, checked, must_be_theirs, note, opened
from goodterms.imports.file import Mended
from goodterms.imports.profile import Profile
from goodterms.imports.rules import Bad, CreditChecker, Credited
from goodterms.invoicing.actions import credit
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.values.days import day_in
from goodterms.values.money import Money


class Books(NamedTuple):
    """What the books know of what a file names: invoices and credit notes by number, and by invoice what is credited."""

    documents: dict[str, Invoice]
    credited: dict[str, int]


class Use(NamedTuple):
    """A credit note that is to be written, and how much of it its invoice takes."""

    row: Credited
    settles_minor: int


@transaction.atomic
def import_credits(
    *,
    vendor_id: UUID,
    file: BinaryIO,
    name: str,
    profile: Profile,
    by: str,
    role: Role,
    now: datetime,
    dry_run: bool = False,
    mended: Mended | None = None,
) -> dict[str, Any]:
    """Write the credit notes of a file under their own numbers, each on the invoice that it corrects, in the order of days.

    It settles what is open of its invoice and leaves the rest to the customer, as it did elsewhere: where the file says what is
    left of it and the books would leave another sum, the file stops. So nothing is counted twice that the invoice's row
    counted as paid. Nobody is written to, and no paper is made: it was sent when it was written.
    """
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    shelf = opened(file, profile, mended)
    checker = CreditChecker(profile, shelf.where, shelf.headings, day_in(vendor.timezone, now), vendor.currency)
    faults = Faults()
    found = checked(shelf, checker.check, faults)
    books = _books(vendor, found)
    faults.tell_each(_against(found, books, profile))
    fresh = sorted((row for row in found if row.number not in books.documents), key=lambda row: (row.issued_on, row.line))
    uses = list(_uses(fresh, books, profile))
    faults.tell_each(use for use in uses if isinstance(use, Bad))
    new = [use for use in uses if isinstance(use, Use)]
    counts = {"rows": shelf.read, "new": len(new), "unchanged": len(found) - len(fresh)}
    answer = {"holds": "credits", "dry_run": dry_run, "imported": False, **counts, "totals": _totals(new), **faults.told()}
    if dry_run or answer["bad_count"]:
        return answer
    for one in new:
        _write(one.row, books, by, role, now)
    note(vendor, "credits", name, shelf.sha256, answer, by, now)
    return {**answer, "imported": True}


def _books(vendor: Vendor, found: list[Credited]) -> Books:
    """Two statements, whatever the number of rows."""
    numbers = {number for row in found for number in (row.number, row.invoice)}
    rows = Invoice.objects.filter(vendor=vendor, number__in=numbers).exclude(number="").defer("terms")
    documents = {one.number: one for one in rows.select_related("customer", "corrects")}
    notes = Invoice.objects.filter(corrects_id__in=[one.id for one in documents.values()], kind="credit_note", voided_at=None)
    credited: dict[str, int] = defaultdict(int)
    for number, minor in notes.values_list("corrects__number", "total_minor"):
        credited[number] += minor
    return Books(documents, credited)


def _against(found: Iterable[Credited], books: Books, profile: Profile) -> Iterator[Bad]:
    """What the rows say against each other, and those that are there against the books."""
    first: dict[str, int] = {}
    for row in found:
        if (line := first.setdefault(row.number, row.line)) != row.line:
            yield Bad(row.line, profile.columns["number"], f"Credit note {row.number} is on line {line} already.")
        elif (there := books.documents.get(row.number)) is not None:
            yield from _changed(row, there, profile)


def _changed(row: Credited, there: Invoice, profile: Profile) -> Iterator[Bad]:
    if there.kind != "credit_note" or there.corrects is None:
        yield Bad(row.line, profile.columns["number"], f"{row.number} is an invoice in the books, and no credit note.")
        return
    pairs = (
        ("amount", (row.minor, row.currency), (there.total_minor, there.currency),
         f"{Money(there.total_minor, there.currency).major} {there.currency}"),
        ("issued", row.issued_on, there.issued_on, f"{there.issued_on}"),
        ("invoice", row.invoice, there.corrects.number, f"invoice {there.corrects.number}"),
    )  # fmt: skip
    for column, here, known, told in pairs:
        if here != known:
            yield Bad(row.line, profile.columns[column], f"Credit note {row.number} is in the books already, with {told} here.")


def _uses(fresh: Iterable[Credited], books: Books, profile: Profile) -> Iterator[Use | Bad]:
    """How much of each its invoice takes, one after the other, or why it cannot be."""
    taken: dict[str, int] = defaultdict(int)  # of this file, by invoice: what settles it
    given = defaultdict(int, books.credited)
    for row in fresh:
        invoice = books.documents.get(row.invoice)
        why = _refusal(row, invoice, given[row.invoice])
        if why is not None or invoice is None:
            column, reason = why or ("invoice", "")
            yield Bad(row.line, profile.columns.get(column, ""), reason)
            continue
        is_open = invoice.open_minor - taken[row.invoice]
        settles = min(row.minor, is_open)
        left = row.minor - settles
        if left != (row.left_minor or 0):
            yield Bad(row.line, profile.columns.get("left", profile.columns["amount"]), _unlike(row, is_open, left))
            continue
        taken[row.invoice] += settles
        given[row.invoice] += row.minor
        yield Use(row, settles)


def _refusal(row: Credited, invoice: Invoice | None, credited: int) -> tuple[str, str] | None:
    if invoice is None or invoice.issued_on is None or invoice.kind != "invoice":
        return "invoice", f"There is no invoice {row.invoice} in the books; take over invoices first."
    if invoice.voided_at is not None:
        return "invoice", f"Invoice {row.invoice} is void; nothing can be credited on it."
    if row.customer and row.customer != invoice.customer.number:
        return "customer", f"{invoice.customer.number}, and not {row.customer}, has invoice {row.invoice}."
    if row.currency != invoice.currency:
        return "currency", f"Invoice {row.invoice} is in {invoice.currency}, and this credit note in {row.currency}."
    if row.issued_on < invoice.issued_on:
        return "issued", f"Invoice {row.invoice} is of {invoice.issued_on}; a credit note is not older than its invoice."
    if row.minor > invoice.total_minor - credited:
        still = Money(invoice.total_minor - credited, invoice.currency).major
        return "amount", f"Only {still} {invoice.currency} of invoice {row.invoice} are left to credit."
    return None


def _unlike(row: Credited, is_open: int, left: int) -> str:
    """The books and the other program would use it differently."""
    here, there = Money(left, row.currency).major, Money(row.left_minor or 0, row.currency).major
    return (
        f"Of invoice {row.invoice} {Money(is_open, row.currency).major} are open, so {here} of this credit would be left, and"
        f" the file leaves {there}. Where its invoice came with what was open of it, this credit is counted there: leave the"
        " line out. Else take over credit notes before payments."
    )


def _totals(new: Iterable[Use]) -> list[dict[str, Any]]:
    """By currency: how many, how much, what of it settles invoices and what is left to customers."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, settles in new:
        one = sums[row.currency]
        one[0] += 1
        one[1] += row.minor
        one[2] += settles
    return [
        {"currency": currency, "credits": count, "total_minor": total, "settles_minor": settles, "left_minor": total - settles}
        for currency, (count, total, settles) in sorted(sums.items())
    ]


def _write(row: Credited, books: Books, by: str, role: Role, now: datetime) -> None:
    """By the verb that every credit note goes through, under the number that it has."""
    credit(
        invoice_id=books.documents[row.invoice].id, reason=row.reason, issued_on=row.issued_on, by=by, role=role, now=now,
        amount=Money(row.minor, row.currency), number=row.number,
    )  # fmt: skip
