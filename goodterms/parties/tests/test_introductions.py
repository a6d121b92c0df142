"""A payer names a colleague: the vendor decides, nobody sees anything before, and pressing twice asks once."""

from uuid import UUID

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.models import Contact, Customer, Introduction, Payer
from goodterms.parties.rules import payer_key
from goodterms.parties.tests.test_actions import NOW, a_customer, a_vendor
from goodterms.values.refusal import Refused

SANDRA, PRIYA = "sandra@bellwether.example", "Priya@bellwether.example"


@pytest.fixture
def customer(db: None):  # type: ignore[no-untyped-def]
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor)
        actions.add_contact(
            vendor_id=vendor.id, customer_id=customer.id, name="Sandra", email=SANDRA, pays=True, now=NOW, by="Tom"
        )
        yield customer


def name_them(customer: Customer, address: str = PRIYA, **more: object) -> Introduction:
    asked = {"vendor_ids": [customer.vendor_id], "name": " Priya  Shah ", "takes_over": False} | more
    return actions.introduce(payer_id=payer_key(SANDRA), address=address, by="Sandra", now=NOW, **asked)[0]  # type: ignore[arg-type]


def decided(verb: str, one: Introduction, vendor_id: UUID | None = None) -> Introduction:
    deed = getattr(actions, verb)
    return deed(vendor_id=vendor_id or one.vendor_id, introduction_id=one.id, by="Tom", now=NOW)  # type: ignore[no-any-return]


def test_nothing_follows_from_naming_a_colleague(customer: Customer) -> None:
    one = name_them(customer)
    assert (one.name, one.address, one.outcome) == ("Priya Shah", "Priya@bellwether.example", "")
    assert not Contact.objects.filter(name="Priya Shah").exists()
    assert not Payer.objects.filter(address=PRIYA.lower()).exists()
    log = Interaction.objects.get(kind="introduction.asked")
    assert (log.inbound, log.by, log.customer_id) == (True, "Sandra", customer.id)


def test_whom_the_vendor_adds_gets_copies_and_is_a_contact_like_any_other(customer: Customer) -> None:
    one = decided("add_introduced", name_them(customer))
    priya = Contact.objects.get(name="Priya Shah")
    assert (priya.receives_copies, priya.pays, priya.payer_id) == (True, False, payer_key(PRIYA))
    assert (one.outcome, one.decided_by, one.contact_id) == ("added", "Tom", priya.id)
    assert Contact.objects.get(name="Sandra").pays


def test_who_takes_the_letters_over_takes_them_from_whoever_had_them(customer: Customer) -> None:
    decided("add_introduced", name_them(customer, takes_over=True))
    assert Contact.objects.get(name="Priya Shah").pays
    sandra = Contact.objects.get(name="Sandra")
    assert (sandra.pays, sandra.receives_copies, sandra.ended_at) == (False, True, None)


def test_who_is_a_contact_already_gets_the_role_and_no_second_line(customer: Customer) -> None:
    actions.add_contact(
        vendor_id=customer.vendor_id, customer_id=customer.id, name="P. Shah", email=PRIYA.lower(), now=NOW, by="Tom"
    )
    decided("add_introduced", name_them(customer))
    assert Contact.objects.get(payer_id=payer_key(PRIYA)).receives_copies
    with pytest.raises(Refused, match="They get that already, as the vendor has it"):
        name_them(customer)


def test_a_vendor_may_say_no_and_a_payer_may_take_it_back(customer: Customer) -> None:
    declined = decided("decline_introduction", name_them(customer))
    assert declined.outcome == "declined"
    with pytest.raises(Refused, match="This was decided already"):
        decided("add_introduced", declined)
    again = name_them(customer)
    for _ in range(2):
        actions.withdraw_introduction(payer_id=payer_key(SANDRA), introduction_id=again.id, by="Sandra", now=NOW)
    with pytest.raises(Refused, match="This was decided already"):
        decided("add_introduced", again)
    with pytest.raises(Refused, match="The vendor has answered already"):
        actions.withdraw_introduction(payer_id=payer_key(SANDRA), introduction_id=declined.id, by="Sandra", now=NOW)
    assert Interaction.objects.filter(kind__startswith="introduction.").count() == 4
    assert not Contact.objects.filter(name="Priya Shah").exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"address": SANDRA.upper()}, "This is your own address."),
        ({"name": "=1+1"}, "Write their name, so that the vendor knows whom you mean."),
        ({"address": "priya"}, "is not an e-mail address; it has no @ sign."),
        ({"vendor_ids": []}, "Choose at least one vendor."),
    ],
)
def test_what_is_no_colleague_is_refused(customer: Customer, more: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused) as no:
        name_them(customer, **more)  # type: ignore[arg-type]
    assert sentence in no.value.sentence
    assert not Introduction.objects.exists()


def test_a_colleague_waits_once_and_ten_at_most(customer: Customer) -> None:
    name_them(customer)
    with pytest.raises(Refused, match="You have named them already"):
        name_them(customer, PRIYA.lower())
    for n in range(9):
        name_them(customer, f"p{n}@bellwether.example")
    with pytest.raises(Refused, match="Ten colleagues wait for an answer already"):
        name_them(customer, "eleventh@bellwether.example")


def test_neither_another_vendor_nor_another_payer_decides(customer: Customer) -> None:
    one, other = name_them(customer), a_vendor("other")
    with acting_for([customer.vendor_id, other.id]):
        with pytest.raises(Refused, match="There is no such colleague to add"):
            decided("add_introduced", one, other.id)
        with pytest.raises(Refused, match="There is no such colleague of yours"):
            actions.withdraw_introduction(payer_id=payer_key(PRIYA), introduction_id=one.id, by="X", now=NOW)
        with pytest.raises(Refused, match="Choose at least one vendor"):
            name_them(customer, vendor_ids=[other.id])
