"""What colleagues write down about a customer stays among them, and contacts may change without being lost."""

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.models import Contact, Customer
from goodterms.parties.rules import payer_key
from goodterms.parties.tests.test_actions import NOW, a_customer, a_vendor
from goodterms.values.refusal import Refused

SANDRA, BETH = "sandra@bellwether.example", "beth@bellwether.example"


@pytest.fixture
def customer(db: None):  # type: ignore[no-untyped-def]
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor)


def add(customer: Customer, name: str, **more: object) -> Contact:
    return actions.add_contact(
        vendor_id=customer.vendor_id, customer_id=customer.id, name=name, now=NOW, by="Tom", **more  # type: ignore[arg-type]
    )  # fmt: skip


def change(contact: Contact, **changes: object) -> Contact:
    return actions.change_contact(vendor_id=contact.vendor_id, contact_id=contact.id, now=NOW, by="Tom", changes=changes)


def told(kind: str) -> Interaction:
    return Interaction.objects.get(kind=kind)


def test_a_note_is_a_line_in_the_log_and_no_word_of_theirs(customer: Customer) -> None:
    actions.note_customer(
        vendor_id=customer.vendor_id, customer_id=customer.id, words=" Ring Beth first.\0 ", by="Tom", now=NOW
    )
    note = told("customer.noted")
    assert (note.by, note.inbound, note.data) == ("Tom", False, {"words": "Ring Beth first."})


@pytest.mark.parametrize(
    ("words", "sentence"), [("  ", "There is nothing in this note yet."), ("a" * 2001, "A note has at most 2000 letters.")]
)
def test_a_note_is_neither_nothing_nor_a_book(customer: Customer, words: str, sentence: str) -> None:
    with pytest.raises(Refused) as no:
        actions.note_customer(vendor_id=customer.vendor_id, customer_id=customer.id, words=words, by="Tom", now=NOW)
    assert no.value.sentence == sentence


def test_nobody_notes_about_a_customer_of_another_vendor(customer: Customer) -> None:
    other = a_vendor("other")
    with acting_for([customer.vendor_id, other.id]), pytest.raises(Refused, match="There is no such customer"):
        actions.note_customer(vendor_id=other.id, customer_id=customer.id, words="Hm.", by="Tom", now=NOW)


def test_a_contact_with_another_address_is_another_payer(customer: Customer) -> None:
    contact = add(customer, "Sandra", email=SANDRA)
    assert change(contact, email=BETH, name="Beth Langley", approves=True).payer_id == payer_key(BETH)
    deed = told("contact.changed")
    assert (deed.data, deed.payer_id) == ({"roles": ["approves"]}, payer_key(BETH))
    assert change(contact, email="").payer_id is None


def test_nothing_changed_is_not_told(customer: Customer) -> None:
    contact = add(customer, "Sandra", email=SANDRA)
    change(contact, name="Sandra", email=SANDRA)
    assert not Interaction.objects.filter(kind="contact.changed").exists()


def test_one_person_pays_for_a_customer(customer: Customer) -> None:
    add(customer, "Sandra", pays=True)
    beth = add(customer, "Beth")
    with pytest.raises(Refused, match="Somebody else pays for this customer already"):
        change(beth, pays=True)
    beth.refresh_from_db()
    assert not beth.pays


def test_whoever_is_no_contact_any_more_is_not_changed(customer: Customer) -> None:
    contact = add(customer, "Sandra")
    actions.end_contact(vendor_id=customer.vendor_id, contact_id=contact.id, now=NOW, by="Tom")
    with pytest.raises(Refused, match="There is no such contact"):
        change(contact, name="Beth")
    with pytest.raises(Refused, match="'payer_id' is not something that can be set here"):
        change(add(customer, "Beth"), payer_id=None)
