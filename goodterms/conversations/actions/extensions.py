"""Decides what happens to a wish for more time: granted at once, put before a person, granted or refused by one."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.answers import send, send_new_day
from goodterms.conversations.actions.questions import close, stop_clock
from goodterms.conversations.actions.threads import day_at, locked, locked_invoices, open_thread, say, vendor_of
from goodterms.conversations.models import Conversation, Extension
from goodterms.conversations.plans import check_off_plan
from goodterms.conversations.rules import Verdict, grant
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

THE_RULE = "the rule"


class Asked(NamedTuple):
    """What became of the wish: the extension, and what its asker is told."""

    extension: Extension
    verdict: Verdict


@transaction.atomic
def request_extension(
    *,
    invoice_id: UUID,
    until_on: date,
    by: str,
    now: datetime,
    words: str = "",
    asking: str = "",
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
) -> Asked:
    """Ask for time until `until_on`: a yes at once within the vendor's rule, else a request that a person decides, with the
    invoice held meanwhile. Refuses what cannot be granted, and a second wish while one waits. `asking`: how it is said in
    the asker's language where they wrote nothing."""
    [invoice] = locked_invoices([invoice_id])
    vendor = vendor_of(invoice)
    verdict = _verdict(invoice, until_on, day_at(vendor, now), vendor.extension_days_max)
    wish = Extension(id=new_key(now), vendor=vendor, invoice=invoice, until_on=until_on, asked_by=by, asked_at=now)
    if verdict.answer == "person":
        told = words or asking or f"More time, until {until_on.day} {until_on:%B %Y}, please."
        wish.conversation = open_thread(
            kind="request", invoices=[invoice], vendor=vendor, words=told, by=by, role=role, now=now, payer_id=payer_id
        )  # fmt: skip
    wish.save(force_insert=True)
    data = {"until_on": until_on.isoformat(), "words": words}
    record(at=now, deed=Deed(vendor.id, "extension.asked", by, invoice.customer_id, invoice.id, payer_id, wish.id, channel,
                             inbound=True, data=data))  # fmt: skip
    if verdict.answer == "granted":
        extend(wish, by=THE_RULE, role="payer", from_on=day_at(vendor, now), now=now)
    return Asked(wish, verdict)


@transaction.atomic
def grant_extension(
    *, extension_id: UUID, by: str, role: Role, now: datetime, words: str = "", key: UUID | None = None
) -> Extension:
    """A person says yes: reminders count from the new day; the agreed due day stays for aging."""
    thread, wish = _waiting(extension_id)
    extend(wish, by=by, role=role, from_on=day_at(thread.vendor, now), now=now)
    if not words.strip():
        send_new_day(thread, wish.until_on, wish_id=wish.id, by=by, now=now)
    decided(thread, resolution="granted", words=words, by=by, role=role, now=now, key=key)
    return wish


@transaction.atomic
def refuse_extension(
    *, extension_id: UUID, by: str, role: Role, now: datetime, words: str, key: UUID | None = None
) -> Extension:
    """A person says no, and why: the agreed day stays."""
    if not words.strip():
        raise Refused("Please say why; a bare no helps nobody.", code="words", field="words")
    thread, wish = _waiting(extension_id)
    wish.refused_at = now
    wish.save(update_fields=["refused_at"])
    record(at=now, deed=_deed(wish, "extension.refused", by))
    decided(thread, resolution="refused", words=words, by=by, role=role, now=now, key=key)
    return wish


def extend(wish: Extension, *, by: str, role: Role, from_on: date, now: datetime) -> None:
    """Write the yes: until its day the invoice is held as extended, and from then on reminders count."""
    wish.granted_by, wish.granted_at = by, now
    wish.save(update_fields=["granted_by", "granted_at"])
    hold(
        invoice_ids=[wish.invoice_id], reason="extended", from_on=from_on, until_on=wish.until_on, by=by, role=role, now=now,
        subject_id=wish.id,
    )  # fmt: skip
    record(at=now, deed=_deed(wish, "extension.granted", by))


def _verdict(invoice: Invoice, until_on: date, today: date, days_max: int) -> Verdict:
    if invoice.open_minor <= 0 or invoice.due_on is None:
        raise Refused("Nothing is open on this invoice, so it needs no more time. Thank you.", code="settled")
    check_off_plan(invoice.id)
    if Extension.objects.filter(invoice=invoice, granted_at=None, refused_at=None).exists():
        raise Refused("You asked for more time already; the answer is on its way.", code="waiting")
    granted = Extension.objects.filter(invoice=invoice).exclude(granted_at=None).count()
    due_on = invoice.chase_on or invoice.due_on  # an instalment's day, where there are several
    verdict = grant(asked_until=until_on, due_on=due_on, today=today, days_max=days_max, already_granted=granted)
    if verdict.answer == "refused":
        raise Refused(verdict.sentence, code="date", field="until_on")
    return verdict


def _waiting(extension_id: UUID) -> tuple[Conversation, Extension]:
    """The request, locked, and its wish; refuses what nobody has to decide any more."""
    wish = Extension.objects.filter(id=extension_id).select_related("invoice").first()
    if wish is None or wish.conversation_id is None:
        raise Refused("There is no such request.", code="not_found")
    thread = locked(wish.conversation_id)
    if thread.closed_at is not None:
        raise Refused("This request was decided already.", code="closed")
    return thread, wish


def decided(thread: Conversation, *, resolution: str, words: str, by: str, role: Role, now: datetime, key: UUID | None) -> None:
    """Close a request with our words about it, if there are any."""
    if words.strip():
        message = say(thread, words=words, by=by, inbound=False, now=now, key=key)
        send(thread, message, before={}, by=by, now=now, clock=None)
    stop_clock(thread, by=by, now=now)
    close(thread, resolution=resolution, by=by, role=role, now=now)


def _deed(wish: Extension, kind: str, by: str) -> Deed:
    data = {"until_on": wish.until_on.isoformat()}
    return Deed(wish.vendor_id, kind, by, wish.invoice.customer_id, wish.invoice_id, subject_id=wish.id, data=data)
