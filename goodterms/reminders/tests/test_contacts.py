"""How contacts are counted: one a day for each payer over all vendors, seen by those who list the payer and by nobody else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Contact, reach, unreach
from goodterms.interactions.models import Outreach
from goodterms.parties.models import Payer, Vendor
from goodterms.reminders.tests.test_day import a_customer, a_vendor
from goodterms.values.keys import new_keys

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
TODAY, LATER = NOW.date(), NOW + timedelta(hours=1)
FIRST, SECOND, THIRD = new_keys(NOW, 3)
pytestmark = pytest.mark.django_db


def a_payer(vendor: Vendor, name: str = "sandra") -> UUID:
    address = f"{name}@bellwether.example"
    a_customer(vendor, address, number=name)
    with acting_for([vendor.id]):
        return Payer.objects.get(address=address).id


def test_a_payer_is_contacted_once_on_a_day_whoever_asks() -> None:
    vendor, other = a_vendor(), a_vendor("vermeer")
    sandra, priya = a_payer(vendor), a_payer(other, "priya")
    a_payer(other)
    with acting_for([vendor.id]):
        assert reach([Contact(FIRST, sandra, NOW, "email", TODAY)]) == {FIRST}
    with acting_for([other.id]):
        assert reach([Contact(SECOND, sandra, LATER, "call", TODAY), Contact(THIRD, priya, LATER, "call", TODAY)]) == {THIRD}
        assert reach([Contact(SECOND, sandra, LATER, "email", TODAY + timedelta(days=1))]) == {SECOND}
        assert reach([]) == set()
        assert {(row.id, row.at) for row in Outreach.objects.all()} == {(FIRST, NOW), (SECOND, LATER), (THIRD, LATER)}


def test_a_contact_that_is_not_made_leaves_the_day_to_others() -> None:
    vendor = a_vendor()
    sandra = a_payer(vendor)
    with acting_for([vendor.id]):
        reach([Contact(FIRST, sandra, NOW, "email", TODAY)])
        unreach([])
        assert reach([Contact(SECOND, sandra, NOW, "email", TODAY)]) == set()
        unreach([FIRST])
        assert reach([Contact(SECOND, sandra, NOW, "email", TODAY)]) == {SECOND}


def test_who_does_not_list_a_payer_sees_no_contact_of_theirs_and_takes_none_back() -> None:
    vendor, stranger = a_vendor(), a_vendor("stranger")
    sandra = a_payer(vendor)
    with acting_for([vendor.id]):
        reach([Contact(FIRST, sandra, NOW, "email", TODAY)])
    with acting_for([stranger.id]), connection.cursor() as cursor:
        for table in ("interactions_outreach", "relationship_asked"):
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,)
        unreach([FIRST])
    with acting_for([vendor.id]):
        assert Outreach.objects.count() == 1
