"""Both sides of several relationships at once, each by its own deeds, with as many statements for many as for one."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.actions import answer, ask, dispute, promise, resolve
from goodterms.conversations.tests.cast import MONDAY, NOW, a_customer, a_payer, an_invoice, at, settle
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.actions import answer_feedback
from goodterms.relationship.measures.accuracy import accuracy
from goodterms.relationship.measures.sides import Sides, sides
from goodterms.relationship.models import Feedback
from goodterms.values.keys import new_key
from goodterms.values.money import Money

FIRST = date(2025, 11, 17)
SANDRA = "Sandra Whitlock"


def of(*customers: Customer) -> list[Sides]:
    found = sides(
        vendor_id=customers[0].vendor_id, customer_ids=[one.id for one in customers], first_on=FIRST, today=MONDAY
    )  # fmt: skip
    return [found[one.id] for one in customers]


def test_nothing_happened_is_nothing_measured(customer: Customer) -> None:
    assert of(customer) == [Sides()]


def test_our_answers_and_errors_count_for_whom_they_were(vendor: Vendor, customer: Customer, invoice: Invoice) -> None:
    other = a_customer(vendor, "Kestrel")
    theirs = an_invoice(other, number="K-1")
    for day, minutes in ((2, 60), (3, 30)):
        thread = ask(invoice_ids=[invoice.id], words="Which?", by=SANDRA, now=at(day, 9))
        answer(conversation_id=thread.id, words="!", by="Tom", role="owner", now=at(day, 9 + minutes // 60, minutes % 60))
    wrong = dispute(invoice_id=theirs.id, reason="QTY", words="Six.", by="Graham", now=at(16, 9))
    taken = an_invoice(other, number="K-2")
    back = dispute(invoice_id=taken.id, reason="PRI", words="Hm.", by="Graham", now=at(13, 9))
    resolve(conversation_id=back.id, resolution="withdrawn", by="Graham", role="payer", now=at(13, 10))
    one, two = of(customer, other)
    assert (one.asked, one.answer_minutes, one.issued, one.right, one.waiting_id) == (2, 45, 1, 0, None)
    assert (two.issued, two.right, two.waiting_id, two.waiting_until) == (2, 1, wrong.id, wrong.answer_due_at)
    for found, whose in ((one, customer), (two, other)):
        alone = accuracy(vendor_id=vendor.id, first_on=FIRST, last_on=MONDAY, customer_id=whose.id)
        assert (alone.issued, alone.right) == (found.issued, found.right)


def test_how_they_pay_is_the_mean_of_what_was_settled_month_by_month(customer: Customer) -> None:
    for number, due_on, settled_on in (
        ("1", date(2026, 9, 10), date(2026, 9, 14)), ("2", date(2026, 9, 20), date(2026, 9, 20)),
        ("3", date(2026, 10, 10), date(2026, 10, 8)),
    ):  # fmt: skip
        settle(an_invoice(customer, 100, number=number, due_on=due_on), 100, settled_on)
    an_invoice(customer, number="open")
    paying = of(customer)[0].paying
    assert paying is not None
    assert (paying.invoices, round(paying.days, 2), round(paying.after_due, 2), paying.agreed) == (3, 30.67, 0.67, (30, 30))
    assert paying.months == ((date(2026, 9, 1), 32.0), (date(2026, 10, 1), 28.0))


def test_what_is_open_stands_by_currency_with_its_promise(customer: Customer, invoice: Invoice) -> None:
    an_invoice(customer, 500, number="E-1", currency="EUR", due_on=date(2026, 12, 9))
    promise(invoice_id=invoice.id, promised_on=date(2026, 11, 20), by=SANDRA, now=NOW, words="On the 20th.")
    found = of(customer)[0]
    assert [(one.amount, one.late, one.expected_on, one.promised_on, one.is_broken) for one in found.open] == [
        (Money(500, "EUR"), Money(0, "EUR"), date(2026, 12, 9), None, False),
        (Money(425_520, "GBP"), Money(425_520, "GBP"), None, date(2026, 11, 20), False),
    ]
    assert found.last is not None
    assert (found.last.by, found.last.words) == (SANDRA, "On the 20th.")


def test_what_they_answered_counts_once_it_is_an_answer(customer: Customer) -> None:
    payer = a_payer(customer)
    for said in ("good", "poor", ""):
        asked = Feedback.objects.create(
            id=new_key(NOW), vendor_id=customer.vendor_id, customer=customer, payer=payer, payment_id=new_key(NOW), asked_at=NOW
        )
        if said:
            answer_feedback(feedback_id=asked.id, answer=said, by=SANDRA, now=NOW, words="Thanks.")
    found = of(customer)[0]
    assert (found.good, found.said, found.last and found.last.words) == (1, 2, "Thanks.")


def test_many_take_as_many_statements_as_one(vendor: Vendor, customer: Customer, invoice: Invoice) -> None:
    others = [a_customer(vendor, f"Other {n}") for n in range(5)]
    for n, other in enumerate(others):
        ask(invoice_ids=[an_invoice(other, number=f"O-{n}").id], words="?", by=SANDRA, now=at(16, 9))
    with CaptureQueriesContext(connection) as alone:
        of(customer)
    with CaptureQueriesContext(connection) as together:
        of(customer, *others)
    assert len(alone) == len(together) == 9
