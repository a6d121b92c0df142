"""Decides what a period costs: the lines agreed for its days, by day where it is broken, paused or the price changes in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from goodterms.billing.rules.calendar import Period
from goodterms.invoicing.line import Line
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Sayer = Callable[[date, date], str]


class Agreed(NamedTuple):
    """One line of a schedule as agreed from a day on. None: from then on it is no longer billed."""

    position: int
    from_on: date
    line: Line | None


class Span(NamedTuple):
    """Days in a row, both included."""

    from_on: date
    until_on: date

    @property
    def days(self) -> int:
        return (self.until_on - self.from_on).days + 1


def lines_of(
    period: Period,
    agreed: Sequence[Agreed],
    pauses: Sequence[Span],
    *,
    prorated: bool,
    currency: str,
    say: Sayer,
) -> list[Line]:
    """The lines of one period, in the order of their positions; none where it is paused.

    Not prorated: a period costs all of what was agreed on its first day, and nothing where that day is paused. Prorated:
    each line costs its share of the days, rounded once for each price. `say` puts days into words for a line that is not
    of the whole period.
    """
    if not prorated:
        paused = any(pause.from_on <= period.from_on <= pause.until_on for pause in pauses)
        return [] if paused else [one for one in _on(agreed, period.from_on) if one is not None]
    spans = left_of(Span(period.from_on, period.until_on), pauses)
    lines = []
    for position in sorted({one.position for one in agreed}):
        versions = sorted((one for one in agreed if one.position == position), key=lambda one: one.from_on)
        for span, line in _at_one_price(spans, versions):
            share = Fraction(span.days, period.days)
            lines.append(line if share == 1 else _part(line, share, currency, say(*span)))
    return lines


def left_of(span: Span, pauses: Sequence[Span]) -> list[Span]:
    """What is left of `span` without the paused days."""
    left = []
    begins = span.from_on
    for pause in sorted(pauses):
        if pause.until_on < begins or pause.from_on > span.until_on:
            continue
        if pause.from_on > begins:
            left.append(Span(begins, pause.from_on - timedelta(days=1)))
        if pause.until_on >= span.until_on:
            return left
        begins = pause.until_on + timedelta(days=1)
    return [*left, Span(begins, span.until_on)]


def agreed_on(agreed: Sequence[Agreed], position: int, on: date) -> Line:
    """What is agreed for one line on a day. Refused where it is not billed then."""
    of = [one for one in agreed if one.position == position and one.from_on <= on]
    latest = max(of, key=lambda one: one.from_on, default=None)
    if latest is None or latest.line is None:
        raise Refused("On that day this line is not billed. Choose a later day, or another line.", code="line", field="from_on")
    return latest.line


def _on(agreed: Sequence[Agreed], on: date) -> list[Line | None]:
    """What is agreed on a day, by position."""
    latest: dict[int, Agreed] = {}
    for one in sorted(agreed, key=lambda one: (one.position, one.from_on)):
        if one.from_on <= on:
            latest[one.position] = one
    return [one.line for one in latest.values()]


def _at_one_price(spans: Sequence[Span], versions: Sequence[Agreed]) -> list[tuple[Span, Line]]:
    """The spans of one line, cut where its price changes."""
    found = []
    for this, following in pairwise([*versions, None]):
        assert this is not None
        ends = following.from_on - timedelta(days=1) if following else date.max
        for span in spans:
            cut = Span(max(span.from_on, this.from_on), min(span.until_on, ends))
            if cut.from_on <= cut.until_on and this.line is not None:
                found.append((cut, this.line))
    return found


def _part(line: Line, share: Fraction, currency: str, days: str) -> Line:
    """The line for a share of its period: one of it, at the rounded share of what all of it costs before its discount."""
    whole = line.quantity * line.unit_price
    price = Money.of(whole * share.numerator / share.denominator, currency).major
    less = Money.of(line.discount_amount * share.numerator / share.denominator, currency).major
    return replace(
        line, description=f"{line.description}, {days}", quantity=Decimal(1), unit="", unit_price=price,
        discount_amount=min(less, price),
    )  # fmt: skip
