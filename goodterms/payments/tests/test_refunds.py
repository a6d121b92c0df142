"""Decides that money goes back once, through the provider by whom it came, whatever dies in between."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import credit
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import ISSUED, NOW, TODAY, an_invoice, must_be_true
from goodterms.parties.models import Customer, Vendor
from goodterms.payments import due
from goodterms.payments.actions import allocate_credit, deallocate, record, refund, refund_credit, resolve_refund
from goodterms.payments.keeping import left_of_notes
from goodterms.payments.models import Allocation, Payment, Refund, SandboxPayment
from goodterms.payments.providers import PROVIDERS
from goodterms.payments.providers.sandbox import Sandbox
from goodterms.payments.tests.press import Press
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
TOM: dict[str, Any] = {"by": "Tom", "role": "bookkeeper", "now": NOW}


class Killed(BaseException):
    """The process ends here."""


class Outside(Sandbox):
    """A provider that keeps its own books, and may take the process with it after it did what was asked."""

    def __init__(self) -> None:
        self.given: dict[str, int] = {}
        self.calls = 0
        self.then: BaseException | None = None

    def refund(self, vendor_id: UUID, reference: str, amount: Money, *, key: str, now: datetime) -> None:
        self.calls += 1
        self.given[key] = amount.minor
        if self.then:
            raise self.then


@pytest.fixture
def press() -> Iterator[Press]:
    given = Press()
    yield given
    for vendor in given.ids:
        with acting_for([vendor]):
            must_be_true(vendor)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    provider = Outside()
    monkeypatch.setitem(PROVIDERS, "sandbox", provider)
    return provider


@pytest.fixture
def vendor(press: Press) -> Vendor:
    return press.vendor()


@pytest.fixture
def paid(press: Press, vendor: Vendor) -> UUID:
    """£100 that came through the provider and settle nothing any more."""
    paying = press.pay([press.bill(vendor, 100_00)])
    press.say(paying, "approve")
    press.listen()
    with acting_for(press.ids):
        deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="paid twice", **TOM)
        return Payment.objects.get().id


def back(press: Press, payment: UUID, minor: int = 60_00, key: str = "r1") -> dict[str, Any]:
    with acting_for(press.ids):
        return refund(
            payment_id=payment, amount=Money(minor, "GBP"), reason="paid twice", refunded_on=TODAY, idempotency_key=key, **TOM
        )


def stands(press: Press) -> tuple[str, int, int]:
    """How the refund stands, what is free of the payment, and what counts as given back."""
    with acting_for(press.ids):
        payment = Payment.objects.get()
        return Refund.objects.get().standing, payment.unapplied_minor, payment.refunded_minor


def asks(vendor: Vendor, at: datetime = NOW) -> dict[str, int]:
    return dict(due.give_money_back(vendor_id=vendor.id, at=at, now=NOW))


def test_what_came_through_a_provider_goes_back_through_it(press: Press, vendor: Vendor, paid: UUID) -> None:
    first = back(press, paid)
    assert stands(press) == ("on its way", 40_00, 60_00)
    assert press.listen() == {"refunds:sent": 1}
    assert stands(press) == ("sent", 40_00, 60_00)
    with acting_for(press.ids):
        assert SandboxPayment.objects.get().refunds == {first["refund_id"]: 60_00}
    assert back(press, paid) == first
    assert press.listen() == {}


def test_what_a_person_sends_asks_no_provider(press: Press, vendor: Vendor, outside: Outside) -> None:
    with acting_for(press.ids):
        answer = record(
            vendor_id=vendor.id, customer_id=press.customers[vendor.id].id, amount=Money(100_00, "GBP"), received_on=TODAY,
            method="cheque", idempotency_key="k", **TOM,
        )  # fmt: skip
    back(press, UUID(answer["payment_id"]))
    assert stands(press)[0] == "sent"
    assert (press.listen(), outside.calls) == ({}, 0)


def test_a_death_after_the_provider_said_yes_is_a_doubt_on_record_and_never_a_second_refund(
    press: Press, vendor: Vendor, paid: UUID, outside: Outside
) -> None:
    first = back(press, paid)
    outside.then = Killed()
    with pytest.raises(Killed):
        asks(vendor)
    assert stands(press) == ("doubted", 40_00, 60_00)
    with pytest.raises(Refused, match=r"Only 40\.00 GBP of this payment are free"):
        back(press, paid, 41_00, key="r2")
    outside.then = None
    assert asks(vendor) == {"refunds:sent": 1}
    assert asks(vendor) == {}
    assert (outside.given, outside.calls) == ({first["refund_id"]: 60_00}, 2)


def test_a_death_before_the_provider_was_asked_leaves_it_to_the_next_look(
    press: Press, vendor: Vendor, paid: UUID, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    back(press, paid)
    monkeypatch.setattr(due, "mark_asked", lambda **given: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        asks(vendor)
    assert (stands(press)[0], outside.calls) == ("on its way", 0)
    monkeypatch.undo()
    monkeypatch.setitem(PROVIDERS, "sandbox", outside)
    assert asks(vendor) == {"refunds:sent": 1}


def test_a_provider_that_cannot_be_reached_is_asked_again_until_its_key_may_be_forgotten(
    press: Press, vendor: Vendor, paid: UUID, outside: Outside
) -> None:
    back(press, paid)
    outside.then = OSError("no way out")
    assert asks(vendor) == asks(vendor, NOW + timedelta(hours=11)) == {"refunds:left": 1}
    assert asks(vendor, NOW + timedelta(hours=12)) == {}
    assert stands(press) == ("doubted", 40_00, 60_00)


def test_what_a_provider_refuses_is_taken_back_and_free_again(
    press: Press, vendor: Vendor, paid: UUID, outside: Outside
) -> None:
    back(press, paid)
    outside.then = Refused("The card is closed.", code="refund")
    assert asks(vendor) == {"refunds:failed": 1}
    assert stands(press) == ("failed", 100_00, 0)
    with acting_for(press.ids):
        assert Interaction.objects.get(kind="payment.not_refunded").data["reason"] == "The card is closed."
        assert Refund.objects.get().failure == "The card is closed."
    assert asks(vendor) == {}


@pytest.mark.parametrize(("went_back", "expected"), [(True, ("sent", 40_00, 60_00)), (False, ("failed", 100_00, 0))])
def test_a_person_ends_a_doubt_by_what_the_provider_shows(
    press: Press, vendor: Vendor, paid: UUID, outside: Outside, went_back: bool, expected: tuple[str, int, int]
) -> None:
    first = back(press, paid)
    with acting_for(press.ids), pytest.raises(Refused, match="no doubt like that"):
        resolve_refund(refund_id=UUID(first["refund_id"]), went_back=went_back, **TOM)
    outside.then = Killed()
    with pytest.raises(Killed):
        asks(vendor)
    with acting_for(press.ids), pytest.raises(Refused):
        resolve_refund(refund_id=UUID(first["refund_id"]), went_back=went_back, **{**TOM, "role": "reader"})
    with acting_for(press.ids):
        resolve_refund(refund_id=UUID(first["refund_id"]), went_back=went_back, **TOM)
    assert stands(press) == expected
    assert asks(vendor) == {}


def a_rest(customer: Customer, minor: int = 30_00) -> Invoice:
    """A credit note of which all is left: its invoice was paid."""
    invoice = an_invoice(customer, 100_00)
    who: dict[str, Any] = {"received_on": TODAY, "method": "card", "idempotency_key": f"p{invoice.number}", **TOM}
    record(vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(100_00, "GBP"), named=[invoice.id], **who)
    return credit(invoice_id=invoice.id, reason="faulty", amount=Money(minor, "GBP"), issued_on=TODAY, **TOM).note


def pays_out(note: Invoice, minor: int, **more: Any) -> dict[str, Any]:
    said = {"reason": "They leave", "refunded_on": TODAY, "idempotency_key": "out", **TOM, **more}
    currency = said.pop("currency", "GBP")
    return refund_credit(credit_note_id=note.id, amount=Money(minor, currency), **said)


def test_the_rest_of_a_credit_note_is_paid_out_once_for_its_key(press: Press) -> None:
    vendor = press.vendor()
    with acting_for([vendor.id]):
        note = a_rest(press.customers[vendor.id])
        first = pays_out(note, 20_00)
        assert pays_out(note, 20_00, by="Ann") == first
        assert (first["credit_note_id"], first["minor"], first["currency"]) == (str(note.id), 20_00, "GBP")
        assert left_of_notes([note.id]) == {note.id: 10_00}
        paid = Interaction.objects.get(kind="payment.refunded")
        assert (paid.subject_id, paid.data["reason"]) == (note.id, "They leave")
        with pytest.raises(Refused, match="This key was used for another refund"):
            pays_out(note, 10_00)
        pays_out(note, 10_00, idempotency_key="rest")
        with pytest.raises(Refused, match="Nothing of this credit is left"), transaction.atomic():
            pays_out(note, 1, idempotency_key="more")
        with pytest.raises(Refused, match="settled already"):
            allocate_credit(credit_note_id=note.id, **TOM)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"minor": 30_01}, "Only 30.00 GBP of this credit are left to give back."),
        ({"minor": 0}, "A refund has a sum above zero, a reason and a key of its own."),
        ({"minor": 1, "reason": ""}, "A refund has a sum above zero, a reason and a key of its own."),
        ({"minor": 1, "currency": "EUR"}, "This credit is in GBP and goes back in it."),
        ({"minor": 1, "refunded_on": ISSUED}, "Money goes back after the credit note was written"),
        ({"minor": 1, "role": "reader"}, "A reader may not take a settlement back"),
    ],
)
def test_a_credit_is_not_paid_out_beyond_what_is_left(press: Press, said: dict[str, Any], sentence: str) -> None:
    vendor = press.vendor()
    with acting_for([vendor.id]):
        note = a_rest(press.customers[vendor.id])
        with pytest.raises(Refused, match=sentence), transaction.atomic():
            pays_out(note, **said)
        assert left_of_notes([note.id]) == {note.id: 30_00}
        assert not Refund.objects.exists()
    with acting_for([vendor.id]), pytest.raises(Refused, match="There is no credit note like that"):
        refund_credit(
            credit_note_id=an_invoice(press.customers[vendor.id], 1).id, amount=Money(1, "GBP"), reason="x", refunded_on=TODAY,
            idempotency_key="k", **TOM,
        )  # fmt: skip
