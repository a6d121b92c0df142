"""Decides how a file of payments is taken over: held against the books whole, previewed, then all recorded or none."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.imports.actions.frame import Faults, checked, must_be_theirs, note, opened
from goodterms.imports.file import Mended
from goodterms.imports.profile import Profile
from goodterms.imports.rules import Bad, Paid, PaymentChecker
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import Incoming, record_many
from goodterms.payments.models import Payment
from goodterms.payments.withholding import Certificate, Kept
from goodterms.values.days import day_in
from goodterms.values.money import Money


class Books(NamedTuple):
    """What the books know of what a file names: customers by number, invoices by number, payments by key."""

    customers: dict[str, UUID]
    invoices: dict[str, Invoice]
    payments: dict[str, Payment]


class Booking(NamedTuple):
    """A payment that is to be recorded: whose, and on which invoices."""

    paid: Paid
    customer_id: UUID
    named: list[UUID]


@transaction.atomic
def import_payments(
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
    """Record the payments of a file on the invoices it names, in the order of their days; what they do not take is kept.

    A payment that is in the books by its number, or by all that is said of it, is left as it is. One that names an invoice
    that is unknown, settled, void, of another customer or in another currency stops the file. Nobody is thanked now.
    """
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    shelf = opened(file, profile, mended)
    checker = PaymentChecker(profile, shelf.where, shelf.headings, day_in(vendor.timezone, now), vendor.currency)
    faults = Faults()
    found = checked(shelf, checker.check, faults)
    books = _books(vendor, found)
    known = set(books.payments)
    faults.tell_each(_against(found, books, profile))
    new = [] if faults.told()["bad_count"] else [_booking(row, books) for row in found if row.key not in known]
    counts = {"rows": shelf.read, "new": len(new), "unchanged": sum(row.key in known for row in found)}
    answer = {"holds": "payments", "dry_run": dry_run, "imported": False, **counts, "totals": _totals(new), **faults.told()}
    if dry_run or answer["bad_count"]:
        return answer
    _record(vendor, new, by, role, now)
    note(vendor, "payments", name, shelf.sha256, answer, by, now)
    return {**answer, "imported": True}


def _books(vendor: Vendor, found: list[Paid]) -> Books:
    """Three queries, whatever the number of rows."""
    numbers = {number for row in found for number in row.invoices}
    invoices = Invoice.objects.filter(vendor=vendor, number__in=numbers).defer("document", "terms").select_related("customer")
    customers = Customer.objects.filter(vendor=vendor, number__in={row.customer for row in found})
    payments = Payment.objects.filter(vendor=vendor, idempotency_key__in={row.key for row in found}).select_related("customer")
    return Books(
        dict(customers.values_list("number", "id")),
        {one.number: one for one in invoices},
        {one.idempotency_key: one for one in payments},
    )


def _against(found: list[Paid], books: Books, profile: Profile) -> Iterator[Bad]:
    """What the rows say against each other, and against the books."""
    first: dict[str, int] = {}
    for row in found:
        if (line := first.setdefault(row.key, row.line)) != row.line:
            yield Bad(row.line, profile.columns.get("number", ""), _same(row, line))
        elif row.key in books.payments:
            yield from _changed(row, books.payments[row.key], profile)
        else:
            yield from (Bad(row.line, profile.columns.get(column, ""), why) for column, why in _refusals(row, books))


def _same(row: Paid, line: int) -> str:
    if row.number:
        return f"Payment {row.number} is on line {line} already."
    return f"Line {line} says the same payment. Give each its number in a column of its own, or leave one out."


def _changed(row: Paid, there: Payment, profile: Profile) -> Iterator[Bad]:
    amount = Money(there.minor, there.currency).major
    pairs = (
        ("amount", (row.minor, row.currency), (there.minor, there.currency), f"{amount} {there.currency}"),
        ("received", row.received_on, there.received_on, there.received_on.isoformat()),
    )
    for column, here, known, told in pairs:
        if here != known:
            reason = f"Payment {row.number} is in the books already, with {told} here."
            yield Bad(row.line, profile.columns.get(column, ""), reason)


def _refusals(row: Paid, books: Books) -> Iterator[tuple[str, str]]:
    """Why a payment cannot be recorded on what it names."""
    if row.customer and row.customer not in books.customers:
        yield "customer", f"There is no customer {row.customer} in the books; take over customers or invoices first."
        return
    owners = set()
    for number in row.invoices:
        one = books.invoices.get(number)
        if one is None or one.issued_on is None or one.kind != "invoice":
            yield "invoices", f"There is no invoice {number} in the books; take over invoices first."
            continue
        owners.add(one.customer.number)
        yield from _unpayable(row, one)
    for owner in sorted(owners):
        if row.customer and owner != row.customer:
            yield "invoices", f"{owner}, and not {row.customer}, has one of these invoices."
    if not row.customer and len(owners) > 1:
        yield "invoices", f"These invoices are of several customers ({', '.join(sorted(owners))}); say whose payment it is."


def _unpayable(row: Paid, one: Invoice) -> Iterator[tuple[str, str]]:
    """Why this money cannot settle it."""
    number, is_open = one.number, Money(one.open_minor, one.currency).major
    if one.voided_at is not None:
        yield "invoices", f"Invoice {number} is void; nothing can be paid on it."
    elif one.open_minor == 0:
        yield "invoices", f"Invoice {number} is settled already. If this payment is in the books, leave the line out."
    elif one.currency != row.currency:
        yield "currency", f"Invoice {number} is in {one.currency}, and this payment in {row.currency}."
    elif (row.withheld_minor or 0) >= one.open_minor:
        yield "withheld", f"Only {is_open} of invoice {number} are open; less was kept back."


def _booking(row: Paid, books: Books) -> Booking:
    named = [books.invoices[number] for number in row.invoices]
    return Booking(row, books.customers[row.customer] if row.customer else named[0].customer_id, [one.id for one in named])


def _kept(paid: Paid, named: list[UUID]) -> dict[UUID, Kept]:
    """What the payer kept back of the one invoice that is named; nothing said: as its terms say."""
    paper = Certificate(paid.certificate, paid.certificate_on) if paid.certificate and paid.certificate_on else None
    amount = None if paid.withheld_minor is None else Money(paid.withheld_minor, paid.currency)
    return {named[0]: Kept(amount, paper)} if amount or paper else {}


def _totals(new: list[Booking]) -> list[dict[str, Any]]:
    """By currency: how many, how much, and how much of it names no invoice and is kept for its customer."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for paid, _, named in new:
        one = sums[paid.currency]
        one[0] += 1
        one[1] += paid.minor
        one[2] += 0 if named else paid.minor
        one[3] += paid.withheld_minor or 0
    return [
        {"currency": currency, "payments": count, "total_minor": total, "unnamed_minor": unnamed, "withheld_minor": kept}
        for currency, (count, total, unnamed, kept) in sorted(sums.items())
    ]


def _record(vendor: Vendor, new: list[Booking], by: str, role: Role, now: datetime) -> None:
    """By the rules that every payment goes through, so that discounts, holds and promises follow. None is thanked for: what
    was paid before the book came here was thanked for, or not, elsewhere."""
    ordered = sorted(new, key=lambda one: (one.paid.received_on, one.paid.line))
    coming = [
        Incoming(
            whose, Money(paid.minor, paid.currency), paid.received_on, paid.method, paid.key, named, paid.reference,
            _kept(paid, named),
        )
        for paid, whose, named in ordered
    ]  # fmt: skip
    record_many(vendor_id=vendor.id, payments=coming, by=by, role=role, now=now)
    keys = [one.paid.key for one in new]
    Payment.objects.filter(vendor=vendor, idempotency_key__in=keys, thanked_at=None).update(thanked_at=now)
