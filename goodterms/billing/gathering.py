"""Reads what a billing run decides about: schedules that are due, what was agreed for them, pauses, and finished items."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.billing.models import Billed, Item, Pause, Priced, Schedule, ScheduleLine
from goodterms.billing.rules import Agreed, Doer, Period, Piece, Span, accepted_on, bill_on, lines_of, period_after
from goodterms.database.among import among
from goodterms.delivery import spoken
from goodterms.invoicing.line import Line, of_columns
from goodterms.parties.models import Customer
from goodterms.values.days import NEVER


class Agreement:
    """All lines that were and will be agreed for a schedule, position by position. Many schedules agree on the very same, and
    what is worked out of one agreement is worked out once: it is known by itself (identity), since to tell long lists of lines
    apart would take as long."""

    __slots__ = ("lines",)

    def __init__(self, lines: Iterable[Agreed]) -> None:
        self.lines = tuple(lines)


class Plan(NamedTuple):
    """A schedule with all that decides what it bills next."""

    schedule: Schedule
    agreement: Agreement
    pauses: tuple[Span, ...]
    billed_until: date | None  # the last day of the last period that was billed

    def after(self, period: Period | None) -> "Plan":
        """The plan once this period is billed."""
        return self if period is None else self._replace(billed_until=period.until_on)

    def next_period(self) -> Period | None:
        one = self.schedule
        return period_after(one.rule, one.starts_on, one.ends_on, self.billed_until)

    def due_on(self, period: Period) -> date:
        """When this period is billed: on its day, or on the next on which the customer takes invoices."""
        customer = self.schedule.customer
        on = bill_on(period, in_advance=self.schedule.in_advance)
        return accepted_on(on, frozenset(customer.bill_days), customer.cut_off_day)

    def piece(self, period: Period, language: str) -> Piece:
        one = self.schedule
        lines = _billed(self.agreement, self.pauses, period, one.prorated, one.currency, one.project, language)
        work = _filled(one.work, period, language)
        return Piece(one.id, one.customer_id, one.currency, one.order_number, one.project, work, one.automatic, lines)


def plans(schedules: Sequence[Schedule]) -> list[Plan]:
    """Three statements, whatever the number of schedules; their customers come with them."""
    keys = [one.id for one in schedules]
    agreed: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    rows = ScheduleLine.objects.filter(among("schedule_id", keys)).order_by("schedule", "position", "from_on")
    for schedule, *row in rows.values_list("schedule", "position", "from_on", *_PRICED):
        agreed[schedule].append(tuple(row))
    pauses: dict[UUID, list[Span]] = defaultdict(list)
    for schedule, begins, ends in (
        Pause.objects.standing().filter(among("schedule_id", keys)).values_list("schedule", "from_on", "until_on")
    ):
        pauses[schedule].append(Span(begins, ends or NEVER))
    until = last_billed(keys)
    return [Plan(one, _agreement(tuple(agreed[one.id])), tuple(sorted(pauses[one.id])), until.get(one.id)) for one in schedules]


def agreed_for(schedule: Schedule) -> list[Agreed]:
    """Every price there was and will be, line by line in the order of days; one statement."""
    rows = ScheduleLine.objects.filter(schedule=schedule).order_by("position", "from_on")
    return [Agreed(row.position, row.from_on, line_of(row) if row.quantity else None) for row in rows]


def last_billed(schedules: Iterable[UUID]) -> dict[UUID, date]:
    """The last day that was billed, for each schedule that has one."""
    rows = (
        Billed.objects.standing().filter(among("schedule_id", schedules)).order_by("schedule", "-from_on").distinct("schedule")
    )
    return dict(rows.values_list("schedule", "until_on"))


def pieces_of(items: Sequence[Item]) -> list[Piece]:
    """Finished work, by project, in the order of its days. A person has chosen it, so nobody needs to be asked again."""
    by_project: dict[UUID, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.project.name, item.done_on, item.id)):
        by_project[item.project_id].append(item)
    return [_piece(group) for group in by_project.values()]


def who_apart(customers: Iterable[Customer], by_project: bool | None = None) -> frozenset[UUID]:
    """Who gets an invoice for each project: those who prefer it; or all, or nobody, where that is asked for."""
    return frozenset(one.id for one in customers if (one.billed_by == "project" if by_project is None else by_project))


def told_by(customers: Iterable[Customer]) -> dict[UUID, str]:
    """By what their lines are told, for those who do not want to read every item."""
    return {one.id: one.breakdown for one in customers if one.breakdown != "items"}


def line_of(row: Priced, project: str = "") -> Line:
    """What a row says, as a line of an invoice."""
    return of_columns(vars(row) | {"project": project})


_PRICED = [field.name for field in Priced._meta.local_fields]


def _piece(items: Sequence[Item]) -> Piece:
    project = items[0].project
    lines = [line_of(item, project.name) for item in items]
    doers = [Doer(item.done_by, item.team) for item in items]
    return Piece(
        project.id, project.customer_id, project.currency, project.order_number, project.name, project.name, False, lines, doers
    )


@lru_cache(maxsize=1_024)
def _agreement(rows: tuple[tuple[Any, ...], ...]) -> Agreement:
    """Of rows as `plans` reads them: position, the day from which, and the columns of a line."""
    return Agreement(Agreed(position, from_on, _line_in(priced)) for position, from_on, *priced in rows)


def _line_in(priced: Sequence[Any]) -> Line | None:
    row = dict(zip(_PRICED, priced, strict=True))
    return of_columns(row) if row["quantity"] else None


@lru_cache(maxsize=1_024)
def _billed(
    agreement: Agreement, pauses: tuple[Span, ...], period: Period, prorated: bool, currency: str, project: str, language: str
) -> tuple[Line, ...]:  # fmt: skip
    """What a period bills; the very same lines for all whose agreement is the same, so that the rest is worked out once."""
    lines = lines_of(
        period, agreement.lines, pauses, prorated=prorated, currency=currency,
        say=lambda first, last: spoken.days(first, last, language),
    )  # fmt: skip
    return tuple(_named(line, period, language, project) for line in lines)


def _named(line: Line, period: Period, language: str, project: str) -> Line:
    text = _filled(line.description, period, language)
    is_same = text == line.description and project == line.project
    return line if is_same else replace(line, description=text, project=project)


def _filled(text: str, period: Period, language: str) -> str:
    """`Retainer, {month}` is `Retainer, November 2026`."""
    if "{" not in text:
        return text
    words: Mapping[str, str] = {
        "{month}": spoken.month(period.from_on, language), "{year}": str(period.from_on.year),
        "{days}": spoken.days(period.from_on, period.until_on, language),
    }  # fmt: skip
    for word, said in words.items():
        text = text.replace(word, said)
    return text


def name_of(work: str) -> str:
    """`Retainer, each month`: what a schedule is called, where no period fills the words in."""
    for word, said in (("{month}", "each month"), ("{year}", "each year"), ("{days}", "each period")):
        work = work.replace(word, said)
    return work
