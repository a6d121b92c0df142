"""The proof holds where a drawing that came to nothing was credited, and what it took off is taken off again."""

import pytest

from goodterms.billing.tests.test_retainers import S16, S20, WHO, a_retainer, done, drawn, hours, topped
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import credit
from goodterms.invoicing.line import Tax
from goodterms.invoicing.tests.book import TODAY, a_customer, a_vendor
from goodterms.proof.prove import prove


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("unit", "tax"), [("hours", S20), ("sum", S16)])
def test_what_was_given_back_is_taken_off_again_and_proves_true(unit: str, tax: Tax) -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer, unit, tax)
        topped(retainer, 6 if unit == "hours" else 600)
        done(customer, hours("5"))
        wrong = drawn(retainer)
        credit(invoice_id=wrong.id, reason="Not their hours", issued_on=TODAY, **WHO)
        done(customer, hours("5"))
        assert drawn(retainer).total_minor == 0
    assert [one.finding.named for one in prove([vendor.id]) if one.finding.broken] == []
