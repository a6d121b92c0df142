"""The vendor of these stories, declared for the length of each."""

from collections.abc import Iterator

import pytest

from goodterms.conversations.tests.cast import a_customer, an_invoice, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor


@pytest.fixture
def vendor(db: None) -> Iterator[Vendor]:
    vendor = unsaved_vendor()
    with acting_for([vendor.id]):
        vendor.save(force_insert=True)
        yield vendor


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


@pytest.fixture
def invoice(customer: Customer) -> Invoice:
    return an_invoice(customer)
