"""Decides how a missing purchase order is asked for by letter, and how the answer lands in the draft: once, by its customer."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.delivery.actions import post
from goodterms.delivery.own_words import own_of, own_words
from goodterms.delivery.words import spoken_language
from goodterms.interactions.actions import Deed, record
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions.enclosing import keep, told
from goodterms.invoicing.actions.expect import expect
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.invoicing.orders import (
    ANOTHER,
    ANOTHER_FILE,
    NOT_WAITING,
    PATIENCE,
    checked_amount,
    checked_order,
    letter_for,
    supplier_of,
)
from goodterms.invoicing.rules import welcome_from
from goodterms.invoicing.writing import recipient_of
from goodterms.parties.models import Contact
from goodterms.values.files import File
from goodterms.values.refusal import Refused


class AskedFor(NamedTuple):
    """Who was asked, and when the letter leaves at the earliest."""

    contact: Contact
    not_before: datetime


def ask_for_order(*, invoice_id: UUID, by: str, role: Role, now: datetime) -> AskedFor:
    """Ask whoever can supply it for the purchase order of an invoice that is not issued: one letter in three days."""
    if role not in ("owner", "bookkeeper", "approver"):
        raise Refused("An order is asked for by an owner, a bookkeeper or an approver. Ask one of them.", code="role")
    invoice = _waiting(invoice_id)
    if invoice is None or invoice.order_number:
        raise Refused("This invoice has its purchase order, or waits for none any more.", code="order")
    people = Contact.objects.current().filter(customer_id=invoice.customer_id).select_related("payer")
    contact = supplier_of(people)
    if contact is None or contact.payer is None:
        raise Refused(
            f"Nobody at {invoice.customer.name} who approves or pays has an e-mail address. Add one, or call them.",
            code="contact",
        )
    told = Interaction.objects.about(vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, invoice_id=invoice_id)
    before = list(told.filter(kind="order.asked").values_list("at", flat=True))
    if before and now < max(before) + PATIENCE:
        raise Refused(f"They were asked on {max(before):%-d %B} already. Give them three days, or call them.", code="asked")
    recipient = recipient_of(contact, invoice.customer, invoice.vendor)
    welcome = welcome_from(recipient.wanted, now)
    if welcome is None:
        raise Refused(f"The hours of {contact.name} leave none for a letter. Call them.", code="no_hours")
    own = own_of(own_words(), invoice.vendor_id, "order", recipient.wanted.tone, spoken_language(recipient.wanted.language)[0])
    draft = letter_for(invoice, recipient, times=len(before), not_before=welcome, now=now, own=own)
    post(letters=[draft], now=now)
    deed = Deed(
        invoice.vendor_id, "order.asked", by, invoice.customer_id, invoice_id, contact.payer_id, None, "email",
        data={"to": contact.name},
    )  # fmt: skip
    record(at=now, deed=deed)
    return AskedFor(contact, welcome)


@transaction.atomic
def supply_order(
    *, invoice_id: UUID, payer_id: UUID, order_number: str, now: datetime, file: File | None = None, amount: str = ""
) -> Invoice:  # fmt: skip
    """A contact of the customer gives the number, the order itself where they have it as a file, and what it is over, before
    tax, where it has an amount. The same number again changes nothing; another one is refused."""
    number = checked_order(order_number)
    invoice = _waiting(invoice_id)
    sum_ = checked_amount(amount, invoice.currency) if invoice else None
    people = Contact.objects.current().filter(payer_id=payer_id)
    who = people.filter(customer_id=invoice.customer_id).order_by("-approves", "-pays", "id").first() if invoice else None
    if invoice is None or who is None:
        raise Refused(NOT_WAITING, code="over")
    if invoice.order_number not in ("", number):
        raise Refused(ANOTHER, code="order", field="order_number", number=invoice.order_number)
    if file is not None:
        _keep_order(invoice, file, who, payer_id, now)
    if sum_ is not None:
        expect(
            customer_id=invoice.customer_id, kind="order", name=number, amount=sum_, by=who.name, role="payer", now=now,
            payer_id=payer_id,
        )  # fmt: skip
    if invoice.order_number == number:
        return invoice
    invoice.order_number = number
    invoice.save(update_fields=["order_number"])
    deed = Deed(
        invoice.vendor_id, "order.given", who.name, invoice.customer_id, invoice_id, payer_id, None, "portal", inbound=True,
        data={"order_number": number},
    )  # fmt: skip
    record(at=now, deed=deed)
    return invoice


def _keep_order(invoice: Invoice, file: File, who: Contact, payer_id: UUID, now: datetime) -> None:
    """One file, once: whoever has the link fills nothing with it."""
    known = Enclosure.objects.filter(invoice=invoice, kind="order").values_list("sha256", flat=True).first()
    if known is not None and bytes(known) == sha256(file.content).digest():
        return
    if known is not None:
        raise Refused(ANOTHER_FILE, code="file", field="files")
    if kept := keep(invoice, [file], by=who.name, now=now, kind="order"):
        deed = Deed(
            invoice.vendor_id, "order.enclosed", who.name, invoice.customer_id, invoice.id, payer_id, None, "portal",
            inbound=True, data=told(kept),
        )  # fmt: skip
        record(at=now, deed=deed)


def _waiting(invoice_id: UUID) -> Invoice | None:
    """Locked, so that two answers, or an answer and the issue, come one after the other."""
    rows = Invoice.objects.select_for_update(of=("self",)).filter(id=invoice_id, kind="invoice", issued_on=None, voided_at=None)
    return rows.select_related("customer", "vendor").first()
