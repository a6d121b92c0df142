"""Decides how a customer is asked before an invoice that is more than they expect: whom, in which words, and until when."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.conf import settings

from goodterms.delivery import frame, spoken
from goodterms.delivery.actions import Draft
from goodterms.delivery.frame import Letter
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.own_words import Voice, own_of, said_in
from goodterms.delivery.words import Wording, name_of, spoken_language
from goodterms.invoicing.models import Forewarning, Invoice, Line
from goodterms.invoicing.wording import BEFORE as KINDS
from goodterms.invoicing.wording import frame_phrases, wording_of
from goodterms.invoicing.writing import Recipient
from goodterms.parties.models import Vendor
from goodterms.values.money import Money
from goodterms.values.refusal import Refused, to_say

PURPOSE = "before"  # of its link
OPENS_FOR = timedelta(days=60)
PATIENCE = timedelta(days=4)  # before the one reminder
SHOWN = 12  # lines that the letter names; the page has them all
LONGEST = 10_000  # of their words
OVER = to_say("Nothing waits for your word any more: this was changed, sent or taken back. There is nothing to do.")
EMPTY = to_say("Write what is not as agreed, in a few words.")
LONG = to_say("This is longer than {most} characters.")
_HOUSE: Mapping[Voice, Wording] = MappingProxyType({})
TOLD = to_say("You have told them already. Their answer comes by e-mail, and you can reply to it there.")


def checked_words(written: str) -> str:
    words = written.replace("\0", "").strip()
    if not words:
        raise Refused(EMPTY, code="words", field="words")
    if len(words) > LONGEST:
        raise Refused(LONG, code="words", field="words", most=LONGEST)
    return words


def letter_for(
    row: Forewarning, invoice: Invoice, lines: Sequence[Line], recipient: Recipient, *, not_before: datetime, now: datetime,
    again: bool = False, own: Mapping[Voice, Wording] = _HOUSE,
) -> Draft:  # fmt: skip
    """The letter with its link, which opens a page with the lines, on which they say that it is fine, or what is not as agreed.
    `own`: what vendors wrote themselves."""
    assert recipient.payer_id is not None
    vendor, kind, wanted = invoice.vendor, KINDS[again], recipient.wanted
    page = f"{settings.BASE_URL}/before/{sealed(settings.SECRET_KEY, PURPOSE, Carried(row.id, recipient.payer_id, now))}"
    theirs = own_of(own, vendor.id, kind, wanted.tone, spoken_language(wanted.language)[0])
    written = letter(row, invoice, vendor, lines, recipient, page, kind, theirs)
    return Draft(
        vendors=(vendor.id,), payer_id=recipient.payer_id, kind="forewarning", channel="email", recipient=recipient.address,
        recipient_name=recipient.name, dedupe_key=f"{kind}|{row.id}", not_before=not_before,
        expires_at=not_before + timedelta(days=14), subject=written.subject, text=written.text, html=written.html,
        sender_name=vendor.name, reply_to=vendor.email,
    )  # fmt: skip


def letter(
    row: Forewarning, invoice: Invoice, vendor: Vendor, lines: Sequence[Line], recipient: Recipient, page: str, kind: str,
    own: Wording | None = None,
) -> Letter:  # fmt: skip
    """What it comes to, what was expected and by how much it is more; in the vendor's `own` words where there are some."""
    wanted = recipient.wanted
    language, tag = spoken_language(wanted.language)
    phrases = frame_phrases(language, wanted.tone)
    context = _context(row, invoice, vendor, recipient, tag, language)
    words = said_in(own, wording_of(kind, wanted.tone, language), context)
    if not recipient.name.strip():
        words = words._replace(greeting=phrases["greeting_unknown"])
    begin, end = f"{words.greeting}\n{words.opening}", f"{words.closing}\n{words.signature}"
    told = _lines(lines, invoice.currency, tag, phrases["more_lines"])
    rows = [frame.said(begin), frame.said(told, first=False), frame.button(page, phrases["before"]),
            frame.said(end, first=False)]  # fmt: skip
    text = "\n\n".join([vendor.name, begin, *([told] if told else []), f"{phrases['before']}: {page}", end]) + "\n"
    return Letter(words.subject, text, frame.page(tag, spoken.direction(tag), words.subject, vendor.name, rows))


def lapses_on(today: date, silence_days: int | None) -> date | None:
    """The first day on which silence counts as a yes, where the vendor has chosen so; the letter names the day before."""
    return None if silence_days is None else today + timedelta(days=silence_days + 1)


def more_of(row: Forewarning, currency: str) -> Money:
    return Money(row.comes_to_minor - row.expected_minor, currency)


def more_percent(row: Forewarning) -> int | None:
    """In whole per cent; None where nothing was expected."""
    return round(100 * (row.comes_to_minor - row.expected_minor) / row.expected_minor) if row.expected_minor else None


def _context(
    row: Forewarning, invoice: Invoice, vendor: Vendor, recipient: Recipient, tag: str, language: str
) -> dict[str, str | bool]:  # fmt: skip
    name = name_of(recipient.name, recipient.title, language)
    person, first = vendor.sender or vendor.name, (vendor.sender.split() or [vendor.name])[0]

    def said(minor: int) -> str:
        return spoken.amount(Money(minor, invoice.currency), tag)

    return {
        "first_name": name.first_name, "name": name.name, "formal_name": name.formal_name, "work": invoice.work,
        "has_work": bool(invoice.work), "sender": first if recipient.wanted.tone == "informal" else person,
        "net": said(invoice.net_minor), "is_estimate": row.basis == "estimate", "is_order": row.basis == "order",
        "about": row.about, "expected": said(row.expected_minor), "has_before": row.before_minor > 0,
        "before": said(row.before_minor), "comes_to": said(row.comes_to_minor),
        "more": said(row.comes_to_minor - row.expected_minor), "has_note": bool(row.note), "note": row.note,
        "has_until": row.lapses_on is not None,
        "until": spoken.day(row.lapses_on - timedelta(days=1), tag) if row.lapses_on else "",
    }  # fmt: skip


def _lines(lines: Sequence[Line], currency: str, tag: str, more: str) -> str:
    told = [f"{line.description}: {spoken.amount(Money(line.net_minor, currency), tag)}" for line in lines[:SHOWN]]
    left = len(lines) - len(told)
    return "\n".join([*told, *([more.format(count=left)] if left > 0 else [])])
