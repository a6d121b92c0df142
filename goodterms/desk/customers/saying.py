"""Decides what the list says of a relationship in words: what comes next with it, and the sentence above all of them."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.relationship.measures.sides import Sides
from goodterms.stationery.templatetags.stationery import clock_time, day, in_words
from goodterms.values.days import day_in


class Next(NamedTuple):
    """What comes next, who has to act (us, them or nobody), and the conversation that it is in."""

    words: str
    whose: str = ""
    conversation_id: UUID | None = None


def next_of(found: Sides, today: date, now: datetime, timezone: str) -> Next:
    """Our answer before their promise, a missed promise before a running one, and what is late before what is due."""
    if found.waiting_until is not None:
        return Next(_answer_by(found.waiting_until, today, now, timezone), "us", found.waiting_id)
    if any(one.is_broken for one in found.open):
        return Next("Decide: promise missed", "us")
    if promised := [one.promised_on for one in found.open if one.promised_on]:
        return Next(f"Promised {day(min(promised))}", "them")
    if any(one.late for one in found.open):
        return Next("Late", "them")
    if expected := [one.expected_on for one in found.open if one.expected_on]:
        return Next(f"Due {day(min(expected))}", "them")
    return Next("nothing needed")


def _answer_by(until: datetime, today: date, now: datetime, timezone: str) -> str:
    if until < now:
        return f"Answer owed since {day(day_in(timezone, until))}"
    on = day_in(timezone, until)
    return f"Answer by {clock_time(until, timezone) if on == today else day(on)}"


def counted(number: int, one: str, many: str) -> str:
    """`One relationship`, `Eleven relationships`."""
    word = in_words(number)
    return f"{word[:1].upper()}{word[1:]} {one if number == 1 else many}"


def hours(minutes: int | None) -> str:
    """`2 h 48`, `48 min`; a dash where nothing was measured."""
    if minutes is None:
        return "–"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def span(agreed: tuple[int, int]) -> str:
    """`30 days`, `30 to 45 days`"""
    least, most = agreed
    return f"{most} {'day' if most == 1 else 'days'}" if least == most else f"{least} to {most} days"
