"""Decides what the coming days would do for a few payers, for a page that shows them; also as if nobody held anything."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.reminders.gathering import gather, vendor_facts
from goodterms.reminders.rules import Decision, PayerFacts, forward


def rehearse_for(
    payers: Sequence[str],
    *,
    vendors: Collection[UUID],
    start: date,
    days: int,
    at: Callable[[date], datetime],
    until: Callable[[date], datetime] | None = None,
    released: str = "",
) -> Iterator[Decision]:
    """One decision for each day and payer, over all of `vendors`, by the rules of the day; with `released` as if that vendor
    had released every message of its own."""
    with acting_for(vendors):
        gathered = gather(payers, start, at(start))
        known = vendor_facts(start)
    people = {payer: _released(one, released) if released else one for payer, one in gathered.payers.items()}
    return forward(gathered.facts, people, known, gathered.contacts, start, days, at, until)


def _released(payer: PayerFacts, vendor: str) -> PayerFacts:
    return payer._replace(held_from=tuple(one for one in payer.held_from if one[0] != vendor))
