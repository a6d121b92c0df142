"""Who a customer is, and the packet with which they begin: changed and sent at the desk, by those who may."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.parties import actions
from goodterms.parties.models import Contact, Customer, Vendor

pytestmark = pytest.mark.django_db
DETAILS = {
    "name": "Bellwether Foods", "legal_name": "Bellwether Foods Ltd", "address": "Aire Mills\nLeeds", "country": "gb",
    "tax_id": "GB 305 4172 36", "company_number": "0912 4471", "street": "Aire Mills", "post_code": "LS4 2AZ", "city": "Leeds",
    "region": "", "endpoint_scheme": "9932", "endpoint_id": "GB305417236", "buyer_reference": "", "parent_id": "",
    "since_on": "2021-03-01", "note": "Rings on Mondays.",
}  # fmt: skip


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return _added(vendor, "bellwether", "Bellwether")


@pytest.fixture
def tom(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def _added(vendor: Vendor, number: str, name: str, **more: Any) -> Customer:
    with acting_for([vendor.id]):
        one = actions.add_customer(vendor_id=vendor.id, number=number, name=name, currency="GBP", now=NOW, by="Tom", **more)
        actions.add_contact(
            vendor_id=vendor.id, customer_id=one.id, name="Sandra Whitlock", email=f"sandra@{number}.example", pays=True,
            now=NOW, by="Tom",
        )  # fmt: skip
    return one


def at(customer: Customer, rest: str = "") -> str:
    return f"/at/tom-and-co/customers/{customer.id}/{rest}"


def letters(vendor: Vendor) -> int:
    with acting_for([vendor.id]):
        return Letter.objects.filter(kind="welcome").count()


def test_details_are_kept_and_shown_with_the_group_above_and_below(vendor: Vendor, customer: Customer, tom: Client) -> None:
    group = _added(vendor, "group", "Aire Group")
    form = tom.get(at(customer, "details/")).content.decode()
    assert "Aire Group" in form
    assert "United Kingdom, VAT (9932)" in form
    assert tom.post(at(customer, "details/"), DETAILS | {"parent_id": str(group.id)}).status_code == 302
    page = tom.get(at(customer)).content.decode()
    for said in ("Bellwether Foods Ltd", "305417236", "0912 4471", "GB305417236", "Aire Group", "Rings on Mondays."):
        assert said in page
    assert "Bellwether Foods" in tom.get(at(group)).content.decode()
    [deed] = told(vendor, "customer.changed")
    assert deed.data["country"] == {"was": "", "is": "GB"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"tax_id": "GB 305 4172 37"}, "cannot be a tax id of GB"),
        ({"endpoint_scheme": ""}, "An electronic address is a scheme and an id"),
        ({"since_on": "March"}, "“March” is not a day like 2026-12-01."),
        ({"parent_id": "x"}, "“x” is not one of your customers."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    vendor: Vendor, customer: Customer, tom: Client, typed: dict[str, str], sentence: str
) -> None:
    answer = tom.post(at(customer, "details/"), DETAILS | typed)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert "Rings on Mondays." in answer.content.decode()
    assert told(vendor, "customer.changed") == []


def test_the_packet_is_sent_once_and_its_day_is_said(vendor: Vendor, customer: Customer, tom: Client) -> None:
    assert "The welcome packet was not sent." in tom.get(at(customer)).content.decode()
    sent = tom.post(at(customer, "welcome/"), follow=True).content.decode()
    assert "The welcome packet is on its way to Sandra Whitlock, by e-mail, at their hours." in sent
    assert "The welcome packet went to Sandra Whitlock on 16 November." in sent
    again = tom.post(at(customer, "welcome/"))
    assert again.status_code == 409
    assert "It went to Sandra Whitlock today already. Nothing was sent again." in again.content.decode()
    assert letters(vendor) == 1


def test_looking_sends_nothing_and_who_may_not_sends_nothing(vendor: Vendor, customer: Customer) -> None:
    reader = as_member(a_member(vendor, "Rita", "reader"))
    stranger = as_member(a_member(a_vendor("other"), "Olga", "owner"))
    for rest in ("welcome/", "details/"):
        assert reader.post(at(customer, rest), DETAILS).status_code == 403
        assert stranger.post(at(customer, rest), DETAILS).status_code == 404
    assert reader.get(at(customer, "details/")).status_code == 200
    assert letters(vendor) == len(told(vendor, "customer.changed")) == 0


def test_a_new_customer_waits_for_the_packet_where_it_is_ticked(vendor: Vendor, tom: Client) -> None:
    with acting_for([vendor.id]):
        actions.change_vendor(vendor_id=vendor.id, changes={"welcomes": True}, now=NOW, by="Elin")
    form = tom.get("/at/tom-and-co/customers/new/").content.decode()
    assert 'name="welcome" value="1" checked' in form
    typed = {
        "name": "Corvid Books",
        "number": "",
        "currency": "GBP",
        "country": "GB",
        "contact": "Ines",
        "email": "i@c.example",
    }
    page = tom.post("/at/tom-and-co/customers/new/", typed | {"welcome": "1"}, follow=True).content.decode()
    assert "The welcome packet goes out by itself, once somebody who pays can be reached." in page
    tom.post("/at/tom-and-co/customers/new/", typed | {"name": "Corvid Two"})
    with acting_for([vendor.id]):
        assert list(Customer.objects.order_by("name").values_list("name", "welcome_waits")) == [
            ("Corvid Books", True), ("Corvid Two", False),
        ]  # fmt: skip


def test_the_page_asks_as_much_whatever_the_group(vendor: Vendor, customer: Customer, tom: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert tom.get(at(customer)).status_code == 200
        return len(found)

    tom.get(at(customer))
    before = asked()
    for n in range(5):
        _added(vendor, f"C{n}", f"Shop {n}", parent_id=customer.id)
    with acting_for([vendor.id]):
        assert Contact.objects.filter(customer=customer).count() == 1
    assert asked() == before
