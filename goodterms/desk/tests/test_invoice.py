"""One invoice at the desk: its page tells how it stands, and each deed is done by its form, by whom it may, and once."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from goodterms.database.isolation import acting_for
from goodterms.desk.invoices.one_reading import OFFERED, seen_of
from goodterms.desk.tests.billed import BY, TODAY, a_customer, a_draft, a_line, an_invoice, late, paid
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import approve, charge_fee, draft, issue
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Member, Vendor
from goodterms.payments.models import Allocation
from goodterms.terms.actions import agree
from goodterms.terms.rules import LateFee, Terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW, address="14 Welsh Back\nBristol")


@pytest.fixture
def elin(vendor: Vendor) -> Member:
    return a_member(vendor)


@pytest.fixture
def desk(elin: Member) -> Client:
    return as_member(elin)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


def at(one: Invoice, deed: str = "") -> str:
    return f"/at/tom-and-co/invoices/{one.id}/{deed and deed + '/'}"


def now(one: Invoice) -> Invoice:
    with acting_for([one.vendor_id]):
        return Invoice.objects.get(id=one.id)


def notes(vendor: Vendor) -> list[Invoice]:
    with acting_for([vendor.id]):
        return list(Invoice.objects.filter(kind="credit_note"))


def seen(one: Invoice) -> str:
    return seen_of(one.open_minor, 0)


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def test_the_page_shows_the_document_its_balance_its_line_and_both_sides(desk: Client, customer: Customer) -> None:
    one = late(customer, "100", by=3, order_number="BF-88213")
    paid(one, 5_000)
    page = desk.get(at(one))
    said = text(page.content)
    assert page.status_code == 200
    assert "14 Welsh Back" in said
    assert "BF-88213" in said
    assert re.search(r"£70 ?.00 open of £120.00", said)
    assert "3 days late" in said
    assert "Payment by transfer" in said
    assert "From us" in said
    assert 'aria-label="Issued 14 Oct, due 13 Nov, today 16 Nov"' in page.content.decode()


def test_a_document_is_shown_as_it_was_issued(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(address="Another place")
    assert "14 Welsh Back" in text(desk.get(at(one)).content)


def test_a_draft_is_shown_as_it_would_be_issued_today(desk: Client, vendor: Vendor, customer: Customer) -> None:
    sheet = text(desk.get(at(a_draft(customer, "100"))).content.partition(b"<article")[2].partition(b"</article>")[0])
    for words in (
        escape(vendor.name),
        "14 Welsh Back, Bristol",
        escape(customer.name),
        "number on issue",
        "VAT 20%",
        "20.00",
        "As we agreed",
    ):
        assert words in sheet, words


def test_a_draft_is_approved_issued_and_credited_by_a_bookkeeper(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer)
    assert "It can be issued now." in text(desk.post(at(one, "approve"), follow=True).content)
    assert "Issued as 2026-0001." in text(desk.post(at(one, "issue"), follow=True).content)
    issued = now(one)
    given = {"amount": "20", "reason": "One page less", "seen": seen(issued)}
    said = text(desk.post(at(one, "credit"), given, follow=True).content)
    assert "Credit note CN-2026-0001 is written." in said
    assert "One page less" in said
    assert "Credited in part." in said
    assert "Part paid" not in said  # nothing came
    assert now(one).open_minor == 10_000
    assert len(notes(vendor)) == 1


def test_a_credit_pressed_twice_is_written_once(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    given = {"amount": "20", "reason": "One page less", "seen": seen(one)}
    assert desk.post(at(one, "credit"), given).status_code == 302
    again = desk.post(at(one, "credit"), given)
    assert again.status_code == 409
    assert "Something changed on this invoice meanwhile. Look at it again, then press once more." in text(again.content)
    assert len(notes(vendor)) == 1


def test_whole_lines_are_credited(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer, lines=[a_line("100", "Labels"), a_line("50", "Sleeves")])
    desk.post(at(one, "credit"), {"line": "2", "reason": "Not delivered", "seen": seen(one)})
    assert [note.total_minor for note in notes(vendor)] == [6_000]
    assert now(one).open_minor == 12_000


def test_what_is_credited_beyond_what_is_open_is_kept_and_said(desk: Client, customer: Customer) -> None:
    one = an_invoice(customer, "100")
    paid(one)
    given = {"reason": "A gesture", "amount": "12", "seen": seen(now(one))}
    assert "£12.00 is kept as their credit." in text(desk.post(at(one, "credit"), given, follow=True).content)


def test_what_will_not_be_paid_is_given_up_with_a_reason(desk: Client, customer: Customer) -> None:
    one = late(customer)
    refused = desk.post(at(one, "write-off"), {"reason": " ", "amount": "20", "seen": seen(one)})
    assert refused.status_code == 409
    assert "Say why, in a few words: it stays in the log." in text(refused.content)
    assert 'value="20"' in refused.content.decode()  # what was typed is still there
    assert re.search(r"<details[^>]* open>", refused.content.decode())
    desk.post(at(one, "write-off"), {"reason": "Closed down", "seen": seen(one)})
    assert now(one).open_minor == 0


def test_an_invoice_nobody_saw_is_voided_and_a_draft_discarded(desk: Client, customer: Customer) -> None:
    issued, written = an_invoice(customer), a_draft(customer)
    desk.post(at(issued, "void"), {"reason": "Twice"})
    desk.post(at(written, "discard"), {"reason": "Not needed"})
    assert now(issued).void_reason == "Twice"
    assert now(written).voided_at is not None


def test_reminders_are_held_until_a_day_and_released(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    said = text(desk.post(at(one, "hold"), {"until": "2026-12-01", "note": "Their move"}, follow=True).content)
    assert "Held by Elin, until Tuesday 1 December. “Their move”" in said
    again = desk.post(at(one, "hold"), {})
    assert "This invoice is held already. Release it first, to hold it otherwise." in text(again.content)
    desk.post(at(one, "release"))
    with acting_for([vendor.id]):
        assert [held.ended_by for held in Hold.objects.all()] == ["Elin"]
    assert "is not held by hand" in text(desk.post(at(one, "release")).content)


def test_an_allocation_is_taken_back_and_the_money_kept(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one, other = an_invoice(customer), an_invoice(customer)
    paid(one)
    with acting_for([vendor.id]):
        allocation = Allocation.objects.get()
    wrong = desk.post(at(other, "take-back"), {"allocation": allocation.id, "reason": "Mistaken"})
    assert "There is no settlement like that on this invoice." in text(wrong.content)
    said = text(desk.post(at(one, "take-back"), {"allocation": allocation.id, "reason": "Mistaken"}, follow=True).content)
    assert "The invoice is open again, and the money is kept as their credit." in said
    assert now(one).open_minor == 12_000


def test_a_late_fee_is_waived_as_a_gesture(desk: Client, vendor: Vendor, customer: Customer) -> None:
    with acting_for([vendor.id]):
        terms = Terms(late_fee=LateFee("monthly", agreed=True, percent=Decimal("1.5")))
        agree(
            vendor_id=vendor.id, customer_id=customer.id, terms=terms, from_on=TODAY - timedelta(days=400), now=NOW, by="Elin"
        )
        one = draft(vendor_id=vendor.id, customer_id=customer.id, lines=[a_line("1000")], **BY)
        approve(invoice_id=one.id, **BY)
        issue(invoice_id=one.id, issued_on=TODAY - timedelta(days=100), **BY)
        charge_fee(invoice_id=one.id, on=TODAY, **BY)
    charged = now(one)
    assert charged.open_minor > 120_000
    assert "Waive the late fee" in text(desk.get(at(one)).content)
    desk.post(at(one, "waive"), {"reason": "They were ill", "seen": seen(charged)})
    assert now(one).open_minor == 120_000


@pytest.mark.parametrize("role", ["owner", "bookkeeper", "approver", "receivables manager", "reader"])
def test_each_role_is_offered_what_its_life_allows_and_nothing_else(vendor: Vendor, customer: Customer, role: str) -> None:
    desk = as_member(a_member(vendor, "Somebody", role))
    page = desk.get(at(late(customer))).content.decode()
    offered = {verb for verb, words in OFFERED.items() if f">{words}</summary>" in page}
    books = {"credit", "hold", "write off", "void"}
    assert offered == {"owner": books, "bookkeeper": books, "reader": set()}.get(role, {"hold"})
    assert ("Record a payment" in page) == (role in ("owner", "bookkeeper"))


def test_a_role_that_may_not_is_refused_in_words(vendor: Vendor, customer: Customer) -> None:
    approver = as_member(a_member(vendor, "Priya", "approver"))
    one = late(customer)
    refused = approver.post(at(one, "credit"), {"reason": "No", "seen": seen(one)})
    assert "An approver may not write a credit note. Ask an owner or a bookkeeper." in text(refused.content)
    assert now(one).open_minor == one.open_minor


def test_an_approver_approves_up_to_a_limit(vendor: Vendor, customer: Customer) -> None:
    approver = as_member(a_member(vendor, "Priya", "approver", approves_up_to_minor=100_000))
    one = a_draft(customer, "1000")
    refused = approver.post(at(one, "approve"))
    assert "You may approve up to 1,000.00 GBP. Ask somebody with a higher limit." in text(refused.content)
    assert now(one).approved_at is None


def test_without_the_purchase_order_nothing_is_issued(desk: Client, vendor: Vendor) -> None:
    one = a_draft(a_customer(vendor, "Strict", order_required=True))
    desk.post(at(one, "approve"))
    page = desk.get(f"/at/tom-and-co/invoices/{one.id}/").text
    assert "Send it back and add its number first." in page
    assert '<button class="btn small primary">Issue and send' not in page, "nothing is offered that is going to be refused"
    refused = desk.post(at(one, "issue"))
    assert "takes no invoice without a purchase order. Add its number first." in text(refused.content)
    assert now(one).issued_on is None


def everything(vendor: Vendor) -> list[Any]:
    with acting_for([vendor.id]):
        return [list(model.objects.order_by("pk").values()) for model in (Invoice, Hold, Allocation, Interaction)]


def test_readers_and_strangers_change_nothing(vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    rita = as_member(a_member(vendor, "Rita", "reader"))
    stranger = as_member(a_member(a_vendor("another"), "Mallory"))
    before = everything(vendor)
    for verb in (
        "approve",
        "issue",
        "send-back",
        "discard",
        "hold",
        "release",
        "credit",
        "write-off",
        "void",
        "waive",
        "take-back",
        "correct",
        "recover",
    ):
        given = {"reason": "Because", "seen": seen(one)}
        assert rita.post(at(one, verb), given).status_code == 403, verb
        assert stranger.post(at(one, verb), given).status_code == 404, verb
        assert stranger.post(f"/at/another/invoices/{one.id}/{verb}/", given).status_code == 404, verb
    assert stranger.get(at(one)).status_code == 404
    assert stranger.get(f"/at/another/invoices/{one.id}/").status_code == 404
    assert everything(vendor) == before


def test_a_deed_that_is_none_is_not_there(desk: Client, customer: Customer) -> None:
    one = late(customer)
    assert desk.post(at(one, "burn")).status_code == 404
    assert desk.get(at(one, "credit")).status_code == 405


def test_as_many_queries_for_a_long_story_as_for_a_short_one(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer, "1000")
    paid(one, 1_000)

    def many() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(at(one))
        return len(queries)

    before = many()
    for _ in range(8):
        paid(one, 1_000)
        desk.post(at(one, "credit"), {"amount": "1", "reason": "Less", "seen": seen_of(now(one).open_minor, 0)})
        desk.post(at(one, "hold"))
        desk.post(at(one, "release"))
    assert len(told(vendor, "invoice.held")) == 8
    assert many() == before


def test_a_wrong_invoice_is_corrected_and_its_draft_says_which_it_replaces(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    one = late(customer)
    asked = {"reason": "Wrong work", "seen": seen(one)}
    page = text(desk.post(at(one, "correct"), asked, follow=True).content)
    assert "is written, and a new draft with the same lines waits to be put right." in page
    assert now(one).open_minor == 0
    again = text(desk.post(at(one, "correct"), asked).content)
    assert "Something changed on this invoice meanwhile." in again
    with acting_for([vendor.id]):
        [anew] = Invoice.objects.draft()
    assert anew.total_minor == one.total_minor
    assert f"It replaces {one.number} ." in text(desk.get(at(anew)).content)


def test_a_part_of_a_line_and_a_tax_rate_are_credited(desk: Client, customer: Customer) -> None:
    one = an_invoice(customer, lines=[a_line("100"), a_line("50", "Postage", "5")])
    desk.post(at(one, "credit"), {"reason": "Less", "seen": seen(one), "line": "1", "net1": "10.00"})
    assert now(one).open_minor == one.open_minor - 12_00
    assert "All at 5 %, 50.00" in text(desk.get(at(one)).content)
    desk.post(at(one, "credit"), {"reason": "Less", "seen": seen_of(now(one).open_minor, 12_00), "rate": "S|5"})
    assert now(one).open_minor == one.open_minor - 12_00 - 52_50
    odd = desk.post(at(one, "credit"), {"reason": "Less", "seen": seen_of(now(one).open_minor, 64_50), "rate": "S|five"})
    assert "There is no tax rate like that on this invoice." in text(odd.content)


def test_what_was_given_up_comes_in_after_all(desk: Client, customer: Customer) -> None:
    one = late(customer)
    desk.post(at(one, "write-off"), {"reason": "Lost", "seen": seen(one)})
    assert "It came in after all" in desk.get(at(one)).content.decode()
    page = text(desk.post(at(one, "recover"), {"seen": seen(now(one))}, follow=True).content)
    assert "£120.00 is owed again." in page
    assert now(one).open_minor == one.open_minor
    assert "It came in after all" not in desk.get(at(one)).content.decode()
