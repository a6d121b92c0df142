"""Decides what the coming days would do for a few payers, for a page that shows them; also as if nobody held anything."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.reminders.gathering import gather, vendor_facts
from goodterms.reminders.rules import Decision, Moment, PayerFacts, forward


def rehearse_for(
    payers: Sequence[str],
    *,
    vendors: Collection[UUID],
    start: date,
    days: int,
    at: Callable[[date], datetime],
    vendor: UUID,
    until: Callable[[date], datetime] | None = None,
    is_released: bool = False,
) -> Iterator[Decision]:
    """One decision for each of the days of `vendor` and payer, over all of `vendors`, by the rules of the day; `is_released`:
    as if it had released every message of its own."""
    own = str(vendor)
    first = Moment(start, at(start), vendor=own)
    with acting_for(vendors):
        known = vendor_facts(first)
        gathered = gather(payers, start, first.now, first.days(known))
    people = {payer: _released(one, own) if is_released else one for payer, one in gathered.payers.items()}
    return forward(gathered.facts, people, known, gathered.contacts, start, days, at, until, own)


def _released(payer: PayerFacts, vendor: str) -> PayerFacts:
    return payer._replace(held_from=tuple(one for one in payer.held_from if one[0] != vendor))
