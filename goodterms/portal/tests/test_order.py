"""A purchase order that is missing: asked for once, given once by a contact of that customer, and then on the invoice."""

import email
import email.policy
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.link import Carried, sealed
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import approve, ask_for_order, draft, expected_of, issue, void
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.orders import PURPOSE, supplier_of
from goodterms.invoicing.tests.test_issue import LINES
from goodterms.parties.actions import end_contact
from goodterms.parties.models import Contact, Customer
from goodterms.portal.tests.browser import only_looking, words
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


@pytest.fixture
def waiting(world: World) -> Invoice:
    """Of Sandra's customer, who takes no invoice without a purchase order."""
    one = world.other
    with acting_for([one.vendor_id]):
        Customer.objects.filter(id=one.customer_id).update(order_required=True)
        return draft(vendor_id=one.vendor_id, customer_id=one.customer_id, lines=LINES, work="Labels", **TOM)


def asked(one: Invoice, days: int = 0) -> str:
    with acting_for([one.vendor_id]):
        now = NOW + timedelta(days=days)
        ask_for_order(invoice_id=one.id, **{**TOM, "now": now})
        letter = Letter.objects.filter(kind="order").latest("id")
        message = email.message_from_bytes(bytes_of(letter_id=letter.id), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        text = str(body.get_content())
        assert text.startswith("Lindqvist Rowe")
        return "/order/" + text.split("/order/")[1].split(maxsplit=1)[0]


def stored(one: Invoice) -> str:
    with acting_for([one.vendor_id]):
        return Invoice.objects.get(id=one.id).order_number


def told(one: Invoice) -> list[tuple[str, str]]:
    with acting_for([one.vendor_id]):
        return list(Interaction.objects.filter(kind__startswith="order.").order_by("id").values_list("kind", "by"))


def test_it_is_asked_for_by_letter_given_on_a_page_and_stands_on_the_invoice(waiting: Invoice) -> None:
    link, browser = asked(waiting), Client()
    with only_looking():
        assert "Number of your purchase order" in words(browser.get(link))
    assert "Thank you" in words(browser.post(link, {"order_number": "  BF-88213 "}))
    assert stored(waiting) == "BF-88213"
    assert sorted(told(waiting)) == [("order.asked", "Tom"), ("order.given", "Sandra Whitlock")]  # in one instant
    with acting_for([waiting.vendor_id]):
        approve(invoice_id=waiting.id, **TOM)
        assert issue(invoice_id=waiting.id, issued_on=NOW.date(), send=False, **TOM).order_number == "BF-88213"
        assert void(invoice_id=waiting.id, on=NOW.date(), reason="Nobody saw it", **TOM).voided_at


def test_it_is_given_once_and_another_number_changes_nothing(waiting: Invoice) -> None:
    link, browser = asked(waiting), Client()
    for _ in range(2):
        assert "Thank you" in words(browser.post(link, {"order_number": "BF-1"}))
    refused = browser.post(link, {"order_number": "BF-2"})
    assert (refused.status_code, stored(waiting)) == (409, "BF-1")
    assert "Another number was given already: BF-1." in words(refused)
    assert len(told(waiting)) == 2
    for odd, sentence in (("  ", "Write the number of the purchase order"), ("9" * 101, "longer than a purchase order number")):
        assert sentence in words(browser.post(link, {"order_number": odd}))


def test_what_the_order_is_over_is_given_with_it_and_an_invoice_over_it_is_asked_about(waiting: Invoice) -> None:
    link, browser = asked(waiting), Client()
    odd = browser.post(link, {"order_number": "BF-88213", "amount": "some"})
    assert "Write the amount as figures" in words(odd)
    assert stored(waiting) == ""
    assert "Thank you" in words(browser.post(link, {"order_number": "BF-88213", "amount": "100"}))
    with acting_for([waiting.vendor_id]):
        assert expected_of(customer_id=waiting.customer_id, kind="order", name="BF-88213") == Money(100_00, "GBP")
        approve(invoice_id=waiting.id, **TOM)
        assert issue(invoice_id=waiting.id, issued_on=NOW.date(), **TOM).number == ""


def test_one_letter_in_three_days_and_none_where_none_is_missing(waiting: Invoice) -> None:
    asked(waiting)
    with pytest.raises(Refused, match="Give them three days, or call them"):
        asked(waiting, days=2)
    Client().post(asked(waiting, days=3), {"order_number": "BF-1"})
    with pytest.raises(Refused, match="has its purchase order"):
        asked(waiting, days=9)
    assert sorted(kind for kind, _ in told(waiting)) == ["order.asked", "order.asked", "order.given"]


def test_only_a_contact_of_that_customer_gives_it_by_a_link_of_ours_that_is_not_old(waiting: Invoice) -> None:
    def opens(payer: Any = PAYER, days: int = 0, purpose: str = PURPOSE) -> int:
        carried = Carried(waiting.id, payer, NOW - timedelta(days=days))
        link = f"/order/{sealed(settings.SECRET_KEY, purpose, carried)}"
        return Client().post(link, {"order_number": "BF-1"}).status_code

    assert {opens(new_key(NOW)), opens(days=61), opens(purpose="invoice")} == {410}
    assert Client().get("/order/abc").status_code == 410
    with acting_for([waiting.vendor_id]):
        for one in Contact.objects.filter(payer_id=PAYER, customer_id=waiting.customer_id):
            end_contact(vendor_id=waiting.vendor_id, contact_id=one.id, now=NOW, by="Tom")
    assert opens() == 410
    assert stored(waiting) == ""


def test_what_was_issued_or_is_void_waits_for_nothing(waiting: Invoice) -> None:
    link = asked(waiting)
    with acting_for([waiting.vendor_id]):
        Customer.objects.filter(id=waiting.customer_id).update(order_required=False)
        approve(invoice_id=waiting.id, **TOM)
        issue(invoice_id=waiting.id, issued_on=NOW.date(), **TOM)
    late = Client().post(link, {"order_number": "BF-1"})
    assert "does not wait for a number any more" in words(late)
    assert stored(waiting) == ""


def test_whoever_approves_is_asked_before_whoever_pays_and_neither_without_an_address() -> None:
    pays = Contact(id=new_key(NOW), pays=True, payer_id=new_key(NOW))
    approves, silent = Contact(id=new_key(NOW), approves=True, payer_id=new_key(NOW)), Contact(id=new_key(NOW), approves=True)
    assert supplier_of([pays, silent, approves]) is approves
    assert supplier_of([silent, pays]) is pays
    assert supplier_of([Contact(id=new_key(NOW), receives_copies=True)]) is None
