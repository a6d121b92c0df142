"""Decides how a conversation begins and goes on: its invoices locked, its clock started, each message and deed kept."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from goodterms.conversations.models import About, Conversation, Message
from goodterms.conversations.rules import Hours, answer_due_at
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.values.days import day_in
from goodterms.values.keys import new_key, new_keys
from goodterms.values.refusal import Refused

LONGEST_WORDS = 10_000


def open_thread(
    *,
    kind: Literal["question", "dispute", "request"],
    invoices: Sequence[Invoice],
    vendor: Vendor,
    words: str,
    by: str,
    role: Role,
    now: datetime,
    line: int | None = None,
    reason: str = "",
    wants: str = "",
    disputed_minor: int | None = None,
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Conversation:
    """Write a conversation of the customer's with its first message (of `key`, where a form made one), start our clock and hold
    its invoices."""
    thread = Conversation.objects.create(
        id=new_key(now), vendor=vendor, customer_id=invoices[0].customer_id, kind=kind, reason=reason, wants=wants,
        subject=_subject(invoices), disputed_minor=disputed_minor, opened_by=by, opened_at=now,
        answer_due_at=word_until(vendor, now), waiting_since_at=now, payer_id=payer_id,
    )  # fmt: skip
    About.objects.bulk_create(
        About(id=key, vendor=vendor, conversation=thread, invoice=invoice, line_position=line)
        for key, invoice in zip(new_keys(now, len(invoices)), invoices, strict=True)
    )
    say(thread, words=words, by=by, inbound=True, now=now, key=key)
    hold(
        invoice_ids=[invoice.id for invoice in invoices], reason="disputed" if kind == "dispute" else "question_open",
        from_on=day_at(vendor, now), by=by, role=role, now=now, subject_id=thread.id,
    )  # fmt: skip
    return thread


def say(
    thread: Conversation,
    *,
    words: str,
    by: str,
    inbound: bool,
    now: datetime,
    internal: bool = False,
    key: UUID | None = None,
) -> Message:
    """Keep what was said; refuses to keep nothing, or more than a letter. `key` is the message's, where a form made one."""
    if not words.strip():
        raise Refused("There is nothing in this message yet.", code="words", field="words")
    if len(words) > LONGEST_WORDS:
        raise Refused("This is longer than {most} characters.", code="words", field="words", most=LONGEST_WORDS)
    return Message.objects.create(
        id=key or new_key(now), vendor_id=thread.vendor_id, conversation=thread, at=now, by=by, inbound=inbound,
        internal=internal, words=words.strip().replace("\0", ""), position=1 + thread.messages.count(),
    )  # fmt: skip


def is_said(thread: Conversation, key: UUID | None) -> bool:
    """Whether the message of this key stands here already: a form that is sent twice says it once."""
    return key is not None and thread.messages.filter(id=key).exists()


def opened_by(key: UUID | None) -> Conversation | None:
    """The conversation that the message of this key stands in, where a form was sent before; ask with the invoices locked."""
    return Conversation.objects.filter(messages__id=key).first() if key else None


def tell(
    thread: Conversation,
    kind: str,
    *,
    by: str,
    now: datetime,
    inbound: bool = False,
    channel: str = "",
    payer_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Record a deed about a conversation, with its invoice where it is about one only."""
    about = list(thread.about.values_list("invoice_id", flat=True)[:2])
    record(
        at=now,
        deed=Deed(
            thread.vendor_id, kind, by, thread.customer_id, about[0] if len(about) == 1 else None, payer_id, thread.id,
            channel, inbound, data or {},
        ),
    )  # fmt: skip


def locked(conversation_id: UUID) -> Conversation:
    """The conversation, locked, with its vendor; refuses an unknown one."""
    threads = Conversation.objects.select_for_update(of=("self",)).select_related("vendor")
    thread = threads.filter(id=conversation_id).first()
    if thread is None:
        raise Refused("There is no such conversation.", code="not_found")
    return thread


def locked_invoices(invoice_ids: Sequence[UUID]) -> list[Invoice]:
    """Issued invoices of one customer by number, locked in the order of their keys, so that none is reminded of meanwhile."""
    wanted = set(invoice_ids)
    invoices = list(Invoice.objects.select_for_update(no_key=True).filter(id__in=wanted, kind="invoice").order_by("id"))
    if not invoices or len(invoices) != len(wanted):
        raise Refused("There is no such invoice.", code="not_found")
    if any(invoice.issued_on is None or invoice.voided_at is not None for invoice in invoices):
        raise Refused("This invoice is not in effect, so there is nothing to say about it.", code="stage")
    if len({invoice.customer_id for invoice in invoices}) > 1:
        raise Refused("These invoices belong to different customers; write about each on its own.", code="customer")
    return sorted(invoices, key=lambda invoice: invoice.number)


def vendor_of(invoice: Invoice) -> Vendor:
    return Vendor.objects.get(id=invoice.vendor_id)


def hours_of(vendor: Vendor) -> Hours:
    return Hours(vendor.opens_at, vendor.closes_at, vendor.timezone, vendor.country)


def word_until(vendor: Vendor, now: datetime) -> datetime:
    """When our word runs out to somebody who writes now."""
    return answer_due_at(now, hours_of(vendor), timedelta(hours=vendor.answer_hours))


def day_at(vendor: Vendor, now: datetime) -> date:
    return day_in(vendor.timezone, now)


def _subject(invoices: Sequence[Invoice]) -> str:
    """The work before the number, and no more than the first where there are several."""
    first = invoices[0]
    named = ", ".join(filter(None, (first.work, first.number))) or "An invoice to come"
    return named if len(invoices) == 1 else f"{named} and {len(invoices) - 1} more"
