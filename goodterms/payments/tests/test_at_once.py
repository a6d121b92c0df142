"""Decides that many at once have one effect for one key, and never spend or settle more than there is."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import charge_fee, credit
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import DUE, NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Entry
from goodterms.parties.models import Customer
from goodterms.payments import rules
from goodterms.payments.actions import allocate, record, refund
from goodterms.payments.models import Allocation, Payment, Refund
from goodterms.payments.rules import Outcome, Share
from goodterms.terms.rules import LateFee, Terms
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        found = a_customer(vendor.id)
    yield found
    with acting_for([vendor.id]):
        must_be_true(vendor.id)


def at_once(vendor: UUID, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Each deed in a thread, connection and transaction of its own, all let go together; what each gave or raised."""
    gate = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(180)  # fifty connections on a busy machine
            with acting_for([vendor]):
                return deed()
        except (Refused, IntegrityError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(run, deeds))


def pay(customer: Customer, minor: int, key: str, **more: Any) -> dict[str, Any]:
    return record(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=TODAY, method="card",
        idempotency_key=key, by="Tom", role="owner", now=NOW, **more,
    )  # fmt: skip


def test_fifty_requests_with_one_key_have_one_effect_and_equal_answers(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        invoice = an_invoice(customer, 120_00)
    answers = at_once(customer.vendor_id, [lambda: pay(customer, 100_00, "same")] * MANY)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["allocations"][0]["open_minor"] == 20_00
    with acting_for([customer.vendor_id]):
        assert (Payment.objects.count(), Allocation.objects.count(), Interaction.objects.count()) == (1, 1, 2)
        assert Invoice.objects.get(id=invoice.id).open_minor == 20_00


def test_a_first_request_that_fails_lets_a_second_one_through(customer: Customer) -> None:
    """Half of the requests with one key are rolled back after they did all their work."""

    def attempt(fails: bool) -> Any:
        answer = pay(customer, 100_00, "same")
        if fails:
            raise Refused("The line was cut.")
        return answer

    answers = at_once(customer.vendor_id, [partial(attempt, bool(n % 2)) for n in range(20)])
    given = [answer for answer in answers if isinstance(answer, dict)]
    assert len(given) == 10
    assert all(answer == given[0] for answer in given)
    with acting_for([customer.vendor_id]):
        assert [str(payment.id) for payment in Payment.objects.all()] == [given[0]["payment_id"]]


def test_fifty_payments_on_one_invoice_settle_it_once(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        invoice = an_invoice(customer, 1_000_00)
    deeds = [partial(pay, customer, 30_00, f"k{n}", named=[invoice.id]) for n in range(MANY)]
    answers = at_once(customer.vendor_id, deeds)
    with acting_for([customer.vendor_id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 0
    assert sum(answer["unapplied_minor"] for answer in answers) == MANY * 30_00 - 1_000_00
    assert sorted(a["open_minor"] for answer in answers for a in answer["allocations"])[0] == 0


def test_fifty_spendings_of_one_payment_spend_it_once(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        payment = UUID(pay(customer, 100_00, "k")["payment_id"])
        invoices = [an_invoice(customer, 7_00) for _ in range(MANY)]
    deeds = [partial(allocate, payment_id=payment, named=[one.id], by="Tom", role="owner", now=NOW) for one in invoices]
    answers = at_once(customer.vendor_id, deeds)
    with acting_for([customer.vendor_id]):
        assert Payment.objects.get(id=payment).unapplied_minor == 0
        assert sum(Allocation.objects.values_list("minor", flat=True)) == 100_00
    assert sum(isinstance(answer, Refused) for answer in answers) == MANY - 15


def test_the_database_is_the_last_line_when_the_program_forgets_to_look(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that always gives everything to one invoice: constraints alone keep the books."""
    with acting_for([customer.vendor_id]):
        invoice = an_invoice(customer, 100_00)

    def greedy(payment: Money, *_: Any, **__: Any) -> Outcome:
        none = Money(0, "GBP")
        return Outcome((Share(invoice.id, payment, none, none, none),), none)

    monkeypatch.setattr(rules, "allocate", greedy)
    deeds = [partial(pay, customer, 30_00, f"k{n}", named=[invoice.id]) for n in range(MANY)]
    answers = at_once(customer.vendor_id, deeds)
    assert sum(isinstance(answer, dict) for answer in answers) == 3
    assert sum("invoice_never_overpaid" in str(answer) for answer in answers) == MANY - 3
    with acting_for([customer.vendor_id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 10_00
        assert Entry.objects.filter(kind="payment").count() == 3


def test_fifty_refunds_never_give_back_more_than_came(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        payment = UUID(pay(customer, 100_00, "k")["payment_id"])

    def give_back(key: str) -> Any:
        return refund(
            payment_id=payment, amount=Money(9_00, "GBP"), reason="paid twice", refunded_on=TODAY, idempotency_key=key,
            by="Tom", role="owner", now=NOW,
        )  # fmt: skip

    answers = at_once(customer.vendor_id, [partial(give_back, f"r{n // 2}") for n in range(MANY)])
    assert sum(isinstance(answer, Refused) for answer in answers) == MANY - 22
    with acting_for([customer.vendor_id]):
        assert Refund.objects.count() == 11
        assert Payment.objects.get(id=payment).unapplied_minor == 1_00


def test_payments_and_spendings_in_any_order_do_not_wait_for_each_other_for_ever(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        kept = UUID(pay(customer, 500_00, "kept")["payment_id"])
        invoices = [an_invoice(customer, 40_00).id for _ in range(10)]
    shuffler = random.Random(7)
    wishes = [shuffler.sample(invoices, 4) for _ in range(30)]
    spend = partial(allocate, payment_id=kept, by="Tom", role="owner", now=NOW)
    deeds = [
        partial(pay, customer, 55_00, f"p{n}", named=wish) if n % 2 else partial(spend, named=wish)
        for n, wish in enumerate(wishes)
    ]
    answers = at_once(customer.vendor_id, deeds)
    assert all(isinstance(answer, dict | Refused) for answer in answers)
    with acting_for([customer.vendor_id]):
        assert sum(Invoice.objects.values_list("open_minor", flat=True)) == 0


def test_credits_and_payments_at_once_settle_an_invoice_once(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        invoice = an_invoice(customer, 100_00)
    give = partial(credit, invoice_id=invoice.id, reason="faulty", issued_on=TODAY, by="Tom", role="owner", now=NOW)
    deeds: list[Callable[[], Any]] = [partial(give, amount=Money(15_00, "GBP")) for _ in range(10)]
    deeds += [partial(pay, customer, 15_00, f"k{n}", named=[invoice.id]) for n in range(10)]
    random.Random(3).shuffle(deeds)
    answers = at_once(customer.vendor_id, deeds)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {answer.code for answer in refused} == {"credit"}  # ten of 15.00 are more than its total
    with acting_for([customer.vendor_id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 0
        notes = Invoice.objects.filter(kind="credit_note").order_by("seq")
        assert sum(note.total_minor for note in notes) == 90_00
        assert [note.seq for note in notes] == [1, 2, 3, 4, 5, 6]


def test_one_late_fee_comes_of_many_who_charge_it(customer: Customer) -> None:
    with acting_for([customer.vendor_id]):
        terms = Terms(late_fee=LateFee("monthly", agreed=True, percent=Decimal("1.5"), part_months="whole"))
        invoice = an_invoice(customer, 100_00, terms=terms)
    on = DUE + timedelta(days=31)
    charge = partial(charge_fee, invoice_id=invoice.id, on=on, by="the clock", role="clock", now=NOW)
    answers = at_once(customer.vendor_id, [charge] * 10)
    assert [answer for answer in answers if not isinstance(answer, Refused)] == [Money(1_50, "GBP")]
    with acting_for([customer.vendor_id]):
        assert Invoice.objects.get(id=invoice.id).open_minor == 101_50
