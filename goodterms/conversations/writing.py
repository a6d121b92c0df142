"""Decides what goes into the letter that carries our answer: to whom, in which language and tone, and the way back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from goodterms.conversations.models import Conversation
from goodterms.delivery.actions import Draft
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.words import Name, name_of, phrases, spoken_language, wordings
from goodterms.delivery.words.note import NoteContent, note, said
from goodterms.invoicing.heading import firm_of, in_lines
from goodterms.invoicing.models import Letterhead
from goodterms.papers import letter as papers
from goodterms.papers.letterhead import To, abroad
from goodterms.papers.press import sheet
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.parties.rules import Treatment, Wishes, fold, treatment
from goodterms.values.days import day_in
from goodterms.values.money import Money

_WORDS = "goodterms.delivery.words"
PURPOSE = "answer"  # of the links in our answers


class Reader(NamedTuple):
    """Who reads our answer, and how they want to be written to. Without an address it goes on paper, or nowhere."""

    payer_id: UUID | None
    name: str
    title: str
    address: str
    on_paper: str  # the name and address lines of the customer
    wanted: Treatment

    @property
    def channel(self) -> str:
        """`email`, `post`, or nothing where nobody can be written to."""
        return "email" if self.address else "post" if self.on_paper else ""

    @property
    def called(self) -> Name:
        return name_of(self.name, self.title, spoken_language(self.wanted.language)[0])


def reader_of(thread: Conversation, customer: Customer) -> Reader:
    """Whoever asked, by payer or by name; where they are not among the people of the customer, whoever pays."""
    known = list(Contact.objects.current().filter(customer=customer).select_related("payer").order_by("id"))
    asked = [one for one in known if thread.payer_id is not None and one.payer_id == thread.payer_id]
    named = [one for one in known if fold(one.name) == fold(thread.opened_by)]
    found = next(iter([*asked, *named, *(one for one in known if one.pays)]), None)
    vendor = thread.vendor
    usual = Wishes(language=vendor.language, tone=vendor.tone, country=vendor.country, timezone=vendor.timezone)
    own = found.payer.wishes() if found and found.payer else Wishes()
    wanted = treatment(own, [customer.wishes()], [usual])
    lines = abroad(in_lines(customer.address), customer.country, vendor.country, wanted.language)
    on_paper = "\n".join([customer.name, *lines]) if lines else ""
    if found is None:
        return Reader(None, "", "", "", on_paper, wanted)
    address = found.payer.address if found.payer else found.email
    return Reader(found.payer_id, found.name, found.title, address, on_paper, wanted)


def greeting(reader: Reader) -> str:
    """How the letter begins, so that whoever answers sees it before they write."""
    language, _ = spoken_language(reader.wanted.language)
    tone = reader.wanted.tone
    if not reader.name.strip():
        return phrases(_WORDS, language, tone)["greeting_unknown"]
    words = {"sender": "", "vendor": "", "answer": "", "work": "", "number": "", **reader.called._asdict()}
    return wordings(_WORDS, language)["replied"][tone].said(words).greeting


def answer_letter(
    *, thread: Conversation, reader: Reader, dedupe_key: str, kind: str, by: str, now: datetime, not_before: datetime,
    work: str, number: str, values: Mapping[str, str | Money | date],
) -> Draft:  # fmt: skip
    """`replied` with our words, or `more_time` where the new day says it all."""
    vendor: Vendor = thread.vendor
    page = page_of(thread.id, reader.payer_id, now)
    content = NoteContent(
        kind=kind,
        language=reader.wanted.language,
        tone=reader.wanted.tone,
        name=reader.name,
        title=reader.title,
        vendor=vendor.name,
        person=by,
        values={"work": work or number, "number": number, **values},
        ways=[("answer", page)],
        preferences_url=f"{page}/preferences" if reader.payer_id else f"{settings.BASE_URL}/pay/preferences/",
    )
    written = note(content)
    return Draft(
        vendors=(thread.vendor_id,),
        payer_id=reader.payer_id,
        kind="answer",
        channel=reader.channel,
        recipient=reader.address or reader.on_paper,
        recipient_name=reader.name,
        dedupe_key=dedupe_key,
        not_before=not_before,
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender_name=vendor.name,
        reply_to=vendor.email,
        page=_printed(content, reader, vendor, day_in(vendor.timezone, now)) if reader.channel == "post" else b"",
    )


def _printed(content: NoteContent, reader: Reader, vendor: Vendor, on: date) -> bytes:
    """The same words on paper."""
    words, (name, *address) = said(content), in_lines(reader.on_paper)
    letter = papers.Said(words.subject, words.greeting, [words.opening], [], words.closing, words.signature)
    heads = Letterhead.objects.filter(vendor=vendor, ended_at=None)
    firm, to = firm_of(vendor, heads.first()), To(name, reader.name, address)
    return sheet(papers.data(firm=firm, to=to, on=on, said=letter, language=content.language))


def page_of(conversation_id: UUID, payer_id: UUID | None, now: datetime) -> str:
    """The payer's page of a conversation: by a link like that of any letter, which shows this conversation and its invoices
    after one press. Without a payer there is nobody to let in, and the page asks who comes."""
    if payer_id is None:
        return f"{settings.BASE_URL}/pay/conversations/{conversation_id}/"
    return f"{settings.BASE_URL}/p/{sealed(settings.SECRET_KEY, PURPOSE, Carried(conversation_id, payer_id, now))}"
