"""Decides that a press becomes one checkout for each vendor and currency, once, and only for what is open and theirs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.tests.book import ISSUED, NOW
from goodterms.parties.rules import Viewer
from goodterms.payments.actions import Paying, open_checkouts
from goodterms.payments.models import Checkout, CheckoutItem, SandboxPayment
from goodterms.payments.selection import chosen
from goodterms.payments.tests.press import Press
from goodterms.terms.rules import Days, Discount, Terms
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(60),)),))


def test_each_vendor_is_paid_directly_in_each_currency() -> None:
    press = Press()
    penhale, vermeer = press.vendor("Penhale Print"), press.vendor("Vermeer Packaging")
    bills = [
        press.bill(penhale, 100_00),
        press.bill(penhale, 20_00),
        press.bill(vermeer, 70_00, "EUR"),
        press.bill(vermeer, 5_00),
    ]
    paying = press.pay(bills)
    assert [(c.vendor.name, c.minor, c.currency, c.standing) for c in paying.checkouts] == [
        ("Penhale Print", 120_00, "GBP", "open"), ("Vermeer Packaging", 5_00, "GBP", "open"),
        ("Vermeer Packaging", 70_00, "EUR", "open"),
    ]  # fmt: skip
    with acting_for(press.ids):
        assert {c.provider_reference for c in paying.checkouts} == set(
            SandboxPayment.objects.values_list("reference", flat=True)
        )
        assert SandboxPayment.objects.get(currency="GBP", minor=120_00).purpose == f"{bills[0].number}, {bills[1].number}"
        opened = Interaction.objects.filter(kind="checkout.opened")
        assert {(one.by, one.inbound, one.payer_id) for one in opened} == {("Sandra Whitlock", True, press.payer_id)}


def test_the_early_discount_is_off_until_its_day_and_not_after() -> None:
    press = Press()
    vendor = press.vendor()
    bill = press.bill(vendor, 100_00, terms=EARLY)
    (early,) = press.pay([bill], "early").checkouts
    (late,) = press.pay([bill], "late", now=NOW + timedelta(days=30)).checkouts
    assert (early.minor, late.minor) == (98_00, 100_00)
    with acting_for(press.ids):
        items = CheckoutItem.objects.order_by("-discount_minor").values_list("minor", "discount_minor")
        assert list(items) == [(98_00, 2_00), (100_00, 0)]
        (one,) = chosen(press.viewer, {bill.id: None}, NOW)
    assert (one.percent, one.until, one.left) == ("2", ISSUED + timedelta(days=60), Money(0, "GBP"))
    assert one.until == date(2026, 11, 30)


def test_a_part_is_paid_as_it_was_said_and_who_says_more_than_it_costs_today_pays_what_it_costs() -> None:
    press = Press()
    vendor = press.vendor()
    bill = press.bill(vendor, 100_00, terms=EARLY)
    with acting_for(press.ids):
        for said, price, off in [(40_00, 40_00, 0), (98_00, 98_00, 2_00), (99_00, 98_00, 2_00), (100_00, 98_00, 2_00)]:
            (one,) = chosen(press.viewer, {bill.id: Money(said, "GBP")}, NOW)
            assert (one.price.minor, one.discount.minor, one.left.minor) == (price, off, 100_00 - price - off)


def test_the_same_press_again_opens_nothing_more_and_another_choice_with_its_key_is_refused() -> None:
    press = Press()
    vendor = press.vendor()
    bill, other = press.bill(vendor, 100_00), press.bill(vendor, 50_00)
    first, again = press.pay([bill]), press.pay([bill])
    assert [c.id for c in first.checkouts] == [c.id for c in again.checkouts]
    with pytest.raises(Refused, match="another choice before"):
        press.pay([bill, other])
    with acting_for(press.ids):
        assert (Checkout.objects.count(), SandboxPayment.objects.count()) == (1, 1)


def test_fifty_presses_at_once_with_one_key_open_one_set_of_checkouts() -> None:
    press = Press()
    bills = [press.bill(press.vendor("Penhale Print"), 100_00), press.bill(press.vendor("Vermeer Packaging"), 70_00, "EUR")]
    gate = Barrier(50)

    def go(_: int) -> Paying:
        try:
            connection.ensure_connection()
            gate.wait(180)
            return press.pay(bills)
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(go, range(50)))
    assert len({tuple(c.id for c in answer.checkouts) for answer in answers}) == 1
    with acting_for(press.ids):
        assert (Checkout.objects.count(), CheckoutItem.objects.count(), SandboxPayment.objects.count()) == (2, 2, 2)


def test_another_payers_press_with_the_same_key_is_another_press() -> None:
    sandra, imran = Press(), Press()
    one = sandra.pay([sandra.bill(sandra.vendor(), 100_00)])
    two = imran.pay([imran.bill(imran.vendor(), 100_00)])
    assert one.paying_id != two.paying_id


def test_what_cannot_be_paid_is_refused_in_words() -> None:
    press, stranger = Press(), Press()
    vendor = press.vendor()
    bill, paid, foreign = press.bill(vendor, 100_00), press.bill(vendor, 0), stranger.bill(stranger.vendor(), 10_00)
    refusals: list[tuple[dict[UUID, Money | None], str]] = [
        ({}, "Choose at least one invoice to pay."),
        ({paid.id: None}, f"{paid.number} is paid already. Take it off, and pay the rest."),
        ({bill.id: Money(100_01, "GBP")}, f"Of {bill.number}, 100.00 GBP is open. Pay that, or less, and more than nothing."),
        ({bill.id: Money(0, "GBP")}, f"Of {bill.number}, 100.00 GBP is open. Pay that, or less, and more than nothing."),
        ({bill.id: Money(1_00, "EUR")}, f"Of {bill.number}, 100.00 GBP is open. Pay that, or less, and more than nothing."),
        ({bill.id: None, foreign.id: None}, "One of these invoices is not here to be paid. Choose again."),
    ]
    for wanted, sentence in refusals:
        with pytest.raises(Refused) as no:
            press.pay(wanted)
        assert no.value.sentence == sentence
    with acting_for(press.ids):
        assert (Checkout.objects.count(), SandboxPayment.objects.count()) == (0, 0)


def test_only_a_payer_with_a_key_is_sent_to_a_bank_and_only_by_a_provider_that_serves_every_vendor() -> None:
    press = Press()
    bill = press.bill(press.vendor("Penhale Print", sandbox_now=None), 100_00)
    with pytest.raises(Refused, match="Penhale Print cannot be paid in this way"):
        press.pay([bill])
    clerk = Viewer("Tom", frozenset(press.ids), role="owner")
    with acting_for(press.ids), pytest.raises(Refused, match="Only who pays"):
        open_checkouts(viewer=clerk, wanted={bill.id: None}, provider="sandbox", key=str(new_key(NOW)), now=NOW)
    with acting_for(press.ids), pytest.raises(Refused, match="no way to pay like that"):
        open_checkouts(viewer=press.viewer, wanted={bill.id: None}, provider="cowries", key="k", now=NOW)


def test_what_is_on_its_way_is_not_paid_a_second_time() -> None:
    press = Press()
    vendor = press.vendor()
    bill, other = press.bill(vendor, 100_00), press.bill(vendor, 10_00)
    first = press.pay([bill])
    press.say(first, "delay")
    press.listen()
    with pytest.raises(Refused, match=f"A payment for {bill.number} is on its way already"):
        press.pay([bill, other], "second press")
    assert press.pay([other], "third press").checkouts


def test_checkouts_of_one_vendor_are_not_seen_by_another() -> None:
    press, other = Press(), Press()
    press.pay([press.bill(press.vendor(), 100_00)])
    stranger = other.vendor()
    with acting_for([stranger.id]):
        assert (Checkout.objects.count(), CheckoutItem.objects.count(), SandboxPayment.objects.count()) == (0, 0, 0)
