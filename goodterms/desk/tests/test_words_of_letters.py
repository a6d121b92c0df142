"""The words of letters that bring a document: tried on a real one while somebody types, kept, and given back."""

import email
import email.policy
from typing import Any

import pytest
from django.test import Client

from goodterms.conversations.tests.cast import a_customer, a_payer, an_invoice
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.models import Letter, OwnWording
from goodterms.delivery.words import LANGUAGES, TONES
from goodterms.desk.reminders.letters import SAID
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.actions import post_documents, send_copy
from goodterms.parties.models import Contact, Vendor

pytestmark = pytest.mark.django_db
THERE = "/at/tom-and-co/reminders/words/"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW, sender="Tom Okafor")


@pytest.fixture
def tom(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def typed(kind: str = "invoice", **pieces: str) -> dict[str, str]:
    said = {
        "subject": "Our bill for {{ work }}", "greeting": "Dear {{ first_name }},", "opening": "{{ amount }} for {{ work }}.",
        "closing": "Yours,", "signature": "{{ sender }}",
    }  # fmt: skip
    return {"kind": kind, "tone": "neutral", "language": "en", **said, **pieces}


def shown(client: Client, path: str = THERE, **query: str) -> str:
    return str(client.get(path, query).content.decode())


def kept(vendor: Vendor) -> int:
    with acting_for([vendor.id]):
        return OwnWording.objects.filter(ended_at=None).count()


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_is_seen_in_every_voice_before_there_is_anything(vendor: Vendor, tom: Client, kind: str) -> None:
    for tone in TONES:
        for language in LANGUAGES:
            page = shown(tom, kind=kind, tone=tone, language=language)
            assert 'class="read letter-text"' in page, (kind, tone, language)
            assert "on an invented document" in page or kind == "welcome"


def test_what_is_typed_is_seen_on_a_real_invoice_and_the_next_letter_says_it(vendor: Vendor, tom: Client) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor, "Bellwether Foods")
        a_payer(customer)
        invoice = an_invoice(customer, 61_200, number="TC-7", work="Shelf cards")
    seen = shown(tom, f"{THERE}preview/", **typed())
    assert "<b>Our bill for Shelf cards</b>" in seen
    assert "£612.00 for Shelf cards." in seen
    assert str(invoice.id) not in seen  # its links lead nowhere
    assert kept(vendor) == 0
    assert tom.post(THERE, typed()).status_code == 302
    assert "These words are yours." in shown(tom, kind="invoice")
    with acting_for([vendor.id]):
        contact = Contact.objects.get(customer=customer)
        send_copy(invoice_id=invoice.id, contact_id=contact.id, by="Tom", now=NOW)
        post_documents(vendor_id=vendor.id, now=NOW)
        message = email.message_from_bytes(bytes_of(letter_id=Letter.objects.get().id), policy=email.policy.default)
    assert message["subject"] == "Our bill for Shelf cards"
    tom.post(THERE, {**typed(), "house": "1"})
    assert "These are the words of the house" in shown(tom, kind="invoice")
    assert {one.kind for one in told(vendor, "wording.changed", "wording.ended")} == {"wording.changed", "wording.ended"}


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        ({"opening": "{{ iban }}"}, "There is no &#x27;iban&#x27; in this message."),
        ({"opening": "see you in court."}, "A letter never says “court”."),
        ({"opening": "{% include 'x' %}"}, "cannot be used here"),
    ],
)
def test_what_cannot_be_kept_is_said_at_once(vendor: Vendor, tom: Client, pieces: dict[str, Any], sentence: str) -> None:
    refused = tom.post(THERE, typed(**pieces))
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert kept(vendor) == 0


def test_a_name_that_fails_is_seen_while_typing(tom: Client) -> None:
    assert "There is no &#x27;iban&#x27;" in shown(tom, f"{THERE}preview/", **typed(opening="{{ iban }}"))


def test_the_settings_lead_there_and_a_reader_keeps_nothing(vendor: Vendor, tom: Client) -> None:
    assert f"{THERE}?kind=invoice" in tom.get("/at/tom-and-co/settings/").content.decode()
    reader = as_member(a_member(vendor, "Rita", "reader"))
    assert reader.post(THERE, typed()).status_code == 403
    assert as_member(a_member(a_vendor("other"), "Olga")).post(THERE, typed()).status_code == 404
    assert kept(vendor) == 0
