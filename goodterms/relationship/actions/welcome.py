"""Decides when a new customer gets the welcome packet: once by itself where the vendor chose so, and when a person sends it."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from goodterms.delivery.actions import Draft, post
from goodterms.delivery.mime import Attachment
from goodterms.delivery.own_words import own_of, own_words
from goodterms.delivery.words import spoken_language
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.invoicing.rules import welcome_from
from goodterms.invoicing.writing import Recipient, recipient_of
from goodterms.parties.models import Contact, Customer
from goodterms.relationship.welcome import welcome_pdf
from goodterms.relationship.writing import welcome_letter
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

AT_ONCE = 20  # packets in one transaction: some seconds of the press
BY = "the clock"
LEAVES_WITHIN = timedelta(days=14)
_MAY: tuple[Role, ...] = ("owner", "bookkeeper", "approver")


class Welcomed(NamedTuple):
    """Where the packet is on its way to."""

    letter_id: UUID
    channel: str
    to: str


@transaction.atomic
def send_welcome(*, customer_id: UUID, by: str, role: Role, now: datetime) -> Welcomed:
    """The packet, as agreed today, to whoever pays there: by e-mail with the PDF, or on paper. Once a day: whoever presses
    twice sends one. What waited to go by itself is done with it."""
    if role not in _MAY:
        raise Refused("A welcome is sent by an owner, a bookkeeper or an approver. Ask one of them.", code="role")
    customer = _locked(customer_id)
    if customer is None:
        raise Refused("There is no such customer.", code="not_found", field="customer")
    recipient = _recipient(customer)
    channel = _channel(customer, recipient)
    if not channel:
        raise Refused(
            f"Nobody who pays at {customer.name} has an e-mail address, and no address of the post is known. Add one first.",
            code="no_address",
        )
    not_before = welcome_from(recipient.wanted, now)
    if channel == "email" and not_before is None:
        raise Refused(f"The hours of {recipient.name} leave none for a letter. Call them.", code="no_hours")
    draft = _draft(customer, recipient, channel, not_before or now, now)
    posted = post(letters=[draft], now=now)
    if not posted:
        raise Refused(f"It went to {recipient.name or customer.name} today already. Nothing was sent again.", code="sent")
    if customer.welcome_waits:
        customer.welcome_waits = False
        customer.save(update_fields=["welcome_waits"])
    (letter_id,) = posted.values()
    deed = Deed(
        customer.vendor_id, "customer.welcomed", by, customer.id, None, recipient.payer_id, letter_id, channel,
        data={"to": recipient.name} if recipient.name else {},
    )  # fmt: skip
    record(at=now, deed=deed)
    return Welcomed(letter_id, channel, recipient.name or customer.name)


@transaction.atomic
def welcome_waiting(*, vendor_id: UUID, now: datetime) -> int:
    """New customers that wait for their packet and can be reached, at most AT_ONCE; returns how many letters that made."""
    pays = Contact.objects.current().filter(customer=OuterRef("id"), pays=True)
    reached = Q(Exists(pays.exclude(payer=None))) | (Q(Exists(pays)) & ~Q(address=""))
    waiting = Customer.objects.filter(reached, vendor_id=vendor_id, welcome_waits=True)
    keys = list(waiting.order_by("id").select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)[:AT_ONCE])
    for key in keys:
        try:
            with transaction.atomic():
                send_welcome(customer_id=key, by=BY, role="owner", now=now)
        except Refused as no:  # it is not asked again by itself; the log says why, and a person may send it
            Customer.objects.filter(id=key).update(welcome_waits=False)
            deed = Deed(vendor_id, "customer.not_welcomed", BY, key, data={"reason": no.sentence})
            record(at=now, deed=deed)
    return len(keys)


def _locked(customer_id: UUID) -> Customer | None:
    return Customer.objects.select_for_update(of=("self",)).select_related("vendor").filter(id=customer_id).first()


def _recipient(customer: Customer) -> Recipient:
    contact = Contact.objects.current().filter(customer=customer, pays=True).select_related("payer").first()
    return recipient_of(contact, customer, customer.vendor)


def _channel(customer: Customer, recipient: Recipient) -> str:
    """As they want their letters; whoever looks at the portal alone is told of it by e-mail."""
    if recipient.address and customer.channel != "post":
        return "email"
    return "post" if customer.address.strip() else "email" if recipient.address else ""


def _draft(customer: Customer, recipient: Recipient, channel: str, not_before: datetime, now: datetime) -> Draft:
    vendor, today = customer.vendor, day_in(customer.vendor.timezone, now)
    content = welcome_pdf(vendor=vendor, customer=customer, today=today, now=now)
    file = Attachment(f"welcome-{customer.number}.pdf", "application/pdf", content)
    language = spoken_language(recipient.wanted.language)[0]
    own = own_of(own_words(), vendor.id, "welcome", recipient.wanted.tone, language)
    written = welcome_letter(vendor, recipient, customer.name, file.name, own)
    on_paper = channel == "post"
    return Draft(
        vendors=(vendor.id,), payer_id=recipient.payer_id, kind="welcome", channel=channel,
        recipient=f"{customer.name}\n{customer.address}" if on_paper else recipient.address, recipient_name=recipient.name,
        dedupe_key=f"welcome|{customer.id}|{today}", not_before=now if on_paper else not_before,
        expires_at=not_before + LEAVES_WITHIN, subject=written.subject, text="" if on_paper else written.text,
        html="" if on_paper else written.html, sender_name=vendor.name, reply_to=vendor.email,
        attachments=() if on_paper else (file,), page=content if on_paper else b"",
    )  # fmt: skip
