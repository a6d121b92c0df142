"""Decides how credit notes that were written elsewhere come into the books: in sets, as if each had been written by itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import balance
from goodterms.invoicing.actions.credit_note import Sheet, Subject, built, by_sum, entries_of, keep, must_be_after
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.on_account import given_sheet, may_give, said_of
from goodterms.invoicing.actions.taking_off import taken_of
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import Standing
from goodterms.invoicing.totals import TaxMethod
from goodterms.ledger.actions import post
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.reading import fixed, known
from goodterms.values.money import Money

AT_ONCE = 1_000


class Elsewhere(NamedTuple):
    """A credit note as it was written elsewhere: of so much on an invoice, or of these lines for a customer and no invoice.
    `whole`: what it gave, where less is left of it."""

    number: str
    reason: str
    issued_on: date
    amount: Money
    invoice_id: UUID | None = None
    customer_id: UUID | None = None
    lines: Sequence[Line] = ()
    method: TaxMethod = "group"
    whole: Money | None = None


class _Written(NamedTuple):
    """A credit note about to be kept, what it says, and the invoice that it settles, as that stands."""

    note: Invoice
    of: Subject
    sheet: Sheet
    reason: str
    before: Standing | None = None

    @property
    def deed(self) -> tuple[str, UUID, dict[str, object]]:
        """Of which kind, about which document, and what is said of it."""
        note = self.note
        said = {"number": note.number, "total_minor": note.total_minor, "reason": self.reason}
        if self.before is None:
            return "credit.given", note.id, said | {"currency": note.currency}
        return "invoice.credited", self.before.invoice_id, said | {"corrects": self.before.number}


def take_over_credits(*, vendor_id: UUID, notes: Sequence[Elsewhere], by: str, role: Role, now: datetime) -> None:
    """Write them all, in the order given; a constant number of statements for each thousand. The same documents, entries and
    deeds as `credit` and `credit_on_account` would make of each, and refused alike; papers and letters they have from there."""
    vendor = Vendor.objects.get(id=vendor_id)
    for together in _rounds(notes):
        corrected = _on_invoices([one for one in together if one.invoice_id], vendor, by, role, now)
        given = _for_customers([one for one in together if not one.invoice_id], vendor, by, role, now)
        _keep([*corrected, *given], vendor_id, by, now)


def _rounds(notes: Iterable[Elsewhere]) -> Iterator[list[Elsewhere]]:
    """Of one invoice no two at once: what the second may give back hangs on what the first did."""
    rounds: list[list[Elsewhere]] = []
    turn: dict[UUID | None, int] = defaultdict(int)
    for one in notes:
        at = turn[one.invoice_id]
        turn[one.invoice_id] += one.invoice_id is not None
        rounds.extend([] for _ in range(at + 1 - len(rounds)))
        rounds[at].append(one)
    for every in rounds:
        for at in range(0, len(every), AT_ONCE):
            yield every[at : at + AT_ONCE]


def _on_invoices(wanted: Sequence[Elsewhere], vendor: Vendor, by: str, role: Role, now: datetime) -> list[_Written]:
    if not wanted:
        return []
    keys = [one.invoice_id for one in wanted if one.invoice_id]
    must(verb="credit", invoice_ids=keys, role=role, today=max(one.issued_on for one in wanted))
    standings = {one.invoice_id: one for one in balance.lock(invoice_ids=keys)}
    invoices = {one.id: one for one in Invoice.objects.filter(id__in=keys).select_related("customer", "vendor")}
    earlier, taken = _earlier(keys), taken_of(keys)
    rates = fixed([key for key, one in invoices.items() if one.currency != vendor.currency])
    written = []
    for one in wanted:
        assert one.invoice_id is not None
        invoice, before = invoices[one.invoice_id], standings[one.invoice_id]
        must_be_after(before, one.issued_on)
        sheet = by_sum(invoice, earlier.get(invoice.id, ()), taken.get(invoice.id, ()), one.amount)
        of = Subject(vendor, invoice.customer, invoice.currency, rates.get(invoice.id), invoice)
        note = built(of, sheet, one.reason, one.issued_on, by, None, one.number, now)
        written.append(_Written(note, of, sheet, one.reason, before))
    return written


def _earlier(keys: Sequence[UUID]) -> Mapping[UUID, list[Invoice]]:
    """The credit notes that these invoices have by now."""
    found: dict[UUID, list[Invoice]] = defaultdict(list)
    for note in Invoice.objects.filter(corrects_id__in=keys, kind="credit_note", voided_at=None):
        assert note.corrects_id is not None
        found[note.corrects_id].append(note)
    return found


def _for_customers(wanted: Sequence[Elsewhere], vendor: Vendor, by: str, role: Role, now: datetime) -> list[_Written]:
    if not wanted:
        return []
    may_give(role, min(one.issued_on for one in wanted))
    keys = {one.customer_id for one in wanted if one.customer_id}
    customers = {one.id: one for one in Customer.objects.filter(id__in=keys, vendor=vendor).order_by("id").select_for_update()}
    abroad = [one for one in wanted if one.amount.currency != vendor.currency]
    first_on = min((one.issued_on for one in abroad), default=date.min)
    currencies = {vendor.currency, *(one.amount.currency for one in abroad)}
    book = known(vendor_id=vendor.id, currencies=currencies, first_on=first_on) if abroad else None
    written = []
    for one in wanted:
        assert one.customer_id is not None
        unit = one.amount.currency
        rate = book.find(unit, vendor.currency, one.issued_on) if book and unit != vendor.currency else None
        of = Subject(vendor, customers[one.customer_id], unit, rate, beside=said_of(one.method, one.whole))
        sheet = given_sheet(unit, one.lines, one.method)
        written.append(_Written(built(of, sheet, one.reason, one.issued_on, by, None, one.number, now), of, sheet, one.reason))
    return written


def _keep(written: Sequence[_Written], vendor_id: UUID, by: str, now: datetime) -> None:
    keep([(one.note, one.sheet, one.of.rate) for one in written], vendor_id=vendor_id, now=now)
    booked = [entries_of(one.note, one.before) for one in written]
    balance.move(changes=[change for _, change in booked if change])
    post(vendor_id=vendor_id, entries=[entry for entries, _ in booked for entry in entries], now=now)
    record_all(
        at=now,
        deeds=[
            Deed(vendor_id, kind, by, one.note.customer_id, about, subject_id=one.note.id, data=said)
            for one in written
            for kind, about, said in [one.deed]
        ],
    )
