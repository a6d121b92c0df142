"""A key, a customer and a provider's object mean something with one vendor, also where a transaction acts for several."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from goodterms.database.isolation import acting_for
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor
from goodterms.parties.models import Customer
from goodterms.payments.actions import record, refund
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


def pay(vendor: UUID, customer: Customer, minor: int = 5_00, **more: Any) -> dict[str, Any]:
    return record(
        vendor_id=vendor, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=TODAY, method="cash",
        idempotency_key="one", **TOM, **more,
    )  # fmt: skip


def test_two_vendors_may_use_the_same_key_and_each_gets_its_own_answer() -> None:
    vendors = [a_vendor().id, a_vendor().id]
    with acting_for(vendors):
        those = [(vendor, a_customer(vendor), minor) for vendor, minor in zip(vendors, (5_00, 7_00), strict=True)]
        first, again = ([pay(*who, provider="card", provider_object_id="p1") for who in those] for _ in range(2))
    assert again == first
    assert first[0]["payment_id"] != first[1]["payment_id"]


def test_a_payment_of_another_vendors_customer_is_refused_in_words() -> None:
    ours, theirs = a_vendor().id, a_vendor().id
    with acting_for([ours, theirs]):
        other = a_customer(theirs)
        with pytest.raises(Refused, match="no customer like that"):
            pay(ours, other)


@pytest.mark.parametrize("days", [-1, 2])
def test_money_goes_back_neither_before_it_came_nor_tomorrow(days: int) -> None:
    vendor = a_vendor().id
    with acting_for([vendor]):
        paid = UUID(pay(vendor, a_customer(vendor))["payment_id"])
        with pytest.raises(Refused, match="after it came"):
            refund(
                payment_id=paid, amount=Money(1_00, "GBP"), reason="twice", refunded_on=TODAY + timedelta(days=days),
                idempotency_key="back", **TOM,
            )  # fmt: skip
