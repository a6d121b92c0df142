"""Decides how our words leave: in a letter that waits ten seconds, and how they are taken back before it leaves."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.threads import day_at, locked, tell
from goodterms.conversations.models import Conversation, Message
from goodterms.conversations.rules.undo import TEN_SECONDS, check_take_back
from goodterms.conversations.writing import answer_letter, reader_of
from goodterms.delivery.actions import post, withdraw
from goodterms.delivery.rules import Event
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold, Invoice
from goodterms.values.refusal import Refused

_STANDING = (
    "waiting_since_at", "answer_due_at", "first_answered_at", "first_answered_by", "answered_in_minutes", "closed_at",
    "resolution", "reason",
)  # fmt: skip


def standing(thread: Conversation) -> dict[str, Any]:
    """How a conversation stands before we speak, with the holds that stand because of it."""
    held = Hold.objects.filter(subject_id=thread.id, ended_at=None).order_by("id").values_list("invoice_id", "reason")
    known = {name: getattr(thread, name) for name in _STANDING}
    kept = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in known.items()}
    return {**kept, "held": [[str(invoice), reason] for invoice, reason in held]}


def send(
    thread: Conversation, message: Message, *, before: dict[str, Any], by: str, now: datetime, clock: datetime | None
) -> None:
    """Post our words as a letter to whoever asked, once. With a `clock`, the real one, it waits ten seconds, for which the
    message can be taken back; the letter waits by the clock that delivery goes by, which in a sandbox is the trade's."""
    message.before = before
    message.free_until_at = clock + TEN_SECONDS if clock else None
    message.letter_id = _post(
        thread, f"answer|{message.id}", "replied", {"answer": message.words}, by, now, now + TEN_SECONDS if clock else now
    )
    message.save(update_fields=["before", "free_until_at", "letter_id"])


def send_new_day(thread: Conversation, until_on: date, *, wish_id: UUID, by: str, now: datetime) -> None:
    """Post the new day where nobody wrote words about it."""
    _post(thread, f"granted|{wish_id}", "more_time", {"until_date": until_on}, by, now, now)


def stays(thread: Conversation) -> list[str]:
    """The numbers of credit notes that were written with words which were taken back: documents are never unwritten."""
    kept = thread.messages.exclude(withdrawn_at=None).order_by("position").values_list("before", flat=True)
    return [number for before in kept for number in (before or {}).get("stays", [])]


@transaction.atomic
def take_back(*, message_id: UUID, by: str, role: Role, now: datetime, clock: datetime) -> Message:
    """Stop a message of ours within ten seconds of `clock`, the real one. Its letter never leaves, and the conversation
    stands as before: our clock runs since they asked, and reminders rest. A credit note that went with it stays.

    Either the sender has claimed the letter, and this is refused, or this has, and the sender finds nothing.
    """
    found = Message.objects.filter(id=message_id, inbound=False, internal=False).first()
    if found is None:
        raise Refused("There is no such message of ours.", code="not_found")
    thread = locked(found.conversation_id)
    message = Message.objects.select_for_update().get(id=message_id)
    check_take_back(free_until_at=message.free_until_at, withdrawn_at=message.withdrawn_at, clock=clock)
    if thread.messages.filter(inbound=False, internal=False, withdrawn_at=None, position__gt=message.position).exists():
        raise Refused("Somebody has answered after this; take that back first.", code="later")
    _stop(message, now)
    message.withdrawn_at, message.withdrawn_by = now, by
    message.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _restore(thread, message.before or {}, by=by, role=role, now=now)
    tell(thread, "message.withdrawn", by=by, now=now, data={"message": str(message.id)})
    return message


def _post(
    thread: Conversation, key: str, kind: str, values: dict[str, Any], by: str, now: datetime, not_before: datetime
) -> UUID | None:
    """The key of the letter; nothing where nobody can be written to."""
    reader = reader_of(thread, thread.customer)
    if not reader.channel:
        return None
    invoices = Invoice.objects.filter(mentions__conversation=thread).order_by("number")
    named = list(invoices.values_list("work", "number"))
    work = named[0][0] if len(named) == 1 else ""
    draft = answer_letter(
        thread=thread, reader=reader, dedupe_key=key, kind=kind, by=by, now=now, not_before=not_before, values=values,
        work=work or thread.subject, number=", ".join(number for _, number in named),
    )  # fmt: skip
    return post(letters=[draft], now=now).get(key)


def _stop(message: Message, now: datetime) -> None:
    if message.letter_id is None:
        return
    if not withdraw(letters=[message.letter_id], event=Event.CANCELLED, reason="taken back by its writer", now=now):
        raise Refused("It has left already; write again instead.", code="late")


def _restore(thread: Conversation, before: dict[str, Any], *, by: str, role: Role, now: datetime) -> None:
    """As it stood, except that what they wrote in these seconds still waits for us."""
    wrote = before.get("waiting_since_at") is None and thread.waiting_since_at is not None
    for name in _STANDING:
        if wrote and name in ("waiting_since_at", "answer_due_at"):
            continue
        value = before.get(name)
        if name.endswith("_at") and value is not None:
            value = datetime.fromisoformat(value)
        setattr(thread, name, value)
    thread.save(update_fields=list(_STANDING))
    _hold_as_before(thread, before.get("held", []), by=by, role=role, now=now)


def _hold_as_before(thread: Conversation, held: list[list[str]], *, by: str, role: Role, now: datetime) -> None:
    """Rests again what this answer had let go, and what a credit note did not settle meanwhile."""
    resting = set(Hold.objects.filter(subject_id=thread.id, ended_at=None).values_list("invoice_id", flat=True))
    can = set(
        Invoice.objects.filter(mentions__conversation=thread, voided_at=None, open_minor__gt=0).values_list("id", flat=True)
    )
    from_on = day_at(thread.vendor, now)
    for reason in sorted({reason for _, reason in held}):
        again = [UUID(one) for one, why in held if why == reason and UUID(one) in can - resting]
        if again:
            hold(invoice_ids=again, reason=reason, from_on=from_on, by=by, role=role, now=now, subject_id=thread.id)
