"""Decides how a schedule's rule is chosen by plain words, and how it is said: every so many weeks, months or years."""

import re
from datetime import date

from django.http import QueryDict

from goodterms.delivery.spoken import weekday
from goodterms.values.refusal import Refused

UNITS = {"weeks": "WEEKLY", "months": "MONTHLY", "years": "YEARLY"}
_PLAIN = re.compile(r"FREQ=(WEEKLY|MONTHLY|YEARLY)(?:;INTERVAL=(\d+))?(?:;BYMONTH=(\d+))?(?:;BYMONTHDAY=(\d+))?")
_ONE = {"WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def chosen(given: QueryDict, starts_on: date) -> str:
    """The rule of RFC 5545 that the choices mean; one that was written stands before them."""
    if written := given.get("rule", "").strip():
        return written
    freq = UNITS.get(given.get("unit_of_time", ""))
    if freq is None:
        raise Refused("Choose weeks, months or years.", code="rule", field="unit_of_time")
    every = _number(given.get("every", "") or "1", "every", 1000, "How often is a whole number, 1 to 1000.")
    parts = [f"FREQ={freq}", *([f"INTERVAL={every}"] if every > 1 else [])]
    day = given.get("day", "").strip()
    if day and freq == "WEEKLY":
        sentence = "Weeks go by the weekday of the first day. Leave the day of the month empty."
        raise Refused(sentence, code="rule", field="day")
    if day:
        on = _number(day, "day", 31, "A day of the month is 1 to 31; 31 is its last.")
        parts += [*([f"BYMONTH={starts_on.month}"] if freq == "YEARLY" else []), f"BYMONTHDAY={on}"]
    return ";".join(parts)


def in_words(rule: str, starts_on: date) -> str:
    """`every month on day 1`; the rule itself where it says more than that."""
    plain = _PLAIN.fullmatch(rule)
    if plain is None:
        return rule
    freq, every, month, day = plain.groups()
    often = f"every {_ONE[freq]}" if every in (None, "1") else f"every {every} {_ONE[freq]}s"
    if freq == "WEEKLY":
        return rule if month or day else f"{often}, on {weekday(starts_on, 'en')}"
    if freq == "MONTHLY":
        return rule if month else f"{often}, on day {day or starts_on.day}"
    return f"{often}, on {day or starts_on.day} {date(2024, int(month or starts_on.month), 1):%B}"


def _number(written: str, field: str, most: int, sentence: str) -> int:
    if written.strip().isdecimal() and len(written) < 6 and 1 <= int(written) <= most:
        return int(written)
    raise Refused(sentence, code="rule", field=field)
