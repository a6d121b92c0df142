"""A billing run against real books: each period once, whole groups or nothing, whoever runs at once or dies half way."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from goodterms.billing import due
from goodterms.billing.actions import bill_schedules, change_line, end_schedule, pause, resume, run, start_schedule
from goodterms.billing.due import bill
from goodterms.billing.models import Billed, Pause, Schedule
from goodterms.database.isolation import acting_for
from goodterms.database.lanes import LANES
from goodterms.interactions.models import Interaction
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import a_customer, a_rate, a_vendor, must_be_true
from goodterms.parties.actions import change_vendor
from goodterms.parties.models import Customer, Vendor
from goodterms.values.refusal import Refused

NOW = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
TAX = Tax("S", Decimal(20))
RETAINER = Line("Retainer, {month}", Decimal(1), Decimal("1800.00"), TAX, "month")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


def scheduled(customer: Customer, **more: Any) -> Schedule:
    given: dict[str, Any] = {
        "work": "Retainer, {month}", "rule": "FREQ=MONTHLY;BYMONTHDAY=1", "starts_on": date(2026, 1, 1), "lines": [RETAINER],
        "automatic": True,
    } | more  # fmt: skip
    return start_schedule(vendor_id=customer.vendor_id, customer_id=customer.id, by="Maud", role="owner", now=NOW, **given)


def issued(vendor: Vendor) -> list[tuple[str, str, int]]:
    with acting_for([vendor.id]):
        return list(Invoice.objects.order_by("issued_on", "seq").values_list("number", "work", "total_minor"))


def at(on: date) -> dict[str, Any]:
    return {"today": on, "now": datetime(on.year, on.month, on.day, 9, 0, tzinfo=UTC)}


def test_each_month_is_billed_once_on_its_day(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id))
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1))) == {"issued": 1, "drafted": 0}
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 31))) == {"issued": 0, "drafted": 0}
    assert bill(vendor_id=vendor.id, **at(date(2026, 2, 1))) == {"issued": 1, "drafted": 0}
    assert [row[1:] for row in issued(vendor)] == [("Retainer, January 2026", 2160_00), ("Retainer, February 2026", 2160_00)]
    with acting_for([vendor.id]):
        must_be_true(vendor.id)


def test_a_run_that_is_behind_bills_every_month_that_was_missed(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id))
    assert bill(vendor_id=vendor.id, **at(date(2026, 4, 20)))["issued"] == 4
    assert [work for _, work, _ in issued(vendor)][-1] == "Retainer, April 2026"


def test_what_a_person_looks_at_first_is_drafted_and_so_is_what_lacks_its_purchase_order(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id), automatic=False)
        scheduled(a_customer(vendor.id, order_required=True))
        scheduled(a_customer(vendor.id, order_required=True), order_number="ST-114")
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1))) == {"issued": 1, "drafted": 2}
    with acting_for([vendor.id]):
        assert Invoice.objects.draft().count() == 2
        assert Invoice.objects.issued().get().order_number == "ST-114"


def test_a_currency_without_a_rate_for_the_day_stops_nothing_and_is_drafted(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id))
        scheduled(a_customer(vendor.id, currency="EUR"))
        scheduled(a_customer(vendor.id, currency="USD"))
        a_rate(vendor.id, "USD", "0.76")
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1))) == {"issued": 2, "drafted": 1}
    with acting_for([vendor.id]):
        assert Invoice.objects.draft().get().currency == "EUR"
        assert Invoice.objects.issued().get(currency="USD").document["exchange"]["rate"] == "0.76"


def test_what_is_not_as_its_customer_wants_it_waits_and_says_why_while_the_others_go_out(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id, name="Kestrel", enclosure_required="signed timesheet"))
        scheduled(a_customer(vendor.id, name="Rossi", invoice_format="peppol"))
        scheduled(a_customer(vendor.id))
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1))) == {"issued": 1, "drafted": 2}
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1))) == {"issued": 0, "drafted": 0}
    with acting_for([vendor.id]):
        told = sorted(Interaction.objects.filter(kind="invoice.waits").values_list("data__reason", flat=True))
        assert told[0] == "Kestrel takes no invoice without this: signed timesheet. Add the file first."
        assert told[1].startswith("Rossi takes invoices as Peppol BIS Billing 3, and this one is not right by its rules")
        assert Invoice.objects.draft().count() == 2


def test_schedules_of_one_customer_come_on_one_invoice(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        scheduled(customer)
        scheduled(customer, work="Hosting", lines=[Line("Hosting", Decimal(2), Decimal(50), TAX, "server")])
    bill(vendor_id=vendor.id, **at(date(2026, 1, 1)))
    assert [total for _, _, total in issued(vendor)] == [2280_00]
    with acting_for([vendor.id]):
        assert Billed.objects.values("invoice").distinct().count() == 1


def test_a_customers_days_are_waited_for(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        scheduled(a_customer(vendor.id, bill_days=[5, 20]))
        assert Schedule.objects.get().next_on == date(2026, 1, 5)
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 4)))["issued"] == 0
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 5)))["issued"] == 1


def test_prices_pauses_and_the_end_are_as_they_were_agreed_for_their_days(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        change_vendor(vendor_id=vendor.id, changes={"forewarn_percent": None}, now=NOW, by="Maud")  # May is more than usual
        one = scheduled(a_customer(vendor.id))
        says: dict[str, Any] = {"schedule_id": one.id, "by": "Maud", "role": "owner", "now": NOW}
        change_line(position=1, from_on=date(2026, 2, 1), line=Line("Retainer", Decimal(1), Decimal(2800), TAX), **says)
        pause(from_on=date(2026, 3, 1), reason="Bea is away", **says)
        resume(last_on=date(2026, 4, 15), **says)
        end_schedule(ends_on=date(2026, 5, 31), reason="The work is done", **says)
    found = bill(vendor_id=vendor.id, **at(date(2026, 12, 1)))
    assert found == {"issued": 4, "drafted": 0}  # none for March
    assert [total for _, _, total in issued(vendor)] == [2160_00, 3360_00, 1680_00, 3360_00]
    with acting_for([vendor.id]):
        assert Schedule.objects.get().next_on is None
        assert Billed.objects.count() == 5


def test_what_was_billed_is_not_changed_afterwards(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        one = scheduled(a_customer(vendor.id))
    bill(vendor_id=vendor.id, **at(date(2026, 1, 1)))
    says: dict[str, Any] = {"schedule_id": one.id, "by": "Maud", "role": "owner", "now": NOW}
    with acting_for([vendor.id]):
        with pytest.raises(Refused, match="until 2026-01-31 are billed already"):
            change_line(position=1, from_on=date(2026, 1, 20), line=RETAINER, **says)
        with pytest.raises(Refused, match="billed until 2026-01-31 already"):
            end_schedule(ends_on=date(2026, 1, 10), reason="", **says)
        with pytest.raises(Refused, match="set by the owner or a bookkeeper"):
            pause(from_on=date(2026, 2, 1), reason="x", **says | {"role": "approver"})


def test_a_pause_that_ends_within_a_period_passed_over_leaves_the_rest_to_be_billed(vendor: Vendor) -> None:
    """April was passed over on its first day; taken up again after the 15th, its other half is billed, not given away."""
    with acting_for([vendor.id]):
        one = scheduled(a_customer(vendor.id), in_advance=True, prorated=True)
        says: dict[str, Any] = {"schedule_id": one.id, "by": "Maud", "role": "owner", "now": NOW}
        pause(from_on=date(2026, 4, 1), reason="Bea is away", **says)
    assert bill(vendor_id=vendor.id, **at(date(2026, 4, 2)))["issued"] == 3
    with acting_for([vendor.id]):
        resume(last_on=date(2026, 4, 15), **says)
        assert Schedule.objects.get().next_on == date(2026, 4, 1)
    assert bill(vendor_id=vendor.id, **at(date(2026, 4, 16)))["issued"] == 1
    assert [total for _, _, total in issued(vendor)][-1] == 1080_00
    with acting_for([vendor.id]):
        with pytest.raises(Refused, match=r"until 2026-04-30 are billed already\. Pause it from a later day, and write"):
            pause(from_on=date(2026, 4, 20), reason="Bea is away", **says)
        with pytest.raises(Refused, match=r"until 2026-04-30 are billed already\. Choose a later day, and write"):
            resume(last_on=date(2026, 4, 10), **says)


def test_a_pause_is_shortened_or_taken_back_before_it_begins(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        one = scheduled(a_customer(vendor.id))
        says: dict[str, Any] = {"schedule_id": one.id, "by": "Maud", "role": "owner", "now": NOW}
        pause(from_on=date(2026, 3, 1), until_on=date(2026, 4, 30), reason="Bea is away", **says)
        pause(from_on=date(2026, 8, 1), until_on=date(2026, 8, 31), reason="August", **says)
        resume(last_on=date(2026, 3, 15), **says)
        resume(last_on=date(2026, 7, 31), **says)
        assert list(Pause.objects.standing().values_list("from_on", "until_on")) == [(date(2026, 3, 1), date(2026, 3, 15))]
        with pytest.raises(Refused, match="does not pause"):
            resume(last_on=date(2026, 7, 31), **says)


def test_a_price_that_was_mistyped_is_agreed_anew_for_the_same_day(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        one = scheduled(a_customer(vendor.id))
        says: dict[str, Any] = {"schedule_id": one.id, "position": 1, "by": "Maud", "role": "owner", "now": NOW}
        for price in (280, 2800):
            line = Line("Retainer", Decimal(1), Decimal(price), TAX, discount_percent=Decimal(price == 280))
            change_line(from_on=date(2026, 2, 1), line=line, **says)
        told = Interaction.objects.filter(kind="schedule.price_changed")
        assert sorted(told.values_list("data__unit_price", flat=True)) == ["280", "2800"]
    bill(vendor_id=vendor.id, **at(date(2026, 2, 1)))
    assert [total for _, _, total in issued(vendor)] == [2160_00, 3360_00]


def test_a_run_that_dies_in_a_group_leaves_nothing_of_it_and_the_next_one_makes_all(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for([vendor.id]):
        for _ in range(7):
            scheduled(a_customer(vendor.id))
    with acting_for([vendor.id]):
        assert bill_schedules(vendor_id=vendor.id, at_once=3, **at(date(2026, 1, 1))).issued == 3

    def dies(*_: object, **__: object) -> None:
        raise ConnectionError("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(run, "_write_down", dies)
        with pytest.raises(ConnectionError):
            bill(vendor_id=vendor.id, **at(date(2026, 1, 1)))
    assert len(issued(vendor)) == 3
    assert bill(vendor_id=vendor.id, **at(date(2026, 1, 1)))["issued"] == 4
    numbers = [number for number, _, _ in issued(vendor)]
    assert len(set(numbers)) == 7
    with acting_for([vendor.id]):
        assert list(Invoice.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 8))
        must_be_true(vendor.id)


def test_runs_at_once_bill_each_period_once(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        for _ in range(12):
            scheduled(a_customer(vendor.id))

    def one_run(_: int) -> int:
        try:
            return _billed(vendor.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(one_run, range(4))) == 12
    assert len(issued(vendor)) == 12


def _billed(vendor_id: UUID) -> int:
    found = 0
    while True:
        with acting_for([vendor_id]):
            ran = bill_schedules(vendor_id=vendor_id, at_once=2, **at(date(2026, 1, 1)))
        if not ran.looked_at:
            return found
        found += ran.issued


def billed_in_lanes(vendor: Vendor, monkeypatch: pytest.MonkeyPatch, dies: str = "") -> dict[str, set[int]]:
    """The connections of each lane of a run in groups of two; all lanes begin before any of them works on. One may die."""
    together, used = threading.Barrier(LANES, timeout=30), defaultdict[str, set[int]](set)

    def in_a_lane(**given: Any) -> run.Ran:
        name = threading.current_thread().name
        if name.startswith("lane") and name not in used:
            together.wait()
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            used[name].add(cursor.fetchone()[0])
        ran = bill_schedules(**given)
        if name == dies:
            raise ConnectionError("the server went away")
        return ran

    with monkeypatch.context() as patch:
        patch.setattr(due, "bill_schedules", in_a_lane)
        bill(vendor_id=vendor.id, at_once=2, **at(date(2026, 1, 1)))
    return used


def places(vendor: Vendor) -> list[int | None]:
    with acting_for([vendor.id]):
        must_be_true(vendor.id)
        return list(Invoice.objects.order_by("seq").values_list("seq", flat=True))


def test_many_are_billed_in_lanes_each_on_a_connection_of_its_own_and_none_twice(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for([vendor.id]):
        for _ in range(9):
            scheduled(a_customer(vendor.id))
    used = billed_in_lanes(vendor, monkeypatch)
    assert len(used) == 1 + LANES
    assert len(set.union(*used.values())) == 1 + LANES
    assert places(vendor) == list(range(1, 10))


def test_a_lane_that_dies_is_heard_of_while_the_other_bills_what_is_left(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for([vendor.id]):
        for _ in range(9):
            scheduled(a_customer(vendor.id))
    with pytest.raises(ConnectionError):
        billed_in_lanes(vendor, monkeypatch, dies="lane_1")
    assert len(places(vendor)) >= 7  # what it held may come free too late for the other
    bill(vendor_id=vendor.id, **at(date(2026, 1, 1)))
    assert places(vendor) == list(range(1, 10))


def test_within_a_transaction_the_run_stays_on_its_connection(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        for _ in range(5):
            scheduled(a_customer(vendor.id))
        assert bill(vendor_id=vendor.id, at_once=2, **at(date(2026, 1, 1))) == {"issued": 5, "drafted": 0}


def test_the_very_same_statements_for_many_schedules_as_for_two(vendor: Vendor) -> None:
    def statements(count: int) -> list[str]:
        asked: list[str] = []

        def told(execute: Any, sql: Any, *rest: Any) -> Any:
            asked.append(str(sql))
            return execute(sql, *rest)

        with acting_for([vendor.id]):
            for _ in range(count):
                scheduled(a_customer(vendor.id))
        with acting_for([vendor.id]), connection.execute_wrapper(told):
            bill_schedules(vendor_id=vendor.id, **at(date(2026, 1, 1)))
        return [one for one in asked if "SAVEPOINT" not in one]

    few = statements(2)
    assert len(few) < 40
    assert statements(40) == few
