"""Decides that reminders ask for the sum without what is kept back for the tax office, and for nothing where that is all."""

from decimal import Decimal

import pytest

from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.parties.models import Contact, Payer
from goodterms.payments.actions import record
from goodterms.reminders.gathering import gather
from goodterms.terms.rules import Terms, Withholding
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db


def test_less_is_asked_for_and_nothing_once_only_what_is_kept_back_is_left() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        payer = Payer.objects.create(id=new_key(NOW), address="sandra@estudio.example", created_at=NOW)
        Contact.objects.create(
            id=new_key(NOW), vendor_id=vendor.id, customer=customer, payer=payer, name="Sandra", pays=True, created_at=NOW
        )  # fmt: skip
        invoice = an_invoice(customer, 121_00, tax=21_00, terms=Terms(withholding=Withholding("IRPF", Decimal(15))))
        assert [one.open_minor for one in gather([str(payer.id)], TODAY, NOW).facts] == [106_00]
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(110_00, "GBP"), received_on=TODAY, method="cash",
            idempotency_key="k", by="Tom", role="owner", now=NOW, named=[invoice.id],
        )  # fmt: skip
        now = Invoice.objects.get(id=invoice.id)
        assert (now.open_minor, now.to_withhold_minor) == (11_00, 11_00)  # they kept back less than was agreed
        assert [one.open_minor for one in gather([str(payer.id)], TODAY, NOW).facts] == [0]
        must_be_true(vendor.id)
