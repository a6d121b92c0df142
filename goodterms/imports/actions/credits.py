"""Decides how a file of credit notes is taken over: held against the books whole, previewed, then all written or none."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from goodterms.imports.actions.crediting import against, books_of, customers_new, totals_of, uses_of, write
from goodterms.imports.actions.frame import Faults, checked, must_be_theirs, note, opened
from goodterms.imports.file import Mended, Numbered
from goodterms.imports.profile import Profile
from goodterms.imports.rules import CreditChecker
from goodterms.imports.rules.sieve import NO_CREDIT, LeftOut
from goodterms.invoicing.life import Role
from goodterms.parties.models import Vendor
from goodterms.values.days import day_in


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
    """Write the credit notes of a file under their own numbers, each on the invoice that it corrects or for the customer whose
    credit it is, in the order of days.

    On an invoice it settles what is open and leaves the rest to the customer, as it did elsewhere: where the file says what is
    left of it and the books would leave another sum, the file stops, since the invoice's row may have counted it as paid. One
    that corrects none is taken over with what is left of it. Nobody is written to: it was sent when it was written."""
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    shelf, left, faults = opened(file, profile, mended), LeftOut(), Faults()
    if profile.balances:
        shelf.sift(lambda rows: _below_zero(rows, shelf.where, left))
    checker = CreditChecker(profile, shelf.where, shelf.headings, day_in(vendor.timezone, now), vendor.currency)
    found = checked(shelf, checker.check, faults, left)
    books = books_of(vendor, found)
    faults.tell_each(against(found, books, profile.columns))
    new = uses_of(found, books, profile.columns, faults.tell_each, left)
    counts: dict[str, Any] = {
        "rows": shelf.read,
        "new": len(new),
        "unchanged": sum(row.number in books.documents for row in found),
    }
    counts |= {"customers": len(customers_new(new, books)), "totals": totals_of(new)}
    answer = {"holds": "credits", "dry_run": dry_run, "imported": False, **counts, **left.told(), **faults.told()}
    if dry_run or answer["bad_count"]:
        return answer
    write(vendor, new, by, role, now)
    note(vendor, "credits", name, shelf.sha256, answer, by, now)
    return {**answer, "imported": True}


def _below_zero(rows: Iterable[Numbered], where: dict[str, int], left: LeftOut) -> Iterator[Numbered]:
    """Balances of customers: what they owe and what is nothing is no credit."""
    for line, fields in rows:
        said = fields[where["amount"]].strip() if where["amount"] < len(fields) else "-"
        if said.startswith("-") and said.strip("-0.,"):
            yield line, fields
        else:
            left.leave(NO_CREDIT, line, fields[where["number"]])
