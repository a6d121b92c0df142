"""Decides how content they are once they have paid."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.parties.models import Vendor
from goodterms.relationship.rules import share
from goodterms.values.days import instant

DEFINITION = (
    "One question after a payment, asked in the period: how was it to work and settle with us? Content is the share of "
    "answers that said good. A person is asked at most once a quarter, by whichever vendor, and more seldom when seldom "
    "invoiced."
)


class Satisfaction(NamedTuple):
    """Questions asked and what was answered; `share` that said good, in per cent of the answers."""

    asked: int
    good: int
    mixed: int
    poor: int
    share: Decimal | None


def satisfaction(*, vendor_id: UUID, first_on: date, last_on: date, customer_id: UUID | None = None) -> Satisfaction:
    """What payers of a vendor, or of one customer of it, said who were asked on the days `first_on` to `last_on`."""
    timezone = Vendor.objects.values_list("timezone", flat=True).get(id=vendor_id)
    start, end = (instant(on, time(0), timezone) for on in (first_on, last_on + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [vendor_id, start, end, customer_id, customer_id])
        asked, good, mixed, poor = cursor.fetchone()
    return Satisfaction(asked, good, mixed, poor, share(good, good + mixed + poor))


_SAID = """
select count(*), count(*) filter (where answer = 'good'), count(*) filter (where answer = 'mixed'),
       count(*) filter (where answer = 'poor')
from relationship_feedback
where vendor_id = %s and asked_at >= %s and asked_at < %s and (%s::uuid is null or customer_id = %s::uuid)
"""
