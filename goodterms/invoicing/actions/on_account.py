"""Decides how a customer is given a credit that corrects no invoice: by a credit note of its own, kept until it is spent."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions.credit_note import Sheet, Subject, entry_of, let_out, write
from goodterms.invoicing.actions.series import must_have_come
from goodterms.invoicing.life import Facts, Role, may
from goodterms.invoicing.line import Line, columns
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import TaxMethod, totals
from goodterms.ledger.actions import post
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.reading import known
from goodterms.rates.rules import Rate
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

_SOME = Facts(issued_on=date.min, due_on=date.max, total_minor=1, open_minor=1)


def credit_on_account(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    lines: Sequence[Line],
    reason: str,
    issued_on: date,
    by: str,
    role: Role,
    now: datetime,
    currency: str = "",
    method: TaxMethod = "group",
    series: str = "",
    send: bool = True,
    number: str = "",
    whole: Money | None = None,
    key: UUID | None = None,
) -> Invoice:
    """Give a customer a credit of `lines`, in their currency unless another is named. Nothing is settled by it: it is kept for
    them until it is spent on an invoice of theirs in its currency (payments.allocate_credit).

    `key`: of the note to be, so that a form sent twice gives one credit. `number`: of one that was written elsewhere, which
    has its paper and its letter from there; `whole` is then what it gave, where less is left of it."""
    may_give(role, issued_on)
    vendor, customer = Vendor.objects.get(id=vendor_id), _customer(vendor_id, customer_id)
    if key is not None and (there := Invoice.objects.filter(id=key, customer=customer, kind="credit_note").first()):
        return there
    must_have_come(issued_on, now, "A credit note")
    if not reason.strip():
        raise Refused("Say why they get a credit; it stands on the credit note.", code="reason", field="reason")
    unit = currency or customer.currency
    sheet, rate = given_sheet(unit, lines, method), _rate(vendor, unit, issued_on, must=not number)
    of = Subject(vendor, customer, unit, rate, key=key, beside=said_of(method, whole))
    note = write(of, sheet, reason.strip(), issued_on, by, series, number, now)
    post(vendor_id=vendor_id, entries=[entry_of(note)], now=now)
    data = {"number": note.number, "total_minor": note.total_minor, "currency": unit, "reason": reason.strip()}
    record(at=now, deed=Deed(vendor_id, "credit.given", by, customer_id, note.id, subject_id=note.id, data=data))
    let_out(note, send=send, by=by, now=now)
    return note


def may_give(role: Role, issued_on: date) -> None:
    """Whether this role gives credits at all."""
    may("credit", _SOME, role, issued_on)


def _customer(vendor_id: UUID, customer_id: UUID) -> Customer:
    """Locked, so that one press after the other finds what the first gave."""
    found = Customer.objects.select_for_update().filter(id=customer_id, vendor_id=vendor_id).first()
    if found is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    return found


def given_sheet(currency: str, lines: Sequence[Line], method: TaxMethod) -> Sheet:
    """What these lines give back; refused where that is nothing."""
    if not lines:
        raise Refused("A credit has at least one line: what it is for, and how much.", code="line", field="lines")
    if any(line.quantity < 0 for line in lines) or not (sums := totals(currency, lines, method=method)).total:
        raise Refused("A credit note gives back more than nothing.", code="credit", field="lines")
    rows = [
        {"position": at, "net_minor": each.net.minor, **columns(line)}
        for at, (line, each) in enumerate(zip(lines, sums.lines, strict=True), 1)
    ]
    return Sheet(list(sums.groups), rows)


def _rate(vendor: Vendor, currency: str, on: date, *, must: bool) -> Rate | None:
    """Of its own day, for there is no invoice whose rate it could have; one from elsewhere may wait for it."""
    if currency == vendor.currency:
        return None
    book = known(vendor_id=vendor.id, currencies=[vendor.currency, currency], first_on=on)
    return book.must(currency, vendor.currency, on) if must else book.find(currency, vendor.currency, on)


def said_of(method: TaxMethod, whole: Money | None) -> dict[str, Any]:
    """What the document of such a note says besides."""
    return {"method": method, **({"whole_minor": whole.minor} if whole else {})}
