"""Decides that the adjectives of the invoices' queryset say the same as life.stage, over generated rows."""

from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.invoicing.life import Facts, Stage, stage
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor
from goodterms.values.keys import new_key

days = st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))
instants = st.none() | st.just(NOW)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    issued_on: date | None = draw(st.none() | days)
    voided_at: datetime | None = draw(instants)
    total = draw(st.integers(0, 3))
    return Facts(
        approved_at=draw(instants),
        issued_on=issued_on,
        due_on=draw(st.none() | days),
        voided_at=voided_at,
        total_minor=total,
        open_minor=0 if voided_at else draw(st.integers(0, total)),
    )


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=25), days)
def test_each_adjective_finds_the_invoices_of_its_stage(rows: list[Facts], today: date) -> None:
    with transaction.atomic():
        vendor = a_vendor()
        with acting_for([vendor.id]):
            customer = a_customer(vendor.id)
            known = {new_key(NOW): one for one in rows}
            Invoice.objects.bulk_create(
                Invoice(
                    id=key, vendor=vendor, customer=customer, number=str(key) if one.issued_on else "", currency="GBP",
                    created_at=NOW, approved_at=one.approved_at, issued_on=one.issued_on, due_on=one.due_on,
                    voided_at=one.voided_at, total_minor=one.total_minor, open_minor=one.open_minor,
                )
                for key, one in known.items()
            )  # fmt: skip
            found = {
                "draft": Invoice.objects.draft(),
                "approved": Invoice.objects.approved(),
                "open": Invoice.objects.open(today),
                "overdue": Invoice.objects.overdue(today),
                "settled": Invoice.objects.settled(),
                "void": Invoice.objects.void(),
            }
            assert set(found) == set(get_args(Stage))
            for name, query in found.items():
                assert {one.id for one in query} == {key for key, one in known.items() if stage(one, today) == name}, name
        transaction.set_rollback(True)
