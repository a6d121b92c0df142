"""Decides that the page tells the truth of a press at every moment: paid, on its way, not paid, in doubt, or some of each."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.models import Promise
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, must_be_true
from goodterms.payments import due
from goodterms.payments.actions import record
from goodterms.payments.models import Checkout, Payment, SandboxPayment
from goodterms.payments.tests.press import Press
from goodterms.portal.paying.tests.browser import Browser, address_of
from goodterms.portal.sandbox_bank import pages
from goodterms.relationship.due import thank
from goodterms.terms.rules import Days, Discount, Terms
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db(transaction=True)
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(60),)),))


def four_vendors() -> tuple[Press, list[Invoice]]:
    """£1,942.80, £4,255.20, £894.00 and €2,485.50 with 2% off until 30 November."""
    press = Press()
    names = ("Penhale Print", "Lindqvist Rowe", "Oakside IT", "Vermeer Packaging")
    given = ((1942_80, "GBP", None), (4255_20, "GBP", None), (894_00, "GBP", None), (2485_50, "EUR", EARLY))
    return press, [press.bill(press.vendor(name), *facts) for name, facts in zip(names, given, strict=True)]


def test_four_vendors_in_two_currencies_are_paid_in_one_go() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    page = browser.decide(browser.pay(*bills).url, "approve")
    assert "Paid at 10:20 Thank you, Sandra All four vendors have your payment." in page
    for name, bill, sum_ in zip(
        ("Penhale Print", "Lindqvist Rowe", "Oakside IT"), bills, ("£1,942.80", "£4,255.20", "£894.00"), strict=False
    ):
        assert f"{name} {bill.number}, paid in full {sum_} Receipt" in page
    assert f"{bills[3].number}, paid in full with the early discount You kept €49.71 by paying early. €2,435.79 Receipt" in page
    assert "Paid today £7,092.00 €2,435.79" in page
    assert "Nothing of yours is open here." in page
    assert [press.open_minor(bill) for bill in bills] == [0, 0, 0, 0]
    for vendor in press.ids:
        with acting_for([vendor]):
            must_be_true(vendor)
            assert Payment.objects.count() == 1


def test_thanks_follow_by_the_clock() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    browser.decide(browser.pay(*bills).url, "approve")
    assert [thank(vendor_id=vendor, vendors=press.ids, now=NOW) for vendor in press.ids] == [1, 1, 1, 1]


def test_declined_says_first_that_no_money_moved_and_keeps_what_was_chosen() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    page = browser.decide(led_to, "decline")
    assert (
        "Declined, 10:20 No money moved The bank did not take the payment. Nothing was charged, and no invoice has changed."
        in page
    )
    assert "Kept as you chose it" in page
    assert "Or another way Transfer it yourself" in page
    raw = browser.client.get(led_to.replace("sandbox-bank", "pay/now")).content.decode().replace("&amp;", "&")
    assert address_of(bills) in raw
    assert [press.open_minor(bill) for bill in bills] == [1942_80, 4255_20, 894_00, 2485_50]
    with acting_for(press.ids):
        assert Payment.objects.count() == 0
    assert "Thank you, Sandra" in browser.decide(browser.pay(*bills).url, "approve")


def test_a_part_that_was_declined_is_kept_as_a_part() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(bills[0], **{f"amount-{bills[0].id}": "100"}).url
    browser.decide(led_to, "decline")
    raw = browser.client.get(led_to.replace("sandbox-bank", "pay/now")).content.decode().replace("&amp;", "&")
    assert address_of([bills[0]]) + f"&amount-{bills[0].id}=100.00" in raw


def test_a_part_that_is_paid_says_what_stays_open() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    page = browser.decide(browser.pay(bills[0], **{f"amount-{bills[0].id}": "100"}).url, "approve")
    assert f"{bills[0].number} £1,842.80 stays open £100.00 Receipt" in page
    assert "paid in full" not in page


def test_a_delayed_payment_is_on_its_way_and_then_paid_and_both_pages_say_so() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    page = browser.decide(led_to, "delay")
    assert "On its way You have done your part." in page
    assert "Please do not pay again" in page
    waiting = browser.client.get(led_to.replace("sandbox-bank", "pay/now")).content.decode()
    looks_again = waiting.partition('hx-trigger="every 5s"')[2].partition(">")[0]
    assert 'hx-target="#main" hx-select="#main"' in looks_again, "what it takes out of the next page must stand there"
    assert "This was decided already." in browser.get(led_to)
    assert f"A payment for {bills[0].number} is on its way already." in browser.pay(bills[0], key="again").content.decode()
    assert [press.open_minor(bill) for bill in bills] == [1942_80, 4255_20, 894_00, 2485_50]
    with acting_for(press.ids):
        at = SandboxPayment.objects.values_list("settles_at", flat=True)[0]
    for vendor in press.ids:
        assert at is not None
        due.listen(vendor_id=vendor, at=at + timedelta(seconds=1), now=NOW)
    assert "Thank you, Sandra" in browser.get(led_to.replace("sandbox-bank", "pay/now"))
    assert [press.open_minor(bill) for bill in bills] == [0, 0, 0, 0]


def test_who_comes_back_without_deciding_reads_that_nothing_is_paid() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    page = browser.get(led_to.replace("sandbox-bank", "pay/now"))
    assert "Nothing is paid yet The bank is waiting for your approval. No money has moved" in page
    assert "Go on at the bank" in page
    again = browser.pay(*bills, key="k1")
    assert browser.pay(*bills, key="k1").url == again.url


def test_a_press_that_is_over_leads_to_what_became_of_it_and_not_to_the_bank() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills, key="k1").url
    browser.decide(led_to, "approve")
    given = {"way": "sandbox", "key": "k1", "invoice": [str(one.id) for one in bills]}
    assert browser.client.post("/pay/now/", given).headers["Location"] == led_to.replace("sandbox-bank", "pay/now")


def test_where_some_is_paid_and_some_is_not_each_says_how_it_stands() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    with acting_for(press.ids):
        for place, word in enumerate(("paid", "failed", "pending")):
            SandboxPayment.objects.filter(vendor_id=press.ids[place]).update(word=word, decided_at=NOW)
        SandboxPayment.objects.filter(vendor_id=press.ids[3]).update(word="paid", decided_at=NOW, minor=1)
    press.listen()
    page = browser.get(led_to.replace("sandbox-bank", "pay/now"))
    assert "Some of it is paid" in page
    assert f"Penhale Print {bills[0].number} Paid £1,942.80 Receipt Penhale Print" in page
    assert f"Lindqvist Rowe {bills[1].number} Not paid, no money moved £4,255.20" in page
    assert f"Oakside IT {bills[2].number} On its way £894.00" in page
    assert f"Vermeer Packaging {bills[3].number} A person is looking €2,435.79" in page
    assert "Kept as you chose it Kept as you chose it Lindqvist Rowe" in page


def test_what_is_in_doubt_says_that_a_person_looks() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(bills[0]).url
    with acting_for(press.ids):
        SandboxPayment.objects.update(minor=1)
    page = browser.decide(led_to, "approve")
    assert "We are checking this payment" in page
    assert "nothing was booked by itself" in page


def test_what_something_else_had_paid_meanwhile_is_kept_and_said() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(bills[0]).url
    vendor = press.vendors[0]
    with acting_for(press.ids):
        record(
            vendor_id=vendor.id, customer_id=press.customers[vendor.id].id, amount=Money(1942_80, "GBP"), received_on=TODAY,
            method="cheque", idempotency_key="cheque", by="Tom", role="owner", now=NOW, named=[bills[0].id],
        )  # fmt: skip
    assert "£1,942.80 was paid already by something else. It is kept for you" in browser.decide(led_to, "approve")


def test_a_promise_that_is_kept_early_is_said() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    with acting_for(press.ids):
        Promise.objects.create(
            id=new_key(NOW), vendor_id=press.ids[0], invoice=bills[0], minor=1942_80, open_then_minor=1942_80,
            promised_on=TODAY + timedelta(days=4), by="Sandra", made_at=NOW,
        )  # fmt: skip
    page = browser.decide(browser.pay(bills[0]).url, "approve")
    assert "Your promise for Friday 20 November is kept, 4 days early." in page


def test_what_the_bank_could_not_tell_at_once_it_tells_later(monkeypatch: pytest.MonkeyPatch) -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    with monkeypatch.context() as broken:
        broken.setattr(pages, "listen", lambda **_: 1 / 0)
        assert "Nothing is paid yet" in browser.decide(led_to, "approve")
    assert press.listen() == {"checkouts:paid": 4}
    assert "Thank you, Sandra" in browser.get(led_to.replace("sandbox-bank", "pay/now"))


def test_looking_at_what_became_of_it_changes_nothing_in_a_constant_number_of_queries() -> None:
    press, bills = four_vendors()
    browser = Browser(press)
    counted = []
    for chosen in (bills[:1], bills[1:]):
        led_to = browser.pay(*chosen).url
        browser.decide(led_to, "approve")
        before = browser.state()
        with CaptureQueriesContext(connection) as asked:
            browser.get(led_to.replace("sandbox-bank", "pay/now"))
        counted.append(len(asked))
        assert browser.state() == before
    assert counted[0] == counted[1]
    with acting_for(press.ids):
        assert Checkout.objects.count() == 4
