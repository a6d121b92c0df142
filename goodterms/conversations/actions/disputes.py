"""Decides what a dispute does: it holds its invoice until it is resolved, and how those of an old book come in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.conversations.actions.answers import send, standing, stays
from goodterms.conversations.actions.extensions import extend
from goodterms.conversations.actions.questions import close, stop_clock
from goodterms.conversations.actions.threads import (
    day_at,
    is_said,
    locked,
    locked_invoices,
    open_thread,
    opened_by,
    say,
    tell,
    vendor_of,
)
from goodterms.conversations.models import Conversation, Extension, Plan
from goodterms.conversations.rules import check_dispute, check_resolution
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import credit
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


@transaction.atomic
def dispute(
    *,
    invoice_id: UUID,
    reason: str,
    words: str,
    by: str,
    now: datetime,
    wants: str = "",
    disputed_minor: int | None = None,
    line: int | None = None,
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Conversation:
    """Dispute an invoice, or `disputed_minor` of it. `reason` and `wants` are codes of rules.REASONS and rules.ACTIONS.
    `key`, of the form that says it, opens it once only."""
    [invoice] = locked_invoices([invoice_id])
    if said := opened_by(key):
        return said
    check_dispute(
        reason=reason, wants=wants, words=words, disputed_minor=disputed_minor, total_minor=invoice.total_minor
    )  # fmt: skip
    if Conversation.objects.filter(about__invoice=invoice, kind="dispute", closed_at=None).exists():
        raise Refused("This invoice is disputed already; add your words to that conversation.", code="disputed")
    part = None if disputed_minor == invoice.total_minor else disputed_minor
    thread = open_thread(
        kind="dispute", invoices=[invoice], vendor=vendor_of(invoice), words=words or reason, by=by, role=role, now=now,
        line=line, reason=reason, wants=wants, disputed_minor=part, payer_id=payer_id, key=key,
    )  # fmt: skip
    data = {"reason": reason, "wants": wants, "minor": part, "currency": invoice.currency}
    tell(thread, "dispute.opened", by=by, now=now, inbound=True, channel=channel, payer_id=payer_id, data=data)
    return thread


@transaction.atomic
def resolve(
    *,
    conversation_id: UUID,
    resolution: str,
    by: str,
    role: Role,
    now: datetime,
    words: str = "",
    amount: Money | None = None,
    lines: Mapping[int, Money | None] | None = None,
    until_on: date | None = None,
    key: UUID | None = None,
    clock: datetime | None = None,
) -> Conversation:
    """Settle a conversation and let its invoices go. `words` are our answer, which leaves as one of `answer` does; only a
    withdrawal needs none, and a payer can do nothing else.

    `credited` writes the credit note: `amount` or `lines` of it (invoicing.credit), else what was disputed. `granted` gives
    time until `until_on`. A corrected invoice is written by its own verbs; `corrected` says that it was.
    """
    thread = locked(conversation_id)
    if is_said(thread, key):
        return thread
    _check(thread, resolution, role)
    before, message = standing(thread), None
    if words.strip() or resolution != "withdrawn":
        message = say(thread, words=words, by=by, inbound=role == "payer", now=now, key=key)
    if resolution != "withdrawn":
        stop_clock(thread, by=by, now=now)
    notes: list[str] = []
    if resolution == "credited":  # words that were taken back left their credit note behind: it is not written twice
        notes = before["stays"] = stays(thread) or _credit(thread, amount, lines, by=by, role=role, now=now)
    if message is not None and role != "payer":
        send(thread, message, before=before, by=by, now=now, clock=None if thread.kind == "request" else clock)
    if resolution == "granted":
        _grant(thread, until_on, by=by, role=role, now=now)
    _settle(thread, resolution, notes, by=by, role=role, now=now)
    return thread


class Disputed(NamedTuple):
    """An invoice of an old book that is in dispute there."""

    customer_id: UUID
    invoice_id: UUID
    subject: str


def open_disputes(
    *, vendor_id: UUID, disputed: Sequence[Disputed], words: str, by: str, on: date, now: datetime, reason: str = "OTH"
) -> int:
    """Open a dispute about each of these invoices as of the day `on`, with six statements whatever their number.

    Returns how many are new: an invoice that is disputed already stays as it is. We do not know when these were raised,
    so no clock of ours runs, and they do not count in our answer times.
    """
    new = _not_yet_disputed(disputed)
    if not new:
        return 0
    customers, invoices, subjects = (list(column) for column in zip(*new, strict=True))
    threads = new_keys(now, len(new))
    with connection.cursor() as cursor:
        cursor.execute(_THREADS, [vendor_id, reason, by, now, now, threads, customers, subjects])
        cursor.execute(_ABOUT, [vendor_id, new_keys(now, len(new)), threads, invoices])
        cursor.execute(_SAID, [vendor_id, now, by, words, new_keys(now, len(new)), threads])
        cursor.execute(_HELD, [vendor_id, by, on, now, new_keys(now, len(new)), threads, invoices])
    data = {"reason": reason, "wants": "", "minor": None}
    deeds = [
        Deed(vendor_id, "dispute.opened", by, one.customer_id, one.invoice_id, None, thread, "import", True, data)
        for one, thread in zip(new, threads, strict=True)
    ]
    record_all(at=now, deeds=deeds)
    return len(new)


def _check(thread: Conversation, resolution: str, role: Role) -> None:
    if thread.closed_at is not None:
        raise Refused("This conversation is settled already.", code="closed")
    check_resolution(thread.kind, resolution)
    if resolution != "withdrawn" and role == "payer":
        raise Refused("You can take this back; anything else is for the vendor to say.", code="role")
    if resolution != "withdrawn" and thread.kind == "request":
        raise Refused("Say yes or no to what was asked for.", code="resolution")


def _settle(thread: Conversation, resolution: str, notes: list[str], *, by: str, role: Role, now: datetime) -> None:
    data: dict[str, str | list[str]] = {"resolution": resolution, "reason": thread.reason}
    if resolution == "credited":
        data["credit_notes"] = notes
    Extension.objects.filter(conversation=thread, granted_at=None, refused_at=None).update(refused_at=now)
    Plan.objects.waiting().filter(conversation=thread).update(withdrawn_at=now, ended_at=now, ended_by=by)
    thread.waiting_since_at = None
    close(thread, resolution=resolution, by=by, role=role, now=now)
    tell(thread, f"{thread.kind}.resolved", by=by, now=now, inbound=role == "payer", data=data)


def _credit(
    thread: Conversation, amount: Money | None, lines: Mapping[int, Money | None] | None, *, by: str, role: Role, now: datetime
) -> list[str]:
    """Credit what was disputed, or as told; the numbers of the credit notes."""
    numbers = []
    for invoice in Invoice.objects.filter(mentions__conversation=thread).order_by("id"):
        part = amount
        if amount is None and lines is None and thread.disputed_minor is not None:
            part = Money(thread.disputed_minor, invoice.currency)
        credited = credit(
            invoice_id=invoice.id, reason=thread.reason, issued_on=day_at(thread.vendor, now), by=by, role=role, now=now,
            amount=part, lines=lines,
        )  # fmt: skip
        numbers.append(credited.note.number)
    return numbers


def _grant(thread: Conversation, until_on: date | None, *, by: str, role: Role, now: datetime) -> None:
    today = day_at(thread.vendor, now)
    if until_on is None or until_on <= today:
        raise Refused("Name the new day, after today.", code="date", field="until_on")
    for invoice in Invoice.objects.filter(mentions__conversation=thread).order_by("id"):
        wish = Extension.objects.create(
            id=new_key(now), vendor=thread.vendor, invoice=invoice, until_on=until_on, asked_by=thread.opened_by,
            asked_at=thread.opened_at, conversation=thread,
        )  # fmt: skip
        extend(wish, by=by, role=role, from_on=today, now=now)


def _not_yet_disputed(disputed: Sequence[Disputed]) -> list[Disputed]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[one.invoice_id for one in disputed]])
        known = {invoice for (invoice,) in cursor.fetchall()}
    return [one for one in disputed if one.invoice_id not in known]


_KNOWN = """
select a.invoice_id from conversations_about a join conversations_conversation c on c.id = a.conversation_id
where a.invoice_id = any(%s::uuid[]) and c.kind = 'dispute' and c.closed_at is null
"""
_THREADS = """
insert into conversations_conversation
  (vendor_id, kind, reason, wants, opened_by, opened_at, answer_due_at, first_answered_by, resolution, id, customer_id, subject)
select %s::uuid, 'dispute', %s, '', %s, %s::timestamptz, %s::timestamptz, '', '', *
from unnest(%s::uuid[], %s::uuid[], %s::text[])
"""
_ABOUT = """
insert into conversations_about (vendor_id, id, conversation_id, invoice_id)
select %s::uuid, * from unnest(%s::uuid[], %s::uuid[], %s::uuid[])
"""
_SAID = """
insert into conversations_message (vendor_id, at, by, inbound, internal, words, id, conversation_id)
select %s::uuid, %s::timestamptz, %s, true, false, %s, * from unnest(%s::uuid[], %s::uuid[])
"""
_HELD = """
insert into invoicing_hold (vendor_id, reason, by, note, from_on, created_at, ended_by, id, subject_id, invoice_id)
select %s::uuid, 'disputed', %s, '', %s::date, %s::timestamptz, '', * from unnest(%s::uuid[], %s::uuid[], %s::uuid[])
"""
