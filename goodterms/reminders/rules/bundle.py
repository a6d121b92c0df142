"""Decides which one notice a payer gets on a day, out of what is due over all vendors, and in which words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from goodterms.reminders.rules.cadence import Step
from goodterms.reminders.rules.facts import Channel, Facts, PayerFacts
from goodterms.reminders.rules.own_words import Foreword

_BY_HAND = ("call", "person")  # done by somebody of one vendor, who may not see what is owed to another


class Nomination(NamedTuple):
    """An invoice whose step is due today with nothing against it."""

    facts: Facts
    step: Step
    channel: Channel
    on: date  # with its vendor


class Notice(NamedTuple):
    """The one message a payer gets: the highest step decides its words, its tone and its channel."""

    on: date
    payer_id: str
    channel: Channel
    language: str
    tone: str
    kind: str  # the wording: see wording_kind
    step: Step
    nominations: tuple[Nomination, ...]  # the oldest due day first
    forewords: tuple[Foreword, ...] = ()  # what its vendors say in words of their own


def bundle(payer: PayerFacts, nominations: Sequence[Nomination], on: date) -> Notice | None:
    """The notice of the day for `payer`; what it does not take has to wait, since one contact a day is the limit.

    E-mail and post carry all vendors together. A call is made by one vendor's people about that vendor's invoices. What
    is to go on paper never goes by e-mail.
    """
    if not nominations:
        return None
    highest = max(nominations, key=_rank)
    together = _together(highest)
    taken = sorted((n for n in nominations if _together(n) == together), key=_reading_order)
    return Notice(
        on=on,
        payer_id=payer.payer_id,
        channel=highest.channel,
        language=payer.language,
        tone=highest.step.tone or payer.tone,
        kind=wording_kind(highest.step, taken),
        step=highest.step,
        nominations=tuple(taken),
        forewords=_own_words(payer, {n.facts.vendor_id: n.on for n in taken}) if payer.forewords else (),
    )


def wording_kind(highest: Step, taken: Sequence[Nomination]) -> str:
    """The word for the wording: a promise that was not kept first, then the highest step, `bundle` for a mixed list."""
    if any(_broke_promise(n.facts, n.on) for n in taken):
        return "promise_missed"
    late = sum(n.facts.due_on < n.on for n in taken)
    if highest.kind in ("first", "due_day") and 0 < late < len(taken):
        return "bundle"
    return highest.kind


def _own_words(payer: PayerFacts, days: Mapping[str, date]) -> tuple[Foreword, ...]:
    return tuple(one for one in payer.forewords if one.vendor_id in days and one.is_due(days[one.vendor_id]))


def _broke_promise(facts: Facts, on: date) -> bool:
    """Whether they named a day that has passed, and nothing was said since."""
    if facts.promised_on is None or facts.promised_on >= on:
        return False
    return facts.done_on is None or facts.done_on <= facts.promised_on


def _together(nomination: Nomination) -> tuple[str, str]:
    return nomination.channel, nomination.facts.vendor_id if nomination.channel in _BY_HAND else ""


def _rank(nomination: Nomination) -> tuple[int, str, str]:
    return nomination.step.days, *_together(nomination)


def _reading_order(nomination: Nomination) -> tuple[date, str, str]:
    return nomination.facts.due_on, nomination.facts.vendor_id, nomination.facts.number
