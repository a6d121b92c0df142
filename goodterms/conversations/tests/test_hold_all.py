"""Everything open of a customer rests by one word of a person, and is taken up again by another."""

from datetime import date

import pytest

from goodterms.conversations.actions import promise
from goodterms.conversations.tests.cast import MONDAY, NOW, a_customer, an_invoice, holds, settle
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import hold_all, release_all
from goodterms.invoicing.models import Hold
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

UNTIL = date(2026, 11, 30)


def rest(customer: Customer, role: str = "bookkeeper", note: str = "Fire in their office.") -> int:
    return hold_all(
        customer_id=customer.id, note=note, from_on=MONDAY, until_on=UNTIL, by="Tom", role=role, now=NOW  # type: ignore[arg-type]
    )  # fmt: skip


def go_on(customer: Customer, role: str = "bookkeeper", on: date = MONDAY) -> int:
    return release_all(customer_id=customer.id, on=on, by="Tom", role=role, now=NOW)  # type: ignore[arg-type]


def test_what_is_open_rests_and_goes_on_together(customer: Customer) -> None:
    one, two, paid = (an_invoice(customer, 1000, number=number) for number in "123")
    elsewhere = an_invoice(a_customer(customer.vendor, "Other"), number="4")
    settle(paid, 1000, MONDAY)
    promise(invoice_id=two.id, promised_on=date(2026, 11, 20), by="Sandra", now=NOW)
    assert rest(customer) == 2
    assert (holds(one), len(holds(two)), holds(paid), holds(elsewhere)) == ([("manual", UNTIL)], 2, [], [])
    assert set(Hold.objects.filter(reason="manual").values_list("note", "by")) == {("Fire in their office.", "Tom")}
    three = an_invoice(customer, number="5")
    assert rest(customer) == 1
    assert holds(three) == [("manual", UNTIL)]
    assert go_on(customer) == 3
    assert (holds(one), holds(two)) == ([], [("promised", date(2026, 11, 21))])
    assert Interaction.objects.filter(kind="invoice.released", data__reason="manual").count() == 3


def test_a_hold_that_is_over_or_settled_does_not_stand_in_the_way(customer: Customer) -> None:
    one, two = an_invoice(customer, 1000, number="1"), an_invoice(customer, 1000, number="2")
    rest(customer)
    settle(one, 1000, MONDAY)
    assert go_on(customer, on=date(2026, 12, 1)) == 2
    assert holds(two) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"note": " "}, "Say why, so that a colleague knows when to let go."), ({}, "there is nothing to hold")],
)
def test_a_hold_has_a_reason_and_something_to_hold(customer: Customer, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rest(customer, **given)
    with pytest.raises(Refused, match="Nothing of this customer is held by hand"):
        go_on(customer)


def test_a_reader_holds_and_releases_nothing(customer: Customer) -> None:
    invoice = an_invoice(customer)
    with pytest.raises(Refused):
        rest(customer, role="reader")
    rest(customer)
    with pytest.raises(Refused):
        go_on(customer, role="reader")
    assert holds(invoice) == [("manual", UNTIL)]
