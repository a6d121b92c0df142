"""Decides who is asked for a purchase order, how the letter says it, and which answer is taken: one number, given once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.conf import settings

from goodterms.delivery import frame, spoken
from goodterms.delivery.actions import Draft
from goodterms.delivery.frame import Letter
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.own_words import said_in
from goodterms.delivery.words import Wording, name_of, spoken_language
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.wording import frame_phrases, wording_of
from goodterms.invoicing.writing import Recipient
from goodterms.parties.models import Contact, Vendor
from goodterms.values.money import Money
from goodterms.values.refusal import Refused, to_say
from goodterms.values.typed import without_commas

PURPOSE = "order"  # of its link
OPENS_FOR = timedelta(days=60)
PATIENCE = timedelta(days=3)  # between two letters about one invoice
LONGEST = 100
EMPTY = to_say("Write the number of the purchase order, as it stands on your paper.")
NO_SUM = to_say("Write the amount as figures, like 1,250.00, or leave it empty.")
LONG = to_say("That is longer than a purchase order number. Write the number alone.")
NOT_WAITING = to_say("This invoice does not wait for a number any more. There is nothing to do.")
ANOTHER_FILE = to_say("A file of the order was given already. If it is the wrong one, write to the vendor.")
ANOTHER = to_say("Another number was given already: {number}. If it is wrong, write to the vendor.")


def supplier_of(contacts: Iterable[Contact]) -> Contact | None:
    """Who can supply it: whoever approves there, else whoever pays; one with an address before one without."""
    able = [one for one in contacts if one.approves or one.pays]
    return min(able, key=lambda one: (one.payer_id is None, not one.approves, str(one.id)), default=None)


def checked_order(written: str) -> str:
    number = " ".join(written.replace("\0", "").split())
    if not number:
        raise Refused(EMPTY, code="order", field="order_number")
    if len(number) > LONGEST:
        raise Refused(LONG, code="order", field="order_number")
    return number


def checked_amount(written: str, currency: str) -> Money | None:
    """What an order is over, before tax, as somebody types it; None where they say nothing."""
    plain = without_commas(written.replace("\0", ""))
    if not plain:
        return None
    try:
        amount = Money.of(Decimal(plain), currency) if len(plain) <= 20 else None
    except (InvalidOperation, Refused):
        amount = None
    if amount is None or amount.minor <= 0:
        raise Refused(NO_SUM, code="amount", field="amount")
    return amount


def letter_for(
    invoice: Invoice, recipient: Recipient, *, times: int, not_before: datetime, now: datetime, own: Wording | None = None
) -> Draft:
    """Asks for the number; the link opens a page on which it is written, and nothing else."""
    assert recipient.payer_id is not None
    vendor = invoice.vendor
    carried = Carried(invoice.id, recipient.payer_id, now)
    page = f"{settings.BASE_URL}/order/{sealed(settings.SECRET_KEY, PURPOSE, carried)}"
    written = letter(invoice, vendor, recipient, page, own)
    return Draft(
        vendors=(vendor.id,), payer_id=recipient.payer_id, kind="order", channel="email", recipient=recipient.address,
        recipient_name=recipient.name, dedupe_key=f"order|{invoice.id}|{times}", not_before=not_before,
        expires_at=not_before + timedelta(days=14), subject=written.subject, text=written.text, html=written.html,
        sender_name=vendor.name, reply_to=vendor.email,
    )  # fmt: skip


def letter(invoice: Invoice, vendor: Vendor, recipient: Recipient, page: str, own: Wording | None = None) -> Letter:
    """Subject, plain text and HTML; in the vendor's `own` words where there are some."""
    wanted = recipient.wanted
    language, tag = spoken_language(wanted.language)
    phrases = frame_phrases(language, wanted.tone)
    name = name_of(recipient.name, recipient.title, language)
    person, first = vendor.sender or vendor.name, (vendor.sender.split() or [vendor.name])[0]
    words = said_in(own, wording_of("order", wanted.tone, language), {
        "first_name": name.first_name, "name": name.name, "formal_name": name.formal_name, "work": invoice.work,
        "has_work": bool(invoice.work), "sender": first if wanted.tone == "informal" else person,
        "amount": spoken.amount(Money(invoice.total_minor, invoice.currency), tag),
    })  # fmt: skip
    if not recipient.name.strip():
        words = words._replace(greeting=phrases["greeting_unknown"])
    begin, end = f"{words.greeting}\n{words.opening}", f"{words.closing}\n{words.signature}"
    rows = [frame.said(begin), frame.button(page, phrases["order"]), frame.said(end, first=False)]
    text = "\n\n".join([vendor.name, begin, f"{phrases['order']}: {page}", end]) + "\n"
    return Letter(words.subject, text, frame.page(tag, spoken.direction(tag), words.subject, vendor.name, rows))
