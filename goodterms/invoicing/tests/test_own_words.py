"""What a vendor writes for the letters of its documents: tried on every shape, used, and never in the way of a document."""

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of, word, word_as_the_house
from goodterms.delivery.models import Letter, OwnWording
from goodterms.delivery.own_words import said_in
from goodterms.delivery.wording import Context
from goodterms.delivery.words import LANGUAGES, TONES, Wording, check_pieces
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import ask_for_order, draft, post_documents, send_copy
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.tests.book import NOW, a_customer, a_vendor
from goodterms.invoicing.tests.test_dispatch import issued, person
from goodterms.invoicing.wording import KINDS, kind_of, wording_of
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
OURS = Wording("Our bill for {{ work }}", "Dear {{ name }},", "{{ amount }}, if you please.", "Yours,", "{{ sender }}")


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(sender="Tom Okafor")
    with acting_for([vendor.id]):
        yield a_customer(vendor.id, name="Bellwether Foods", address="Aire Mills\nLeeds")


def keep(customer: Customer, wording: Wording = OURS, **voice: Any) -> OwnWording:
    kind = kind_of(voice.pop("kind", "invoice"))
    known: dict[str, Any] = {"tone": "neutral", "language": "en"} | voice
    return word(vendor_id=customer.vendor_id, kind=kind, wording=wording, by="Elin", now=NOW, **known)


def subjects(customer: Customer, later: int = 0) -> list[str]:
    """In the order in which they were posted; `later`: minutes."""
    post_documents(vendor_id=customer.vendor_id, now=NOW + timedelta(minutes=later))
    rows = Letter.objects.filter(vendors=[customer.vendor_id]).order_by("created_at", "id")
    return [str(email.message_from_bytes(bytes_of(letter_id=one.id), policy=email.policy.default)["subject"]) for one in rows]


def test_every_word_of_the_house_could_be_a_vendors_own() -> None:
    for kind in KINDS:
        for tone in TONES:
            for language in LANGUAGES:
                check_pieces(wording_of(kind, tone, language), kind_of(kind))


def test_an_invoice_goes_out_in_the_vendors_words_and_in_the_houses_again(customer: Customer) -> None:
    person(customer)
    keep(customer)
    first = issued(customer, send=True)
    assert subjects(customer) == [f"Our bill for {first.work}"]
    word_as_the_house(vendor_id=customer.vendor_id, kind=kind_of("invoice"), tone="neutral", language="en", by="Elin", now=NOW)
    issued(customer, send=True)
    assert subjects(customer, 1)[1].startswith(f"{first.work}: invoice ")
    kinds = Interaction.objects.filter(kind__startswith="wording.").values_list("kind", flat=True)
    assert sorted(kinds) == ["wording.changed", "wording.ended"]


def test_a_copy_and_another_tone_keep_their_own(customer: Customer) -> None:
    person(customer)
    keep(customer)
    keep(customer, OURS._replace(subject="Formal {{ number }}"), tone="formal")
    invoice = issued(customer, send=True)
    subjects(customer)
    beth = person(customer, "Beth Langley", approves=True)
    send_copy(invoice_id=invoice.id, contact_id=beth.id, by="Tom", now=NOW)
    assert subjects(customer, 1)[-1] == f"Copy of invoice {invoice.number}: {invoice.work}"


def test_asking_for_an_order_has_words_of_its_own(customer: Customer) -> None:
    person(customer)
    keep(customer, OURS._replace(subject="Which order, for {{ amount }}?"), kind="order")
    line = Line("Labels", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
    invoice = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line], by="Tom", role="owner", now=NOW)
    ask_for_order(invoice_id=invoice.id, by="Tom", role="owner", now=NOW)
    assert subjects(customer) == ["Which order, for £120.00?"]


@pytest.mark.parametrize(
    ("wording", "sentence"),
    [
        (OURS._replace(opening="{{ iban }}"), "There is no 'iban' in this message."),
        (
            OURS._replace(subject="{% if has_work %}{{ work }}{% endif %}"),
            "With some invoices nothing would be left",
        ),
        (OURS._replace(opening="Pay at once, or go to court."), "A letter never says “court”."),
        (OURS._replace(closing="Cheers!"), "A letter has no exclamation marks"),
    ],
)
def test_what_could_fail_or_shout_is_not_kept(customer: Customer, wording: Wording, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        keep(customer, wording)
    assert not OwnWording.objects.exists()


def test_an_order_is_asked_for_before_there_is_a_number(customer: Customer) -> None:
    with pytest.raises(Refused, match="There is no 'number' in this message"):
        keep(customer, OURS._replace(subject="{{ number }}"), kind="order")


def test_words_that_fail_for_one_document_do_not_keep_it() -> None:
    """As where the names changed after the words were kept: the house speaks instead."""
    broken = OURS._replace(opening="{{ gone }}")
    house = wording_of("invoice", "neutral", "en")._replace(subject="The house")
    context: Context = {
        "name": "S", "first_name": "S", "sender": "T", "work": "W", "has_work": True, "number": "1", "amount": "£1",
        "has_due": False, "due_date": "",
    }  # fmt: skip
    assert said_in(broken, house, context).subject == "The house"
    assert said_in(OURS, house, context).subject == "Our bill for W"
