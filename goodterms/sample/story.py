"""Decides what happens when: all that the tables tell, as one list in the order of time."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from goodterms.conversations.rules import answer_due_at
from goodterms.sample import ahead, deeds, tables, work
from goodterms.sample.days import working_days
from goodterms.sample.stage import Stage
from goodterms.sample.tables import LINDQVIST
from goodterms.values.days import instant

READ_AT, PAID_AT = time(9), time(9, 5)  # the bank is read before the day is run
BILLED_AT = time(9, 12)


class Beat(NamedTuple):
    """One thing that happens, at an instant (UTC)."""

    at: datetime
    tell: Callable[[datetime], None]


def beats(stage: Stage, told: dict[str, Any]) -> list[Beat]:
    """Everything but the days themselves; what happens at one instant keeps the order of the tables."""
    short = {row["number"]: row["minor"] for row in told["given_up"] + told["part"]}
    found = [
        *_invoices(stage, told["lines"], short),
        *_words(stage),
        *_promises(stage),
        *_once(stage, told),
        *_readings(stage),
        *_projects(stage, told["project"]),
    ]
    return sorted(found, key=lambda beat: beat.at)


def _invoices(stage: Stage, lines: dict[str, list[list[str]]], short: dict[str, int]) -> Iterator[Beat]:
    for row in tables.billed():
        zone = stage.vendors[row.vendor].timezone
        yield Beat(instant(row.issued_on, BILLED_AT, zone), partial(deeds.bill, stage, row, lines.get(row.number, [])))
        if row.paid_on:
            tell = partial(_pay_all, stage, row, short.get(row.number, 0))
            yield Beat(instant(row.paid_on, PAID_AT, zone), tell)


def _pay_all(stage: Stage, row: tables.Billed, short: int, now: datetime) -> None:
    assert row.paid_on is not None
    deeds.pay(stage, row.number, stage.invoices[row.number].total_minor - short, row.paid_on, row.method, now)


def _words(stage: Stage) -> Iterator[Beat]:
    for row in tables.said():
        hours = stage.hours(row.vendor)
        asked_at = _local(row.asked_at, hours.timezone)
        yield Beat(asked_at, partial(deeds.open_words, stage, row))
        if row.minutes is not None:
            at = answer_due_at(asked_at, hours, timedelta(minutes=row.minutes))
            yield Beat(at, partial(_answer, stage, row))
        if row.settled_on:
            yield Beat(instant(row.settled_on, time(10), hours.timezone), partial(_settle, stage, row))


def _answer(stage: Stage, row: tables.Said, now: datetime) -> None:
    deeds.answer_words(stage, row, stage.threads[row.number], now)


def _settle(stage: Stage, row: tables.Said, now: datetime) -> None:
    deeds.settle_dispute(row, stage.threads[row.number], now)


def _promises(stage: Stage) -> Iterator[Beat]:
    for row in tables.promised():
        yield Beat(_local(row.made_at, stage.vendors[LINDQVIST].timezone), partial(deeds.give_word, stage, row))


def _once(stage: Stage, told: dict[str, Any]) -> Iterator[Beat]:
    verbs: dict[str, Callable[[Stage, dict[str, Any], datetime], None]] = {
        "terms": _terms,
        "given_up": deeds.give_up,
        "part": _part,
        "hold": deeds.rest,
        "note": deeds.note_down,
        "reply": deeds.write_back,
        "draft": _draft,
        "schedule": work.begin_schedule,
        "ahead": ahead.agree_ahead,
        "taken_out": ahead.take_out,
        "bill": work.bill_all,
        "plan": work.in_parts,
    }
    zone = stage.vendors[LINDQVIST].timezone
    for kind, verb in verbs.items():
        for row in told[kind]:
            yield Beat(_local(row["at"], zone), partial(verb, stage, row))


def _projects(stage: Stage, rows: list[dict[str, Any]]) -> Iterator[Beat]:
    for row in rows:
        for at, tell in work.in_projects(stage, row):
            yield Beat(at, tell)


def _readings(stage: Stage) -> Iterator[Beat]:
    for on in working_days():
        yield Beat(instant(on, READ_AT, stage.vendors[LINDQVIST].timezone), partial(deeds.read_bank, stage))


def _terms(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    who = (LINDQVIST, row["customer"])
    deeds.settle_terms(stage, who, row["notation"], now, agreed_by=row["agreed_by"])
    stage.terms[who] = row["notation"]


def _part(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    deeds.pay(stage, row["number"], row["minor"], now.date(), row["method"], now)


def _draft(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    deeds.propose(stage, (LINDQVIST, row["customer"]), row["work"], row["order"], row["lines"], now)


def _local(at: datetime, timezone: str) -> datetime:
    return instant(at.date(), at.time(), timezone)
