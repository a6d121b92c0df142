"""An approved invoice is issued by itself on its day: once, as if by hand; what may not be issued then waits and says why."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    approve,
    discard,
    draft,
    expect,
    hold,
    issue,
    issue_later,
    issue_planned,
    release,
    send_back,
)
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Dispatch, Forewarning, Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.parties.models import Customer
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
THEN = TODAY + timedelta(days=15)
LINE = Line("Labels", Decimal(1), Decimal(100), Tax("S", Decimal(20)))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def approved(customer: Customer, **more: Any) -> Invoice:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[LINE], **more, **TOM)
    return approve(invoice_id=one.id, **TOM)


def later(one: Invoice, on: date | None = THEN, **who: Any) -> Invoice:
    return issue_later(invoice_id=one.id, on=on, today=TODAY, **{**TOM, **who})


def clock(customer: Customer, on: date = THEN) -> dict[str, int]:
    return dict(issue_planned(vendor_id=customer.vendor_id, today=on, now=NOW + (on - TODAY)))


def kinds(one: Invoice) -> list[str]:
    told = Interaction.objects.filter(invoice_id=one.id, kind__startswith="invoice.")
    return [kind.removeprefix("invoice.") for kind in told.values_list("kind", flat=True)]


def test_on_its_day_it_is_issued_and_sent_once_and_not_before(customer: Customer) -> None:
    one, by_hand = approved(customer), approved(customer)
    later(one)
    assert later(one).issues_on == THEN
    assert kinds(one).count("planned") == 1, "the same day once more is nothing new"
    assert clock(customer, THEN - timedelta(days=1)) == {}
    assert clock(customer) == {"looked_at": 1, "issued": 1}
    assert clock(customer) == {}
    found = Invoice.objects.get(id=one.id)
    assert (found.issued_on, bool(found.number)) == (THEN, True)
    assert Interaction.objects.get(invoice_id=one.id, kind="invoice.issued").by == "the clock"
    assert Dispatch.objects.filter(invoice=one).count() == 1
    assert Invoice.objects.get(id=by_hand.id).issued_on is None


def test_it_can_be_issued_by_hand_before_and_have_no_day_any_more(customer: Customer) -> None:
    by_hand, never = later(approved(customer)), later(approved(customer))
    issue(invoice_id=by_hand.id, issued_on=TODAY, **TOM)
    later(never, None)
    assert "unplanned" in kinds(never)
    assert clock(customer) == {}
    assert Invoice.objects.get(id=by_hand.id).issued_on == TODAY


def test_what_is_sent_back_or_discarded_has_no_day(customer: Customer) -> None:
    changed, dropped = later(approved(customer)), later(approved(customer))
    send_back(invoice_id=changed.id, reason="A price", **TOM)
    approve(invoice_id=changed.id, **TOM)
    discard(invoice_id=dropped.id, reason="Not wanted", **TOM)
    assert clock(customer) == {}
    assert not Invoice.objects.exclude(issued_on=None).exists()


def test_one_that_may_not_be_issued_waits_and_says_why_and_the_others_go(customer: Customer) -> None:
    strict = a_customer(customer.vendor_id, order_required=True)
    lacking, fine = later(approved(strict)), later(approved(customer))
    assert clock(customer) == {"looked_at": 2, "issued": 1}
    assert Invoice.objects.get(id=fine.id).number
    stays = Invoice.objects.get(id=lacking.id)
    assert (stays.number, stays.issues_on) == ("", None)
    why = Interaction.objects.get(invoice_id=lacking.id, kind="invoice.waits").data["reason"]
    assert "takes no invoice without a purchase order" in why
    assert clock(customer) == {}


def test_one_that_is_held_waits_until_it_is_released(customer: Customer) -> None:
    one = later(approved(customer))
    [held] = hold(invoice_ids=[one.id], reason="manual", from_on=TODAY, note="Ask Beth first", **TOM)
    assert clock(customer) == {}
    release(hold_id=held, on=TODAY, **TOM)
    assert clock(customer, THEN + timedelta(days=3)) == {"looked_at": 1, "issued": 1}
    assert Invoice.objects.get(id=one.id).issued_on == THEN + timedelta(days=3)


def test_one_that_would_surprise_its_customer_is_asked_about_first(customer: Customer) -> None:
    expect(customer_id=customer.id, kind="order", name="PO-7", amount=Money(10_00, "GBP"), **TOM)
    one = later(approved(customer, order_number="PO-7"))
    assert clock(customer)["looked_at"] == 1
    assert (Invoice.objects.get(id=one.id).number, Forewarning.objects.filter(invoice=one).count()) == ("", 1)
    assert clock(customer) == {}


@pytest.mark.parametrize("on", [TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_the_day_is_after_today_and_within_a_year(customer: Customer, on: date) -> None:
    with pytest.raises(Refused, match="Choose a day after today, within a year"):
        later(approved(customer), on)


def test_only_what_is_approved_has_a_day_and_only_by_whom_may_issue(customer: Customer) -> None:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[LINE], **TOM)
    with pytest.raises(Refused, match="Approve it first"):
        later(one)
    with pytest.raises(Refused, match="An approver may not issue an invoice"):
        later(approved(customer), role="approver")
