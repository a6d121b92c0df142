"""Reads what is to come: the next billings of a schedule as they stand today, and finished work not billed, with its age."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from goodterms.billing.gathering import Plan, line_of, plans
from goodterms.billing.models import Item, Schedule
from goodterms.billing.rules import Period, periods
from goodterms.invoicing.line import Line
from goodterms.invoicing.totals import totals
from goodterms.values.money import Money


class Coming(NamedTuple):
    """One billing to be: on which day, for which days, of which lines; `total` is with tax and None where it pauses."""

    on: date
    period: Period
    lines: Sequence[Line]
    total: Money | None


class Unbilled(NamedTuple):
    """Finished work of one project that is on no invoice: how much before tax, and since when the oldest of it waits."""

    project_id: UUID
    project: str
    customer: str
    items: int
    net: Money
    oldest_on: date | None
    waiting: int  # items that wait for somebody's word, or for the project's end
    is_finished: bool

    def age_days(self, today: date) -> int:
        return 0 if self.oldest_on is None else (today - self.oldest_on).days


def coming(schedule: Schedule, *, language: str = "en", most: int = 12) -> list[Coming]:
    """The next `most` billings, in order; pauses that have no end yet leave them empty."""
    [plan] = plans([schedule])
    ahead = (one for one in periods(schedule.rule, schedule.starts_on, schedule.ends_on) if _is_ahead(plan, one))
    return [_coming(plan, period, language) for period in islice(ahead, most)]


def unbilled(items: Iterable[Item]) -> list[Unbilled]:
    """By project, the one that waits longest first. The items come with their projects and customers."""
    groups: dict[UUID, list[Item]] = {}
    for item in items:
        groups.setdefault(item.project_id, []).append(item)
    found = [_unbilled(group) for group in groups.values()]
    return sorted(found, key=lambda one: (one.oldest_on is None, one.oldest_on, one.customer, one.project))


def _is_ahead(plan: Plan, period: Period) -> bool:
    return plan.billed_until is None or period.from_on > plan.billed_until


def _coming(plan: Plan, period: Period, language: str) -> Coming:
    lines = plan.piece(period, language).lines
    total = totals(plan.schedule.currency, lines).total if lines else None
    return Coming(plan.due_on(period), period, lines, total)


def _unbilled(items: Sequence[Item]) -> Unbilled:
    project = items[0].project
    ready = [item for item in items if item.finished_on is not None and not item.waits_for]
    zero = Money(0, project.currency)
    net = totals(project.currency, [line_of(item) for item in ready]).line_sum if ready else zero
    return Unbilled(
        project.id, project.name, project.customer.name, len(ready), net,
        min((item.finished_on for item in ready if item.finished_on), default=None), len(items) - len(ready),
        project.finished_on is not None,
    )  # fmt: skip
