"""Decides what goes into the letter that brings a document: its work, sum and day, the ways to act, and the paper itself."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from goodterms.delivery import frame, spoken
from goodterms.delivery.actions import Draft
from goodterms.delivery.frame import Letter, Markup
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.own_words import Voice, own_of, said_in
from goodterms.delivery.words import Wording, name_of, spoken_language
from goodterms.invoicing.carrying import Going, Papers, goes_along
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.invoicing.paper import page_of
from goodterms.invoicing.wording import frame_phrases, wording_of
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.parties.rules import Treatment, Wishes, treatment
from goodterms.values.money import Money

LEAVES_WITHIN = timedelta(days=14)
PURPOSE = "invoice"  # of its links
_END = "\n"


class Recipient(NamedTuple):
    """Who gets a document, and how they want to be written to."""

    contact_id: UUID | None
    payer_id: UUID | None
    name: str
    title: str
    address: str  # empty: not known
    wanted: Treatment


class _Voice(NamedTuple):
    words: Mapping[str, str]
    tag: str
    tone: str


def recipient_of(contact: Contact | None, customer: Customer, vendor: Vendor) -> Recipient:
    """Their own word first, then the customer's, then the vendor's habits."""
    usual = Wishes(language=vendor.language, tone=vendor.tone, country=vendor.country, timezone=vendor.timezone)
    payer = contact.payer if contact else None
    wanted = treatment(payer.wishes() if payer else Wishes(), [customer.wishes()], [usual])
    if contact is None:
        return Recipient(None, None, "", "", "", wanted)
    return Recipient(contact.id, contact.payer_id, contact.name, contact.title, payer.address if payer else "", wanted)


def channel_of(invoice: Invoice, customer: Customer, recipient: Recipient, *, is_copy: bool) -> str:
    """`email`, `post` or `portal`, as the customer prefers; nothing where there is no way to them."""
    if is_copy:
        return "email" if recipient.address else ""
    if customer.channel == "portal":
        return "portal"
    if not (invoice.on_paper or customer.channel == "post") and recipient.address:
        return "email"
    return "post" if customer.address.strip() else "email" if recipient.address else ""


def by_email(
    dispatch: Dispatch, recipient: Recipient, papers: Papers, not_before: datetime, now: datetime,
    own: Mapping[Voice, Wording],
) -> Draft:  # fmt: skip
    """The letter, with the papers attached; `own`: what vendors wrote themselves."""
    invoice, vendor = dispatch.invoice, dispatch.vendor
    going = goes_along(papers)
    page = page_for(invoice.id, recipient.payer_id, now)
    kind, language = kind_of(invoice, is_copy=dispatch.is_copy), spoken_language(recipient.wanted.language)[0]
    theirs = own_of(own, vendor.id, kind, recipient.wanted.tone, language)
    written = letter(invoice, vendor, recipient, page, going, kind, theirs)
    return Draft(
        vendors=(vendor.id,),
        payer_id=recipient.payer_id,
        kind="invoice",
        channel="email",
        recipient=recipient.address,
        recipient_name=recipient.name,
        dedupe_key=f"invoice|{dispatch.id}",
        not_before=not_before,
        expires_at=not_before + LEAVES_WITHIN,
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender_name=vendor.name,
        reply_to=vendor.email,
        attachments=going.attached,
    )


def on_paper(dispatch: Dispatch, customer: Customer, recipient: Recipient, content: bytes, now: datetime) -> Draft:
    """The paper itself, for a window envelope."""
    invoice = dispatch.invoice
    return Draft(
        vendors=(dispatch.vendor_id,),
        payer_id=recipient.payer_id,
        kind="invoice",
        channel="post",
        recipient=f"{customer.name}\n{customer.address}",
        recipient_name=recipient.name,
        dedupe_key=f"invoice|{dispatch.id}",
        not_before=now,
        subject=invoice.number,
        text="",
        html="",
        sender_name=dispatch.vendor.name,
        page=content,
    )


def page_for(invoice_id: UUID, payer_id: UUID | None, now: datetime) -> str:
    """The payer's page of a document by a link of its letter; without a payer the page asks who comes."""
    if payer_id is None:
        return page_of(invoice_id).rstrip("/")
    return f"{settings.BASE_URL}/p/{sealed(settings.SECRET_KEY, PURPOSE, Carried(invoice_id, payer_id, now))}"


def kind_of(invoice: Invoice, *, is_copy: bool) -> str:
    """Which words bring it: a copy of a credit note is one."""
    return "credit_note" if invoice.kind == "credit_note" else "copy" if is_copy else "invoice"


def letter(
    invoice: Invoice, vendor: Vendor, recipient: Recipient, page: str, going: Going, kind: str, own: Wording | None = None
) -> Letter:  # fmt: skip
    """Subject, plain text and HTML; in the vendor's `own` words where there are some."""
    language, tag = spoken_language(recipient.wanted.language)
    voice = _Voice(frame_phrases(language, recipient.wanted.tone), tag, recipient.wanted.tone)
    context = _context(invoice, vendor, recipient, voice, language)
    words = said_in(own, wording_of(kind, voice.tone, language), context)
    if not recipient.name.strip():
        words = words._replace(greeting=voice.words["greeting_unknown"])
    told = _told(invoice, vendor, words, page, voice, going)
    html = frame.page(tag, spoken.direction(tag), words.subject, vendor.name, _rows(told, voice))
    return Letter(words.subject, _text(told, voice), html)


class _Told(NamedTuple):
    """What both parts of the letter say."""

    vendor: str
    words: Wording
    work: str
    number: str
    due: str
    amount: str
    ways: list[tuple[str, str]]
    pay: tuple[str, str] | None  # where it asks for something
    attached: str
    elsewhere: str
    preferences: str


def _told(invoice: Invoice, vendor: Vendor, words: Wording, page: str, voice: _Voice, going: Going) -> _Told:
    said = voice.words
    asks = invoice.kind == "invoice" and invoice.open_minor > 0
    ways = ["see", "ask", "dispute", "time"] if asks else ["see"]
    left = _said(invoice.to_pay.minor, invoice, voice.tag)
    return _Told(
        vendor=vendor.name,
        words=words,
        work=invoice.work,
        number=said["credit_number" if invoice.kind == "credit_note" else "number"].format(number=invoice.number),
        due=_due(invoice, voice) if asks else "",
        amount=_said(invoice.total_minor, invoice, voice.tag),
        ways=[(said[way], _at(page, f"invoices/{invoice.id}/{way}")) for way in ways],
        pay=(said["pay"].format(amount=left), _at(page, f"invoices/{invoice.id}/pay")) if asks else None,
        attached=said["attached"].format(name=spoken.listed([one.name for one in going.attached], voice.tag)),
        elsewhere=said["elsewhere"].format(name=spoken.listed(going.left, voice.tag)) if going.left else "",
        preferences=_at(page, "preferences"),
    )


def _due(invoice: Invoice, voice: _Voice) -> str:
    """Its day, and why less is asked for than it comes to."""
    day = voice.words["due"].format(day=_day(invoice.due_on, voice)) if invoice.due_on else ""
    kept = invoice.to_withhold_minor
    return day + (voice.words["kept"].format(amount=_said(kept, invoice, voice.tag)) if kept else "")


def _at(page: str, way: str) -> str:
    """Without a page, as for eyes at the desk, the links lead nowhere."""
    return f"{page}/{way}" if page else "…"


def _rows(told: _Told, voice: _Voice) -> list[Markup]:
    links, words = [frame.way(url, word) for word, url in told.ways], told.words
    direction = spoken.direction(voice.tag)
    return [
        frame.said(f"{words.greeting}\n{words.opening}"),
        frame.item(told.vendor, told.work, told.number, told.due, told.amount, links, late=False, direction=direction),
        *([frame.button(told.pay[1], told.pay[0])] if told.pay else []),
        frame.said(f"{words.closing}\n{words.signature}", first=False),
        frame.small(f"{told.attached} {told.elsewhere}".strip(), frame.link(told.preferences, voice.words["preferences"])),
    ]


def _text(told: _Told, voice: _Voice) -> str:
    words = told.words
    item = [f"{told.vendor}: {told.work}" if told.work else told.vendor, f"{told.amount}. {told.number}{told.due}"]
    parts = [
        told.vendor,
        f"{words.greeting}\n{words.opening}",
        "\n".join([*item, *(f"  {word}: {url}" for word, url in told.ways)]),
        *(["\n".join(told.pay)] if told.pay else []),
        f"{words.closing}\n{words.signature}",
        f"--\n{told.attached}\n{told.elsewhere and told.elsewhere + _END}{voice.words['preferences']}: {told.preferences}",
    ]
    return "\n\n".join(parts) + "\n"


def _context(
    invoice: Invoice, vendor: Vendor, recipient: Recipient, voice: _Voice, language: str
) -> dict[str, str | bool]:  # fmt: skip
    name = name_of(recipient.name, recipient.title, language)
    person = vendor.sender or vendor.name
    first = (vendor.sender.split() or [vendor.name])[0]
    return {
        "first_name": name.first_name,
        "name": name.name,
        "formal_name": name.formal_name,
        "sender": first if voice.tone == "informal" else person,
        "work": invoice.work,
        "has_work": bool(invoice.work),
        "number": invoice.number,
        "amount": _said(invoice.total_minor, invoice, voice.tag),
        "has_due": invoice.due_on is not None and invoice.kind == "invoice",
        "due_date": _day(invoice.due_on, voice) if invoice.due_on else "",
    }


def _day(on: date, voice: _Voice) -> str:
    return spoken.day(on, voice.tag) if voice.tone == "formal" else spoken.short_day(on, voice.tag)


def _said(minor: int, invoice: Invoice, tag: str) -> str:
    return spoken.amount(Money(minor, invoice.currency), tag)
