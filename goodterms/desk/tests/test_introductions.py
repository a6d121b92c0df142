"""A payer names a colleague: the desk hears of it, a person decides, and only then does that colleague get a letter."""

from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.access.letters import Errand
from goodterms.conversations.tests import cast as people
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.parties.actions import introduce
from goodterms.parties.models import Contact, Customer, Introduction, Vendor
from goodterms.parties.rules import payer_key

pytestmark = pytest.mark.django_db
PRIYA = "priya@bellwether.example"


class Desk(NamedTuple):
    vendor: Vendor
    customer: Customer
    tom: Client

    @property
    def at(self) -> str:
        return f"/at/{self.vendor.slug}/customers/{self.customer.id}/"

    def decide(self, client: Client, deed: str = "add", vendor: Vendor | None = None) -> Any:
        with acting_for([self.vendor.id]):
            one = Introduction.objects.earliest("id")
        place = f"/at/{(vendor or self.vendor).slug}/customers/{self.customer.id}/introductions/{one.id}/"
        return client.post(place, {"deed": deed}, follow=True)

    def people(self) -> list[str]:
        with acting_for([self.vendor.id]):
            return list(Contact.objects.order_by("name").values_list("name", flat=True))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = people.a_customer(vendor, "Bellwether Foods")
        people.a_payer(customer)
    one = Desk(vendor, customer, as_member(a_member(vendor, "Tom", "receivables manager")))
    named(one)
    return one


def named(desk: Desk, address: str = PRIYA, name: str = "Priya Shah") -> None:
    with acting_for([desk.vendor.id]):
        payer = Contact.objects.get(pays=True).payer_id
        assert payer
        introduce(
            payer_id=payer, vendor_ids=[desk.vendor.id], name=name, address=address, takes_over=False, by="Sandra", now=NOW
        )


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Errand]:
    found: list[Errand] = []
    monkeypatch.setattr("goodterms.desk.customers.introductions.soon", lambda errand, clock: found.append(errand))
    return found


def test_the_day_and_the_page_of_the_customer_say_who_is_named(desk: Desk) -> None:
    today = desk.tom.get(f"/at/{desk.vendor.slug}/").content.decode()
    assert "Sandra names Priya Shah, to get copies" in today
    assert "Once added, they see the invoices of Bellwether Foods; until then nothing." in today
    page = desk.tom.get(desk.at).content.decode()
    assert "Sandra names a colleague" in page
    assert PRIYA in page


def test_whom_the_desk_adds_gets_a_letter_of_their_own(
    desk: Desk, letters: list[Errand], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        said = desk.decide(desk.tom).content.decode()
    assert "Priya Shah is a contact of Bellwether Foods now." in said
    assert "Add them" not in said
    assert desk.people() == ["Priya Shah", "Sandra Whitlock"]
    [errand] = letters
    assert (errand.payer_id, errand.introduced_by, errand.vendors) == (payer_key(PRIYA), "Sandra", (desk.vendor.id,))


def test_whom_the_desk_does_not_add_hears_nothing(
    desk: Desk, letters: list[Errand], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        said = desk.decide(desk.tom, "decline").content.decode()
        again = desk.decide(desk.tom).content.decode()
    assert "Priya Shah is not added." in said
    assert "This was decided already." in again
    assert (desk.people(), letters) == (["Sandra Whitlock"], [])


def test_a_reader_looks_and_another_vendor_finds_nothing(desk: Desk, letters: list[Errand]) -> None:
    reader = as_member(a_member(desk.vendor, "Rosa", "reader"))
    page = reader.get(desk.at).content.decode()
    assert "Sandra names a colleague" in page
    assert "Add them" not in page
    assert desk.decide(reader).status_code == 403
    other = a_vendor("other")
    assert desk.decide(as_member(a_member(other, "Ann")), vendor=other).status_code == 404
    assert (desk.people(), letters) == (["Sandra Whitlock"], [])


def test_many_colleagues_cost_no_more_statements(desk: Desk) -> None:
    counts = []
    for n in range(2):
        with CaptureQueriesContext(
            connection,
        ) as found:
            desk.tom.get(desk.at)
            desk.tom.get(f"/at/{desk.vendor.slug}/")
        counts.append(len(found))
        for m in range(4):
            named(desk, f"p{n}{m}@bellwether.example", f"Person {m}")
    assert counts[0] == counts[1]
