"""Decides what time sets off in a relationship: a welcome at its beginning, thanks for a payment, and our one question."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.parties.models import Vendor
from goodterms.relationship import actions
from goodterms.values.days import day_in


def thank(*, vendor_id: UUID, vendors: Collection[UUID], now: datetime) -> int:
    """Post receipts for all payments to a vendor that have none; returns how many. Again: none. `vendors` share its payers,
    so that a payer is treated alike by all."""
    written = 0
    while True:
        with acting_for(vendors):
            some = actions.thank(vendor_id=vendor_id, today=day_in(_timezone(vendor_id), now), now=now)
        written += some.written
        if some.claimed < actions.AT_ONCE:
            return written


def ask(*, vendor_id: UUID, vendors: Collection[UUID], now: datetime) -> int:
    """Ask those payers of a vendor who may be asked now; returns how many."""
    with acting_for(vendors):
        return actions.ask(vendor_id=vendor_id, today=day_in(_timezone(vendor_id), now), now=now)


def welcome(*, vendor_id: UUID, now: datetime) -> int:
    """The packets of all new customers that wait for theirs and can be reached; returns how many. Again: none."""
    total = 0
    while True:
        with acting_for([vendor_id]):
            some = actions.welcome_waiting(vendor_id=vendor_id, now=now)
        total += some
        if not some:
            return total


def _timezone(vendor_id: UUID) -> str:
    return str(Vendor.objects.values_list("timezone", flat=True).get(id=vendor_id))
