"""Decides what the page of one invoice knows beside its document: how it stands, what settled it, and what may be done."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.plans import Known as KnownPlan
from goodterms.conversations.plans import standing_over
from goodterms.desk.door import STAFF, Visit
from goodterms.desk.invoices.drafting import sheet_of_draft
from goodterms.desk.invoices.reading import Row, rows_of
from goodterms.desk.invoices.saying import METHODS, Said, standing
from goodterms.invoicing.actions import given_up_of, left_of
from goodterms.invoicing.actions.facts import Known, known_of
from goodterms.invoicing.chosen import KEY, withholding_in
from goodterms.invoicing.life import Role, may, stage
from goodterms.invoicing.models import Hold, Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.papers.letterhead import figures
from goodterms.payments.differences import Summed, differences, summed
from goodterms.payments.keeping import Credit, kept_for
from goodterms.payments.models import Withheld
from goodterms.payments.rules import terms_of
from goodterms.rates.reading import fixed
from goodterms.rates.rules import Rate
from goodterms.stationery.sheet import Sheet, sheet_of
from goodterms.stationery.templatetags.stationery import short_day
from goodterms.terms.rules import discounts
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

# Which deeds the page offers, in this order, with the words of the button; each is asked of life.py for this role.
OFFERED = {
    "approve": "Approve", "issue": "Issue and send", "send back": "Send back to draft", "discard": "Discard",
    "credit": "Credit", "hold": "Hold reminders", "release": "Release", "write off": "Write off", "void": "Void",
}  # fmt: skip


class Settled(NamedTuple):
    """A piece of money or credit that settled so much of it; `id` is None for a credit note's own settlement."""

    id: UUID | None
    on: date
    amount: Money
    discount: Money
    let_go: Money
    withheld: Money
    source: str
    source_id: UUID | None
    is_taken_back: bool
    is_payment: bool


class Note(NamedTuple):
    """A credit note that corrects it."""

    id: UUID
    number: str
    issued_on: date
    amount: Money
    reason: str


class Mark(NamedTuple):
    """One day on the large term line; `where` is its place, `anchor` how its label stands to it."""

    where: float
    words: str
    anchor: str
    kind: str


class Drawn(NamedTuple):
    """The term line with its labels, in the measures of the design: 660 wide."""

    marks: list[Mark]
    due: float
    now: float
    vow: float | None
    over: bool
    middle: float  # of the late stretch
    days_late: int
    label: str


class Abroad(NamedTuple):
    """What a document in a foreign currency is worth in the vendor's own; `rate` is None where none is known yet."""

    rate: Rate | None
    worth: Money | None
    differences: Summed
    home: str


class Keeps(NamedTuple):
    """What is kept back of a draft for the tax office: as agreed, nothing, or this, with the percent and the name of it."""

    how: str
    percent: str
    name: str


class Whole(NamedTuple):
    """Everything of one invoice for its page."""

    invoice: Invoice
    lines: list[LineRow]
    row: Row
    said: Said
    sheet: Sheet
    stage: str
    offered: list[tuple[str, str]]
    settled: list[Settled]
    notes: list[Note]
    holds: list[Hold]
    fees: Money
    left_to_credit: Money
    seen: str  # how it stood when the page was made: a form pressed later says so
    drawn: Drawn | None
    plans: list[KnownPlan]  # that run, or wait to be decided
    given_up: Money
    rates: list[tuple[str, str]]  # tax rates with something left to credit, where there are several
    abroad: Abroad | None  # in another currency than the vendor's
    kept: list[Withheld]  # for the tax office
    credits: list[Credit]  # what its customer has to their credit in its currency, or what is left of a credit note

    @property
    def replaces(self) -> str:
        """The number of the invoice that this one was written for anew."""
        return str(self.invoice.document.get("corrects", {}).get("number", "")) if self.invoice.kind == "invoice" else ""

    @property
    def keeps(self) -> Keeps:
        held = self.invoice.document
        kept = withholding_in(held)
        if kept is None:
            return Keeps("nothing" if KEY in held else "agreed", "", "")
        return Keeps("this", f"{kept.percent.normalize():f}", kept.name)

    @property
    def total(self) -> Money:
        return Money(self.invoice.total_minor, self.invoice.currency)

    @property
    def open(self) -> Money:
        return Money(self.invoice.open_minor, self.invoice.currency)

    @property
    def to_withhold(self) -> Money:
        return Money(self.invoice.to_withhold_minor, self.invoice.currency)

    @property
    def is_partly(self) -> bool:
        return 0 < self.invoice.open_minor < self.invoice.total_minor

    @property
    def is_paid_partly(self) -> bool:
        """Money came; else what is open is less because it was credited."""
        return any(part.is_payment and not part.is_taken_back for part in self.settled)

    def may(self, verb: str) -> bool:
        return any(name == verb for name, _ in self.offered)


def whole(visit: Visit, invoice_id: UUID) -> Whole | None:
    """A constant number of queries; None where there is no invoice like that."""
    invoice = Invoice.objects.select_related("customer", "corrects").filter(id=invoice_id, vendor=visit.vendor).first()
    if invoice is None:
        return None
    lines = list(LineRow.objects.filter(invoice=invoice).order_by("position"))
    row = rows_of([invoice_id], visit.today)[0]
    known = known_of(invoice_ids=[invoice_id], today=visit.today).get(invoice_id)
    fees = _fees(invoice_id)
    given_up = given_up_of(invoice_id)
    credited = known.facts.credited_minor if known else 0
    return Whole(
        invoice=invoice,
        lines=lines,
        row=row,
        said=standing(row, visit.today, visit.vendor.timezone),
        sheet=sheet_of(invoice, lines, "en") if invoice.issued_on or not lines else sheet_of_draft(visit, invoice, lines),
        stage=stage(known.facts, visit.today) if known else "credit note",
        offered=_offered(visit, known, fees, given_up, row.order_missing and not invoice.voided_at),
        settled=_settled(invoice),
        notes=_notes(invoice_id),
        holds=list(Hold.objects.filter(invoice=invoice, ended_at=None).order_by("created_at")),
        fees=Money(fees, invoice.currency),
        left_to_credit=Money(max(0, invoice.total_minor - credited), invoice.currency),
        seen=seen_of(invoice.open_minor, credited),
        drawn=_drawn(row, visit.today),
        plans=standing_over([invoice_id]),
        given_up=Money(given_up, invoice.currency),
        rates=_rates(invoice) if known and invoice.issued_on else [],
        abroad=_abroad(visit, invoice) if invoice.issued_on and invoice.currency != visit.vendor.currency else None,
        kept=list(Withheld.objects.filter(invoice=invoice).select_related("invoice").order_by("created_at", "id")),
        credits=_credits(invoice),
    )


def _credits(invoice: Invoice) -> list[Credit]:
    if invoice.kind == "invoice" and not invoice.open_minor:
        return []
    found = kept_for(customer_ids=[invoice.customer_id])
    if invoice.kind == "credit_note":
        return [one for one in found if one.id == invoice.id]
    return [one for one in found if one.free.currency == invoice.currency]


def _abroad(visit: Visit, invoice: Invoice) -> Abroad:
    rate, home = fixed([invoice.id]).get(invoice.id), visit.vendor.currency
    found = differences(vendor_id=visit.vendor.id, invoice_id=invoice.id) if invoice.kind == "invoice" else []
    worth = rate.worth(Money(invoice.total_minor, invoice.currency)) if rate else None
    return Abroad(rate, worth, summed(found, home), home)


def seen_of(open_minor: int, credited_minor: int) -> str:
    return f"{open_minor}.{credited_minor}"


def _rates(invoice: Invoice) -> list[tuple[str, str]]:
    left = [group for group in left_of(invoice) if group.taxable.minor > 0]
    return [
        (f"{group.category}|{group.rate.normalize():f}", f"All at {group.rate.normalize():f} %, {figures(group.taxable, 'en')}")
        for group in left
    ] * (len(left) > 1)


_LATER = {"issue": [("issue later", "Issue it on another day")]}  # by whoever may issue it


def _offered(visit: Visit, known: Known | None, fees: int, given_up: int, asks_order: bool) -> list[tuple[str, str]]:
    if known is None:
        return []
    role: Role = visit.role  # type: ignore[assignment]
    by_hand = "manual" in known.reasons
    found = []
    for verb, words in OFFERED.items():
        facts = known.facts._replace(held=by_hand) if verb == "release" else known.facts
        try:
            may(verb, facts, role, visit.today)
        except Refused:
            continue
        if not (verb == "hold" and by_hand):
            found += [(verb, words), *_LATER.get(verb, ())]
    found += _beside(visit, known, {verb for verb, _ in found}, fees, given_up)
    if known.facts.issued_on is None and asks_order and visit.may(*STAFF):
        found.insert(0, ("ask order", "Ask for the purchase order"))  # without it nothing else here leads on
    return found


def _beside(visit: Visit, known: Known, may_do: set[str], fees: int, given_up: int) -> Iterator[tuple[str, str]]:
    """What follows from other deeds, or is no deed of an invoice's life."""
    keeps_books = visit.may("owner", "bookkeeper")
    if "credit" in may_do:
        yield "correct", "Correct it by a new one"
    if "approve" in may_do:
        yield "what they keep", "What they keep back for the tax office"
    if known.facts.issued_on and known.facts.open_minor and keeps_books:
        yield "tax kept", "They kept tax back"
    if given_up and keeps_books:
        yield "recover", "It came in after all"
    if fees and "write off" in may_do:
        yield "waive", "Waive the late fee"


def _settled(invoice: Invoice) -> list[Settled]:
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [invoice.id])
        return [_one(invoice.currency, *row) for row in cursor.fetchall()]


def _one(currency: str, id: UUID, on: date, *rest: Any) -> Settled:
    minor, discount, let_go, withheld, method, payment_id, number, note_id, back = rest
    source = f"Payment by {METHODS.get(method, method)}" if payment_id else f"Credit note {number}"
    paid, off, given, kept = (Money(one, currency) for one in (minor, discount, let_go, withheld))
    return Settled(id, on, paid, off, given, kept, source, payment_id or note_id, back is not None, payment_id is not None)


def _notes(invoice_id: UUID) -> list[Note]:
    found = Invoice.objects.filter(corrects_id=invoice_id, kind="credit_note", voided_at=None).exclude(issued_on=None)
    return [
        Note(one.id, one.number, one.issued_on, Money(one.total_minor, one.currency), one.document.get("reason", ""))
        for one in found.order_by("issued_on", "id")
        if one.issued_on
    ]


def _fees(invoice_id: UUID) -> int:
    """Late fees that are billed and not waived."""
    with connection.cursor() as cursor:
        cursor.execute(_FEES, [invoice_id])
        return int(cursor.fetchone()[0])


def _drawn(row: Row, today: date) -> Drawn | None:
    """Only of what is open: then issue, discount, due day, today and promise tell the whole of it."""
    if row.issued_on is None or row.due_on is None or not row.open_minor:
        return None
    total = Money(row.total_minor, row.currency)
    terms = terms_of(row.terms)
    until = [offer.until for offer in discounts(terms, row.issued_on, total, total)] if terms.discounts else []
    vow = row.promised_on
    last = max(filter(None, (row.due_on, today, vow)))
    days = max((last - row.issued_on).days, 1)

    def at(on: date) -> float:
        return round(6 + 646 * max((on - row.issued_on).days, 0) / days, 1)  # type: ignore[operator]

    due, now = at(row.due_on), at(max(today, row.issued_on))
    late = max((today - row.due_on).days, 0)
    marks = [
        Mark(at(row.issued_on), f"{short_day(row.issued_on)} issued", "start", ""),
        *(Mark(at(on), f"{short_day(on)} discount", "middle", "") for on in until[:1] if 120 < at(on) < due - 90),
        Mark(due, f"{short_day(row.due_on)} due", _anchor(due), ""),
        *([Mark(at(vow), f"{short_day(vow)} promised", _anchor(at(vow)), "s")] if vow else []),
    ]
    label = ", ".join([f"{mark.words.rpartition(' ')[2]} {mark.words.rpartition(' ')[0]}" for mark in marks])
    return Drawn(
        marks,
        due,
        now,
        at(vow) if vow else None,
        late > 0,
        round((due + now) / 2, 1),
        late,
        f"{label}, today {short_day(today)}",
    )


def _anchor(where: float) -> str:
    return "end" if where > 560 else "start" if where < 60 else "middle"


_SETTLED = """
select a.id, a.effective_on, a.minor, a.discount_minor, a.let_go_minor, a.withheld_minor, y.method, a.payment_id, n.number,
       a.credit_note_id, a.reversed_at
from payments_allocation a left join payments_payment y on y.id = a.payment_id
left join invoicing_invoice n on n.id = a.credit_note_id
where a.invoice_id = %s::uuid order by a.created_at, a.id
"""
_FEES = """
select coalesce(sum(p.minor), 0) from ledger_posting p join ledger_entry e on e.id = p.entry_id
left join ledger_entry first on first.id = e.reverses_id
where p.invoice_id = %s::uuid and p.account = 'receivable' and coalesce(first.kind, e.kind) = 'fee'
"""
