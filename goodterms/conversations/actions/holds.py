"""Decides how the invoices of a conversation, a promise, granted time or a plan are let go again, all at once."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from goodterms.conversations.plans import Known
from goodterms.interactions.actions import Deed, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.hold import ENDS
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold


def lift(*, subject_id: UUID, by: str, role: Role, on: date, now: datetime) -> None:
    """End every hold that stands because of `subject_id`, where `role` may; none is no fault.

    The life of the invoice is asked for staff only: a payer ends what the payer began, and a void invoice has no life left.
    """
    running = list(Hold.objects.filter(subject_id=subject_id, ended_at=None).select_related("invoice").order_by("invoice"))
    by_verb: dict[str, list[UUID]] = defaultdict(list)
    for one in running:
        if one.reason in ENDS and role != "payer" and one.invoice.voided_at is None:
            by_verb[ENDS[one.reason]].append(one.invoice_id)
    for verb, invoice_ids in by_verb.items():
        must(verb=verb, invoice_ids=invoice_ids, role=role, today=on)
    Hold.objects.filter(id__in=[one.id for one in running]).update(ended_at=now, ended_by=by)
    record_all(
        at=now,
        deeds=[
            Deed(one.vendor_id, "invoice.released", by, one.invoice.customer_id, one.invoice_id, data={"reason": one.reason})
            for one in running
        ],
    )


def renew(plan: Known, *, from_on: date, now: datetime) -> None:
    """Where a part has come, or was taken back, the invoices of a running plan that are still open rest until another day: the
    hold that stood ends, and a new one says so."""
    standing = Hold.objects.filter(subject_id=plan.plan.id, ended_at=None)
    rested, open_ = dict(standing.values_list("invoice", "until_on")), [one.invoice_id for one in plan.open]
    if rested == dict.fromkeys(open_, plan.rests_until):
        return
    standing.update(ended_at=now, ended_by="the clock")
    if open_:
        hold(
            invoice_ids=open_, reason="on_plan", from_on=from_on, until_on=plan.rests_until, by="the clock", role="payer",
            now=now, subject_id=plan.plan.id,
        )  # fmt: skip
