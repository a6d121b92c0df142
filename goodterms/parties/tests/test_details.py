"""Who a customer is can be changed, column by column, and the log keeps what was."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.tests.test_actions import NOW, a_customer, a_vendor
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor, country="GB")


def change(customer: Customer, **changes: Any) -> Customer:
    whose: dict[str, Any] = {"vendor_id": customer.vendor_id, "customer_id": customer.id, "now": NOW, "by": "Tom"}
    return actions.change_customer(**whose, changes=changes)


def another(customer: Customer, number: str, **more: Any) -> Customer:
    return a_customer(Vendor.objects.get(id=customer.vendor_id), number, **more)


def test_facts_are_kept_tidy_and_found_by_their_new_name(customer: Customer) -> None:
    one = change(
        customer, name="Über  Land", legal_name="Überland Ltd", address=" 2 Quay \n\n Bath ", tax_id="GB 305 4172 36",
        company_number="0912 4471", since_on=date(2021, 3, 1), note="Rings on Mondays.",
    )  # fmt: skip
    one.refresh_from_db()
    assert (one.name, one.folded, one.address, one.tax_id) == ("Über Land", "uber land", "2 Quay\nBath", "305417236")
    [deed] = Interaction.objects.filter(kind="customer.changed")
    assert deed.data["name"] == {"was": "Café Zürich", "is": "Über Land"}
    assert "folded" not in deed.data


def test_the_same_again_tells_nothing(customer: Customer) -> None:
    change(customer, legal_name="Café Ltd")
    change(customer, legal_name="Café Ltd")
    assert Interaction.objects.filter(kind="customer.changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tax_id": "GB 305 4172 37"}, "tax_id"),
        ({"country": "DE", "tax_id": "305417236"}, "tax_id"),
        ({"name": " "}, "name"),
        ({"endpoint_scheme": "0088"}, "endpoint_id"),
        ({"parent_id": uuid4()}, "parent_id"),
        ({"channel": "post"}, "channel"),
    ],
)
def test_what_cannot_be_so_is_refused_by_field(customer: Customer, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as no:
        change(customer, **changes)
    assert no.value.field == field
    assert not Interaction.objects.filter(kind="customer.changed").exists()


def test_a_tax_number_that_stood_there_is_looked_at_when_the_country_changes(customer: Customer) -> None:
    change(customer, tax_id="305417236")
    with pytest.raises(Refused, match="cannot be a tax id of DE"):
        change(customer, country="DE")
    assert change(customer, country="DE", tax_id="DE 281430573").tax_id == "281430573"


def test_a_group_has_a_top_and_never_belongs_to_itself(customer: Customer) -> None:
    house, shop = another(customer, "C2"), another(customer, "C3", parent_id=customer.id)
    change(customer, parent_id=house.id)
    for one, above in ((house, customer), (house, shop), (customer, shop), (customer, customer)):
        with pytest.raises(Refused, match="A customer cannot belong to itself, nor to one that belongs to it"):
            change(one, parent_id=above.id)
    assert change(customer, parent_id=None).parent_id is None


def test_a_customer_of_another_vendor_is_no_group_and_is_not_there(customer: Customer) -> None:
    other = a_vendor("other")
    with acting_for([other.id]):
        theirs = a_customer(other)
        with pytest.raises(Refused, match="There is no such customer"):
            actions.change_customer(vendor_id=other.id, customer_id=customer.id, now=NOW, by="Tom", changes={"name": "X"})
    with acting_for([customer.vendor_id, other.id]), pytest.raises(Refused, match="There is no such customer to belong to"):
        change(customer, parent_id=theirs.id)
