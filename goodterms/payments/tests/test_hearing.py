"""Decides that news of a provider have one effect: doubled, out of order, late, after a crash, or never told at all."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import void
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, must_be_true
from goodterms.payments import due
from goodterms.payments.actions import hear, record, resolve_doubt, work
from goodterms.payments.models import Allocation, Payment, ProviderEvent, SandboxPayment
from goodterms.payments.providers.sandbox import call_about
from goodterms.payments.tests.press import Press
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def press() -> Iterator[Press]:
    given = Press()
    yield given
    for vendor in given.ids:
        with acting_for([vendor]):
            must_be_true(vendor)


def bank_says(press: Press, **columns: object) -> None:
    with acting_for(press.ids):
        SandboxPayment.objects.update(**columns)


def payments(press: Press) -> list[tuple[int, str, int]]:
    with acting_for(press.ids):
        return list(Payment.objects.order_by("minor").values_list("minor", "currency", "unapplied_minor"))


def test_an_approved_payment_is_recorded_on_what_was_chosen(press: Press) -> None:
    vendor = press.vendor()
    older, chosen = press.bill(vendor, 50_00), press.bill(vendor, 100_00)
    paying = press.pay({chosen.id: Money(60_00, "GBP")})
    press.say(paying, "approve")
    assert press.listen() == {"checkouts:paid": 1}
    (now,) = (press.again(one) for one in paying.checkouts)
    assert (now.standing, now.payment and now.payment.received_on) == ("paid", TODAY)
    assert (press.open_minor(older), press.open_minor(chosen)) == (50_00, 40_00)
    assert payments(press) == [(60_00, "GBP", 0)]


def test_a_declined_one_moves_no_money_and_says_why(press: Press) -> None:
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    press.say(paying, "decline")
    press.listen()
    now = press.again(paying.checkouts[0])
    assert (now.standing, now.failure, payments(press), press.open_minor(bill)) == ("failed", "declined", [], 100_00)
    with acting_for(press.ids):
        assert Interaction.objects.get(kind="checkout.failed").data["why"] == "declined"


def test_a_delayed_one_is_pending_until_the_bank_made_it(press: Press) -> None:
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    press.say(paying, "delay")
    assert press.listen() == {"checkouts:pending": 1}
    assert press.listen(NOW + timedelta(seconds=59)) == {}
    assert press.open_minor(bill) == 100_00
    assert press.listen(NOW + timedelta(seconds=60)) == {"checkouts:paid": 1}
    assert (press.again(paying.checkouts[0]).standing, press.open_minor(bill)) == ("paid", 0)


def test_the_same_call_ten_times_has_one_effect(press: Press) -> None:
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    press.say(paying, "approve")
    heard = [press.call(paying.checkouts[0]) for _ in range(5)]
    assert {tuple(events) for events in heard} == {tuple(heard[0])}
    assert press.work([*heard[0], *heard[0]]) == ["paid", ""]
    assert [press.call(paying.checkouts[0]) for _ in range(5)] == [[]] * 5
    with acting_for(press.ids):
        assert (ProviderEvent.objects.count(), Payment.objects.count(), Allocation.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("order", list(permutations(["open", "pending", "paid"])))
def test_calls_in_any_order_come_to_the_same(press: Press, order: tuple[str, ...]) -> None:
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    events = {}
    for word in ("open", "pending", "paid"):
        bank_says(press, word=word)
        events[word] = press.call(paying.checkouts[0])
    for word in order:
        press.work(events[word])
    assert (press.again(paying.checkouts[0]).standing, payments(press)) == ("paid", [(100_00, "GBP", 0)])


def test_a_failure_that_is_told_after_the_success_changes_nothing(press: Press) -> None:
    paying = press.pay([press.bill(press.vendor(), 100_00)])
    bank_says(press, word="failed")
    late = press.call(paying.checkouts[0])
    bank_says(press, word="paid")
    press.work(press.call(paying.checkouts[0]))
    bank_says(press, word="failed")
    assert press.work(late) == ["paid"]
    assert (press.again(paying.checkouts[0]).standing, len(payments(press))) == ("paid", 1)


def test_a_failure_that_turns_into_a_success_is_booked(press: Press) -> None:
    paying = press.pay([press.bill(press.vendor(), 100_00)])
    bank_says(press, word="failed")
    press.work(press.call(paying.checkouts[0]))
    assert press.again(paying.checkouts[0]).standing == "failed"
    bank_says(press, word="paid")
    press.work(press.call(paying.checkouts[0]))
    assert (press.again(paying.checkouts[0]).standing, len(payments(press))) == ("paid", 1)


def test_what_was_stored_before_a_crash_is_worked_afterwards(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies after the money was booked and before its transaction ends: as if it had not begun."""
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    press.say(paying, "approve")
    events = press.call(paying.checkouts[0])
    with monkeypatch.context() as dying:
        dying.setattr(ProviderEvent, "save", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            press.work(events)
    assert (payments(press), press.again(paying.checkouts[0]).standing) == ([], "open")
    assert due.work_left(vendor_id=press.ids[0], now=NOW) == {"checkouts:paid": 1}
    assert due.work_left(vendor_id=press.ids[0], now=NOW) == {}
    assert (payments(press), press.open_minor(bill)) == ([(100_00, "GBP", 0)], 0)


def test_one_event_that_cannot_be_worked_does_not_hold_up_the_others(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = press.vendor()
    broken, fine = press.pay([press.bill(vendor, 1_00)], "one"), press.pay([press.bill(vendor, 2_00)], "two")
    for paying in (broken, fine):
        press.say(paying, "approve")
        press.call(paying.checkouts[0])
    asked = work

    def silent_once(**given: object) -> str:
        monkeypatch.setattr(due, "work", asked)
        raise ConnectionError("the provider does not answer")

    monkeypatch.setattr(due, "work", silent_once)
    assert due.work_left(vendor_id=vendor.id, now=NOW) == {"checkouts:left": 1, "checkouts:paid": 1}
    assert due.work_left(vendor_id=vendor.id, now=NOW) == {"checkouts:paid": 1}
    assert sorted(payments(press)) == [(1_00, "GBP", 0), (2_00, "GBP", 0)]


def test_a_provider_that_never_calls_is_asked_and_what_ran_out_has_failed(press: Press) -> None:
    vendor = press.vendor()
    paid, left = press.pay([press.bill(vendor, 1_00)], "one"), press.pay([press.bill(vendor, 2_00)], "two")
    with acting_for(press.ids):
        SandboxPayment.objects.filter(minor=1_00).update(word="paid", told_at=NOW)
    assert press.listen(now=NOW + timedelta(minutes=29)) == {}
    assert press.listen(now=NOW + timedelta(minutes=30)) == {"checkouts:paid": 1, "checkouts:failed": 1}
    assert press.again(paid.checkouts[0]).standing == "paid"
    assert (press.again(left.checkouts[0]).standing, press.again(left.checkouts[0]).failure) == ("failed", "late")


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"minor": 99_99}, "The provider says that 99.99 GBP came, and 100.00 GBP was asked for."),
        ({"currency": "EUR"}, "The provider says that 100.00 EUR came, and 100.00 GBP was asked for."),
    ],
)
def test_another_sum_than_was_asked_for_waits_for_a_person(press: Press, says: dict[str, object], sentence: str) -> None:
    bill = press.bill(press.vendor(), 100_00)
    paying = press.pay([bill])
    bank_says(press, word="paid", **says)
    assert press.work(press.call(paying.checkouts[0])) == ["doubted"]
    now = press.again(paying.checkouts[0])
    assert (now.standing, now.doubt, payments(press), press.open_minor(bill)) == ("doubted", sentence, [], 100_00)
    press.listen(now=NOW + timedelta(days=1))
    assert press.again(now).standing == "doubted"


def test_a_person_books_what_came_or_says_that_nothing_did(press: Press) -> None:
    vendor = press.vendor()
    first, second = press.pay([press.bill(vendor, 100_00)], "one"), press.pay([press.bill(vendor, 50_00)], "two")
    for paying in (first, second):
        with acting_for(press.ids):
            SandboxPayment.objects.filter(order_id=paying.checkouts[0].id).update(word="paid", minor=40_00)
        press.work(press.call(paying.checkouts[0]))
    with acting_for(press.ids):
        by = {"by": "Tom", "role": "owner", "now": NOW}
        resolve_doubt(checkout_id=first.checkouts[0].id, received=Money(40_00, "GBP"), **by)  # type: ignore[arg-type]
        resolve_doubt(checkout_id=second.checkouts[0].id, received=None, **by)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="somebody settled it before you"):
            resolve_doubt(checkout_id=second.checkouts[0].id, received=None, **by)  # type: ignore[arg-type]
    assert [press.again(one.checkouts[0]).standing for one in (first, second)] == ["paid", "failed"]
    assert payments(press) == [(40_00, "GBP", 0)]


def test_of_an_invoice_that_was_paid_meanwhile_the_money_is_kept_as_credit(press: Press) -> None:
    """Neither lost, nor spent on another invoice that nobody chose."""
    vendor = press.vendor()
    bill, other = press.bill(vendor, 100_00), press.bill(vendor, 70_00)
    paying = press.pay([bill])
    customer = press.customers[vendor.id]
    with acting_for(press.ids):
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(80_00, "GBP"), received_on=TODAY, method="cheque",
            idempotency_key="cheque", by="Tom", role="owner", now=NOW, named=[bill.id],
        )  # fmt: skip
    press.say(paying, "approve")
    press.listen()
    assert payments(press) == [(80_00, "GBP", 0), (100_00, "GBP", 80_00)]
    assert (press.open_minor(bill), press.open_minor(other)) == (0, 70_00)


def test_of_an_invoice_that_became_void_meanwhile_all_of_it_is_kept(press: Press) -> None:
    vendor = press.vendor()
    bill = press.bill(vendor, 100_00)
    paying = press.pay([bill])
    with acting_for(press.ids):
        void(invoice_id=bill.id, reason="twice", by="Tom", role="owner", now=NOW, on=TODAY)
    press.say(paying, "approve")
    press.listen()
    assert payments(press) == [(100_00, "GBP", 100_00)]
    with acting_for(press.ids):
        assert Invoice.objects.get(id=bill.id).voided_at


def test_a_call_about_something_else_is_kept_and_has_no_effect(press: Press) -> None:
    press.vendor()
    with acting_for(press.ids):
        other = SandboxPayment(vendor_id=press.ids[0], reference="sb_of_a_shop", word="paid")
        body, headers = call_about(other, NOW)
        (event,) = hear(vendor_id=press.ids[0], provider="sandbox", body=body, headers=headers, at=NOW, now=NOW)
        assert work(event_id=event, now=NOW) == "unknown"
        assert bytes(ProviderEvent.objects.get().raw) == body
    assert payments(press) == []


def test_a_call_that_is_not_signed_is_not_even_stored(press: Press) -> None:
    paying = press.pay([press.bill(press.vendor(), 100_00)])
    with acting_for(press.ids):
        body, headers = call_about(SandboxPayment.objects.get(order_id=paying.checkouts[0].id), NOW)
        with pytest.raises(Refused, match="does not fit its words"):
            hear(vendor_id=press.ids[0], provider="sandbox", body=body + b" ", headers=headers, at=NOW, now=NOW)
        with pytest.raises(Refused, match="too long ago"):
            hear(
                vendor_id=press.ids[0], provider="sandbox", body=body, headers=headers, at=NOW + timedelta(hours=1), now=NOW
            )  # fmt: skip
        assert ProviderEvent.objects.count() == 0
