"""Decides how the rows of a day are said: what waits since when, in which words, and what comes before all else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.conversations.actions.threads import hours_of
from goodterms.delivery import spoken
from goodterms.desk.door import STAFF, Visit
from goodterms.desk.today.outgoing import Message
from goodterms.desk.today.queue import Found, Late, Sheet, Thread
from goodterms.invoicing.approval import may_approve
from goodterms.relationship.rules.queue import Group, Kind, Need, first_of, grouped
from goodterms.reminders.rules.names import NAMES
from goodterms.stationery.clocks import Left, left_until, moment_of, spell
from goodterms.values.days import day_in
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

FOLD = 7  # rows of a group that stand open
QUOTE_MOST = 110
REASONS = {
    "paid": "They say that it is paid.", "disputed": "A dispute is open.", "question_open": "A question is open.",
    "promised": "A promise is running.", "extended": "More time was granted.", "on_plan": "A plan is running.",
    "manual": "Held by a person.", "stale_feed": "Payments were not read lately.", "no_address": "No address is known.",
    "message_held": "Held here, until somebody releases it.", "limit": "Their contacts are used up.",
    "quiet": "A quiet day there.", "hours": "Outside their hours.", "holiday": "A holiday there.",
}  # fmt: skip
LANGUAGES = {"id": "in Indonesian"}


class Row(NamedTuple):
    """One thing that needs a person, as the page shows it."""

    need: Need
    fact: Any
    left: Left | None = None
    when: str = ""
    below: str = ""
    is_late: bool = False
    said: str = ""
    more: str = ""
    money: Money | None = None
    of: Money | None = None


class Shown(NamedTuple):
    """A group of rows; `folded` more are a press away, for nobody does hundreds of things at one look."""

    name: str
    key: str  # by which the address asks for all of it
    rows: list[Row]
    folded: int


class First(NamedTuple):
    """Who comes before all else, and why, for the opening sentence."""

    who: str
    why: str


def rows(found: Found, visit: Visit, whole: str = "") -> list[Shown]:
    """In the order of the rule; the group `whole` unfolded."""
    said = {(row.need.kind, row.need.id): row for row in _rows(found, visit)}
    return [_folded(group, said, whole) for group in grouped(row.need for row in said.values())]


def opening(shown: list[Shown], visit: Visit) -> First | None:
    need = first_of([Group(group.name, [row.need for row in group.rows]) for group in shown])
    if need is None:
        return None
    row = shown[0].rows[0]
    who = row.fact.customer or row.fact.recipient
    if need.kind in ("dispute", "question", "request"):
        by = moment_of(row.fact.answer_due_at, visit.now, visit.vendor.timezone)
        ran_out = "ran out" if row.left and row.left.is_over else "for an answer runs out"
        return First(f"{row.fact.said_by} at {who}", f"our word {ran_out} {'at' if ':' in by[:3] else 'on'} {by}")
    return First(who, _WHY[need.kind])


def why(message: Message) -> str:
    """Why a message goes out on that day, or why it does not."""
    if message.reasons:
        return " ".join(REASONS.get(word, "A person decides.") for word in message.reasons)
    planned = message.chase_on + timedelta(days=message.step_days)
    if message.put_off or planned != message.on:
        reason = REASONS[message.put_off[0]].rstrip(".").lower() if message.put_off else ""
        told = f"Its day was {spoken.weekday(planned, 'en')} {spoken.short_day(planned, 'en')}"
        return f"{told}: {reason}." if reason else f"{told}."
    if not message.step_days:
        return "Due that day."
    days = abs(message.step_days)
    counted = f"{spoken.count(days, 'en').capitalize()} day{'s' * (days > 1)}"
    return f"{counted} {'before it is due' if message.step_days < 0 else 'late'}."


def title(message: Message) -> str:
    """`First reminder, formal, on paper`"""
    parts = [NAMES.get(message.kind, "Reminder")]
    parts += [message.tone] if message.tone == "formal" else []
    parts += ["on paper"] if message.channel == "post" else []
    parts += [LANGUAGES[message.language[:2]]] if message.language[:2] in LANGUAGES else []
    return ", ".join(parts)


def _folded(group: Group, said: Mapping[tuple[Kind, UUID], Row], whole: str) -> Shown:
    key = group.name.lower().replace(" ", "-")
    needs = group.needs if key == whole else group.needs[:FOLD]
    return Shown(group.name, key, [said[need.kind, need.id] for need in needs], len(group.needs) - len(needs))


def _rows(found: Found, visit: Visit) -> Iterator[Row]:
    yield from (_thread(one, visit) for one in found.threads)
    for sheet in found.sheets:
        kind = "issue" if sheet.approved_at else "approval"
        since = sheet.approved_at or sheet.created_at
        when = _day(day_in(visit.vendor.timezone, since), visit.today)
        need = Need(kind, sheet.id, since, None, sheet.total_minor)  # type: ignore[arg-type]
        below = "approved" if sheet.approved_at else "drafted"
        yield Row(need, sheet, None, when, below, more=_not_yours(sheet, visit), money=Money(sheet.total_minor, sheet.currency))
    for one in found.broken:
        need = Need("promise", one.id, one.judged_at, None, one.minor)
        yield Row(need, one, None, _day(one.promised_on, visit.today), "has passed", True, money=Money(one.minor, one.currency),
                  more=_record(one.kept, one.broken))  # fmt: skip
    for sum_ in found.money:
        need = Need(sum_.kind, sum_.id, sum_.at, None, sum_.minor)  # type: ignore[arg-type]
        yield Row(need, sum_, None, _day(day_in(visit.vendor.timezone, sum_.at), visit.today), "in doubt", money=sum_.money)
    yield from _late("over", found.over, visit)
    yield from _late("call", found.calls, visit)
    for kind, letters in (("doubt", found.doubts), ("undelivered", found.returned)):
        for letter in letters:
            need = Need(kind, letter.id, letter.at)  # type: ignore[arg-type]
            yield Row(need, letter, None, _day(day_in(visit.vendor.timezone, letter.at), visit.today), letter.channel_words)
    for named in found.colleagues:
        need = Need("colleague", named.id, named.at)
        yield Row(need, named, None, _day(day_in(visit.vendor.timezone, named.at), visit.today), "named")


def _thread(one: Thread, visit: Visit) -> Row:
    vendor = visit.vendor
    left = left_until(one.answer_due_at, visit.now, hours_of(vendor), vendor.answer_hours)
    minor = one.disputed_minor if one.disputed_minor is not None else one.total_minor
    need = Need(one.kind, one.id, one.opened_at, one.answer_due_at, minor)  # type: ignore[arg-type]
    of = Money(one.total_minor, one.currency) if one.currency else None
    money = Money(minor, one.currency) if one.currency else None
    return Row(need, one, left, said=_short(one.said), more=_answered(one, visit), money=money, of=of, is_late=left.is_over)


def _not_yours(sheet: Sheet, visit: Visit) -> str:
    """Why this member may not approve it; empty where they may, or where it is approved."""
    if sheet.approved_at or not visit.may(*STAFF):
        return ""
    total = Money(sheet.total_minor, sheet.currency)
    whose: dict[str, Any] = {"up_to": visit.approves_up_to, "four_eyes": visit.vendor.four_eyes}
    try:
        may_approve(total=total, by=visit.by, written_by=sheet.written_by, **whose)
    except Refused as no:
        return no.sentence
    return ""


def _answered(one: Thread, visit: Visit) -> str:
    """`Tom answered on Thursday within 45 min; Graham wrote again on Friday.`"""
    if one.answered_at is None:
        return ""
    first, again = (day_in(visit.vendor.timezone, at) for at in (one.answered_at, one.said_at))
    within = f" within {spell(one.answered_minutes)}" if one.answered_minutes is not None else ""
    told = f"{_first_name(one.answered_by)} answered {_on(first, visit.today)}{within}"
    return (
        f"{told}; {_first_name(one.said_by)} wrote again {_on(again, visit.today)}."
        if one.said_at > one.answered_at
        else f"{told}."
    )


def _late(kind: str, found: Iterable[Late], visit: Visit) -> Iterator[Row]:
    for one in found:
        days = (visit.today - one.day).days
        since = datetime.combine(one.day, datetime.min.time(), visit.now.tzinfo)
        need = Need(kind, one.id, since, None, one.open_minor)  # type: ignore[arg-type]
        below = f"day{'s' * (days != 1)} late"
        yield Row(need, one, None, str(days), below, money=Money(one.open_minor, one.currency))


def _record(kept: int, broken: int) -> str:
    if not kept and not broken:
        return "It was the first promise."
    told = (
        f"{spoken.count(kept, 'en').capitalize() if kept else 'None'} of {spoken.count(kept + broken, 'en')} earlier promises"
    )
    return (
        f"{told if kept + broken > 1 else 'The earlier promise'} {'was' if kept <= 1 else 'were'}{'' if kept else ' not'} kept."
    )


def _day(on: date, today: date) -> str:
    if on == today:
        return "Today"
    return spoken.weekday(on, "en") if 0 < (today - on).days < 7 else spoken.short_day(on, "en")


def _on(on: date, today: date) -> str:
    return "today" if on == today else f"on {_day(on, today)}"


def _first_name(name: str) -> str:
    return (name.split() or [name])[0]


def _short(words: str) -> str:
    """Whole sentences, as many as fit in a row; of a long one its beginning."""
    plain = " ".join(words.split())
    ends = [found.end() for found in re.finditer(r"[.?!…](?=\s|$)", plain[:QUOTE_MOST])]
    if len(plain) <= QUOTE_MOST or ends:
        return plain if len(plain) <= QUOTE_MOST else plain[: ends[-1]]
    return f"{plain[: QUOTE_MOST - 2].rsplit(' ', 1)[0]} …"


_WHY = {
    "approval": "an invoice waits to be approved", "issue": "an approved invoice waits to be issued",
    "promise": "a promise was not kept", "over": "the reminders are over", "call": "a call is due",
    "checkout": "nobody knows whether a payment came", "refund": "nobody knows whether a refund went out",
    "doubt": "nobody knows whether a letter arrived", "undelivered": "a letter could not be delivered",
    "colleague": "a colleague is named, to be added or not",
}  # fmt: skip
