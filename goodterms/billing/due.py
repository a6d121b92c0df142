"""Finds the schedules whose next period is due, and bills them group by group; what was committed stays billed."""

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from goodterms.billing.actions import bill_schedules
from goodterms.database.isolation import acting_for


def bill(*, vendor_id: UUID, today: date, now: datetime) -> Counter[str]:
    """Every period that is due by `today`, each once; a schedule that is behind is billed period by period."""
    found: Counter[str] = Counter(issued=0, drafted=0)
    while True:
        with acting_for([vendor_id]):
            ran = bill_schedules(vendor_id=vendor_id, today=today, now=now)
        if not ran.looked_at:
            return found
        found["issued"] += ran.issued
        found["drafted"] += ran.drafted
