"""A billing run, or the issue of what is due on a day, that is killed anywhere leaves no gap in the numbers and does nothing
twice, and the next one does the rest.

GOODTERMS_KILLS sets how many kills (6 in the default run) and GOODTERMS_SEED repeats the plan of a run.
"""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random, SystemRandom
from typing import Any
from uuid import UUID

import pytest

from goodterms.billing.actions import bill_schedules, start_schedule
from goodterms.billing.models import Billed, Schedule
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import Wanted, approve, draft_many, issue_later, issue_planned
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.invoicing.tests.book import a_customer, a_vendor
from goodterms.proof.prove import prove
from stories.dying import Death, dies

KILLS = int(os.environ.get("GOODTERMS_KILLS", "6"))
SEED = int(os.environ.get("GOODTERMS_SEED") or SystemRandom().randrange(1 << 32))
SCHEDULES, PLANNED, AT_ONCE = 60, 24, 4
ON, NOW = date(2026, 11, 1), datetime(2026, 11, 1, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def bill_all(vendor_id: UUID) -> None:
    while True:
        with acting_for([vendor_id]):
            if not bill_schedules(vendor_id=vendor_id, today=ON, now=NOW, at_once=AT_ONCE).looked_at:
                return


def issue_all(vendor_id: UUID) -> None:
    while True:
        with acting_for([vendor_id]):
            if not issue_planned(vendor_id=vendor_id, today=ON, now=NOW, most=AT_ONCE)["looked_at"]:
                return


def test_wherever_the_issue_of_a_day_is_killed_each_is_issued_once_and_no_number_is_missing() -> None:
    print(f"GOODTERMS_SEED={SEED}", flush=True)
    random, issued_at_death = Random(SEED), list[int]()
    who: dict[str, Any] = {"by": "Maud", "role": "owner", "now": NOW}
    while len(issued_at_death) < KILLS // 2 or not any(0 < count < PLANNED for count in issued_at_death):
        vendor = a_vendor().id
        with acting_for([vendor]):
            lines = [Line("Labels", Decimal(1), Decimal(100), Tax("S", Decimal(20)))]
            wanted = [Wanted(a_customer(vendor).id, "GBP", lines) for _ in range(PLANNED)]
            for made in draft_many(vendor_id=vendor, wanted=wanted, by="Maud", now=NOW):
                approve(invoice_id=made.invoice_id, **who)
                issue_later(invoice_id=made.invoice_id, on=ON, today=ON - timedelta(days=3), **who)
        for _ in range(6):
            if dies(partial(issue_all, vendor), Death(seconds=random.uniform(0.02, 0.7))):
                with acting_for([vendor]):
                    issued_at_death.append(Invoice.objects.issued().count())
        issue_all(vendor)
        with acting_for([vendor]):
            assert list(Invoice.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, PLANNED + 1))
            assert Interaction.objects.filter(kind="invoice.issued").count() == PLANNED
            assert Dispatch.objects.count() == PLANNED
            assert [one.invariant.id for one in prove([vendor]) if one.finding.broken] == []
    assert all(count % AT_ONCE == 0 for count in issued_at_death), "a group is whole or not there"


def test_wherever_a_run_is_killed_each_period_is_billed_once_and_no_number_is_missing() -> None:
    print(f"GOODTERMS_SEED={SEED}", flush=True)
    random, killed, billed_at_death = Random(SEED), 0, []
    while killed < KILLS:
        vendor = a_vendor().id
        with acting_for([vendor]):
            for _ in range(SCHEDULES):
                start_schedule(
                    vendor_id=vendor, customer_id=a_customer(vendor).id, work="Retainer, {month}", rule="FREQ=MONTHLY",
                    starts_on=ON, lines=[Line("Retainer", Decimal(1), Decimal(100), Tax("S", Decimal(20)))], automatic=True,
                    by="Maud", role="owner", now=NOW,
                )  # fmt: skip
        for _ in range(6):
            if dies(partial(bill_all, vendor), Death(seconds=random.uniform(0.02, 0.9))):
                killed += 1
                with acting_for([vendor]):
                    billed_at_death.append(Invoice.objects.count())
        bill_all(vendor)
        with acting_for([vendor]):
            assert list(Invoice.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, SCHEDULES + 1))
            assert Billed.objects.values("schedule").distinct().count() == Billed.objects.count() == SCHEDULES
            assert Billed.objects.values("invoice").distinct().count() == SCHEDULES
            assert not Schedule.objects.due(ON).exists()
            assert [one.invariant.id for one in prove([vendor]) if one.finding.broken] == []
    assert all(count % AT_ONCE == 0 for count in billed_at_death), "a group is whole or not there"
    assert any(0 < count < SCHEDULES for count in billed_at_death), "no run was killed half way, so nothing was shown"
