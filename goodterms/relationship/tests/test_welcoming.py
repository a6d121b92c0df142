"""A new customer is sent what was agreed: once, as they like their letters, by a person or where the vendor chose so."""

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of, word
from goodterms.delivery.models import Letter
from goodterms.delivery.words import Wording
from goodterms.interactions.models import Interaction
from goodterms.invoicing.tests.book import NOW, a_vendor
from goodterms.parties import actions as parties
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.actions import send_welcome
from goodterms.relationship.due import welcome
from goodterms.relationship.wording import kind_of, wording_of
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "bookkeeper", "now": NOW}
DAY = timedelta(days=1)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor(sender="Tom Okafor")
    with acting_for([vendor.id]):
        yield vendor


def a_customer(vendor: Vendor, pays: str = "sandra@bw.example", **more: Any) -> Customer:
    known: dict[str, Any] = {"number": "bellwether", "name": "Bellwether Foods", "currency": "GBP"} | more
    customer = parties.add_customer(vendor_id=vendor.id, now=NOW, by="Tom", **known)
    if pays:
        somebody(customer, pays)
    return customer


def somebody(customer: Customer, address: str) -> None:
    parties.add_contact(
        vendor_id=customer.vendor_id, customer_id=customer.id, name="Sandra Whitlock", title="Ms", email=address, pays=True,
        now=NOW, by="Tom",
    )  # fmt: skip


def letters() -> list[Letter]:
    return list(Letter.objects.filter(kind="welcome").order_by("id"))


def log(*kinds: str) -> list[Interaction]:
    return list(Interaction.objects.filter(kind__in=kinds).order_by("id"))


def test_the_packet_comes_as_pdf_with_words_and_stands_on_the_timeline(vendor: Vendor) -> None:
    customer = a_customer(vendor, tone="formal")
    sent = send_welcome(customer_id=customer.id, **TOM)
    [letter] = letters()
    assert (sent.letter_id, sent.channel, sent.to) == (letter.id, "email", "Sandra Whitlock")
    message = email.message_from_bytes(bytes_of(letter_id=letter.id), policy=email.policy.default)
    assert message["subject"] == "Welcome to Halden Print: what was agreed about payment"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Dear Ms Whitlock,\nwe look forward to working with Bellwether Foods." in body.get_content().replace("\r", "")
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content()[:5]) == ("welcome-bellwether.pdf", b"%PDF-")
    [deed] = log("customer.welcomed")
    assert (deed.by, deed.customer_id, deed.channel, deed.data) == ("Tom", customer.id, "email", {"to": "Sandra Whitlock"})


def test_pressed_twice_it_goes_once_and_another_day_once_more(vendor: Vendor) -> None:
    customer = a_customer(vendor)
    send_welcome(customer_id=customer.id, **TOM)
    with pytest.raises(Refused, match=r"It went to Sandra Whitlock today already\. Nothing was sent again\."):
        send_welcome(customer_id=customer.id, **TOM)
    assert len(letters()) == len(log("customer.welcomed")) == 1
    send_welcome(customer_id=customer.id, **{**TOM, "now": NOW + DAY})
    assert len(letters()) == 2


def test_who_likes_paper_gets_the_page_itself(vendor: Vendor) -> None:
    customer = a_customer(vendor, channel="post", address="Aire Mills\nLeeds")
    assert send_welcome(customer_id=customer.id, **TOM).channel == "post"
    [letter] = letters()
    assert letter.recipient == "Bellwether Foods\nAire Mills\nLeeds"
    assert bytes_of(letter_id=letter.id).startswith(b"%PDF-")


def test_nobody_to_send_it_to_is_said_and_only_who_writes_invoices_sends_it(vendor: Vendor) -> None:
    customer = a_customer(vendor, pays="")
    with pytest.raises(Refused, match="Nobody who pays at Bellwether Foods has an e-mail address, and no address of the post"):
        send_welcome(customer_id=customer.id, **TOM)
    with pytest.raises(Refused, match="A welcome is sent by an owner, a bookkeeper or an approver"):
        send_welcome(customer_id=customer.id, **{**TOM, "role": "reader"})
    assert log("customer.welcomed") == []
    assert letters() == []


def test_where_the_vendor_chose_so_it_goes_by_itself_once_somebody_can_be_reached(vendor: Vendor) -> None:
    parties.change_vendor(vendor_id=vendor.id, changes={"welcomes": True}, now=NOW, by="Elin")
    customer = a_customer(vendor, pays="")
    assert welcome(vendor_id=vendor.id, now=NOW) == 0
    somebody(customer, "sandra@bw.example")
    assert welcome(vendor_id=vendor.id, now=NOW) == 1
    assert welcome(vendor_id=vendor.id, now=NOW + DAY) == 0
    assert [one.by for one in log("customer.welcomed")] == ["the clock"]
    assert len(letters()) == 1


def test_who_was_welcomed_by_a_person_is_not_by_the_clock(vendor: Vendor) -> None:
    customer = a_customer(vendor, welcome=True)
    send_welcome(customer_id=customer.id, **TOM)
    assert welcome(vendor_id=vendor.id, now=NOW + DAY) == 0
    assert len(letters()) == 1


def test_a_choice_for_one_customer_goes_before_the_vendors(vendor: Vendor) -> None:
    parties.change_vendor(vendor_id=vendor.id, changes={"welcomes": True}, now=NOW, by="Elin")
    a_customer(vendor, welcome=False)
    assert welcome(vendor_id=vendor.id, now=NOW) == 0


def test_hours_without_an_hour_are_said_once_and_keep_nobody_else_waiting(vendor: Vendor) -> None:
    """Their days leave none; the next in line is welcomed all the same."""
    quiet = [["2026-01-01", "2029-12-31"]]
    a_customer(vendor, welcome=True, quiet_ranges=quiet)
    a_customer(vendor, number="corvid", pays="ines@corvid.example", welcome=True)
    assert welcome(vendor_id=vendor.id, now=NOW) == 2
    assert [one.data["reason"] for one in log("customer.not_welcomed")] == [
        "The hours of Sandra Whitlock leave none for a letter. Call them."
    ]
    assert len(letters()) == 1
    assert welcome(vendor_id=vendor.id, now=NOW + DAY) == 0


def test_a_vendors_own_words_come_with_it_and_a_name_that_fails_leaves_the_houses(vendor: Vendor) -> None:
    own = wording_of("welcome", "neutral", "en")._replace(subject="{{ customer }}, welcome to us")
    known: dict[str, Any] = {"vendor_id": vendor.id, "kind": kind_of("welcome"), "tone": "neutral", "language": "en"}
    word(**known, wording=own, by="Elin", now=NOW)
    send_welcome(customer_id=a_customer(vendor).id, **TOM)
    assert email.message_from_bytes(bytes_of(letter_id=letters()[0].id))["subject"] == "Bellwether Foods, welcome to us"
    with pytest.raises(Refused, match=r"There is no 'amount' in this message\. You can use: customer, first_name"):
        word(**known, wording=Wording("{{ amount }}", "a", "b", "c", "d"), by="Elin", now=NOW)
