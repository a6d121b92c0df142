"""Decides what the customer's word does to an invoice that waits for it: issued, or kept waiting; and when silence counts."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions.facts import known_of
from goodterms.invoicing.actions.forewarn import take_back_letters
from goodterms.invoicing.actions.issue import issue
from goodterms.invoicing.forewarnings import OVER, TOLD, checked_words
from goodterms.invoicing.models import Forewarning, Invoice
from goodterms.parties.models import Contact
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused


class Word(NamedTuple):
    """What was said, by whom, and what came of it: the number, where it was issued at once. `is_new`: not said before."""

    row: Forewarning
    by: str
    number: str
    is_new: bool


@transaction.atomic
def agree(*, forewarning_id: UUID, payer_id: UUID, now: datetime) -> Word:
    """A contact of the customer says that it is fine. Where somebody who may wanted it issued, it is, today; what stands in the
    way of that (a missing order) leaves it to a person, and their word is kept."""
    row, who = _standing(forewarning_id, payer_id)
    if row.answer == "fine":
        return Word(row, who.name, row.invoice.number, False)
    _say(row, "fine", who.name, now, "")
    return Word(row, who.name, _issue(row, now), True)


@transaction.atomic
def object_to(*, forewarning_id: UUID, payer_id: UUID, words: str, now: datetime) -> Word:
    """A contact of the customer says what is not as agreed: the invoice goes on waiting. The same words again: nothing."""
    said = checked_words(words)
    row, who = _standing(forewarning_id, payer_id)
    if row.answer == "objected" and row.words == said:
        return Word(row, who.name, "", False)
    if row.answer == "objected":
        raise Refused(TOLD, code="told")
    _say(row, "objected", who.name, now, said)
    return Word(row, who.name, "", True)


@transaction.atomic
def let_lapse(*, vendor_id: UUID, today: date, now: datetime, most: int = 200) -> int:
    """Where the vendor chose that silence counts, and said so in the letter: issue what nobody answered until its day. How
    many were."""
    found = Forewarning.objects.waiting().filter(vendor_id=vendor_id, answer="", lapses_on__lte=today, then_issue=True)
    found = found.filter(invoice__issued_on=None, invoice__voided_at=None).exclude(invoice__approved_at=None)
    issued = 0
    for key, invoice_id in list(found.order_by("at", "id").values_list("id", "invoice_id")[:most]):
        known_of(invoice_ids=[invoice_id], today=today)  # locked first, as an answer does; then looked at once more
        row = found.filter(id=key).select_related("invoice__vendor").first()
        if row is None or row.lapses_on is None:
            continue
        why = f"No answer until {row.lapses_on - timedelta(days=1):%-d %B}, as the letter said."
        issued += bool(_issue(row, now, despite=why))
    return issued


def _issue(row: Forewarning, now: datetime, despite: str = "") -> str:
    """Its number; empty where it is left to a person."""
    invoice = row.invoice
    if not row.then_issue or invoice.approved_at is None:
        return ""
    today = day_in(invoice.vendor.timezone, now)
    try:
        with transaction.atomic():
            done = issue(
                invoice_id=invoice.id, issued_on=today, by="the clock" if despite else row.by, role="clock", now=now,
                series=row.series_code, send=row.then_send, despite=despite,
            )  # fmt: skip
    except Refused:  # a missing order, or a number that is taken: it stands at the desk as approved
        return ""
    return done.number


def _standing(forewarning_id: UUID, payer_id: UUID) -> tuple[Forewarning, Contact]:
    """Of an invoice that is not issued, locked with it, and whoever answers. The invoice first, as issuing does."""
    invoice_id = Forewarning.objects.filter(id=forewarning_id).values_list("invoice_id", flat=True).first()
    if invoice_id is not None:
        known_of(invoice_ids=[invoice_id], today=date.min)
    row = Forewarning.objects.standing().filter(id=forewarning_id).select_related("invoice__vendor").first()
    people = Contact.objects.current().filter(payer_id=payer_id)
    who = people.filter(customer_id=row.invoice.customer_id).order_by("-approves", "-pays", "id").first() if row else None
    if row is None or who is None or not _is_open(row):
        raise Refused(OVER, code="over")
    return row, who


def _is_open(row: Forewarning) -> bool:
    """It still waits; or it was just said to be fine, and the same press comes twice."""
    invoice: Invoice = row.invoice
    if invoice.voided_at is not None or row.overruled_at is not None:
        return False
    return invoice.issued_on is None or row.answer == "fine"


def _say(row: Forewarning, answer: str, by: str, now: datetime, words: str) -> None:
    row.answer, row.answered_at, row.answered_by, row.words = answer, now, by, words
    row.save(update_fields=["answer", "answered_at", "answered_by", "words"])
    take_back_letters([row.id], why="they answered", now=now)
    kind = "forewarning.agreed" if answer == "fine" else "forewarning.objected"
    invoice = row.invoice
    data = {"basis": row.basis, "about": row.about, "comes_to_minor": row.comes_to_minor, "currency": invoice.currency}
    record(
        at=now,
        deed=Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, row.payer_id, row.id, "portal", True, data),
    )
