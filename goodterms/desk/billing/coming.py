"""Decides what the pages of schedules show: a page of them with what each bills next."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from goodterms.billing.gathering import Plan, name_of, plans
from goodterms.billing.models import Schedule
from goodterms.desk.billing.rule import in_words
from goodterms.invoicing.totals import totals
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

AT_ONCE = 100
AGAIN = "That place in the list is not there any more. Begin with its first page."


class Row(NamedTuple):
    """A schedule in the list: what it bills next with tax, nothing where it pauses, and its rule in words."""

    schedule: Schedule
    work: str
    total: Money | None
    rule: str
    pauses: bool


def listed(vendor_id: UUID, *, ended: bool, after: str) -> tuple[list[Row], str]:
    """The next to be billed first, or the ended ones, newest first; four statements. And the place of the next page."""
    rows = Schedule.objects.filter(vendor_id=vendor_id, next_on__isnull=ended).select_related("customer")
    rows = rows.order_by("-id") if ended else rows.order_by("next_on", "id")
    found = list(rows.filter(_beyond(after, ended))[: AT_ONCE + 1])
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    place = "" if last is None else f"{last.next_on or ''}~{last.id}"
    return rows_of(found[:AT_ONCE]), place


def of_customer(customer_id: UUID) -> list[Row]:
    """What runs for one customer; four statements, one where there is none."""
    running = Schedule.objects.filter(customer_id=customer_id).running().select_related("customer")
    return rows_of(list(running.order_by("next_on", "id")[:AT_ONCE]))


def rows_of(schedules: Sequence[Schedule]) -> list[Row]:
    """Each with what it bills next."""
    return [_row(plan) for plan in plans(schedules)] if schedules else []


def _row(plan: Plan) -> Row:
    one = plan.schedule
    period = plan.next_period()
    lines = plan.piece(period, "en").lines if period else []
    total = totals(one.currency, lines).total if lines else None
    return Row(one, name_of(one.work), total, in_words(one.rule, one.starts_on), period is not None and not lines)


def _beyond(after: str, ended: bool) -> Q:
    """What comes after a place; all of it for none."""
    if not after:
        return Q()
    day, _, key = after.partition("~")
    try:
        if ended:
            return Q(id__lt=UUID(key))
        return Q(next_on__gt=date.fromisoformat(day)) | Q(next_on=date.fromisoformat(day), id__gt=UUID(key))
    except ValueError as odd:
        raise Refused(AGAIN, code="not_found") from odd
