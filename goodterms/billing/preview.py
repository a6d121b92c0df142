"""Reads what is to come: the next billings of a schedule as they stand today."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from goodterms.billing.gathering import Plan, plans
from goodterms.billing.models import Schedule
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


def coming(schedule: Schedule, *, language: str = "en", most: int = 12) -> list[Coming]:
    """The next `most` billings, in order; pauses that have no end yet leave them empty."""
    [plan] = plans([schedule])
    ahead = (one for one in periods(schedule.rule, schedule.starts_on, schedule.ends_on) if _is_ahead(plan, one))
    return [_coming(plan, period, language) for period in islice(ahead, most)]


def _is_ahead(plan: Plan, period: Period) -> bool:
    return plan.billed_until is None or period.from_on > plan.billed_until


def _coming(plan: Plan, period: Period, language: str) -> Coming:
    lines = plan.piece(period, language).lines
    total = totals(plan.schedule.currency, lines).total if lines else None
    return Coming(plan.due_on(period), period, lines, total)
