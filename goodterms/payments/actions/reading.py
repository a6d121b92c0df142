"""Decides how it is said that payments are known up to a day."""

from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.payments.models import Reading
from goodterms.values.keys import new_key


def reading(*, vendor_id: UUID, source: str, known_until_on: date, by: str, now: datetime) -> Reading:
    """A bank feed or an import was read: payments are known until the end of `known_until_on`."""
    read = Reading.objects.create(
        id=new_key(now), vendor_id=vendor_id, source=source, known_until_on=known_until_on, read_at=now
    )
    data = {"source": source, "known_until_on": known_until_on.isoformat()}
    record(at=now, deed=Deed(vendor_id, "payments.read", by, subject_id=read.id, data=data))
    return read
