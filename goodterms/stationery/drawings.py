"""Decides how a term line and a response clock are drawn: plain geometry, in the design's own measures."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

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


def term_drawn(line: TermLine, label: str) -> SafeString:
    """The drawing of a term line: written here and not by a template, since a list has two hundred of them."""
    until = line.due if line.is_late else line.now
    over = f'<line class="over" x1="{line.due}" x2="{line.now}" y1="8" y2="8"/>' if line.is_late else ""
    vow = f'<circle class="vow" cx="{line.vow}" cy="8" r="4"/>' if line.vow else ""
    return mark_safe(  # noqa: S308  (numbers of ours, and a label that is escaped)
        f'<svg class="term" viewBox="0 0 112 16" width="112" height="16" role="img" aria-label="{escape(label)}">'
        f'<line class="run" x1="{START}" x2="{END}" y1="{MIDDLE}" y2="{MIDDLE}"/>'
        f'<line class="past" x1="{START}" x2="{until}" y1="{MIDDLE}" y2="{MIDDLE}"/>{over}'
        f'<line class="tick" x1="{line.issued}" x2="{line.issued}" y1="5" y2="11"/>'
        f'<line class="tick" x1="{line.due}" x2="{line.due}" y1="2" y2="14"/>{vow}'
        f'<circle class="now" cx="{line.now}" cy="8" r="4.5"/></svg>'
    )


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
