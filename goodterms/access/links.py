"""Decides what a link is, read without a trace: whose it is, what its letter showed, until when it opens anything."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.conf import settings

from goodterms.access.models import Link
from goodterms.access.rules import document_link_ends, link_ends
from goodterms.conversations.models import Conversation
from goodterms.conversations.writing import PURPOSE as OF_ANSWERS
from goodterms.database.isolation import declare
from goodterms.database.ways_in import found, tell
from goodterms.delivery.link import Carried, opened
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.writing import PURPOSE as OF_INVOICES
from goodterms.parties.directory import vendors_listing
from goodterms.parties.models import Contact, Vendor
from goodterms.reminders.token import hash_of
from goodterms.values.refusal import Refused, to_say

NO_LINK = to_say("This link is not one of ours, or it was not copied whole. Nothing was opened.")
OVER = to_say("This link has been used up, or its time is over. Nothing was opened.")


class Arrival(NamedTuple):
    """Somebody with a link, before they press anything. The vendors that the letter spoke for are declared.

    `notice_id` is the key of what the letter showed: a notice, or the conversation that it answered, or the document that it
    brought, which is then named.
    """

    payer_id: UUID
    notice_id: UUID
    sent_at: datetime
    ends_at: datetime
    opens: bool
    conversation_id: UUID | None = None
    invoice_id: UUID | None = None

    def must_open(self) -> None:
        if not self.opens:
            raise Refused(OVER, code="over")


def arrival(token: str, now: datetime) -> Arrival:
    """Who comes by this link, and for what. Refuses a link that never was."""
    hashed = sha256(token.encode()).hexdigest()
    tell(secret=hashed)
    kept = Link.objects.filter(secret_sha256=hashed).first()
    if kept:
        return _asked_for(kept, now)
    for purpose, came in ((OF_ANSWERS, _of_answer), (OF_INVOICES, _of_invoice)):
        if carried := opened(settings.SECRET_KEY, purpose, token):
            return came(carried, now)
    return _of_notice(token, now)


def _asked_for(link: Link, now: datetime) -> Arrival:
    vendors = _declared(link.payer_id)
    opens = bool(vendors) and link.used_up_at is None and now < link.expires_at
    return Arrival(link.payer_id, link.notice_id, link.sent_at, link.expires_at, opens)


def _of_answer(carried: Carried, now: datetime) -> Arrival:
    """While the customer whose conversation it is lists the payer."""
    vendors = _declared(carried.payer_id)
    ends_at = link_ends(carried.sent_at)
    stands = Conversation.objects.filter(id=carried.subject_id, customer__in=_listing(carried.payer_id)).exists()
    opens = stands and clock_of(vendors, now) < ends_at
    key = carried.subject_id
    return Arrival(carried.payer_id, key, carried.sent_at, ends_at, opens, conversation_id=key)


def _of_invoice(carried: Carried, now: datetime) -> Arrival:
    """While the customer to whom it was issued lists the payer, and its time to pay goes on."""
    vendors, key = _declared(carried.payer_id), carried.subject_id
    one = Invoice.objects.issued().filter(id=key, customer__in=_listing(carried.payer_id)).only("due_on").first()
    ends_at = document_link_ends(carried.sent_at, one.due_on if one else None)
    opens = one is not None and clock_of(vendors, now) < ends_at
    return Arrival(carried.payer_id, key, carried.sent_at, ends_at, opens, invoice_id=key)


def _listing(payer_id: UUID) -> Any:
    """The customers that list the payer."""
    return Contact.objects.current().filter(payer_id=payer_id).values("customer_id")


def _of_notice(token: str, now: datetime) -> Arrival:
    rows = found("notice_of_link", hash_of(token))
    if not rows or rows[0][1] is None:
        raise Refused(NO_LINK, code="not_found")
    id, payer_id, _, created_at = cast(tuple[str, str, object, datetime], rows[0])
    ends_at = link_ends(created_at)
    vendors = _declared(UUID(str(payer_id)))
    opens = bool(vendors) and clock_of(vendors, now) < ends_at
    return Arrival(UUID(str(payer_id)), UUID(str(id)), created_at, ends_at, opens)


def clock_of(vendors: Sequence[Vendor], now: datetime) -> datetime:
    """Letters of sandboxes are as old as the sandbox's own clock says; one vendor that lives in the real time settles it."""
    stood = [one.sandbox_now for one in vendors if one.sandbox_now is not None]
    return max(stood) if stood and len(stood) == len(vendors) else now


def _declared(payer_id: UUID) -> list[Vendor]:
    declare(vendors_listing(payer_id))
    return list(Vendor.objects.all())
