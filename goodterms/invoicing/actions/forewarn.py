"""Decides which invoices wait for their customer's word instead of being issued, and how they are asked, and reminded once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.delivery.actions import Draft, post, withdraw
from goodterms.delivery.models import Letter
from goodterms.delivery.own_words import Voice, own_words
from goodterms.delivery.rules import Event
from goodterms.delivery.words import Wording
from goodterms.interactions.actions import Contact as Reached
from goodterms.interactions.actions import Deed, reach, record_all, take_turns
from goodterms.interactions.models import Outreach
from goodterms.invoicing.forewarnings import PATIENCE, lapses_on, letter_for
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Forewarning, Invoice, Line
from goodterms.invoicing.orders import supplier_of
from goodterms.invoicing.rules import welcome_from
from goodterms.invoicing.surprise import Expected
from goodterms.invoicing.weighing import Weighed, projects_of, weigh
from goodterms.invoicing.wording import BEFORE as KINDS
from goodterms.invoicing.writing import Recipient, recipient_of
from goodterms.parties.models import Contact, Vendor
from goodterms.parties.rules import is_within
from goodterms.values.days import day_in
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused

REMINDED_AT_ONCE = 200


class Then(NamedTuple):
    """What somebody wanted who may: that it is issued, sent or not, in this series, once the customer says that it is fine.
    `despite`: why it is issued now, without their word."""

    by: str
    issues: bool = True
    sends: bool = True
    series: str = ""
    despite: str = ""


def hold_back(*, vendor: Vendor, drafts: Sequence[Weighed], then: Then, now: datetime) -> set[UUID]:
    """Which of these wait: their customers are asked, unless they were already. The others may be issued. The invoices are
    locked, or are new in this transaction, and stored before their forewarning is (`ask_about`)."""
    standing = {one.invoice_id: one for one in Forewarning.objects.standing().filter(invoice_id__in=_ids(drafts))}
    surprising = weigh(vendor, [draft for draft in drafts if draft.invoice.id not in standing])
    waiting = {key for key, one in standing.items() if one.answer != "fine" and one.overruled_at is None}
    if then.despite:
        _overrule(vendor, drafts, surprising, [standing[key] for key in waiting], then, now)
        return set()
    if waiting:
        Forewarning.objects.filter(invoice_id__in=waiting, ended_at=None).update(
            then_issue=then.issues, then_send=then.sends, series_code=then.series
        )
    found = {draft.invoice.id: draft.invoice for draft in drafts if draft.invoice.id in surprising}
    ask_about(vendor=vendor, invoices=found, surprising=surprising, then=then, now=now)
    return waiting | surprising.keys()


def ask_about(
    *, vendor: Vendor, invoices: Mapping[UUID, Invoice], surprising: Mapping[UUID, Expected], then: Then, now: datetime,
    note: str = "",
) -> list[Forewarning]:  # fmt: skip
    """Ask the customers of these about them: one letter each, at the hours of whoever approves there, else of whoever pays.
    Where nobody can be written to, it waits for a person."""
    if not invoices:
        return []
    today = day_in(vendor.timezone, now)
    people = _recipients(vendor, invoices.values())
    rows = [
        _row(key, vendor, one, surprising[one.id], people[one.id], then, now)
        for key, one in zip(new_keys(now, len(invoices)), invoices.values(), strict=True)
    ]
    for row in rows:
        row.note = note
        row.lapses_on = lapses_on(today, vendor.silence_days) if row.payer_id and then.issues else None
    Forewarning.objects.bulk_create(rows)
    lines = _lines_of(invoices)
    own = own_words()
    letters = [_letter(row, invoices[row.invoice_id], lines, people[row.invoice_id], now, own) for row in rows if row.payer_id]
    post(letters=letters, now=now)
    record_all(at=now, deeds=[_asked(row, invoices[row.invoice_id]) for row in rows])
    return rows


def ask_first(*, invoice_id: UUID, by: str, role: Role, now: datetime, note: str = "") -> Forewarning:
    """Ask before anybody tries to issue it, with a sentence of our own on why it is more. Refused where nothing would
    surprise them, or where they were asked."""
    if role not in ("owner", "bookkeeper", "approver"):
        raise Refused("A customer is asked by an owner, a bookkeeper or an approver. Ask one of them.", code="role")
    invoice = _waiting(invoice_id)
    if invoice is None:
        raise Refused("This invoice is issued or void, so there is nothing to ask beforehand.", code="stage")
    if Forewarning.objects.standing().filter(invoice_id=invoice_id).exists():
        raise Refused("They were asked about it already. Wait for their word, or call them.", code="asked")
    if (found := would_surprise(invoice)) is None:
        raise Refused("It is not more than they expect, so there is nothing to ask. Issue it.", code="expected")
    then = Then(by, issues=invoice.approved_at is not None)
    [row] = ask_about(
        vendor=invoice.vendor, invoices={invoice.id: invoice}, surprising={invoice.id: found}, then=then, now=now,
        note=" ".join(note.split())[:500],
    )  # fmt: skip
    return row


def would_surprise(invoice: Invoice) -> Expected | None:
    """What one invoice that is not issued departs from; at most five statements."""
    lines = Line.objects.filter(invoice_id=invoice.id).values_list("project", "net_minor")
    return weigh(invoice.vendor, [Weighed(invoice, projects_of(lines))]).get(invoice.id)


def end_forewarning(*, invoice_id: UUID, why: str, now: datetime) -> None:
    """The question is no longer asked: the draft was changed, or discarded. What was answered stands in the log."""
    rows = Forewarning.objects.standing().filter(invoice_id=invoice_id)
    keys = list(rows.values_list("id", flat=True))
    rows.update(ended_at=now, ended_why=why)
    take_back_letters(keys, why=f"the draft was {why}", now=now)


def take_back_letters(rows: Sequence[UUID], *, why: str, now: datetime) -> None:
    """A question that waits for their hours and is not asked any more does not go out."""
    names = [f"{kind}|{key}" for key in rows for kind in KINDS]
    letters = list(Letter.objects.filter(dedupe_key__in=names, is_moving=True).values_list("id", flat=True)) if names else []
    if letters:
        withdraw(letters=letters, event=Event.SUPERSEDED, reason=why, now=now)


def remind_unanswered(*, vendor_id: UUID, now: datetime) -> int:
    """Once, some days later, within the hours and the contact limits of whoever was asked; how many were."""
    found = Forewarning.objects.waiting().filter(
        vendor_id=vendor_id, answer="", reminded_at=None, at__lte=now - PATIENCE, payer_id__isnull=False
    ).select_related("invoice__customer", "invoice__vendor").order_by("at", "id")  # fmt: skip
    rows = list(found.select_for_update(of=("self",), skip_locked=True)[:REMINDED_AT_ONCE])
    take_turns(row.payer_id for row in rows)
    invoices = {row.invoice_id: row.invoice for row in rows}
    people = {one.id: person for one in invoices.values() for person in [_recipient(one, rows)] if person}
    welcome = [row for row in rows if row.invoice_id in people and _is_welcome(people[row.invoice_id], now)]
    counted = reach(
        Reached(row.id, row.payer_id, now, "email", day_in(people[row.invoice_id].wanted.timezone, now))
        for row in {row.payer_id: row for row in reversed(welcome)}.values()
        if row.payer_id
    )
    turn = [row for row in welcome if row.id in counted]
    lines = _lines_of(invoices)
    own = own_words() if turn else {}
    post(letters=[_letter(row, row.invoice, lines, people[row.invoice_id], now, own, again=True) for row in turn], now=now)
    Forewarning.objects.filter(id__in=[row.id for row in turn]).update(reminded_at=now)
    record_all(at=now, deeds=[_deed(row, row.invoice, "forewarning.reminded", "the clock", to=row.asked) for row in turn])
    return len(turn)


def _overrule(
    vendor: Vendor, drafts: Sequence[Weighed], surprising: Mapping[UUID, Expected], waiting: Sequence[Forewarning], then: Then,
    now: datetime,
) -> None:  # fmt: skip
    """Issued all the same: by whom and why stands beside what was expected, whether they were asked or not."""
    invoices = {draft.invoice.id: draft.invoice for draft in drafts}
    new = [
        _row(key, vendor, invoices[one], surprising[one], None, then, now)
        for key, one in zip(new_keys(now, len(surprising)), surprising, strict=True)
    ]
    for row in (*new, *waiting):
        row.overruled_at, row.overruled_by, row.overruled_why = now, then.by, then.despite
    Forewarning.objects.bulk_create(new)
    Forewarning.objects.bulk_update(waiting, ["overruled_at", "overruled_by", "overruled_why"])
    take_back_letters([row.id for row in waiting], why="it was issued without their word", now=now)
    deeds = [
        _deed(row, invoices[row.invoice_id], "forewarning.overruled", then.by, reason=then.despite) for row in (*new, *waiting)
    ]
    record_all(at=now, deeds=deeds)


def _row(
    key: UUID, vendor: Vendor, invoice: Invoice, found: Expected, person: Recipient | None, then: Then, now: datetime
) -> Forewarning:
    reached = person if person and person.payer_id and person.address else None
    return Forewarning(
        id=key, vendor_id=vendor.id, invoice_id=invoice.id, basis=found.basis, about=found.about, expected_minor=found.minor,
        before_minor=found.before_minor, comes_to_minor=found.comes_to_minor, net_minor=invoice.net_minor, by=then.by, at=now,
        payer_id=reached.payer_id if reached else None, asked=reached.name if reached else "", then_issue=then.issues,
        then_send=then.sends, series_code=then.series,
    )  # fmt: skip


def _recipients(vendor: Vendor, invoices: Iterable[Invoice]) -> dict[UUID, Recipient | None]:
    """By invoice: who is asked there, where their hours leave any; one statement."""
    known = list(invoices)
    people: dict[UUID, list[Contact]] = {}
    rows = Contact.objects.current().filter(customer_id__in={one.customer_id for one in known}).select_related("payer")
    for contact in rows:
        people.setdefault(contact.customer_id, []).append(contact)
    chosen = {one.id: supplier_of(people.get(one.customer_id, [])) for one in known}
    return {one.id: recipient_of(who, one.customer, vendor) if (who := chosen[one.id]) else None for one in known}


def _recipient(invoice: Invoice, rows: Sequence[Forewarning]) -> Recipient | None:
    """Whoever was asked, where they are a contact there still."""
    payer = next(row.payer_id for row in rows if row.invoice_id == invoice.id and row.payer_id)
    people = Contact.objects.current().filter(customer_id=invoice.customer_id, payer_id=payer).select_related("payer")
    contact = people.order_by("-approves", "-pays", "id").first()
    return recipient_of(contact, invoice.customer, invoice.vendor) if contact else None


def _is_welcome(person: Recipient, now: datetime) -> bool:
    """Now is one of their hours, and one more contact is within their limits, over all vendors."""
    if person.payer_id is None or welcome_from(person.wanted, now) != now:
        return False
    made = Outreach.objects.filter(payer_id=person.payer_id).values_list("at", flat=True)
    today = day_in(person.wanted.timezone, now)
    return is_within(person.wanted.limits, today, [day_in(person.wanted.timezone, at) for at in made])


def _letter(
    row: Forewarning, invoice: Invoice, lines: Mapping[UUID, Sequence[Line]], person: Recipient | None, now: datetime,
    own: Mapping[Voice, Wording], again: bool = False,
) -> Draft:  # fmt: skip
    assert person is not None
    not_before = welcome_from(person.wanted, now) or now
    return letter_for(row, invoice, lines[invoice.id], person, not_before=not_before, now=now, again=again, own=own)


def _lines_of(invoices: Iterable[UUID]) -> dict[UUID, list[Line]]:
    found: dict[UUID, list[Line]] = {key: [] for key in invoices}
    for line in Line.objects.filter(invoice_id__in=list(found)).order_by("invoice_id", "position"):
        found[line.invoice_id].append(line)
    return found


def _waiting(invoice_id: UUID) -> Invoice | None:
    rows = Invoice.objects.select_for_update(of=("self",)).filter(id=invoice_id, kind="invoice", issued_on=None, voided_at=None)
    return rows.select_related("customer", "vendor").first()


def _asked(row: Forewarning, invoice: Invoice) -> Deed:
    if row.payer_id is None:
        return _deed(row, invoice, "forewarning.unasked", row.by)
    return _deed(row, invoice, "forewarning.asked", row.by, channel="email", to=row.asked)


def _deed(row: Forewarning, invoice: Invoice, kind: str, by: str, *, channel: str = "", **said: str) -> Deed:
    data = {"basis": row.basis, "about": row.about, "expected_minor": row.expected_minor, "comes_to_minor": row.comes_to_minor,
            "currency": invoice.currency, **said}  # fmt: skip
    return Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, row.payer_id, row.id, channel, data=data)


def _ids(drafts: Iterable[Weighed]) -> list[UUID]:
    return [draft.invoice.id for draft in drafts]
