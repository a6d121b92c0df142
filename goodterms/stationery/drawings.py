"""Decides how a term line and a response clock are drawn: plain geometry, in the design's own measures."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

START, END, MIDDLE = 5.0, 107.0, 8  # of a line 112 wide and 16 high
AROUND = 75.4  # the circumference of the clock's ring


class TermLine(NamedTuple):
    """Where the marks of one invoice stand, in units of the drawing; `vow` and `over` where there are any."""

    issued: float
    due: float
    now: float
    vow: float | None
    is_late: bool


def term_line(*, issued_on: date, due_on: date, today: date, promised_on: date | None = None) -> TermLine:
    """From issue to whichever is last of due day, today and promise. One day is one length on the whole line."""
    last = max(filter(None, (due_on, today, promised_on, issued_on)))
    days = max((last - issued_on).days, 1)

    def at(on: date) -> float:
        return round(START + (END - START) * max((on - issued_on).days, 0) / days, 1)

    now = max(today, issued_on)
    return TermLine(at(issued_on), at(due_on), at(now), at(promised_on) if promised_on else None, today > due_on)


def ring(left: float) -> str:
    """The dashes of a ring of which the share `left` (0 to 1) still stands."""
    return f"{round(min(max(left, 0.0), 1.0) * AROUND, 1)} {AROUND}"


def spark(values: Sequence[float], width: int = 88, height: int = 18) -> str:
    """The points of a polyline over equal steps, the largest value at the top."""
    top = max(values, default=0) or 1
    step = width / max(len(values) - 1, 1)
    return " ".join(
        f"{round(n * step, 1)},{round(height - 1 - (height - 2) * value / top, 1)}" for n, value in enumerate(values)
    )
