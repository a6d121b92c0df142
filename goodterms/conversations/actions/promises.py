"""Decides what a promise does: one for an invoice at a time, resting its reminders, and judged once after its day."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.conversations.actions.holds import lift
from goodterms.conversations.actions.threads import day_at, locked_invoices, vendor_of
from goodterms.conversations.models import Promise
from goodterms.conversations.plans import check_off_plan
from goodterms.conversations.rules import (
    CLEARING_DAYS,
    Judgement,
    Word,
    check_changes,
    check_promise,
    held_until,
    judge,
    pauses,
)
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Invoice
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

AT_ONCE = 1_000  # promises judged with one set of statements


@transaction.atomic
def promise(
    *,
    invoice_id: UUID,
    promised_on: date,
    by: str,
    now: datetime,
    minor: int | None = None,
    words: str = "",
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Promise:
    """They will pay `minor` (None: all that is to be paid) by `promised_on`. A promise that runs already is replaced, which a
    payer can do once. `key`, of the form that says it, makes it once only.

    Reminders rest until the promise can be judged, unless two promises about this invoice were broken before.
    """
    [invoice] = locked_invoices([invoice_id])
    if key and (said := Promise.objects.filter(id=key, invoice=invoice).first()):
        return said
    vendor, word = vendor_of(invoice), Word(invoice.to_pay.minor if minor is None else minor, invoice.open_minor, promised_on)
    today = day_at(vendor, now)
    check_promise(word, today)
    check_off_plan(invoice.id)
    if role == "payer":
        check_changes(_given_since_judged(invoice_id))
    end_promise(invoice, by=by, role=role, on=today, now=now)
    made = Promise.objects.create(
        id=key or new_key(now), vendor=vendor, invoice=invoice, by=by, words=words, made_at=now, **word._asdict()
    )
    if pauses(Promise.objects.filter(invoice=invoice, outcome="broken").count()):
        hold(
            invoice_ids=[invoice.id], reason="promised", from_on=today, until_on=held_until(promised_on), by=by, role=role,
            now=now, subject_id=made.id,
        )  # fmt: skip
    data = {"minor": word.minor, "currency": invoice.currency, "promised_on": promised_on.isoformat(), "words": words}
    record(at=now, deed=Deed(vendor.id, "promise.made", by, invoice.customer_id, invoice.id, payer_id, made.id, channel,
                             inbound=True, data=data))  # fmt: skip
    return made


@transaction.atomic
def withdraw_promise(
    *,
    invoice_id: UUID,
    by: str,
    now: datetime,
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
) -> None:
    """They take the running promise about an invoice back; reminders go on."""
    [invoice] = locked_invoices([invoice_id])
    ended = end_promise(invoice, by=by, role=role, on=day_at(vendor_of(invoice), now), now=now)
    if ended is None:
        raise Refused("No promise about this invoice is running.", code="not_found")
    record(at=now, deed=Deed(invoice.vendor_id, "promise.withdrawn", by, invoice.customer_id, invoice.id, payer_id, ended,
                             channel, inbound=True))  # fmt: skip


@transaction.atomic
def judge_promises(*, vendor_id: UUID, today: date, now: datetime) -> dict[str, int]:
    """Judge each promise whose day and clearing have passed, once, by what the ledger shows for that day. At most AT_ONCE;
    returns how many were kept, in part, broken. Rows that another worker is judging are left to it."""
    judged = [(run, judge(run.word, run.left_minor, today)) for run in _over(vendor_id, today)]
    with connection.cursor() as cursor:
        cursor.execute(
            "update conversations_promise p set outcome = t.outcome, judged_at = %s"
            " from unnest(%s::uuid[], %s::text[]) as t (id, outcome) where p.id = t.id and p.judged_at is null",
            [now, [run.id for run, _ in judged], [outcome for _, outcome in judged]],
        )
    record_all(at=now, deeds=[_judged(vendor_id, run, outcome) for run, outcome in judged])
    return {word: sum(outcome == word for _, outcome in judged) for word in ("kept", "part", "broken")}


class _Run(NamedTuple):
    """A promise whose time is over, and what was open when it was."""

    id: UUID
    invoice_id: UUID
    customer_id: UUID
    minor: int
    open_then_minor: int
    promised_on: date
    left_minor: int

    @property
    def word(self) -> Word:
        return Word(self.minor, self.open_then_minor, self.promised_on)


def _over(vendor_id: UUID, today: date) -> list[_Run]:
    with connection.cursor() as cursor:
        cursor.execute(_OVER, [CLEARING_DAYS, vendor_id, today, CLEARING_DAYS, AT_ONCE])
        return [_Run(*row) for row in cursor.fetchall()]


def _judged(vendor_id: UUID, run: _Run, outcome: Judgement) -> Deed:
    return Deed(vendor_id, f"promise.{outcome}", "the clock", run.customer_id, run.invoice_id, None, run.id)


def _given_since_judged(invoice_id: UUID) -> int:
    """How many promises about an invoice, with the one that runs and those taken back, came after the last judged one."""
    given = Promise.objects.filter(invoice_id=invoice_id)
    judged = given.exclude(judged_at=None).order_by("-made_at").values_list("made_at", flat=True).first()
    return (given.filter(made_at__gt=judged) if judged else given).count()


def end_promise(invoice: Invoice, *, by: str, role: Role, on: date, now: datetime) -> UUID | None:
    """End the promise that runs about an invoice, if one does; returns its key."""
    running = Promise.objects.filter(invoice=invoice, ended_at=None, judged_at=None).first()
    if running is None:
        return None
    running.ended_at = now
    running.save(update_fields=["ended_at"])
    lift(subject_id=running.id, by=by, role=role, on=on, now=now)
    return running.id


_OVER = """
select p.id, p.invoice_id, i.customer_id, p.minor, p.open_then_minor, p.promised_on,
       coalesce((select sum(s.minor) from ledger_posting s where s.account = 'receivable' and s.invoice_id = p.invoice_id
                 and s.effective_on <= p.promised_on + %s::int), 0)::bigint
from conversations_promise p join invoicing_invoice i on i.id = p.invoice_id
where p.vendor_id = %s and p.judged_at is null and p.ended_at is null and p.promised_on < %s::date - %s::int
order by p.promised_on, p.id limit %s for update of p skip locked
"""
