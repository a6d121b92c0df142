"""Money that comes in parts is expected as its next part, on that part's day, whatever is open in all."""

from datetime import date

from goodterms.conversations.actions import Wish, request_plan
from goodterms.conversations.tests.cast import MONDAY, NOW, an_invoice, settle
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.measures.expected import expected_until

FRIDAY, NEXT_FRIDAY = date(2026, 11, 20), date(2026, 11, 27)


def coming(vendor: Vendor, until: date = NEXT_FRIDAY) -> list[tuple[str, str, date]]:
    week = expected_until(vendor_id=vendor.id, today=MONDAY, until=until)
    return [(one.number, str(one.amount), one.expected.on) for one in week.coming]


def test_the_next_part_is_expected_over_the_invoices_of_its_plan(vendor: Vendor, customer: Customer) -> None:
    one: Invoice = an_invoice(customer, 100_00, number="A-1", due_on=date(2026, 10, 30))
    two: Invoice = an_invoice(customer, 500_00, number="A-2", due_on=date(2026, 12, 1))
    assert coming(vendor) == []  # the one should have come already, the other is not due then
    request_plan(invoice_ids=[one.id, two.id], wish=Wish(3, FRIDAY), by="Sandra", now=NOW)
    assert coming(vendor) == [("A-1", "100.00 GBP", FRIDAY), ("A-2", "100.00 GBP", FRIDAY)]
    settle(one, 100_00, MONDAY)
    settle(two, 100_00, MONDAY)
    assert coming(vendor) == []
    assert coming(vendor, date(2026, 12, 31)) == [("A-2", "200.00 GBP", date(2026, 12, 20))]
