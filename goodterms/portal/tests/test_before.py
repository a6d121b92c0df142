"""Asked before an invoice is issued: by a letter, on a page, with a yes that issues it or words that keep it waiting."""

import email
import email.policy
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.conversations.actions import answer
from goodterms.conversations.models import Conversation
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.models import Letter
from goodterms.invoicing.actions import approve, discard, draft, expect, issue
from goodterms.invoicing.forewarnings import PURPOSE
from goodterms.invoicing.line import Adjustment
from goodterms.invoicing.models import Forewarning, Hold, Invoice
from goodterms.invoicing.tests.test_forewarn import line
from goodterms.parties.actions import end_contact
from goodterms.parties.models import Contact, Payer
from goodterms.portal.tests.browser import only_looking, words
from goodterms.values.keys import new_key
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


@pytest.fixture
def asked(world: World) -> Invoice:
    """Of Sandra's customer, half as much again as the estimate, and pressed to be issued."""
    return pressed(world)


def pressed(world: World, *on_whole: Adjustment) -> Invoice:
    one = world.other
    with acting_for([one.vendor_id]):
        expect(customer_id=one.customer_id, kind="estimate", name="Gift boxes", amount=Money(1000_00, "GBP"), **TOM)
        lines = [line("1200", "Gift boxes", "Boxes, 600 pieces"), line("300", "Gift boxes", "Ribbon")]
        invoice = draft(
            vendor_id=one.vendor_id, customer_id=one.customer_id, lines=lines, adjustments=on_whole, work="Gift boxes", **TOM
        )
        approve(invoice_id=invoice.id, **TOM)
        return issue(invoice_id=invoice.id, issued_on=NOW.date(), **TOM)


def letter() -> str:
    message = email.message_from_bytes(
        bytes_of(letter_id=Letter.objects.get(kind="forewarning").id), policy=email.policy.default
    )
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_of(one: Invoice) -> str:
    with acting_for([one.vendor_id]):
        return "/before/" + letter().split("/before/")[1].split(maxsplit=1)[0]


def stored(one: Invoice) -> Invoice:
    with acting_for([one.vendor_id]):
        return Invoice.objects.get(id=one.id)


def row(one: Invoice) -> Forewarning:
    with acting_for([one.vendor_id]):
        return Forewarning.objects.get(invoice=one)


def test_the_letter_says_what_was_expected_and_the_page_has_the_lines_and_a_yes_issues_it(asked: Invoice) -> None:
    with acting_for([asked.vendor_id]):
        said = " ".join(letter().split())
    assert "The estimate for Gift boxes was £1,000.00, so it is £500.00 more." in said
    assert "Ribbon: £300.00" in said
    link, browser = link_of(asked), Client()
    with only_looking():
        page = re.sub("<[^>]+>", "", words(browser.get(link)))
    for part in ("Estimate for Gift boxes Before tax£1,000.00", "More than expected 50%£500.00", "Ribbon", "Total£1,800.00"):
        assert part in page
    assert "The invoice is on its way to you" in words(browser.post(link, {"answer": "fine"}))
    one = stored(asked)
    assert (bool(one.number), row(asked).answered_by) == (True, "Sandra Whitlock")
    assert "The invoice is on its way to you" in words(browser.post(link, {"answer": "fine"}))
    assert "Sandra Whitlock said that it is fine." in words(browser.get(link))
    assert "It is fine, send it" not in words(browser.get(link))
    assert "not issued yet" not in words(browser.get(link))  # it is, and says so


def test_a_discount_on_the_whole_stands_below_the_lines(world: World, client: Client) -> None:
    """Or they would not come to the sum before tax."""
    asked = pressed(world, Adjustment("allowance", Decimal(100), line("1").tax, "Loyalty"))
    said = " ".join(re.sub(r"<[^>]+>", " ", client.get(link_of(asked)).text).split())
    assert "Sum of the lines 1,500.00 Loyalty −100.00 Before tax 1,400.00" in said


def test_not_as_agreed_opens_a_question_and_keeps_it_waiting(asked: Invoice) -> None:
    link, browser = link_of(asked), Client()
    assert "Write what is not as agreed" in words(browser.post(link, {"answer": "no", "words": "  "}))
    for _ in range(2):
        came = words(browser.post(link, {"answer": "no", "words": "The ribbon was a gift."}))
        assert "Nothing is sent until this is settled." in came
    assert stored(asked).number == ""
    with acting_for([asked.vendor_id]):
        thread = Conversation.objects.get()
        assert (thread.kind, thread.subject, thread.payer_id) == ("question", "Gift boxes", PAYER)
        assert thread.messages.get().words == "The ribbon was a gift."
        answer(conversation_id=thread.id, words="It was, of course.", by="Tom", role="owner", now=NOW)
        assert not Hold.objects.filter(invoice=asked, ended_at=None).exists()
        assert Conversation.objects.get().closed_at == NOW
    assert "told them already" in words(browser.post(link, {"answer": "no", "words": "And the lids."}))
    assert "The invoice is on its way" in words(browser.post(link, {"answer": "fine"})), "they were answered and agree now"


def test_a_question_that_is_open_when_it_is_issued_rests_its_reminders(asked: Invoice) -> None:
    Client().post(link_of(asked), {"answer": "no", "words": "The ribbon was a gift."})
    with acting_for([asked.vendor_id]):
        issue(invoice_id=asked.id, issued_on=NOW.date(), despite="It stands in the order", **TOM)
        assert Hold.objects.get(invoice=asked, ended_at=None).reason == "question_open"
    assert Client().get(link_of(asked)).status_code == 410


def test_the_page_and_the_letter_speak_the_payers_language(world: World) -> None:
    one = world.other
    with acting_for([one.vendor_id]):
        Payer.objects.filter(id=PAYER).update(language="id", tone="formal")
        expect(customer_id=one.customer_id, kind="order", name="PO-7", amount=Money(1000_00, "GBP"), **TOM)
        invoice = draft(
            vendor_id=one.vendor_id, customer_id=one.customer_id, lines=[line("1500")], order_number="PO-7", **TOM
        )  # fmt: skip
        approve(invoice_id=invoice.id, **TOM)
        issue(invoice_id=invoice.id, issued_on=NOW.date(), **TOM)
        assert "Pesanan Bapak/Ibu PO-7 bernilai" in " ".join(letter().split())
    page = words(Client().get(link_of(invoice)))
    assert "Sebelum kami kirim" in page
    assert "Setuju, silakan kirim" in page


def test_nobody_else_sees_or_answers_it(asked: Invoice) -> None:
    def opens(payer: Any = PAYER, days: int = 0, purpose: str = PURPOSE) -> int:
        carried = Carried(row(asked).id, payer, NOW - timedelta(days=days))
        link = f"/before/{sealed(settings.SECRET_KEY, purpose, carried)}"
        return Client().post(link, {"answer": "fine"}).status_code

    assert {opens(new_key(NOW)), opens(days=61), opens(purpose="order")} == {410}
    assert Client().get("/before/abc").status_code == 410
    with acting_for([asked.vendor_id]):
        for one in Contact.objects.filter(payer_id=PAYER, customer_id=asked.customer_id):
            end_contact(vendor_id=asked.vendor_id, contact_id=one.id, now=NOW, by="Tom")
    assert opens() == 410
    assert stored(asked).number == ""


def test_what_was_discarded_waits_for_nothing(asked: Invoice) -> None:
    link = link_of(asked)
    with acting_for([asked.vendor_id]):
        discard(invoice_id=asked.id, reason="Written anew", **TOM)
    late = Client().get(link)
    assert late.status_code == 410
    assert "Nothing waits for your word any more" in words(late)
    assert "Nothing waits for your word any more" in words(Client().post(link, {"answer": "fine"}))
