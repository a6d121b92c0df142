"""Decides that a receipt says what came and what it settled, to whom it belongs or who has its letter, and to nobody else."""

import quopri
import re
import zlib
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY
from goodterms.papers.tests.reading import text
from goodterms.payments.actions import record
from goodterms.payments.models import Payment
from goodterms.payments.tests.press import Press
from goodterms.portal.paying.tests.browser import Browser, words
from goodterms.relationship.due import thank
from goodterms.reminders.token import link_token
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db(transaction=True)


def a_payment(minor: int = 6000_00, count: int = 1) -> tuple[Press, list[Invoice], UUID]:
    """Of Sandra's, towards invoices of £10,255.20."""
    press = Press()
    vendor = press.vendor("Lindqvist Rowe", sender="Tom Okafor", address="14 Welsh Back\nBristol BS1 4RR")
    bills = [press.bill(vendor, 10_255_20) for _ in range(count)]
    with acting_for(press.ids):
        Invoice.objects.filter(id=bills[0].id).update(open_minor=10_255_20)
        answer = record(
            vendor_id=vendor.id, customer_id=press.customers[vendor.id].id, amount=Money(minor, "GBP"),
            received_on=TODAY - timedelta(days=3), method="bank_transfer", idempotency_key="k", by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    return press, bills, UUID(answer["payment_id"])


def letter(payment_id: UUID) -> str:
    return f"/receipt/{payment_id}/{link_token(settings.SECRET_KEY, payment_id)}"


def test_a_receipt_thanks_before_it_counts() -> None:
    press, (bill,), payment_id = a_payment()
    page = Browser(press).get(f"/pay/receipts/{payment_id}/")
    assert f"Dear Sandra Whitlock, thank you. We have received £6,000.00 for {bill.number}." in page
    assert f"{bill.number} issued 1 October 10,255.20 6,000.00 4,255.20 Received £6,000.00" in page
    assert "Received 13 November 2026 By bank transfer" in page
    assert "With thanks, Tom Okafor Lindqvist Rowe, 14 Welsh Back, Bristol BS1 4RR" in page


def test_it_says_what_was_open_then_whatever_was_paid_since() -> None:
    press, (bill,), payment_id = a_payment()
    browser = Browser(press)
    browser.decide(browser.pay(bill).url, "approve")
    assert "6,000.00 4,255.20 Received" in browser.get(f"/pay/receipts/{payment_id}/")


def test_what_settles_nothing_is_said_to_be_kept() -> None:
    press, _, payment_id = a_payment(11_000_00)
    assert "Kept for you it settles nothing yet £744.80" in Browser(press).get(f"/pay/receipts/{payment_id}/")


def test_the_letter_of_thanks_leads_to_it_without_signing_in() -> None:
    press, (bill,), payment_id = a_payment()
    assert thank(vendor_id=press.ids[0], vendors=press.ids, now=NOW) == 1
    with acting_for(press.ids):
        assert letter(payment_id) in quopri.decodestring(zlib.decompress(Body.objects.get().packed)).decode()
    answer = Client().get(letter(payment_id))
    assert answer.status_code == 200
    assert f"We have received £6,000.00 for {bill.number}." in words(answer.content)
    assert Client().get(f"{letter(payment_id)}/preferences").status_code == 302


def test_another_token_or_another_payment_finds_nothing() -> None:
    (_, _, mine), (_, _, other) = a_payment(), a_payment()
    token = letter(mine).rpartition("/")[2]
    near = token[:-1] + ("b" if token.endswith("a") else "a")
    for address in (f"/receipt/{other}/{token}", f"/receipt/{mine}/{near}", f"/receipt/{mine}/x", letter(new_key(NOW))):
        assert Client().get(address).status_code == 404
        assert Client().get(f"{address}/preferences").status_code == 404
    assert Client().post(letter(mine)).status_code == 405


def test_nobody_reads_the_receipt_of_another_and_a_letters_link_alone_shows_none_of_other_invoices() -> None:
    press, _, payment_id = a_payment()
    other, _, _ = a_payment()
    Browser(other).get(f"/pay/receipts/{payment_id}/", 404)
    Browser(press, notice_id=new_key(NOW)).get(f"/pay/receipts/{payment_id}/", 404)
    assert Client().get(f"/pay/receipts/{payment_id}/").status_code == 302


def test_looking_changes_nothing_and_asks_the_same_however_many_it_settled() -> None:
    counted = []
    for count in (1, 9):
        press, _, payment_id = a_payment(10_255_20 * count, count)
        browser = Browser(press)
        before = browser.state()
        with CaptureQueriesContext(connection) as asked:
            Client().get(letter(payment_id))
            browser.get(f"/pay/receipts/{payment_id}/")
        counted.append(len(asked))
        assert browser.state() == before
    assert counted[0] == counted[1]


def test_a_receipt_prints_without_the_page_around_it() -> None:
    press, _, payment_id = a_payment()
    raw = Browser(press).client.get(f"/pay/receipts/{payment_id}/").content.decode()
    assert 'class="a4"' in raw
    assert "data-print hidden" in raw
    with acting_for(press.ids):
        assert Payment.objects.get().thanked_at is None


def test_it_is_printed_as_it_stands_on_the_page_signed_in_and_from_the_letter() -> None:
    press, (bill,), payment_id = a_payment()
    browser = Browser(press)
    signed_in = browser.client.get(f"/pay/receipts/{payment_id}/receipt.pdf")
    outside = Client().get(f"{letter(payment_id)}/receipt.pdf")
    assert signed_in.content == outside.content
    said = text(outside.content)
    assert f"Dear Sandra Whitlock, thank you. We have received £6,000 .00 for {bill.number}. Settles" in said
    assert f"{bill.number} issued 1 October 10,255.20 6,000.00 4,255.20 Received £6,000 .00 With thanks, Tom Okafor" in said
    for answer in (signed_in, outside):
        assert re.fullmatch(r'attachment; filename="receipt-[\w-]+-2026-11-13\.pdf"', answer["Content-Disposition"])
        assert answer["Cache-Control"] == "private, no-store"
    assert (
        f'href="/pay/receipts/{payment_id}/receipt.pdf"' in browser.client.get(f"/pay/receipts/{payment_id}/").content.decode()
    )
    assert f'href="{letter(payment_id)}/receipt.pdf"' in Client().get(letter(payment_id)).content.decode()


def test_what_is_kept_is_printed_and_the_sums_add_up() -> None:
    press, _, payment_id = a_payment(11_000_00)
    said = text(Browser(press).client.get(f"/pay/receipts/{payment_id}/receipt.pdf").content)
    assert "10,255.20 10,255.20 0.00 Kept for you it settles nothing yet 744.80 Received £11,000 .00" in said


def test_nobody_takes_the_printed_receipt_of_another() -> None:
    (press, _, mine), (other, _, _) = a_payment(), a_payment()
    Browser(other).get(f"/pay/receipts/{mine}/receipt.pdf", 404)
    Browser(press, notice_id=new_key(NOW)).get(f"/pay/receipts/{mine}/receipt.pdf", 404)
    assert Client().get(f"/pay/receipts/{mine}/receipt.pdf").status_code == 302
    assert Client().get(f"/receipt/{mine}/x/receipt.pdf").status_code == 404
