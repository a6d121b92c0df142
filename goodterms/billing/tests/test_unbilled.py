"""Decides that what the database makes of unbilled work is what the rules of totals make of it, and that it reads it once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.billing.actions import Work, add_items, open_project
from goodterms.billing.gathering import line_of
from goodterms.billing.models import Item, Project
from goodterms.billing.unbilled import count_unbilled, unbilled
from goodterms.database.isolation import acting_for
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor
from goodterms.invoicing.totals import line_net, totals
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
SAYS: dict[str, Any] = {"by": "Elin", "role": "owner", "now": NOW}
TAXES = st.sampled_from([Tax("S", Decimal(20)), Tax("S", Decimal("7.7")), Tax("Z", Decimal(0)), Tax("S", Decimal("5.5"))])


@st.composite
def lines(draw: st.DrawFn) -> Line:
    places = draw(st.sampled_from(["1", "0.1", "0.001", "0.000001"]))
    return Line(
        "Work",
        draw(st.decimals("0.1", 900, places=3)),
        (draw(st.decimals(0, 20_000, places=6)) * Decimal(places)).quantize(Decimal("1e-8")),
        draw(TAXES),
        discount_percent=draw(st.sampled_from([Decimal(0), Decimal("12.5"), Decimal("33.3333"), Decimal(100)])),
        includes_tax=draw(st.booleans()),
    )


def a_project(customer: Customer, currency: str, name: str = "Boxes") -> Project:
    project = open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name=name, **SAYS)
    Project.objects.filter(id=project.id).update(currency=currency)
    return Project.objects.get(id=project.id)


def noted(project: Project, *work: Line, **more: Any) -> None:
    each = {"kind": "time", "done_on": TODAY, **more}
    add_items(project_id=project.id, work=[Work(line=line, **each) for line in work], **SAYS)


@pytest.fixture
def customer() -> Any:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)


def test_work_of_a_day_to_come_is_not_finished_and_so_not_billed(customer: Customer) -> None:
    project, line = a_project(customer, "GBP"), Line("Work", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
    noted(project, line, done_on=TODAY + timedelta(days=9), is_finished=False)
    with pytest.raises(Refused, match="Note it as unfinished, or with the day"):
        noted(project, line, done_on=TODAY + timedelta(days=9))
    assert Item.objects.finished().count() == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(currency=st.sampled_from(["GBP", "JPY", "KWD"]), work=st.lists(lines(), min_size=1, max_size=8))
def test_it_comes_to_what_the_lines_come_to(customer: Customer, currency: str, work: list[Line]) -> None:
    with transaction.atomic():
        project = a_project(customer, currency)
        noted(project, *work)
        [found] = unbilled(vendor_id=customer.vendor_id)
        kept = [line_of(item) for item in Item.objects.filter(project=project)]
        assert found.net == totals(currency, kept).line_sum
        assert (found.items, found.waiting, found.oldest_on) == (len(work), 0, TODAY)
        transaction.set_rollback(True)


@settings(max_examples=60, deadline=None)
@given(currency=st.sampled_from(["GBP", "JPY", "KWD"]), line=lines())
def test_a_line_by_itself_comes_to_what_it_does_in_a_document(currency: str, line: Line) -> None:
    assert line_net(currency, line) == totals(currency, [line]).line_sum


def test_what_waits_and_what_is_not_finished_is_counted_apart_with_the_words_that_are_missing(customer: Customer) -> None:
    line = Line("Proof", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
    project = a_project(customer, "GBP")
    noted(project, line, done_on=TODAY - timedelta(days=9))
    noted(project, line, waits_for="Beth’s yes", done_on=date(2025, 1, 1))
    noted(project, line, waits_for="Amir’s yes")
    noted(project, line, is_finished=False)
    [found] = unbilled(vendor_id=customer.vendor_id, customer_id=customer.id)
    assert (found.items, found.net.minor, found.waiting, found.whose) == (1, 100_00, 3, ["Amir’s yes", "Beth’s yes"])
    assert (found.oldest_on, found.customer_id) == (TODAY - timedelta(days=9), customer.id)


def test_it_is_read_once_however_much_there_is_and_no_more_of_it_than_was_asked_for(customer: Customer) -> None:
    line = Line("Proof", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
    for name in ("Boxes", "Bags", "Labels"):
        noted(a_project(customer, "GBP", name), line, line)
    with CaptureQueriesContext(connection) as asked:
        assert len(unbilled(vendor_id=customer.vendor_id)) == 3
        assert count_unbilled(vendor_id=customer.vendor_id, most=4) == 4
    assert len(asked) == 2
    assert sum(one.items for one in unbilled(vendor_id=customer.vendor_id, most=5)) == 5
    assert count_unbilled(vendor_id=customer.vendor_id, most=100) == 6
