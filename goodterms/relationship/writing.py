"""Decides what goes into the letters of a relationship: a welcome, thanks with a receipt, and our one question."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from goodterms.delivery import frame, spoken
from goodterms.delivery.actions import Draft
from goodterms.delivery.mime import Attachment
from goodterms.delivery.own_words import Voice, own_of, said_in
from goodterms.delivery.spoken import listed
from goodterms.delivery.words import Wording, name_of, phrases, spoken_language
from goodterms.delivery.words.note import NoteContent, note, said
from goodterms.invoicing.wording import frame_phrases
from goodterms.invoicing.writing import Recipient
from goodterms.parties.models import Vendor
from goodterms.relationship.rules import ANSWERS, THANKS_WITHIN_DAYS, timing
from goodterms.relationship.wording import thanks, wording_of
from goodterms.reminders.rules import PayerFacts
from goodterms.reminders.rules.courtesy import hours_of
from goodterms.reminders.token import link_token
from goodterms.values.days import day_in, instant
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Settled(NamedTuple):
    """An invoice that a payment settled, all of it or in part; `due_on` as agreed, or later where time was granted."""

    number: str
    work: str
    due_on: date


class Paid(NamedTuple):
    """A payment, who made it, and to whom."""

    payment_id: UUID
    vendor_id: UUID
    customer_id: UUID
    currency: str
    minor: int
    received_on: date
    payer_id: UUID | None
    address: str  # empty: not known
    name: str
    title: str
    post_address: str  # the name and address lines of the customer
    is_on_paper: bool
    vendor: str
    sender: str
    reply_to: str

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


def receipt(
    paid: Paid, settled: Sequence[Settled], payer: PayerFacts, content: bytes, now: datetime, own: Mapping[Voice, Wording]
) -> Draft:
    """Thanks for a payment, in the payer's tone and language, with the receipt as PDF. It says nothing of what else is open.
    `own`: what vendors wrote themselves."""
    attached = Attachment(f"receipt-{paid.received_on}.pdf", "application/pdf", content)
    written = _thanked(paid, settled, payer, own)
    return Draft(
        vendors=(paid.vendor_id,),
        payer_id=paid.payer_id,
        kind="receipt",
        channel="post" if paid.is_on_paper else "email",
        recipient=paid.post_address if paid.is_on_paper else paid.address,
        recipient_name=paid.name,
        dedupe_key=f"receipt|{paid.payment_id}",
        not_before=now,
        expires_at=now + timedelta(days=THANKS_WITHIN_DAYS),
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender_name=paid.vendor,
        reply_to=paid.reply_to,
        attachments=() if paid.is_on_paper else (attached,),
        page=content if paid.is_on_paper else b"",
    )


def greeting(paid: Paid, settled: Sequence[Settled], payer: PayerFacts, own: Mapping[Voice, Wording]) -> str:
    """Of the letter of thanks, for the receipt that comes with it."""
    content, theirs = _thanks(paid, settled, payer), _own(paid, settled, payer, own)
    if theirs is not None:
        try:
            return said(content._replace(wording=theirs)).greeting
        except Refused:
            pass
    return said(content).greeting


def _thanked(paid: Paid, settled: Sequence[Settled], payer: PayerFacts, own: Mapping[Voice, Wording]) -> frame.Letter:
    return noted(_thanks(paid, settled, payer), _own(paid, settled, payer, own))


def _own(paid: Paid, settled: Sequence[Settled], payer: PayerFacts, own: Mapping[Voice, Wording]) -> Wording | None:
    """The vendor's words for it, where there are some."""
    when = timing(paid.received_on, [one.due_on for one in settled])
    return own_of(own, paid.vendor_id, when, payer.tone, spoken_language(payer.language)[0])


def _thanks(paid: Paid, settled: Sequence[Settled], payer: PayerFacts) -> NoteContent:
    """In the house's words."""
    when = timing(paid.received_on, [one.due_on for one in settled])
    page = _page("receipt", paid.payment_id)
    return NoteContent(
        kind="receipt",
        language=payer.language,
        tone=payer.tone,
        name=paid.name,
        title=paid.title,
        vendor=paid.vendor,
        person=paid.sender,
        values={"amount": paid.amount, "paid_on": paid.received_on, **_work(settled, payer.language)},
        ways=[("receipt", page)],
        preferences_url=f"{page}/preferences",
        wording=thanks(when, payer.tone, payer.language),
    )


def noted(content: NoteContent, own: Wording | None) -> frame.Letter:
    """In the vendor's own words where there are some and they can be written out, else in the house's."""
    if own is not None:
        try:
            return note(content._replace(wording=own))
        except Refused:
            pass
    return note(content)


def question(feedback_id: UUID, paid: Paid, settled: Sequence[Settled], payer: PayerFacts, now: datetime) -> Draft:
    """Our one question about what was paid for, with an answer behind each link. Not later than the payer's hours today."""
    page = _page("feedback", feedback_id)
    values = _work(settled, payer.language)
    written = note(
        NoteContent(
            kind="satisfaction",
            language=payer.language,
            tone=payer.tone,
            name=paid.name,
            title=paid.title,
            vendor=paid.vendor,
            person=paid.sender,
            values={"number": values["number"], "work": values["work"] or values["number"]},
            ways=[(answer, f"{page}/{answer}") for answer in ANSWERS],
            preferences_url=f"{page}/preferences",
        )
    )
    return Draft(
        vendors=(paid.vendor_id,),
        payer_id=paid.payer_id,
        kind="satisfaction",
        channel="email",
        recipient=paid.address,
        recipient_name=paid.name,
        dedupe_key=f"satisfaction|{feedback_id}",
        not_before=now,
        expires_at=instant(day_in(payer.timezone, now), hours_of(payer)[1], payer.timezone),
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender_name=paid.vendor,
        reply_to=paid.reply_to,
        unsubscribe_url=f"{page}/stop",
    )


def welcome_letter(
    vendor: Vendor, recipient: Recipient, customer: str, file: str, own: Wording | None = None
) -> frame.Letter:  # fmt: skip
    """The letter with which the packet comes, in the vendor's `own` words where there are some; a link to their page."""
    tone = recipient.wanted.tone
    language, tag = spoken_language(recipient.wanted.language)
    around = {**frame_phrases(language, tone), **phrases("goodterms.delivery.words", language, tone)}
    person, name = vendor.sender or vendor.name, name_of(recipient.name, recipient.title, language)
    context = {
        "first_name": name.first_name, "name": name.name, "formal_name": name.formal_name, "vendor": vendor.name,
        "sender": (vendor.sender.split() or [vendor.name])[0] if tone == "informal" else person, "customer": customer,
    }  # fmt: skip
    words = said_in(own, wording_of("welcome", tone, language), context)
    if not recipient.name.strip():
        words = words._replace(greeting=around["greeting_unknown"])
    begin, end = f"{words.greeting}\n{words.opening}", f"{words.closing}\n{words.signature}"
    attached, page = around["attached"].format(name=file), f"{settings.BASE_URL}/pay/"
    rows = [
        frame.said(begin),
        frame.links([frame.way(page, around["portal"])]),
        frame.said(end, first=False),
        frame.small(attached, frame.link(f"{page}preferences/", around["preferences"])),
    ]
    small = f"--\n{attached}\n{around['preferences']}: {page}preferences/"
    text = "\n\n".join([vendor.name, begin, f"{around['portal']}: {page}", end, small]) + "\n"
    return frame.Letter(words.subject, text, frame.page(tag, spoken.direction(tag), words.subject, vendor.name, rows))


def _work(settled: Sequence[Settled], language: str) -> dict[str, str]:
    """What was paid for, and its numbers, each as one list; work without a name goes by its number alone."""
    tag = spoken_language(language)[1]
    numbers = listed([one.number for one in settled], tag)
    named = all(one.work for one in settled)
    return {"number": numbers, "work": listed(list(dict.fromkeys(one.work for one in settled)), tag) if named else ""}


def _page(kind: str, id: UUID) -> str:
    """An address that names its row and proves that we wrote it."""
    return f"{settings.BASE_URL}/{kind}/{id}/{link_token(settings.SECRET_KEY, id)}"
