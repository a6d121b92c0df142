"""Decides how both sides of a relationship lie on one axis: our answer left of it, their days after the due day right of it."""

from typing import NamedTuple

from goodterms.relationship.measures.sides import Sides

AXIS, GAP, LONGEST = 110.0, 2.0, 90.0  # of a drawing 220 wide
WORD = 48.0  # how far our word lies from the axis, whatever its hours
DAY = 4.8
LATE_FROM = 8  # days from which their bar is rust


class Fly(NamedTuple):
    """Left bar (ours) and right bar (theirs) of one row; None where nothing was measured."""

    ours: tuple[float, float] | None  # x, width
    theirs: float | None  # width; 0: on the day
    kind: str  # of their bar: bad, early or nothing
    word_x: float
    label: str


def fly(found: Sides, answer_hours: int) -> Fly:
    start = AXIS - GAP
    ours = theirs = None
    kind, said = "", []
    if found.answer_minutes is not None:
        width = round(min(found.answer_minutes / 60 / answer_hours * WORD, LONGEST), 1)
        ours = (round(start - width, 1), width)
        said.append(f"We answer in {round(found.answer_minutes / 60, 1)} hours")
    if found.paying:
        days = round(found.paying.after_due)
        theirs = round(min(abs(days) * DAY, LONGEST), 1)
        kind = "early" if days < 0 else "bad" if days >= LATE_FROM else ""
        said.append(f"they pay {after_due(days)}")
    label = "; ".join(said) or "Nothing was measured yet"
    return Fly(ours, theirs, kind, start - WORD, label[:1].upper() + label[1:])


def after_due(days: int) -> str:
    """`4 days late`, `1 day early`, `on the day`."""
    if days == 0:
        return "on the day"
    return f"{abs(days)} {'day' if abs(days) == 1 else 'days'} {'late' if days > 0 else 'early'}"
