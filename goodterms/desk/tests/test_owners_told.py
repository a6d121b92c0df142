"""Whoever changes the account, all owners and the firm's own address hear of it when asked for, confirmed and in use, once."""

import zlib
from datetime import timedelta

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import tell_owners
from goodterms.delivery.models import Body, Letter
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.parties.actions import add_member, ask_bank_change, end_member
from goodterms.parties.due import use_confirmed_banks
from goodterms.parties.models import BankChange, Member, Vendor

pytestmark = pytest.mark.django_db
OLD = {"name": "Bank of Severn", "iban": "GB96SEVN30187700418203", "bic": "SEVNGB2B"}
NEW = {"name": "Aire Bank", "sort_code": "30-18-77", "account": "0055 1960"}
HOME = "/at/tom-and-co/settings/bank/"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(bank=OLD, sandbox_now=NOW)


@pytest.fixture
def people(vendor: Vendor) -> dict[str, Member]:
    roles = {"Elin": "owner", "Daniel": "owner", "Tom": "bookkeeper", "Priya": "approver"}
    return {name: a_member(vendor, name, role) for name, role in roles.items()}


def letters(vendor: Vendor) -> list[tuple[str, str, str]]:
    """To whom, with which heading, and the words; in the order in which they were posted."""
    with acting_for([vendor.id]):
        found = Body.objects.filter(letter__kind="bank").select_related("letter").order_by("letter__id")
        return [(one.letter.recipient, one.subject, zlib.decompress(one.packed).decode()) for one in found]


def headings(vendor: Vendor) -> list[tuple[str, str]]:
    return sorted((to, subject.removeprefix("Tom & Co: ")) for to, subject, _ in letters(vendor))


def change_of(vendor: Vendor) -> BankChange:
    with acting_for([vendor.id]):
        return BankChange.objects.get()


def day(vendor: Vendor, hours: float) -> None:
    """As the clock does it, so many hours later."""
    now = NOW + timedelta(hours=hours)
    with acting_for([vendor.id]):
        use_confirmed_banks(vendor_id=vendor.id, now=now)
        tell_owners(vendor_id=vendor.id, now=now)


EVERYBODY = ["daniel@tom-and-co.example", "elin@tom-and-co.example", "tom-and-co@vendor.example"]


def test_every_step_is_told_once_to_all_owners_and_the_firm(vendor: Vendor, people: dict[str, Member]) -> None:
    as_member(people["Elin"]).post(HOME, NEW)
    assert headings(vendor) == [(to, "other bank details were asked for") for to in EVERYBODY]
    words = letters(vendor)[0][2]
    for said in (
        "Elin asked for other bank details on 16 November 2026 at 10:20",
        "Aire Bank, 30-18-77, 0055 1960",
        "GB96 SEVN 3018 7700 4182 03",
        "stop it: everybody who works there can",
        "/at/tom-and-co/settings/#bank",
    ):
        assert said in words.replace("=\n", "").replace("\n", " ").replace("  ", " "), said
    as_member(people["Tom"]).post(f"{HOME}{change_of(vendor).id}/confirm/")
    assert [one for one in headings(vendor) if "come into use" in one[1]] == [
        (to, "other bank details come into use on 18 November 2026") for to in EVERYBODY
    ]
    for hours in (1, 47, 48, 48.25, 72):
        day(vendor, hours)
    assert [to for to, subject in headings(vendor) if subject == "other bank details are in use"] == EVERYBODY
    assert len(letters(vendor)) == 9
    assert "Elin had asked for them, and Tom had confirmed them." in letters(vendor)[-1][2].replace("=\n", "")


def test_who_asks_twice_and_what_is_refused_tells_nobody_anything_new(vendor: Vendor, people: dict[str, Member]) -> None:
    elin = as_member(people["Elin"])
    elin.post(HOME, NEW)
    assert elin.post(HOME, NEW).status_code == 409
    assert elin.post(f"{HOME}{change_of(vendor).id}/confirm/").status_code == 409
    assert elin.post(HOME, {"name": "Severn", "iban": "GB97SEVN30187700418203"}).status_code == 409
    for _ in range(3):
        with acting_for([vendor.id]):
            assert tell_owners(vendor_id=vendor.id, now=NOW) == 0
    assert len(letters(vendor)) == 3


def test_what_a_fault_left_unsaid_the_day_says(vendor: Vendor, people: dict[str, Member]) -> None:
    with acting_for([vendor.id]):
        ask_bank_change(vendor_id=vendor.id, bank=NEW, member=people["Elin"], now=NOW, by="Elin")
    assert letters(vendor) == []
    day(vendor, 0.25)
    assert len(letters(vendor)) == 3


def test_a_change_that_was_stopped_is_told_too(vendor: Vendor, people: dict[str, Member]) -> None:
    as_member(people["Elin"]).post(HOME, NEW)
    as_member(people["Priya"]).post(f"{HOME}{change_of(vendor).id}/stop/")
    assert [to for to, subject in headings(vendor) if subject == "the bank details stay as they are"] == EVERYBODY


def test_the_first_account_of_a_firm_of_one_is_one_letter_to_an_address_that_is_both() -> None:
    vendor = a_vendor("alone", sandbox_now=NOW)
    ada = a_member(vendor, "Ada", email="Alone@vendor.example")
    as_member(ada).post("/at/alone/settings/bank/", NEW)
    assert [(to.lower(), subject) for to, subject, _ in letters(vendor)] == [
        ("alone@vendor.example", "Tom & Co: the first bank details")
    ]


def test_who_is_no_owner_any_more_or_was_none_yet_hears_nothing(vendor: Vendor, people: dict[str, Member]) -> None:
    with acting_for([vendor.id]):
        end_member(vendor_id=vendor.id, member_id=people["Daniel"].id, now=NOW, by="Elin")
    as_member(people["Elin"]).post(HOME, NEW)
    later = NOW + timedelta(hours=1)
    with acting_for([vendor.id]):
        add_member(vendor_id=vendor.id, email="new@tom-and-co.example", name="New", role="owner", now=later, by="Elin")
    day(vendor, 2)
    assert [to for to, _ in headings(vendor)] == ["elin@tom-and-co.example", "tom-and-co@vendor.example"]


def test_they_are_said_in_the_language_of_the_house() -> None:
    vendor = a_vendor("warung", bank=OLD, sandbox_now=NOW, language="id")
    as_member(a_member(vendor, "Sari")).post("/at/warung/settings/bank/", NEW)
    assert {subject for _, subject, _ in letters(vendor)} == {"Tom & Co: rekening bank lain diminta"}
    with acting_for([vendor.id]):
        assert not Letter.objects.exclude(payer=None).exists()
