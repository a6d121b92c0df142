"""Rows by many keys: the same as by Django's own way, with one parameter."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.among import among
from goodterms.database.isolation import acting_for
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_keys

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_by_keys_of_the_row_or_of_what_it_belongs_to_and_the_statement_stays_as_it_is() -> None:
    vendor, *keys = new_keys(NOW, 21)
    with acting_for([vendor]):
        Vendor.objects.create(
            id=vendor, slug="v", name="V", email="v@v.example", country="GB", currency="GBP", timezone="UTC", created_at=NOW
        )
        Customer.objects.bulk_create(
            Customer(id=key, vendor_id=vendor, number=str(n), name="N", folded="n", currency="GBP", created_at=NOW)
            for n, key in enumerate(keys)
        )
        asked = [Customer.objects.filter(among("id", some)) for some in ([], keys[:1], keys[:9])]
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert [{one.id for one in found} for found in asked] == [set(), {keys[0]}, set(keys[:9])]
        assert [one["sql"].count("%s") + one["sql"].count("any(") for one in told] == [1, 1, 1]
        assert Customer.objects.filter(among("vendor_id", [vendor])).count() == 20
        assert not Customer.objects.filter(among("vendor_id", keys)).exists()
