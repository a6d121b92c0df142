"""Decides which letters a vendor may word, what each is called, and how one looks, written out on a real document."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from goodterms.delivery.frame import Letter
from goodterms.delivery.mime import Attachment
from goodterms.delivery.wording import Kind
from goodterms.delivery.words import Wording
from goodterms.delivery.words.note import NoteContent
from goodterms.desk.reminders import examples
from goodterms.desk.reminders.examples import Example
from goodterms.invoicing import forewarnings, orders, writing
from goodterms.invoicing import wording as of_documents
from goodterms.invoicing.carrying import Going
from goodterms.invoicing.models import Forewarning
from goodterms.invoicing.paper import file_name
from goodterms.invoicing.writing import Recipient
from goodterms.parties.models import Vendor
from goodterms.relationship import wording as of_relationship
from goodterms.relationship.writing import noted, welcome_letter
from goodterms.reminders import wording as of_reminders
from goodterms.reminders.letter import Line, NoticeContent, Sender, letter
from goodterms.reminders.rules.names import NAMES
from goodterms.values.money import Money

NOWHERE = "…"  # where the links of a preview lead
DAYS = {"heads_up": -5, "due_day": 0, "first": 3, "second": 10, "promise_missed": 8, "bundle": 3}  # from the due day
_PAID = {"early": -5, "on_time": 0, "late": 8, "on_account": 0}  # days from the due day
REMINDERS: Mapping[str, str] = {kind: NAMES[kind] for kind in of_reminders.KINDS}
DOCUMENTS: Mapping[str, str] = {
    "invoice": "Invoice", "copy": "Copy of an invoice", "credit_note": "Credit note", "order": "Purchase order missing",
    "forewarning": "Before more than expected", "forewarned_again": "Before more than expected, once more",
    "welcome": "Welcome packet", "early": "Receipt, paid early", "on_time": "Receipt, on time", "late": "Receipt, paid late",
    "on_account": "Receipt, on account",
}  # fmt: skip
SAID: Mapping[str, str] = {**REMINDERS, **DOCUMENTS}


class Voice(NamedTuple):
    """Who speaks how: a letter's kind, tone and language."""

    kind: str
    tone: str
    language: str


def kind_of(name: str) -> Kind:
    """The names that its words may use."""
    found: Kind = _of(name).kind_of(name)
    return found


def house(voice: Voice) -> Wording:
    """What is said where the vendor wrote nothing."""
    found: Wording = _of(voice.kind).wording_of(*voice)
    return found


def written(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    """The letter as it would be; its links lead nowhere."""
    return (_reminder if voice.kind in REMINDERS else _MADE[voice.kind])(vendor, voice, own, on)


def example_for(vendor: Vendor, kind: str, today: date) -> Example:
    """A real document of the vendor for this kind of letter, or an invented one where there is none."""
    return examples.open_one(vendor, today) if kind in REMINDERS else examples.document(vendor, kind, today)


def _reminder(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    """On the day of its step."""
    promised = on.due_on + timedelta(days=5) if voice.kind == "promise_missed" else None
    sender, one = Sender(vendor.name, vendor.sender), on.invoice
    line = Line(sender, one.number, one.work, on.open, on.due_on, NOWHERE, NOWHERE, NOWHERE, NOWHERE, promised)
    later = line._replace(due_on=on.due_on + timedelta(days=20))
    content = NoticeContent(
        on=on.due_on + timedelta(days=DAYS[voice.kind]), language=voice.language, tone=voice.tone, kind=voice.kind,
        name=on.recipient.name, title=on.recipient.title, lines=[line, later] if voice.kind == "bundle" else [line],
        pay_url=NOWHERE, time_url=NOWHERE, preferences_url=NOWHERE, time_days=vendor.extension_days_max, wording=own,
    )  # fmt: skip
    return letter(content)


def _document(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    going = Going((Attachment(file_name(on.invoice), "application/pdf", b""),), ())
    return writing.letter(on.invoice, vendor, _to(on, voice), "", going, voice.kind, own)


def _order(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    return orders.letter(on.invoice, vendor, _to(on, voice), NOWHERE, own)


def _before(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    """As it was asked about this very invoice, or as it would be were the estimate a fifth less."""
    one = on.invoice
    net = one.net_minor or one.total_minor
    known = Forewarning.objects.filter(invoice_id=one.id).order_by("-at").first() if on.is_real else None
    made = Forewarning(basis="estimate", about=one.work, expected_minor=net * 4 // 5, comes_to_minor=net, before_minor=0)
    lines = list(one.lines.order_by("position")[: forewarnings.SHOWN]) if on.is_real else []
    return forewarnings.letter(known or made, one, vendor, lines, _to(on, voice), NOWHERE, voice.kind, own)


def _welcome(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    return welcome_letter(vendor, _to(on, voice), on.customer, "welcome.pdf", own)


def _thanks(vendor: Vendor, voice: Voice, own: Wording | None, on: Example) -> Letter:
    one, is_on_account = on.invoice, voice.kind == "on_account"
    to = _to(on, voice)
    content = NoteContent(
        kind="receipt", language=voice.language, tone=voice.tone, name=to.name, title=to.title, vendor=vendor.name,
        person=vendor.sender, ways=[("receipt", NOWHERE)], preferences_url=NOWHERE, wording=house(voice),
        values={
            "amount": Money(one.total_minor, one.currency), "paid_on": on.due_on + timedelta(days=_PAID[voice.kind]),
            "work": "" if is_on_account else one.work, "number": "" if is_on_account else one.number,
        },
    )  # fmt: skip
    return noted(content, own)


def _to(on: Example, voice: Voice) -> Recipient:
    return on.recipient._replace(wanted=on.recipient.wanted._replace(language=voice.language, tone=voice.tone))


def _of(kind: str) -> Any:
    """The context whose letter it is."""
    return of_reminders if kind in REMINDERS else of_relationship if kind in of_relationship.KINDS else of_documents


_MADE: Mapping[str, Callable[[Vendor, Voice, Wording | None, Example], Letter]] = {
    "invoice": _document, "copy": _document, "credit_note": _document, "order": _order, "welcome": _welcome,
    **dict.fromkeys(of_documents.BEFORE, _before),
    **dict.fromkeys(of_relationship.THANKS, _thanks),
}  # fmt: skip
