"""Decides that one form, sent by many at the same time, makes one draft."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import draft
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.tests.book import a_customer, a_vendor
from goodterms.invoicing.tests.test_gapless import TOM
from goodterms.values.keys import new_key

SENDERS = 8


@pytest.mark.django_db(transaction=True)
def test_one_key_at_the_same_time_makes_one_draft_with_its_lines_once() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
    lines = [Line(what, Decimal(1), Decimal(10), Tax("S", Decimal(20))) for what in ("Labels", "Proof")]
    key, gate = new_key(TOM["now"]), Barrier(SENDERS)

    def sender(_: int) -> UUID:
        gate.wait(30)
        try:
            with acting_for([vendor.id]):
                return draft(vendor_id=vendor.id, customer_id=customer.id, lines=lines, key=key, **TOM).id
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as threads:
        assert set(threads.map(sender, range(SENDERS))) == {key}
    with acting_for([vendor.id]):
        assert (Invoice.objects.count(), LineRow.objects.count()) == (1, 2)
        assert Interaction.objects.filter(kind="invoice.drafted").count() == 1
