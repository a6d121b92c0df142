"""Finds the schedules whose next period is due, and bills them group by group; what was committed stays billed."""

from collections import Counter
from datetime import date, datetime
from itertools import chain, takewhile
from uuid import UUID

from goodterms.billing.actions import Ran, bill_schedules
from goodterms.billing.actions.run import AT_ONCE
from goodterms.database.isolation import acting_for
from goodterms.database.lanes import in_lanes
from goodterms.values.collector import uncollected


def bill(*, vendor_id: UUID, today: date, now: datetime, at_once: int = AT_ONCE) -> Counter[str]:
    """Every period that is due by `today`, each once; a schedule that is behind is billed period by period. Many in lanes."""

    def group() -> Ran:
        with acting_for([vendor_id]), uncollected():
            return bill_schedules(vendor_id=vendor_id, today=today, now=now, at_once=at_once)

    def all_of_them() -> list[Ran]:
        return list(takewhile(lambda ran: ran.looked_at, iter(group, None)))

    first = group()
    more = in_lanes(all_of_them) if first.looked_at == at_once else [all_of_them()] if first.looked_at else []
    every = [first, *chain.from_iterable(more)]
    return Counter(issued=sum(ran.issued for ran in every), drafted=sum(ran.drafted for ran in every))
