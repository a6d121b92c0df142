"""Decides how a payer is treated: their own word first, else the strictest of the customers who list them.

Defaults are the strictest of several countries' contact rules (12 CFR 1006, ACCC/ASIC, FCA CONC 7.9, RBI): where a
place is not known, what is decent everywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from goodterms.values.days import zone
from goodterms.values.refusal import Refused, to_say

HOURS = (time(9), time(19))  # by the payer's clock, the end excluded
LIMITS = ((1, 1), (3, 7), (10, 30))  # (contacts, days), over all vendors and channels; always hold
WEEKEND = frozenset({6, 7})  # quiet (ISO), but for a day that the payer's own rhythm names
_TONES = ("informal", "neutral", "formal")  # from loose to strict
QUIET_BACKWARDS = to_say("Quiet days end before they begin: {first} to {last}.")
Range = tuple[date, date]


class Wishes(NamedTuple):
    """What one of them said; empty and None: nothing. Weekdays are ISO: Monday is 1."""

    language: str = ""
    tone: str = ""
    country: str = ""
    timezone: str = ""
    quiet_weekdays: tuple[int, ...] = ()
    quiet_ranges: tuple[Range, ...] = ()  # both days included
    hours: tuple[time, time] | None = None
    limit: tuple[int, int] | None = None  # (contacts, days)
    rhythm: tuple[int, ...] = ()  # a payer's own: letters only on these weekdays


class Treatment(NamedTuple):
    """How a payer is treated, complete: what the reminders' rules ask."""

    language: str
    tone: str
    country: str
    timezone: str
    quiet_weekdays: frozenset[int]
    quiet_ranges: tuple[Range, ...]
    hours: tuple[time, time]  # from, to (excluded); from == to: customers' hours do not meet, so never
    limits: tuple[tuple[int, int], ...]
    rhythm: frozenset[int]


def said(
    language: str,
    tone: str,
    country: str,
    timezone: str,
    quiet_weekdays: Sequence[int],
    quiet_ranges: Iterable[Sequence[str]],
    hours_from: time | None,
    hours_to: time | None,
    contacts_max: int | None,
    contacts_days: int | None,
    rhythm: Sequence[int] = (),
) -> Wishes:
    """Wishes from the columns of Preferences, in their order there (a payer's `letter_weekdays` last)."""
    return Wishes(
        language=language,
        tone=tone,
        country=country,
        timezone=timezone,
        quiet_weekdays=tuple(quiet_weekdays),
        quiet_ranges=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in quiet_ranges),
        hours=(hours_from, hours_to) if hours_from is not None and hours_to is not None else None,
        limit=(contacts_max, contacts_days) if contacts_max is not None and contacts_days is not None else None,
        rhythm=tuple(rhythm),
    )


def treatment(own: Wishes, listed: Sequence[Wishes] = (), usual: Sequence[Wishes] = ()) -> Treatment:
    """`own` are the payer's wishes, `listed` those of the customers that list them, `usual` those vendors' own habits
    (language, tone, country, time zone), in a fixed order. Limits add up: the strictest of all holds, never a looser one."""
    chain = ([own], listed, usual)
    return Treatment(
        language=_most_said(chain, "language") or "en",
        tone=own.tone or _strictest_tone(listed) or _strictest_tone(usual) or "neutral",
        country=_most_said(chain, "country"),
        timezone=_most_said(chain, "timezone") or "UTC",
        quiet_weekdays=frozenset(own.quiet_weekdays or _union(wish.quiet_weekdays for wish in listed)) | _weekend(own),
        quiet_ranges=own.quiet_ranges or tuple(sorted(_union(wish.quiet_ranges for wish in listed))),
        hours=own.hours or _common_hours([wish.hours for wish in listed if wish.hours]),
        limits=tuple(sorted({*LIMITS, *_limits(own, listed)})),
        rhythm=frozenset(own.rhythm),
    )


def is_within(limits: Iterable[tuple[int, int]], today: date, contacts: Sequence[date]) -> bool:
    """Whether one more contact is not too many. `(3, 7)`: three in the seven days of which today is the last."""
    ages = [age for made_on in contacts if (age := (today - made_on).days) >= 0]
    return all(sum(age < days for age in ages) < most for most, days in limits)


def _most_said(chain: Iterable[Sequence[Wishes]], field: str) -> str:
    """The first of own, customers, vendors to say anything; among equals what most say, then the first by name."""
    for wishes in chain:
        said = Counter(filter(None, (getattr(wish, field) for wish in wishes)))
        if said:
            return str(min(said, key=lambda word: (-said[word], word)))
    return ""


def _strictest_tone(wishes: Iterable[Wishes]) -> str:
    return max((wish.tone for wish in wishes if wish.tone), key=_TONES.index, default="")


def _union(parts: Iterable[tuple[Any, ...]]) -> set[Any]:
    return {one for part in parts for one in part}


def _weekend(own: Wishes) -> frozenset[int]:
    return WEEKEND.difference(own.rhythm)


def _common_hours(hours: Sequence[tuple[time, time]]) -> tuple[time, time]:
    if not hours:
        return HOURS
    start, end = max(start for start, _ in hours), min(end for _, end in hours)
    return start, max(start, end)


def _limits(own: Wishes, listed: Iterable[Wishes]) -> list[tuple[int, int]]:
    return [own.limit] if own.limit else [wish.limit for wish in listed if wish.limit]


def checked_wishes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """`changes` by column of Preferences as they are stored; refuses what nobody can keep, by field."""
    checked = dict(changes)
    for field, check in _CHECKS.items():
        if field in checked and not check(checked[field]):
            raise Refused(_MEANING[field], code="preferences", field=field, value=repr(checked[field]))
    if checked.get("timezone"):
        zone(checked["timezone"])
    _must_pair(checked, "hours_from", "hours_to", to_say("Hours need a beginning and an end."))
    limit = to_say("A limit needs a number of contacts and a number of days.")
    _must_pair(checked, "contacts_max", "contacts_days", limit)
    start, end = checked.get("hours_from"), checked.get("hours_to")
    if start is not None and end is not None and not start < end:
        raise Refused("Hours begin before they end.", code="preferences", field="hours_to")
    if "quiet_ranges" in checked:
        checked["quiet_ranges"] = [_range(pair) for pair in checked["quiet_ranges"]]
    return checked


def _must_pair(said: Mapping[str, Any], one: str, other: str, sentence: str) -> None:
    if (one in said or other in said) and (said.get(one) is None) != (said.get(other) is None):
        raise Refused(sentence, code="preferences", field=other if said.get(other) is None else one)


def _range(pair: Sequence[date | str]) -> list[str]:
    try:
        first, last = (date.fromisoformat(str(day)) for day in pair)
    except ValueError as odd:
        raise Refused("{pair} is not two days like 2026-12-21.", code="preferences", field="quiet_ranges", pair=pair) from odd
    if first > last:
        raise Refused(QUIET_BACKWARDS, code="preferences", field="quiet_ranges", first=first, last=last)
    return [first.isoformat(), last.isoformat()]


def _whole(start: int, end: int) -> Callable[[Any], bool]:
    return lambda value: value is None or (type(value) is int and start <= value <= end)


def _wholes(start: int, end: int, most: int) -> Callable[[Any], bool]:
    fits = _whole(start, end)
    return lambda values: len(set(values)) == len(values) <= most and all(v is not None and fits(v) for v in values)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "language": lambda word: word == "" or (2 <= len(word) <= 8 and word.replace("-", "").isalnum()),
    "tone": _one_of("", *_TONES),
    "country": lambda code: code == "" or (len(code) == 2 and code.isascii() and code.isupper()),
    "channel": _one_of("email", "post", "portal", "call"),
    "quiet_weekdays": _wholes(1, 7, 6),
    "letter_weekdays": _wholes(1, 7, 7),
    "bill_days": _wholes(1, 31, 31),
    "cut_off_day": _whole(1, 31),
    "contacts_max": _whole(1, 30),
    "contacts_days": _whole(1, 365),
    "billed_by": _one_of("customer", "project"),
    "breakdown": _one_of("items", "rates", "people", "teams", "projects"),
}
_MEANING = {
    "language": to_say("{value} cannot be kept as a language; write it like en or id."),
    "tone": to_say("{value} cannot be kept as a tone; it is informal, neutral or formal."),
    "country": to_say("{value} cannot be kept as a country; write it like GB."),
    "channel": to_say("{value} cannot be kept as a channel; it is email, post, portal or call."),
    "quiet_weekdays": to_say(
        "{value} cannot be kept as quiet weekdays; 1 is Monday, 7 Sunday, and one day of the week has to be left."
    ),
    "letter_weekdays": to_say("{value} cannot be kept as days for letters; 1 is Monday, 7 Sunday."),
    "bill_days": to_say("{value} cannot be kept as days of the month, 1 to 31."),
    "cut_off_day": to_say("{value} cannot be kept as a day of the month, 1 to 31."),
    "contacts_max": to_say("{value} cannot be kept as a number of contacts, 1 to 30."),
    "contacts_days": to_say("{value} cannot be kept as a number of days, 1 to 365."),
    "billed_by": to_say("{value} cannot be kept; invoices are for the customer or for each project."),
    "breakdown": to_say("{value} cannot be kept; a line is for items, rates, people, teams or projects."),
}
