"""Decides what a day does to plans: one that is paid ends, one whose part did not come ends as broken, the others rest on."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.holds import lift, renew
from goodterms.conversations.models import Plan
from goodterms.conversations.plans import Known, known
from goodterms.conversations.rules import judge_plan
from goodterms.interactions.actions import Deed, record

CLOCK = "the clock"
AT_ONCE = 500  # plans judged in one transaction
START = UUID(int=0)


@transaction.atomic
def judge_plans(*, vendor_id: UUID, today: date, now: datetime, after: UUID = START) -> tuple[dict[str, int], UUID | None]:
    """Judge up to AT_ONCE running plans beyond the key `after`: how many are kept and over, how many broke, and the key to go
    on from (None: these were the last). Rows that another worker is judging are left to it."""
    rows = Plan.objects.select_for_update(skip_locked=True).running().filter(vendor_id=vendor_id, id__gt=after)
    found = known(rows.order_by("id")[:AT_ONCE])
    judged = [_judge(one, today, now) for one in found]
    return {word: judged.count(word) for word in ("kept", "broken")}, found[-1].plan.id if len(found) == AT_ONCE else None


def _judge(one: Known, today: date, now: datetime) -> str:
    outcome = judge_plan(one.parts, one.paid_minor, today)
    if outcome == "agreed":
        renew(one, from_on=today, now=now)
        return outcome
    plan = one.plan
    plan.ended_at, plan.ended_by = now, CLOCK
    plan.paid_on, plan.missed_on = (today, None) if outcome == "kept" else (None, one.next_on)
    plan.save(update_fields=["ended_at", "ended_by", "paid_on", "missed_on"])
    lift(subject_id=plan.id, by=CLOCK, role="payer", on=today, now=now)
    _told(one, outcome, now)
    return outcome


def _told(one: Known, outcome: str, now: datetime) -> None:
    plan = one.plan
    data = {"minor": one.left.minor, "currency": plan.currency, "on": plan.missed_on.isoformat() if plan.missed_on else None}
    invoice_id = one.shares[0].invoice_id if len(one.shares) == 1 else None
    record(at=now, deed=Deed(plan.vendor_id, _KINDS[outcome], CLOCK, plan.customer_id, invoice_id, None, plan.id, data=data))


_KINDS = {"kept": "plan.kept", "broken": "plan.broken"}
