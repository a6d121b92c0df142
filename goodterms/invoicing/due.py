"""Decides when papers are made and documents leave: as soon as they are issued, in batches; and when a customer's word is
asked for again, or counts as given. Safe to run twice."""

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.database.lanes import in_lanes
from goodterms.invoicing.actions.dispatch import AT_ONCE, post_documents
from goodterms.invoicing.actions.forewarn import remind_unanswered
from goodterms.invoicing.actions.later import issue_planned
from goodterms.invoicing.actions.papers import AT_ONCE as PAPERS
from goodterms.invoicing.actions.papers import make_papers
from goodterms.invoicing.actions.word import let_lapse


def make_wanted_papers(*, vendor_id: UUID, now: datetime, at_once: int = PAPERS) -> int:
    """All papers of a vendor that are wanted and not made; returns how many. Again: none. Many in lanes: the press sets those
    of one while those of the other are stored."""

    def group() -> int:
        with acting_for([vendor_id]):
            return make_papers(vendor_id=vendor_id, now=now, most=at_once)

    def all_of_them() -> int:
        return sum(iter(group, 0))

    first = group()
    return first + sum(in_lanes(all_of_them) if first == at_once else [all_of_them()] if first else [])


def issue_on_their_day(*, vendor_id: UUID, today: date, now: datetime) -> Counter[str]:
    """Approved invoices whose day has come, group by group; what was committed stays issued. Again: none."""
    found: Counter[str] = Counter()
    while True:
        with acting_for([vendor_id]):
            some = issue_planned(vendor_id=vendor_id, today=today, now=now)
        found["issued"] += some["issued"]
        if not some["looked_at"]:
            return +found


def follow_up(*, vendor_id: UUID, today: date, now: datetime) -> Counter[str]:
    """Invoices that wait for their customer's word: asked for once more, and issued where silence counts. Again: none."""
    found: Counter[str] = Counter()
    while True:
        with acting_for([vendor_id]):
            some = let_lapse(vendor_id=vendor_id, today=today, now=now)
        found["lapsed"] += some
        if not some:
            break
    with acting_for([vendor_id]):
        found["asked_again"] += remind_unanswered(vendor_id=vendor_id, now=now)
    return +found


def post_waiting(*, vendor_id: UUID, now: datetime) -> int:
    """The letters of all documents of a vendor that are on their way; returns how many were settled. Again: none."""
    total = 0
    while True:
        with acting_for([vendor_id]):
            some = post_documents(vendor_id=vendor_id, now=now)
        total += some
        if some < AT_ONCE:
            return total
