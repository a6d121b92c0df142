"""What is kept back of one invoice for the tax office is what was chosen for it, else what its customer's terms say."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    approve,
    choose_withholding,
    correct,
    credit,
    draft,
    edit,
    issue,
    withhold_as_agreed,
)  # fmt: skip
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.parties.models import Customer
from goodterms.terms.actions import agree, in_effect
from goodterms.terms.rules import Terms, Withholding
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
IRPF, HALF = Withholding("IRPF", Decimal(15)), Withholding("IRPF", Decimal("7.5"))
LINE = Line("Design", Decimal(1), Decimal(1000), Tax("S", Decimal(20)))


def a_draft(customer: Customer) -> Invoice:
    return draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[LINE], **TOM)


def issued(one: Invoice) -> Invoice:
    approve(invoice_id=one.id, **TOM)
    issue(invoice_id=one.id, issued_on=TODAY, send=False, **TOM)
    return Invoice.objects.get(id=one.id)


@pytest.mark.parametrize("agreed", [IRPF, None])
@pytest.mark.parametrize(("chosen", "minor"), [(HALF, 75_00), (None, 0), (IRPF, 150_00)])
def test_what_is_chosen_for_a_draft_is_what_is_frozen_and_still_to_be_kept_back(
    agreed: Withholding | None, chosen: Withholding | None, minor: int
) -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        agree(
            vendor_id=vendor.id, customer_id=customer.id, terms=Terms(withholding=agreed), from_on=date(2020, 1, 1), now=NOW,
            by="Tom",
        )  # fmt: skip
        one = a_draft(customer)
        choose_withholding(invoice_id=one.id, withholding=chosen, **TOM)
        edit(invoice_id=one.id, lines=[LINE, LINE], **TOM)
        edit(invoice_id=one.id, lines=[LINE], work="Website", **TOM)
        done = issued(one)
        assert done.to_withhold_minor == minor
        assert Terms.from_json(done.terms).withholding == chosen
        assert in_effect(vendor.id, customer.id, TODAY).terms.withholding == agreed, "the terms stay as they are"
        credit(invoice_id=one.id, reason="half", amount=Money(600_00, "GBP"), issued_on=TODAY, send=False, **TOM)
        must_be_true(vendor.id)
        with pytest.raises(Refused):
            choose_withholding(invoice_id=one.id, withholding=None, **TOM)
        again = correct(invoice_id=one.id, reason="name", issued_on=TODAY, send=False, **TOM).draft
        assert issued(again).to_withhold_minor == minor
        must_be_true(vendor.id)


def test_a_choice_is_taken_back_written_once_and_not_of_what_is_approved() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        one = a_draft(a_customer(vendor.id))
        before = one.document
        for _ in range(2):
            choose_withholding(invoice_id=one.id, withholding=IRPF, **TOM)
        assert Interaction.objects.filter(kind="invoice.edited").count() == 1
        assert withhold_as_agreed(invoice_id=one.id, **TOM).document == before
        approve(invoice_id=one.id, **TOM)
        with pytest.raises(Refused, match="Send it back first, then change it"):
            choose_withholding(invoice_id=one.id, withholding=IRPF, **TOM)
