"""From work done to an invoice in somebody's hands: each step in days, over what was issued, and nothing else."""

from datetime import date, timedelta
from typing import Any

from goodterms.billing.models import Item, Project
from goodterms.conversations.tests.cast import NOW, a_customer, an_invoice
from goodterms.invoicing.actions import approve, draft, issue
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.measures.prompt import TimeToIssue, time_to_issue
from goodterms.values.keys import new_key

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def took(customer: Customer, *, draft_: int, approved: int, issued: int, sent: int | None = None) -> Invoice:
    """An invoice of which each step was done so many days after NOW."""
    from decimal import Decimal

    who: dict[str, Any] = {"by": "Tom", "role": "owner"}
    line = Line("Work", Decimal(1), Decimal(10), Tax("S", Decimal(20)))
    at = {name: NOW + timedelta(days=days) for name, days in (("draft", draft_), ("approved", approved), ("issued", issued))}
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line], now=at["draft"], **who)
    approve(invoice_id=one.id, now=at["approved"], **who)
    one = issue(invoice_id=one.id, issued_on=at["issued"].date(), now=at["issued"], send=False, **who)
    if sent is not None:
        Dispatch.objects.create(
            id=new_key(NOW), vendor_id=one.vendor_id, customer_id=one.customer_id, invoice=one, by="Tom", created_at=NOW,
            posted_at=NOW + timedelta(days=sent), channel="email",
        )  # fmt: skip
    return one


def test_each_step_is_the_median_in_days(vendor: Vendor, customer: Customer) -> None:
    took(customer, draft_=0, approved=1, issued=1, sent=1)
    took(customer, draft_=0, approved=2, issued=5, sent=7)
    took(customer, draft_=0, approved=4, issued=5)
    found = time_to_issue(vendor_id=vendor.id, first_on=FIRST, last_on=LAST)
    assert found == TimeToIssue(invoices=3, to_approved=2, to_issued=1, to_sent=0, whole=5)


def test_work_on_record_counts_from_its_last_day_and_what_came_from_elsewhere_not_at_all(
    vendor: Vendor, customer: Customer
) -> None:
    an_invoice(customer, number="PP-1")
    assert time_to_issue(vendor_id=vendor.id, first_on=FIRST, last_on=LAST) == TimeToIssue(0, None, None, None, None)
    one = took(customer, draft_=0, approved=0, issued=0)
    project = Project.objects.create(
        id=new_key(NOW), vendor_id=vendor.id, customer=a_customer(vendor, "Kestrel"), name="Autumn", currency="GBP",
        created_at=NOW, created_by="Tom",
    )  # fmt: skip
    for days in (9, 4):
        Item.objects.create(
            id=new_key(NOW), vendor_id=vendor.id, project=project, invoice_id=one.id, kind="time", description="Work",
            quantity=1, unit_price=10, tax_category="S", tax_percent=20, done_on=NOW.date() - timedelta(days=days),
            created_at=NOW, created_by="Tom",
        )  # fmt: skip
    found = time_to_issue(vendor_id=vendor.id, first_on=FIRST, last_on=LAST)
    assert (found.to_approved, found.whole, found.to_sent) == (4, 4, None)
