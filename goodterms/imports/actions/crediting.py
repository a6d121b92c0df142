"""Decides how credit notes of a file are held against the books, what each is used for, and how they are written."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.imports.rules import Bad, Credited
from goodterms.imports.rules.credits import REASON
from goodterms.imports.rules.sieve import USED, LeftOut
from goodterms.invoicing.actions import Elsewhere, take_over_credits
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.actions import add_contact, add_customer
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.keeping import left_of_notes
from goodterms.values.money import Money

Columns = Mapping[str, str]  # our words to the file's headings


class Books(NamedTuple):
    """What the books know of what a file names: documents by number, by invoice what is credited, by credit note what is left
    of it, and which customers are there."""

    documents: dict[str, Invoice]
    credited: dict[str, int]
    left: dict[str, int]
    customers: frozenset[str]


class Use(NamedTuple):
    """A credit note that is to be written, and how much of it its invoice takes."""

    row: Credited
    settles_minor: int

    @property
    def gives_minor(self) -> int:
        return self.row.minor if self.row.invoice else self.row.gives_minor


def books_of(vendor: Vendor, found: Collection[Credited]) -> Books:
    """Four statements, whatever the number of rows."""
    numbers = {number for row in found for number in (row.number, row.invoice)}
    rows = Invoice.objects.filter(vendor=vendor, number__in=numbers).exclude(number="").defer("terms")
    documents = {one.number: one for one in rows.select_related("customer", "vendor", "corrects")}
    notes = Invoice.objects.filter(corrects_id__in=[one.id for one in documents.values()], kind="credit_note", voided_at=None)
    credited: dict[str, int] = defaultdict(int)
    for number, minor in notes.values_list("corrects__number", "total_minor"):
        credited[number] += minor
    left = left_of_notes([one.id for one in documents.values() if one.kind == "credit_note"])
    there = Customer.objects.filter(vendor=vendor, number__in={row.customer for row in found if row.customer})
    return Books(
        documents, credited, {one.number: left.get(one.id, 0) for one in documents.values()},
        frozenset(there.values_list("number", flat=True)),
    )  # fmt: skip


def against(found: Iterable[Credited], books: Books, columns: Columns) -> Iterator[Bad]:
    """What the rows say against each other, and those that are there against the books."""
    first: dict[str, int] = {}
    for row in found:
        if (line := first.setdefault(row.number, row.line)) != row.line:
            yield Bad(row.line, columns["number"], f"Credit note {row.number} is on line {line} already.")
        elif (there := books.documents.get(row.number)) is not None:
            yield from _changed(row, there, columns)
            yield from _used_since(row, there, books.left[row.number], columns)


def _changed(row: Credited, there: Invoice, columns: Columns) -> Iterator[Bad]:
    if there.kind != "credit_note":
        yield Bad(row.line, columns["number"], f"{row.number} is an invoice in the books, and no credit note.")
        return
    minor = there.document.get("whole_minor", there.total_minor)
    corrects = there.corrects.number if there.corrects else ""
    pairs = [
        ("amount", (row.minor, row.currency), (minor, there.currency),
         f"{Money(minor, there.currency)}"),
        ("issued", row.issued_on, there.issued_on, f"{there.issued_on}"),
        ("invoice", row.invoice, corrects, f"invoice {corrects}" if corrects else "no invoice"),
    ]  # fmt: skip
    if not row.invoice:
        pairs.append(("customer", row.customer, there.customer.number, f"customer {there.customer.number}"))
    for column, here, known, told in pairs:
        if here != known and column in columns:
            yield Bad(row.line, columns[column], f"Credit note {row.number} is in the books already, with {told} here.")


def _used_since(row: Credited, there: Invoice, left_minor: int, columns: Columns) -> Iterator[Bad]:
    """The other program spent it on an invoice that its file counts as paid by so much more: here it would be money that came,
    and the credit would still be theirs."""
    if row.invoice or row.left_minor is None or row.left_minor >= left_minor or there.kind != "credit_note":
        return
    here, file = Money(left_minor, row.currency).major, Money(row.left_minor, row.currency).major
    yield Bad(
        row.line, columns.get("left", columns["amount"]),
        f"{here} {row.currency} of credit note {row.number} are left here, and {file} in the file. Spend it here first on what"
        " it settled there, then take the file over.",
    )  # fmt: skip


def uses_of(
    found: Iterable[Credited], books: Books, columns: Columns, tell: Callable[[Iterable[Bad]], None], left: LeftOut
) -> list[Use]:  # fmt: skip
    """Those that are not there yet, in the order of days: how much of each its invoice takes. What cannot be is told, and what
    is used up is left out."""
    fresh = sorted((row for row in found if row.number not in books.documents), key=lambda row: (row.issued_on, row.line))
    uses: list[Use] = []
    for use in _uses(fresh, books, columns):
        if isinstance(use, Bad):
            tell([use])
        elif use.gives_minor:
            uses.append(use)
        else:
            left.leave(USED, use.row.line, use.row.number)
    return uses


def _uses(fresh: Iterable[Credited], books: Books, columns: Columns) -> Iterator[Use | Bad]:
    taken: dict[str, int] = defaultdict(int)  # of this file, by invoice: what settles it
    given = defaultdict(int, books.credited)
    for row in fresh:
        if not row.invoice:
            yield Use(row, 0)
            continue
        invoice = books.documents.get(row.invoice)
        why = _refusal(row, invoice, given[row.invoice])
        if why is not None or invoice is None:
            column, reason = why or ("invoice", "")
            yield Bad(row.line, columns.get(column, ""), reason)
            continue
        is_open = invoice.open_minor - taken[row.invoice]
        settles = min(row.minor, is_open)
        left = row.minor - settles
        if left != (row.left_minor or 0):
            yield Bad(row.line, columns.get("left", columns["amount"]), _unlike(row, is_open, left))
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
        still = Money(invoice.total_minor - credited, invoice.currency)
        return "amount", f"Only {still} of invoice {row.invoice} are left to credit."
    return None


def _unlike(row: Credited, is_open: int, left: int) -> str:
    """The books and the other program would use it differently."""
    here, there = Money(left, row.currency), Money(row.left_minor or 0, row.currency)
    return (
        f"Of invoice {row.invoice} {Money(is_open, row.currency)} are open, so {here} of this credit would be left, and"
        f" the file leaves {there}. Where its invoice came with what was open of it, this credit is counted there: leave the"
        " line out. Else take over credit notes before payments."
    )


def totals_of(new: Iterable[Use]) -> list[dict[str, Any]]:
    """By currency: how many, how much, what of it settles invoices and what is left to customers."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for use in new:
        one = sums[use.row.currency]
        one[0] += 1
        one[1] += use.gives_minor
        one[2] += use.settles_minor
    return [
        {"currency": currency, "credits": count, "total_minor": total, "settles_minor": settles, "left_minor": total - settles}
        for currency, (count, total, settles) in sorted(sums.items())
    ]


def customers_new(new: Iterable[Use], books: Books) -> set[str]:
    """Numbers of customers who come in with their credit."""
    return {use.row.customer for use in new if not use.row.invoice} - books.customers


def write(vendor: Vendor, new: Sequence[Use], by: str, role: Role, now: datetime) -> None:
    """By the verbs that every credit note goes through, under the number that it has; in sets."""
    numbers = {use.row.invoice or use.row.customer for use in new}
    invoices = dict(Invoice.objects.filter(vendor=vendor, number__in=numbers, kind="invoice").values_list("number", "id"))
    there = dict(Customer.objects.filter(vendor=vendor, number__in=numbers).values_list("number", "id"))
    for row, _ in new:
        if not row.invoice and row.customer not in there:
            there[row.customer] = _add(vendor, row, by, now).id
    take_over_credits(
        vendor_id=vendor.id, notes=[_elsewhere(row, invoices, there) for row, _ in new], by=by, role=role, now=now
    )


def _elsewhere(row: Credited, invoices: Mapping[str, UUID], customers: Mapping[str, UUID]) -> Elsewhere:
    amount = Money(row.gives_minor, row.currency)
    if row.invoice:
        whole = Money(row.minor, row.currency)
        return Elsewhere(row.number, row.why, row.issued_on, whole, invoice_id=invoices[row.invoice])
    return Elsewhere(
        row.number, row.why, row.issued_on, amount, customer_id=customers[row.customer], lines=_lines(row),
        method=row.read.taxed.method if row.read.taxed else "group",
        whole=Money(row.minor, row.currency) if row.gives_minor != row.minor else None,
    )  # fmt: skip


def _lines(row: Credited) -> list[Line]:
    """As they are told where they come to its sum, else the sum alone, with no tax told apart."""
    plain = Tax("O", Decimal(0), REASON)
    if not row.read.parts:
        return [Line(row.reason, Decimal(1), Money(row.gives_minor, row.currency).major, plain)]
    return [
        Line(
            one.description or REASON, one.quantity, one.price,
            Tax(one.category, one.percent, one.reason) if one.category else plain,
        )
        for one in row.read.parts
    ]  # fmt: skip


def _add(vendor: Vendor, row: Credited, by: str, now: datetime) -> Customer:
    """A customer who comes in with nothing but a credit; they are not welcomed as if they were new."""
    made = add_customer(
        vendor_id=vendor.id, number=row.customer, name=row.name or row.customer, currency=row.currency, now=now, by=by,
        via="import", welcome=False,
    )  # fmt: skip
    if row.email:
        add_contact(
            vendor_id=vendor.id, customer_id=made.id, name=row.name or row.customer, email=row.email, pays=True, now=now, by=by
        )
    return made
