"""Twelve months in one pass say what each day says when it is asked alone."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from goodterms.conversations.tests.cast import MONDAY, an_invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.measures.collection import collection
from goodterms.relationship.measures.months import DAYS, month_ends
from goodterms.relationship.tests.test_aging import EVENTS, INVOICES, Event, live


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INVOICES, EVENTS)
def test_each_month_equals_the_day_asked_alone(
    vendor: Vendor, customer: Customer, billed: list[tuple[int, int, int, bool]], events: list[Event]
) -> None:
    with transaction.atomic():
        live(customer, billed, events)
        months = month_ends(vendor_id=vendor.id, currency="GBP", today=MONDAY, months=6)
        for month in months:
            alone = {one.currency: one for one in collection(vendor_id=vendor.id, as_of=month.on, today=MONDAY, days=DAYS)}
            if one := alone.get("GBP"):
                assert (month.owed_minor, month.billed_minor) == (one.owed_minor, one.billed_minor)
                assert (month.dso, month.best_possible_dso) == (one.dso, one.best_possible_dso)
                assert month.collection_effectiveness == one.collection_effectiveness
            else:
                assert (month.owed_minor, month.current_minor) == (0, 0)
        transaction.set_rollback(True)


def test_the_last_month_ends_today_and_the_others_on_their_last_day(vendor: Vendor, customer: Customer) -> None:
    an_invoice(customer, 9_000, number="1", issued_on=date(2026, 10, 31), due_on=date(2026, 11, 10))
    with CaptureQueriesContext(connection) as asked:
        months = month_ends(vendor_id=vendor.id, currency="GBP", today=MONDAY, months=3)
    assert [month.on for month in months] == [date(2026, 9, 30), date(2026, 10, 31), MONDAY]
    assert [month.owed_minor for month in months] == [0, 9_000, 9_000]
    assert [month.current_minor for month in months] == [0, 9_000, 0]
    assert months[-1].average_days_delinquent == DAYS
    assert len(asked) == 2


def test_a_day_before_the_first_month_is_not_forgotten(vendor: Vendor, customer: Customer) -> None:
    an_invoice(customer, 500, number="1", issued_on=MONDAY - timedelta(days=900), due_on=MONDAY - timedelta(days=870))
    assert {month.owed_minor for month in month_ends(vendor_id=vendor.id, currency="GBP", today=MONDAY)} == {500}
