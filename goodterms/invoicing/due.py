"""Decides when papers are made and documents leave: as soon as they are issued, in batches. Safe to run twice."""

from datetime import datetime
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions.dispatch import AT_ONCE, post_documents
from goodterms.invoicing.actions.papers import make_papers


def make_wanted_papers(*, vendor_id: UUID, now: datetime) -> int:
    """All papers of a vendor that are wanted and not made; returns how many. Again: none."""
    total = 0
    while True:
        with acting_for([vendor_id]):
            some = make_papers(vendor_id=vendor_id, now=now)
        total += some
        if not some:
            return total


def post_waiting(*, vendor_id: UUID, now: datetime) -> int:
    """The letters of all documents of a vendor that are on their way; returns how many were settled. Again: none."""
    total = 0
    while True:
        with acting_for([vendor_id]):
            some = post_documents(vendor_id=vendor_id, now=now)
        total += some
        if some < AT_ONCE:
            return total
