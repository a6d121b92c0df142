"""Many payments recorded at once come to what they come to one after the other, with few statements."""

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import DUE, ISSUED, NOW, TODAY, a_customer, a_rate, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import Incoming, record, record_many
from goodterms.payments.models import Allocation, Payment
from goodterms.rates.models import Fixing
from goodterms.terms.rules import Days, Discount, Terms, Tolerance
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(10),)),), tolerance=Tolerance(amount=Money(50, "GBP")))
HALVES = [(DUE, 50_00), (DUE + timedelta(days=30), 50_00)]


def a_book() -> tuple[Vendor, list[Customer], list[Invoice]]:
    """Two customers with invoices of every sort, one in euros."""
    vendor = a_vendor()
    with acting_for([vendor.id]):
        a_rate(vendor.id, "EUR", "0.86")
        people = [a_customer(vendor.id), a_customer(vendor.id)]
        found = [
            an_invoice(one, total, terms=terms, parts=parts, due_on=parts[-1][0] if parts else DUE)
            for one in people
            for total, terms, parts in ((120_00, EARLY, []), (100_00, None, HALVES), (75_30, None, []), (40_00, EARLY, []))
        ]
        return vendor, people, [*found, an_invoice(people[0], 90_00, currency="EUR")]


def coming(seed: int, people: Sequence[Customer], invoices: Sequence[Invoice]) -> list[Incoming]:
    """A dozen payments: exact, short, too much, for several, for none, twice for one; in two currencies."""
    any_of = random.Random(seed)
    found = []
    for at in range(12):
        place = any_of.randrange(2)
        theirs = [one for one in invoices if one.customer_id == people[place].id and one.currency == "GBP"]
        named = any_of.sample(theirs, any_of.choice([0, 1, 1, 1, 2, 3]))
        total = sum(one.total_minor for one in named)
        minor = any_of.choice([total, total * 98 // 100, total - 30, total // 2, total + 5_00]) if total else 33_33
        day = ISSUED + timedelta(days=any_of.choice([3, 9, 20, 40]))
        money = Money(max(minor, 1), "GBP")
        found.append(Incoming(people[place].id, money, day, "card", f"k{at}", [one.id for one in named], f"R{at}"))
    abroad = [one.id for one in invoices if one.currency == "EUR"]
    found.append(Incoming(people[0].id, Money(40_00, "EUR"), ISSUED + timedelta(days=5), "cash", "abroad", abroad))
    return found


def one_by_one(vendor: Vendor, payments: Sequence[Incoming]) -> None:
    for one in payments:
        record(
            vendor_id=vendor.id, customer_id=one.customer_id, amount=one.amount, received_on=one.received_on, method=one.method,
            idempotency_key=one.key, named=one.named, reference=one.reference, only_named=True, **WHO,
        )  # fmt: skip


def told(vendor: Vendor, people: Sequence[Customer], invoices: Sequence[Invoice]) -> list[Any]:
    """All that the book says of it, but for keys: customers and invoices by their place."""
    places: dict[Any, Any] = {one.id: f"customer {at}" for at, one in enumerate(people)}
    places |= {one.id: f"invoice {at}" for at, one in enumerate(invoices)}
    places |= dict(Payment.objects.values_list("id", "idempotency_key"))
    keys = {
        one.id: (
            places[one.payment_id],
            places[one.invoice_id],
            one.minor,
            one.discount_minor,
            one.let_go_minor,
            one.effective_on,
        )
        for one in Allocation.objects.all()
    }

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items() if key not in ("number", "allocation_id")}
        if isinstance(value, list):
            return [named(each) for each in value]
        try:
            key = value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            return value
        return places.get(key) or keys.get(key) or value

    columns = ("method", "reference", "currency", "minor", "unapplied_minor", "received_on", "idempotency_key", "customer_id")
    caches = ("open_minor", "settled_on", "in_parts", "chase_on")
    sides = (
        "entry__kind",
        "entry__effective_on",
        "entry__document_id",
        "account",
        "customer_id",
        "invoice_id",
        "minor",
        "currency",
    )
    said = ("kind", "by", "customer_id", "invoice_id", "subject_id", "inbound", "data")
    return [
        sorted(keys.values()),
        [[named(cell) for cell in row] for row in Payment.objects.order_by("idempotency_key").values_list(*columns)],
        [bytes(one.request_sha256) != b"" and named(one.answer) for one in Payment.objects.order_by("idempotency_key")],
        [Invoice.objects.filter(id=one.id).values_list(*caches).get() for one in invoices],
        sorted(str([named(cell) for cell in row]) for row in Posting.objects.values_list(*sides)),
        sorted(
            str([named(cell) for cell in row])
            for row in Interaction.objects.filter(kind__startswith="payment.").values_list(*said)
        ),
        sorted(Fixing.objects.filter(document_id__in=Payment.objects.values("id")).values_list("currency", "rate", "rate_on")),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_at_once_is_as_one_after_the_other(seed: int) -> None:
    books = []
    for at_once in (False, True):
        vendor, people, invoices = a_book()
        with acting_for([vendor.id]):
            payments = coming(seed, people, invoices)
            record_many(vendor_id=vendor.id, payments=payments, **WHO) if at_once else one_by_one(vendor, payments)
            books.append(told(vendor, people, invoices))
            must_be_true(vendor.id)
    for alone, together in zip(*books, strict=True):
        assert together == alone


def test_the_key_of_each_has_its_answer_from_then_on() -> None:
    vendor, people, invoices = a_book()
    with acting_for([vendor.id]):
        [first, *_] = payments = coming(1, people, invoices)
        record_many(vendor_id=vendor.id, payments=payments, **WHO)
        one_by_one(vendor, [first])  # the same request again: nothing is recorded
        assert Payment.objects.count() == len(payments)
        with pytest.raises(Refused, match="This key was used for another payment"):
            one_by_one(vendor, [first._replace(amount=Money(1, "GBP"))])


@pytest.mark.parametrize("odd", ["there already", "of nobody", "for an invoice of nobody"])
def test_all_or_none(odd: str) -> None:
    vendor, people, invoices = a_book()
    with acting_for([vendor.id]):
        payments = coming(2, people, invoices)
        before = 0
        if odd == "there already":
            one_by_one(vendor, payments[-1:])
            before = 1
        elif odd == "of nobody":
            payments.append(payments[0]._replace(key="nobody", customer_id=new_key(NOW)))
        else:
            payments.append(payments[0]._replace(key="nothing", named=[new_key(NOW)]))
        with pytest.raises(Refused, match=r"in the books already, or is of nobody|There is no open invoice"):
            record_many(vendor_id=vendor.id, payments=payments, **WHO)
        assert Payment.objects.count() == before
        with pytest.raises(Refused, match="A payment is more than nothing"):
            record_many(vendor_id=vendor.id, payments=[payments[0]._replace(amount=Money(0, "GBP"))], **WHO)
        late = payments[0]._replace(received_on=TODAY + timedelta(days=9))
        with pytest.raises(Refused, match="once it is here, not before"):
            record_many(vendor_id=vendor.id, payments=[late], **WHO)


def test_the_statements_do_not_grow_with_the_payments() -> None:
    vendor = a_vendor()

    def statements(count: int) -> int:
        with acting_for([vendor.id]):
            customer = a_customer(vendor.id)
            payments = [
                Incoming(customer.id, Money(10_00, "GBP"), TODAY, "card", str(new_key(NOW)), [an_invoice(customer, 10_00).id])
                for _ in range(count)
            ]
            with CaptureQueriesContext(connection) as asked:
                record_many(vendor_id=vendor.id, payments=payments, **WHO)
            assert not Invoice.objects.filter(customer=customer, open_minor__gt=0).exists()
            return len(asked)

    assert statements(2) == statements(30) <= 14
