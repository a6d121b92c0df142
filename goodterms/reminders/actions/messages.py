"""Decides how a person's word about one message is kept: it waits, it goes on, or it says a sentence of our own."""

from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from goodterms.delivery.actions import withdraw as withdraw_letters
from goodterms.delivery.models import Letter
from goodterms.delivery.rules import Event
from goodterms.interactions.actions import Deed, record_all
from goodterms.reminders.actions.notices import take_back
from goodterms.reminders.models import Foreword, MessageHold
from goodterms.reminders.rules import checked_words
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


@transaction.atomic
def hold_message(
    *, vendor_id: UUID, payer_id: UUID, from_on: date, by: str, now: datetime, why: str = ""
) -> MessageHold:  # fmt: skip
    """Our part of the message to this payer waits from that day on, until it is released. Held twice, it is held once; an
    earlier day counts. A letter that waits to leave is taken back; one that other vendors share is stopped at its dot."""
    customers = _customers(vendor_id, payer_id)
    running = MessageHold.objects.select_for_update().filter(vendor_id=vendor_id, payer_id=payer_id, released_at=None).first()
    if running and running.from_on <= from_on:
        return running
    row = running or MessageHold(id=new_key(now), vendor_id=vendor_id, payer_id=payer_id, by=by, why=_why(why), created_at=now)
    row.from_on = from_on
    row.save()
    _unpost(vendor_id, payer_id, from_on, "held by a person before it left", now)
    data = {"from_on": from_on.isoformat(), "why": row.why}
    _tell("reminder.held", vendor_id, payer_id, customers, row.id, data, by=by, now=now)
    return row


@transaction.atomic
def release_message(*, vendor_id: UUID, payer_id: UUID, by: str, now: datetime) -> MessageHold | None:
    """The message may go again, on the day that its step and the courtesies allow. Nothing happens where it was not held."""
    customers = _customers(vendor_id, payer_id)
    row = MessageHold.objects.select_for_update().filter(vendor_id=vendor_id, payer_id=payer_id, released_at=None).first()
    if row is None:
        return None
    row.released_at, row.released_by = now, by
    row.save(update_fields=["released_at", "released_by"])
    _tell("reminder.released", vendor_id, payer_id, customers, row.id, {}, by=by, now=now)
    return row


@transaction.atomic
def edit_message(
    *, vendor_id: UUID, payer_id: UUID, on: date, words: str, by: str, now: datetime
) -> Foreword | None:  # fmt: skip
    """A sentence of our own stands in front of the invoices in the message planned for `on`; without words there is none
    any more. It takes the place of one that waits; the same words again change nothing."""
    customers = _customers(vendor_id, payer_id)
    plain = checked_words(words) if words.strip() else ""
    waiting = list(_waiting(vendor_id, payer_id))
    if [(one.words, one.on) for one in waiting] == ([(plain, on)] if plain else []):
        return waiting[0] if waiting else None
    for one in waiting:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
    row = None
    if plain:
        row = Foreword.objects.create(
            id=new_key(now), vendor_id=vendor_id, payer_id=payer_id, on=on, words=plain, by=by, created_at=now
        )
    _unpost(vendor_id, payer_id, on, "changed by a person before it left", now)
    subject = row.id if row else waiting[0].id
    _tell("reminder.edited", vendor_id, payer_id, customers, subject, {"on": on.isoformat(), "words": plain}, by=by, now=now)
    return row


def _customers(vendor_id: UUID, payer_id: UUID) -> list[UUID]:
    """The customers for whom this payer pays; their open invoices are locked, so that a letter at its dot is asked after."""
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, {"vendor": vendor_id, "payer": payer_id})
        customers = [id for (id,) in cursor.fetchall()]
        if not customers:
            raise Refused("Nobody here gets messages by that name. Look at the people of the customer.", code="not_found")
        cursor.execute(_LOCK, {"vendor": vendor_id, "customers": customers})
    return customers


def _waiting(vendor_id: UUID, payer_id: UUID) -> list[Foreword]:
    """Sentences that no message said: also those in a letter that can still be taken back."""
    kept = Foreword.objects.select_for_update(of=("self",)).select_related("notice__letter")
    found = kept.filter(vendor_id=vendor_id, payer_id=payer_id, ended_at=None).order_by("created_at", "id")
    return [one for one in found if one.notice is None or one.notice.withdrawn_at or _is_here(one.notice.letter)]


def _is_here(letter: Letter | None) -> bool:
    return letter is not None and letter.state == "ready"


def _unpost(vendor_id: UUID, payer_id: UUID, from_on: date, reason: str, now: datetime) -> None:
    """Take back what waits to leave, where it is ours alone, so that the day plans anew."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, {"vendor": vendor_id, "payer": payer_id, "from_on": from_on})
        letters = [id for (id,) in cursor.fetchall()]
    gone = withdraw_letters(letters=letters, event=Event.SUPERSEDED, reason=reason, now=now)
    take_back(letters=gone, now=now)


def _why(words: str) -> str:
    return " ".join(words.split())[:400]


def _tell(
    kind: str,
    vendor_id: UUID,
    payer_id: UUID,
    customers: list[UUID],
    subject_id: UUID,
    data: dict[str, str],
    *,
    by: str,
    now: datetime,
) -> None:
    person = None if payer_id in customers else payer_id
    record_all(
        at=now,
        deeds=[
            Deed(vendor_id, kind, by, customer_id=one, payer_id=person, subject_id=subject_id, data=data) for one in customers
        ],
    )


_CUSTOMERS = """
select customer_id from parties_contact
where vendor_id = %(vendor)s and payer_id = %(payer)s and pays and ended_at is null
union select id from parties_customer where vendor_id = %(vendor)s and id = %(payer)s order by 1
"""
_LOCK = """
select id from invoicing_invoice
where vendor_id = %(vendor)s and customer_id = any(%(customers)s) and open_minor > 0 order by id for no key update
"""
_POSTED = """
select l.id from reminders_notice n join delivery_letter l on l.id = n.letter_id
where n.payer_id = %(payer)s and n."on" >= %(from_on)s and n.withdrawn_at is null and n.vendors = array[%(vendor)s]::uuid[]
  and l.state = 'ready'
"""
