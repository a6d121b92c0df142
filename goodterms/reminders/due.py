"""Decides when reminders are thought about: once a day for each vendor, payer by payer. Safe to run again half way."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import take_turns
from goodterms.reminders import actions
from goodterms.reminders.gathering import START, Gathered, books, contacted_since, gather, next_payers, share_of, vendor_facts
from goodterms.reminders.rules import Cadence, Decision, Moment, VendorFacts, decide, forward
from goodterms.values.collector import uncollected

Progress = Callable[[int], None]


class Outcome(NamedTuple):
    """What a day found: invoices nominated, invoices held by reason (each reason counts), notices claimed."""

    nominated: int = 0
    held: Counter[str] = Counter()
    notices: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":  # type: ignore[override]
        return Outcome(self.nominated + other.nominated, self.held + other.held, self.notices + other.notices)


def nominate(
    *,
    vendors: Collection[UUID],
    on: date,
    now: datetime,
    vendor: UUID | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
    part: tuple[int, int] = (0, 1),
    counted: UUID | None = None,
) -> Outcome:
    """Decide about every open invoice and claim what goes out; a chunk of payers is one transaction.

    `vendors` are all that share payers; with `vendor` only payers whom that vendor lists, for all of their vendors.
    With `until` the day goes on to then: letters to payers whose hours begin later leave when they do.
    `part` is one share of the payers, (which, of how many), so that several processes may each take one.
    With `counted` only that vendor's invoices count as held, where every vendor has a turn of its own.
    """
    moment, own = Moment(on, now, until, str(vendor or "")), str(counted or "")
    total, seen = Outcome(), 0
    known = _known(vendors, moment)
    for gathered in books(vendors, moment, moment.days(known), vendor, share_of(part)):
        with acting_for(vendors), uncollected():
            decisions = _in_turn(_decisions(gathered, known, moment), gathered, known, moment)
            claimed = actions.nominate(decisions=decisions, on=on, now=now)
        verdicts = (verdict for decision in decisions for verdict in decision.verdicts)
        held = Counter(why for verdict in verdicts if not own or verdict.facts.vendor_id == own for why in verdict.reasons)
        total += Outcome(claimed.nominated, held, claimed.notices)
        seen += sum(len(decision.verdicts) for decision in decisions)
        del gathered, decisions  # or those of another chunk would be in memory as well
        if progress:
            progress(seen)
    return total


class Some(NamedTuple):
    """What a rehearsal of some payers found, and the last of them where there may be more; empty: these were all."""

    decisions: list[Decision]
    last: str


def rehearse(
    *,
    vendors: Collection[UUID],
    start: date,
    days: int,
    at: Callable[[date], datetime],
    until: Callable[[date], datetime] | None = None,
    vendor: UUID | None = None,
) -> Iterator[Decision]:
    """What the coming days would decide, by the very same rules; nothing is written. Ordered by chunk of payers, then day."""
    first = Moment(start, at(start), vendor=str(vendor or ""))
    known = _known(vendors, first)
    for gathered in books(vendors, first, first.days(known), vendor):
        yield from forward(gathered.facts, gathered.payers, known, gathered.contacts, start, days, at, until, first.vendor)
        del gathered  # or those of another chunk would be in memory as well


def rehearse_some(
    *,
    vendors: Collection[UUID],
    vendor: UUID,
    start: date,
    days: int,
    at: Callable[[date], datetime],
    until: Callable[[date], datetime],
    size: int,
    after: str = "",
    trying: Cadence | None = None,
) -> Some:
    """The same for up to `size` payers of one vendor beyond `after`, so that a page of any book costs the same. With `trying`
    as if this cadence were the vendor's, in place of the one that has its name, or of the usual one."""
    moment = Moment(start, at(start), vendor=str(vendor))
    with acting_for(vendors):
        payers = next_payers(after or START, vendor=vendor, size=size)
        if not payers:
            return Some([], "")
        known = vendor_facts(moment)
        gathered = _gathered(payers, moment, known)
    if trying is not None:
        own = known[str(vendor)]
        was_usual = own.cadences[""].name == trying.name or trying.name not in own.cadences
        known[str(vendor)] = own._replace(cadences={**own.cadences, trying.name: trying, **({"": trying} if was_usual else {})})
    decisions = forward(gathered.facts, gathered.payers, known, gathered.contacts, start, days, at, until, str(vendor))
    return Some(list(decisions), payers[-1] if len(payers) == size else "")


def _decisions(gathered: Gathered, known: Mapping[str, VendorFacts], moment: Moment) -> list[Decision]:
    return [
        decide(gathered.payers[payer], list(book), known, moment, gathered.contacts.get(payer, ()))
        for payer, book in groupby(gathered.facts, key=lambda one: one.payer_id)  # they come in that order
    ]


def _in_turn(decisions: list[Decision], gathered: Gathered, known: Mapping[str, VendorFacts], moment: Moment) -> list[Decision]:
    """Whoever decides about contacts with the same payers waits from here on, and about those whom somebody else contacted
    since they were read it is decided anew: so no two days that run at once pass a limit together."""
    wanted = [decision.payer.payer_id for decision in decisions if decision.notice]
    take_turns(wanted)
    if not (again := contacted_since(wanted, gathered.contacts, moment.now)):
        return decisions
    fresh = _decisions(_gathered(again, moment, known), known, moment)
    return [decision for decision in decisions if decision.payer.payer_id not in again] + fresh


def _known(vendors: Collection[UUID], moment: Moment) -> dict[str, VendorFacts]:
    """Once for a run: which cadence counts is a matter of the day, not of the minute."""
    with acting_for(vendors):
        return vendor_facts(moment)


def _gathered(payers: Sequence[str], moment: Moment, known: Mapping[str, VendorFacts]) -> Gathered:
    return gather(payers, moment.on, moment.now, moment.days(known))
