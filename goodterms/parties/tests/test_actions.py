"""Vendors, customers and contacts come in, payers are met across vendors, keys are told once."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions, directory
from goodterms.parties.models import ApiKey, Contact, Customer, Payer, Vendor
from goodterms.parties.rules import Viewer, Wishes, payer_key
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
LATER = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def a_vendor(slug: str = "tom-and-co", **more: Any) -> Vendor:
    asked = {"name": "Tom & Co", "currency": "GBP", "country": "GB", "timezone": "Europe/London"} | more
    return actions.add_vendor(slug=slug, email=f"{slug}@vendor.example", now=NOW, by="operator", **asked)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def a_customer(vendor: Vendor, number: str = "C1", **more: Any) -> Customer:
    return actions.add_customer(
        vendor_id=vendor.id, number=number, name="Café Zürich", currency="GBP", now=NOW, by="Tom", **more
    )


def a_contact(customer: Customer, email: str = "Amira@Tobacco.example", **more: Any) -> Contact:
    asked: dict[str, Any] = {"name": "Amira Khan", "pays": True} | more
    return actions.add_contact(vendor_id=customer.vendor_id, customer_id=customer.id, email=email, now=NOW, by="Tom", **asked)


def kinds() -> list[str]:
    return list(Interaction.objects.order_by("id").values_list("kind", flat=True))


def test_each_newcomer_is_in_the_log(vendor: Vendor) -> None:
    customer = a_customer(vendor)
    a_contact(customer)
    actions.add_member(vendor_id=vendor.id, email="Tom@Vendor.example", name="Tom", role="owner", now=NOW, by="operator")
    assert sorted(kinds()) == ["contact.added", "customer.added", "member.added", "vendor.added"]
    assert Customer.objects.get().folded == "cafe zurich"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"slug": "Tom & Co"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": "x", "currency": "XXQ"}, None),
        ({"slug": "x", "timezone": "Mars"}, None),
        ({"slug": "x", "country": "Britain"}, "country"),
        ({"slug": "x", "name": "=HYPERLINK(1)"}, "name"),
        ({"slug": "x", "tax_id": "GB123"}, "tax_id"),
    ],
)
def test_a_vendor_that_cannot_be_is_refused(asked: dict[str, Any], field: str | None) -> None:
    with pytest.raises(Refused) as refused:
        a_vendor(**asked)
    assert refused.value.field == field


def test_a_short_name_is_given_once(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="There is a vendor tom-and-co already"):
        a_vendor()
    with pytest.raises(Refused, match="There is a customer number C1 already"):
        [a_customer(vendor), a_customer(vendor)]
    assert Customer.objects.count() == 1  # a refusal leaves the transaction whole


def test_a_person_may_work_for_two_vendors_but_once_for_each(vendor: Vendor) -> None:
    other = a_vendor("second")
    with acting_for([vendor.id, other.id]):
        for one in (vendor, other):
            actions.add_member(vendor_id=one.id, email="t@vendor.example", name="Tom", role="owner", now=NOW, by="operator")
        with pytest.raises(Refused, match="member already"):
            actions.add_member(vendor_id=one.id, email="T@vendor.example", name="Tom", role="reader", now=NOW, by="operator")
        with pytest.raises(Refused, match="not a role"):
            actions.add_member(vendor_id=one.id, email="x@vendor.example", name="X", role="king", now=NOW, by="operator")


def test_two_vendors_meet_the_same_payer_without_seeing_each_other() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with acting_for([theirs.id]):
        first = a_contact(a_customer(theirs), "amira@tobacco.example")
    with acting_for([ours.id]):
        assert Payer.objects.count() == 0
        second = a_contact(a_customer(ours), " AMIRA@tobacco.example", name="A. Khan")
        payer = Payer.objects.get()
        assert second.payer_id == first.payer_id == payer.id == payer_key("amira@tobacco.example")
        assert (payer.address, payer.name) == ("amira@tobacco.example", "")
        assert Contact.objects.get().email == "AMIRA@tobacco.example"


def test_one_contact_pays_until_that_one_is_ended(vendor: Vendor) -> None:
    customer = a_customer(vendor)
    first = a_contact(customer)
    with pytest.raises(Refused, match="pays for this customer already"):
        a_contact(customer, "b@tobacco.example")
    actions.end_contact(vendor_id=vendor.id, contact_id=first.id, now=LATER, by="Tom")
    actions.end_contact(vendor_id=vendor.id, contact_id=first.id, now=LATER, by="Tom")
    a_contact(customer, "b@tobacco.example")
    assert kinds().count("contact.ended") == 1
    assert [contact.email for contact in Contact.objects.current()] == ["b@tobacco.example"]


def test_a_change_of_preferences_keeps_what_was(vendor: Vendor) -> None:
    customer = a_customer(vendor, tone="formal")
    changes = {"tone": "informal", "hours_from": time(9), "hours_to": time(12), "order_required": False}
    for _ in range(2):  # saying it again is no news
        actions.change_preferences(vendor_id=vendor.id, customer_id=customer.id, now=LATER, by="Tom", changes=changes)
    deed = Interaction.objects.get(kind="preferences.changed")
    assert deed.data["tone"] == {"was": "formal", "is": "informal"}
    assert "order_required" not in deed.data
    assert Customer.objects.get().wishes() == Wishes(tone="informal", hours=(time(9), time(12)))


def test_only_preferences_can_be_changed_as_preferences(vendor: Vendor) -> None:
    customer = a_customer(vendor)
    with pytest.raises(Refused) as refused:
        actions.change_preferences(
            vendor_id=vendor.id, customer_id=customer.id, now=LATER, by="Tom", changes={"vendor_id": vendor.id}
        )
    assert refused.value.field == "vendor_id"


def test_the_payers_word_stands_in_the_log_of_every_vendor_that_lists_them() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with acting_for([ours.id, theirs.id]):
        payer = payer_key("amira@tobacco.example")
        assert {a_contact(a_customer(vendor)).payer_id for vendor in (ours, theirs)} == {payer}
        actions.verify_payer(payer_id=payer, now=LATER)
        actions.verify_payer(payer_id=payer, now=LATER)
        actions.stop_reminders(payer_id=payer, now=LATER)
        actions.change_wishes(payer_id=payer, now=LATER, by="customer", changes={"letter_weekdays": [2], "language": "id"})
        assert kinds().count("payer.verified") == kinds().count("reminders.stopped") == kinds().count("wishes.changed") == 2
        person = Payer.objects.get()
        assert (person.verified_at, person.stopped_at, person.letter_weekdays) == (LATER, LATER, [2])
        actions.resume_reminders(payer_id=payer, now=LATER)
        assert Payer.objects.get().stopped_at is None


def test_a_payer_whom_we_do_not_list_is_not_there_for_us() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with acting_for([theirs.id]):
        payer = a_contact(a_customer(theirs)).payer_id
    assert payer is not None
    with acting_for([ours.id]), pytest.raises(Refused, match="no such payer"):
        actions.stop_reminders(payer_id=payer, now=LATER)


def test_a_secret_is_told_once_and_opens_until_it_is_revoked(vendor: Vendor) -> None:
    key, secret = actions.add_api_key(vendor_id=vendor.id, name="Till", scopes=["invoices:read"], now=NOW, by="Tom")
    assert secret not in str(ApiKey.objects.values().get())
    with acting_for([]):
        found = directory.key_shown(secret)
        assert found is not None
        assert found.id == key.id
        assert directory.key_shown(secret + "x") is None
    actions.revoke_api_key(vendor_id=vendor.id, key_id=key.id, now=LATER, by="Tom")
    actions.revoke_api_key(vendor_id=vendor.id, key_id=key.id, now=LATER, by="Tom")
    assert ApiKey.objects.get().revoked_at == LATER
    assert kinds().count("key.revoked") == 1
    assert directory.key_shown(secret) is None
    with pytest.raises(Refused, match="not a scope"):
        actions.add_api_key(vendor_id=vendor.id, name="Till", scopes=["everything"], now=NOW, by="Tom")


def test_to_write_implies_to_read_and_nothing_else() -> None:
    viewer = Viewer("Till", frozenset(), scopes=frozenset({"invoices:write"}))
    viewer.needs("invoices:write")
    viewer.needs("invoices:read")
    for other in ("payments:read", "invoices:delete"):
        with pytest.raises(Refused, match="scope"):
            viewer.needs(other)


def test_a_payer_sees_the_customers_that_list_them_and_no_other(vendor: Vendor) -> None:
    listed, other = a_customer(vendor), a_customer(vendor, "C2")
    contact = a_contact(listed)
    a_contact(other, "b@tobacco.example")
    staff = Viewer("Tom", frozenset({vendor.id}), role="owner")
    payer = Viewer("Amira", frozenset({vendor.id}), payer_id=contact.payer_id)
    assert {customer.id for customer in Customer.objects.seen_by(staff)} == {listed.id, other.id}
    assert [customer.id for customer in Customer.objects.seen_by(payer)] == [listed.id]
    assert [one.email for one in Contact.objects.seen_by(payer)] == ["Amira@Tobacco.example"]
    assert not Customer.objects.seen_by(Viewer("nobody", frozenset())).exists()
    actions.end_contact(vendor_id=vendor.id, contact_id=contact.id, now=LATER, by="Tom")
    assert not Customer.objects.seen_by(payer).exists()


def test_how_a_vendor_works_is_changed_and_remembered(vendor: Vendor) -> None:
    changed = actions.change_vendor(
        vendor_id=vendor.id, changes={"sender": " Tom  Okafor ", "feed_days_max": 7}, now=LATER, by="Tom"
    )
    assert (changed.sender, changed.feed_days_max) == ("Tom Okafor", 7)
    deed = Interaction.objects.get(kind="vendor.changed")
    assert deed.data == {"sender": {"was": "", "is": "Tom Okafor"}, "feed_days_max": {"was": None, "is": 7}}
    actions.change_vendor(vendor_id=vendor.id, changes={"feed_days_max": 7}, now=LATER, by="Tom")
    assert kinds().count("vendor.changed") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "other"}, "slug"),
        ({"answer_hours": 0}, "answer_hours"),
        ({"answer_hours": None}, "answer_hours"),
        ({"answer_hours": True}, "answer_hours"),
        ({"extension_days_max": 367}, "extension_days_max"),
        ({"feed_days_max": 0}, "feed_days_max"),
        ({"plan_parts_max": 25}, "plan_parts_max"),
        ({"plan_days_max": None}, "plan_days_max"),
        ({"plan_minor_max": -1}, "plan_minor_max"),
        ({"sender": "=A1"}, "sender"),
    ],
)
def test_what_a_vendor_cannot_be_is_refused(vendor: Vendor, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.change_vendor(vendor_id=vendor.id, changes=changes, now=LATER, by="Tom")
    assert refused.value.field == field
    assert "vendor.changed" not in kinds()
