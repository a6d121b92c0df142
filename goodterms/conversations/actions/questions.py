"""Decides what a question does: it starts our clock and rests the reminders until it is answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.answers import send, standing
from goodterms.conversations.actions.holds import lift
from goodterms.conversations.actions.threads import (
    day_at,
    hours_of,
    is_said,
    locked,
    locked_invoices,
    open_thread,
    opened_by,
    say,
    tell,
    vendor_of,
    word_until,
)
from goodterms.conversations.models import Conversation
from goodterms.conversations.rules import REASONS, business_minutes, settle_due_at
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold
from goodterms.parties.models import Member
from goodterms.values.refusal import Refused

SETTLE_DAYS = 5  # working days to settle what a first answer did not


@transaction.atomic
def ask(
    *,
    invoice_ids: Sequence[UUID],
    words: str,
    by: str,
    now: datetime,
    line: int | None = None,
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Conversation:
    """Open a question about invoices of one customer, or about `line` of one. No reminder of them until it is answered.
    `key`, of the form that asked, opens it once only."""
    invoices = locked_invoices(invoice_ids)
    if asked := opened_by(key):
        return asked
    thread = open_thread(
        kind="question", invoices=invoices, vendor=vendor_of(invoices[0]), words=words, by=by, role=role, now=now, line=line,
        payer_id=payer_id, key=key,
    )  # fmt: skip
    tell(thread, "question.asked", by=by, now=now, inbound=True, channel=channel, payer_id=payer_id)
    return thread


@transaction.atomic
def reply(
    *,
    conversation_id: UUID,
    words: str,
    by: str,
    now: datetime,
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Conversation:
    """The customer writes again: our clock runs anew, and what was closed is open until it is answered. Once for a `key`."""
    thread = locked(conversation_id)
    if is_said(thread, key):
        return thread
    say(thread, words=words, by=by, inbound=True, now=now, key=key)
    if thread.waiting_since_at is None:
        thread.waiting_since_at, thread.answer_due_at = now, word_until(thread.vendor, now)
    thread.closed_at, thread.resolution = None, ""
    thread.save(update_fields=["waiting_since_at", "answer_due_at", "closed_at", "resolution"])
    if not Hold.objects.filter(subject_id=thread.id, ended_at=None).exists():
        _hold_again(thread, by=by, role=role, now=now)
    tell(thread, "message.received", by=by, now=now, inbound=True, channel=channel, payer_id=payer_id)
    return thread


@transaction.atomic
def answer(
    *,
    conversation_id: UUID,
    words: str,
    by: str,
    role: Role,
    now: datetime,
    settles: bool = True,
    reason: str | None = None,
    channel: str = "desk",
    key: UUID | None = None,
    clock: datetime | None = None,
) -> Conversation:
    """Answer the customer, in a letter to whoever asked. The first answer stops the clock that is measured, in business
    minutes. With the real `clock` the letter waits ten seconds, for which it can be taken back; `key` says it once only.

    A question is closed by it, and its hold ends, unless it does not settle the matter yet (`settles=False`, such as "I am
    looking into it"). A dispute or a request stays held until it is resolved. `reason` sorts a question by its cause.
    """
    thread = locked(conversation_id)
    if is_said(thread, key):
        return thread
    _must_be_open(thread)
    before = standing(thread)
    if reason is not None and reason not in REASONS:
        raise Refused("Sort it under one of {reasons}.", code="reason", field="reason", reasons=", ".join(REASONS))
    thread.reason = thread.reason if reason is None else reason
    message = say(thread, words=words, by=by, inbound=False, now=now, key=key)
    stop_clock(thread, by=by, now=now)
    send(thread, message, before=before, by=by, now=now, clock=clock)
    if settles and thread.kind == "question":
        close(thread, resolution="answered", by=by, role=role, now=now)
    else:
        thread.save()
    tell(thread, f"{thread.kind}.answered", by=by, now=now, channel=channel, data={"minutes": thread.answered_in_minutes})
    return thread


@transaction.atomic
def note(*, conversation_id: UUID, words: str, by: str, now: datetime, key: UUID | None = None) -> None:
    """Keep a word among ourselves: never shown to the customer, and no answer."""
    thread = locked(conversation_id)
    if is_said(thread, key):
        return
    say(thread, words=words, by=by, inbound=False, internal=True, now=now, key=key)
    tell(thread, "conversation.noted", by=by, now=now)


@transaction.atomic
def assign(*, conversation_id: UUID, member_id: UUID | None, by: str, now: datetime) -> None:
    """Give a conversation to a member to look after, or (None) to whoever comes first."""
    thread = locked(conversation_id)
    people = Member.objects.filter(vendor_id=thread.vendor_id, ended_at=None).select_related("person")
    member = people.filter(id=member_id).first() if member_id else None
    if member is None and member_id is not None:
        raise Refused("Nobody like that works here; choose one of your people.", code="member", field="member")
    if thread.assigned_to_id == member_id:
        return
    thread.assigned_to = member
    thread.save(update_fields=["assigned_to"])
    tell(thread, "conversation.assigned", by=by, now=now, data={"to": member.person.name if member else ""})


def stop_clock(thread: Conversation, *, by: str, now: datetime) -> None:
    """We have spoken: measure it if it is the first answer; what is not settled by it is due within SETTLE_DAYS.

    Where no clock ran (a dispute of an imported book) there is nothing to measure.
    """
    hours = hours_of(thread.vendor)
    if thread.first_answered_at is None and thread.waiting_since_at is not None:
        thread.first_answered_at, thread.first_answered_by = now, by
        thread.answered_in_minutes = business_minutes(thread.waiting_since_at, now, hours)
    thread.waiting_since_at = None
    thread.answer_due_at = settle_due_at(thread.opened_at, hours, SETTLE_DAYS)


def close(thread: Conversation, *, resolution: str, by: str, role: Role, now: datetime) -> None:
    """Close the conversation and let its invoices go."""
    thread.closed_at, thread.resolution = now, resolution
    thread.save()
    lift(subject_id=thread.id, by=by, role=role, on=day_at(thread.vendor, now), now=now)


def _hold_again(thread: Conversation, *, by: str, role: Role, now: datetime) -> None:
    """What was let go rests once more; an invoice that was voided meanwhile is asked about all the same."""
    about = list(thread.about.filter(invoice__voided_at=None).values_list("invoice_id", flat=True))
    if about:
        from_on = day_at(thread.vendor, now)
        hold(invoice_ids=about, reason="question_open", from_on=from_on, by=by, role=role, now=now, subject_id=thread.id)


def _must_be_open(thread: Conversation) -> None:
    if thread.closed_at is not None:
        raise Refused("This conversation is settled already; what the customer writes opens it anew.", code="closed")
