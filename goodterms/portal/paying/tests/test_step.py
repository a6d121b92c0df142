"""Decides that a payer sees what is paid and how, and that a press leads to the bank once, with what was chosen."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Vendor
from goodterms.payments.models import Checkout, CheckoutItem
from goodterms.payments.tests.press import Press
from goodterms.portal.paying.selecting import _amount, query_of
from goodterms.portal.paying.tests.browser import Browser, address_of
from goodterms.reminders.models import Nomination
from goodterms.terms.rules import Days, Discount, Terms
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
EARLY = Terms(discounts=(Discount(Decimal(2), (Days(60),)),))
BANK = {"name": "Maas Euro", "iban": "NL83MAAS0318220417", "bic": "MAASNL2R"}


def a_press() -> tuple[Press, list[Invoice]]:
    """Two vendors, two currencies, an early discount."""
    press = Press()
    penhale = press.vendor("Penhale Print", bank={"name": "Severn", "sort_code": "30-14-11", "account": "0009 3370"})
    vermeer = press.vendor("Vermeer Packaging", bank=BANK)
    return press, [press.bill(penhale, 1942_80), press.bill(vermeer, 2485_50, "EUR", EARLY)]


def test_the_step_says_what_is_paid_in_each_currency_and_what_is_off_today() -> None:
    press, bills = a_press()
    page = Browser(press).choose(*bills)
    assert "Pay £1,942.80 and €2,435.79" in page
    assert "Two invoices from two vendors. One press" in page
    assert "2% early discount, €49.71 less" in page
    assert "In British pounds £1,942.80" in page
    assert "Sandbox bank A pretend bank, to try it: no money moves." in page


def test_a_transfer_carries_the_account_in_use_the_reference_and_the_code_for_euros() -> None:
    press, bills = a_press()
    with acting_for(press.ids):
        Invoice.objects.filter(id=bills[1].id).update(open_minor=2485_50)
    browser = Browser(press)
    page = browser.choose(*bills)
    assert "To Penhale Print Sort code 30-14-11 Account 0009 3370 Amount £1,942.80 Reference RF" in page
    assert "To Vermeer Packaging IBAN NL83 MAAS 0318 2204 17 Amount €2,435.79 Reference RF" in page
    assert browser.client.get(address_of(bills)).content.decode().count('class="qr"') == 1
    assert "Bank details have not changed" not in page  # the log knows nothing of them


def test_since_when_the_account_is_what_it_is_is_said_where_the_log_knows() -> None:
    press, bills = a_press()
    for vendor, days in zip(press.ids, (200, 100), strict=True):
        with acting_for([vendor]):
            record(at=NOW - timedelta(days=300), deed=Deed(vendor, "vendor.added", "Tom"))
            record(at=NOW - timedelta(days=days), deed=Deed(vendor, "bank.changed", "the clock"))
    page = Browser(press).choose(*bills)
    assert "Bank details of Penhale Print have not changed since 30 April 2026." in page
    assert "Bank details of Vermeer Packaging have not changed since 8 August 2026." in page


def test_a_vendor_without_an_account_is_not_paid_by_transfer_and_one_without_any_way_says_so() -> None:
    press = Press()
    none = press.bill(press.vendor("Oakside IT"), 10_00)
    assert "Transfer it yourself" not in Browser(press).choose(none)
    real = Press()
    bill = real.bill(real.vendor("Oakside IT", sandbox_now=None), 10_00)
    assert "These vendors have named no way to pay together here." in Browser(real).choose(bill)


def test_one_press_leads_to_one_page_of_the_bank_for_all_vendors() -> None:
    press, bills = a_press()
    browser = Browser(press)
    answer = browser.pay(*bills)
    assert (answer.status_code, answer.url[:14]) == (302, "/sandbox-bank/")
    page = browser.get(answer.url)
    assert "Sandbox bank: no money moves" in page
    assert f"Penhale Print {bills[0].number} £1,942.80 Vermeer Packaging {bills[1].number} €2,435.79" in page
    with acting_for(press.ids):
        assert Checkout.objects.count() == 2


def test_fifty_threads_that_press_with_one_key_open_one_set_of_checkouts() -> None:
    press, bills = a_press()
    browser = Browser(press)
    gate = Barrier(50)

    def go(_: int) -> str:
        try:
            client = Client()
            client.cookies = browser.client.cookies
            connection.ensure_connection()
            gate.wait(30)
            given = {"way": "sandbox", "key": "one", "invoice": [str(one.id) for one in bills]}
            return str(client.post("/pay/now/", given).headers.get("Location"))
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as threads:
        led_to = set(threads.map(go, range(50)))
    with acting_for(press.ids):
        assert (Checkout.objects.count(), CheckoutItem.objects.count()) == (2, 2)
        assert led_to == {f"/sandbox-bank/{Checkout.objects.values_list('paying_id', flat=True)[0]}/"}


def test_a_part_is_asked_for_first_and_stays_as_typed_where_it_cannot_be() -> None:
    press, bills = a_press()
    browser = Browser(press)
    assert "How much would you like to pay?" in browser.choose(bills[0], part="1")
    assert "a part, £942.40 stays open £1,000.40" in browser.choose(bills[0], amount="1,000.40")
    for typed, sentence in [
        ("2000", f"Of {bills[0].number}, £1,942.80 is open. Pay that, or less, and more than nothing."),
        ("plenty", "plenty is not an amount; write it like 1418.40."),
    ]:
        answer = browser.client.get(address_of([bills[0]], amount=typed))
        assert answer.status_code == 409
        assert f'value="{typed}"' in answer.content.decode()
        assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1000.40", 1000_40),
        ("1,000.40", 1000_40),
        ("1.000,40", 1000_40),
        ("£ 40,5", 40_50),
        ("1,418", 1418_00),
        ("1.418.000,00", 1_418_000_00),
        ("", None),
    ],
)
def test_figures_are_read_as_people_write_them(typed: str, minor: int | None) -> None:
    assert _amount(typed, "GBP") == (None if minor is None else Money(minor, "GBP"))


@pytest.mark.parametrize("typed", ["..", "1,2,3.4.5", "-", "-5", "\u22125", "NaN", "1e9e", "٣"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not an amount"):
        _amount(typed, "GBP")


def test_a_choice_is_the_same_when_it_is_read_from_its_own_address() -> None:
    key = new_key(NOW)
    assert query_of({key: Money(10_05, "GBP")}, way="transfer") == f"invoice={key}&amount-{key}=10.05&way=transfer"
    assert QueryDict(query_of({key: None})).getlist("invoice") == [str(key)]


def test_who_transfers_stays_on_the_page_and_opens_nothing() -> None:
    press, bills = a_press()
    answer = Browser(press).pay(*bills, way="transfer")
    assert answer.url == address_of(bills, way="transfer")
    with acting_for(press.ids):
        assert Checkout.objects.count() == 0


def test_a_refused_press_keeps_the_choice_and_says_that_nothing_moved() -> None:
    press, bills = a_press()
    browser = Browser(press)
    answer = browser.pay(*bills, way="cowries")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is no way to pay like that. Choose one of those that are shown. Nothing was sent" in page
    assert all(str(one.id) in page for one in bills)


def test_a_link_that_comes_after_the_money_says_so_and_offers_the_rest() -> None:
    press, bills = a_press()
    browser = Browser(press)
    browser.decide(browser.pay(bills[0]).url, "approve")
    page = browser.choose(*bills)
    assert f"{bills[0].number} is paid already, thank you. This is the rest." in page
    assert "Pay €2,435.79 One invoice from Vermeer Packaging." in page
    browser.decide(browser.pay(bills[1]).url, "approve")
    assert "This is paid already" in browser.choose(*bills)


def test_what_was_paid_while_the_page_was_open_is_refused_when_it_is_pressed() -> None:
    press, bills = a_press()
    browser = Browser(press)
    browser.decide(browser.pay(bills[0]).url, "approve")
    answer = browser.pay(*bills, key="an old page")
    assert answer.status_code == 409
    assert f"{bills[0].number} is paid already. Take it off, and pay the rest." in answer.content.decode()


def test_looking_changes_nothing_and_a_form_without_its_token_is_refused() -> None:
    press, bills = a_press()
    browser = Browser(press)
    led_to = browser.pay(*bills).url
    before = browser.state()
    for address in (address_of(bills), address_of(bills, part="1"), led_to, led_to.replace("sandbox-bank", "pay/now")):
        browser.get(address)
        browser.client.head(address)
    assert browser.state() == before
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.client.cookies
    assert strict.post("/pay/now/", {"invoice": str(bills[0].id)}).status_code == 403
    assert strict.post(led_to, {"decision": "approve"}).status_code == 403


def test_nobody_pays_what_is_not_theirs_to_see() -> None:
    press, bills = a_press()
    other, others = a_press()
    browser, stranger = Browser(press), Browser(other)
    led_to = stranger.pay(*others).url
    for address in (address_of(others), address_of([*bills, *others]), led_to, led_to.replace("sandbox-bank", "pay/now")):
        browser.get(address, 404)
    assert browser.client.post(led_to, {"decision": "approve"}).status_code == 404
    given = {"way": "sandbox", "key": "k", "invoice": str(others[0].id)}
    assert browser.client.post("/pay/now/", given).status_code == 404
    assert browser.get("/pay/now/?invoice=nonsense", 404)
    assert Client().get(address_of(bills)).status_code == 302
    with acting_for(other.ids):
        assert set(Checkout.objects.values_list("succeeded_at", flat=True)) == {None}


def test_a_colleague_who_may_see_the_invoices_does_not_see_the_press_of_another() -> None:
    press, bills = a_press()
    colleague = Press(vendors=press.vendors, customers=press.customers)
    for vendor in press.vendors:
        with acting_for([vendor.id]):
            contact = add_contact(
                vendor_id=vendor.id, customer_id=press.customers[vendor.id].id, name="Imran Aziz", email=colleague.address,
                now=NOW, by="Tom",
            )  # fmt: skip
    colleague.payer_id = contact.payer_id
    led_to, imran = Browser(press).pay(*bills).url, Browser(colleague)
    assert "Two invoices from two vendors" in imran.choose(*bills)
    imran.get(led_to, 404)
    imran.get(led_to.replace("sandbox-bank", "pay/now"), 404)
    assert imran.client.post(led_to, {"decision": "approve"}).status_code == 404


def test_who_came_by_a_letter_pays_what_it_showed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    press, bills = a_press()
    letter = Browser(press, notice_id=new_key(NOW))
    monkeypatch.setattr(Nomination.objects, "filter", lambda **_: _Shown([bills[0].id]))
    led_to = letter.pay(bills[0]).url
    assert "£1,942.80" in letter.get(led_to)
    letter.choose(bills[1], status=404)
    whole = Browser(press).pay(bills[1]).url
    letter.get(whole, 404)
    letter.get(whole.replace("sandbox-bank", "pay/now"), 404)


class _Shown:
    def __init__(self, keys: list[Any]) -> None:
        self.keys = keys

    def values_list(self, *_: str, flat: bool) -> list[Any]:
        return self.keys


def test_the_number_of_queries_does_not_grow_with_what_is_chosen() -> None:
    press, bills = a_press()
    browser = Browser(press)
    counted = []
    for more in (0, 12):
        bills += [press.bill(press.vendors[at % 2], 10_00) for at in range(more)]
        with CaptureQueriesContext(connection) as asked:
            browser.choose(*bills)
        counted.append(len(asked))
    assert counted[0] == counted[1]
    assert counted[0] <= 24


def test_the_page_speaks_to_a_vendor_whose_name_is_hostile() -> None:
    press = Press()
    vendor = press.vendor("Penhale", bank=BANK)
    with acting_for(press.ids):
        Vendor.objects.filter(id=vendor.id).update(name="<script>alert(1)</script>")
    page = Browser(press).client.get(address_of([press.bill(vendor, 10_00)])).content.decode()
    assert "<script>alert" not in page
    assert re.search("&lt;script&gt;", page)
