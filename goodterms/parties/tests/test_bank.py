"""Bank details change by two people and two days, and by nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.due import use_confirmed_banks
from goodterms.parties.models import BankChange, Member, Vendor
from goodterms.parties.rules import checked_bank
from goodterms.parties.tests.test_actions import a_vendor
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 9, 52, tzinfo=UTC)
OLD = {"name": "Bank of Severn", "sort_code": "30-18-77", "account": "0041 8203"}
NEW = {"name": "Bank of Severn", "sort_code": "301877", "account": "0055 1960"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor(bank=OLD)
    with acting_for([vendor.id]):
        yield vendor


def a_member(vendor: Vendor, name: str, role: str, now: datetime = NOW - timedelta(days=90)) -> Member:
    email = f"{name}@vendor.example"
    return actions.add_member(vendor_id=vendor.id, email=email, name=name, role=role, now=now, by="operator")


def asked(vendor: Vendor, by: Member) -> BankChange:
    return actions.ask_bank_change(vendor_id=vendor.id, bank=NEW, member=by, now=NOW, by=by.person.name)


def confirmed(change: BankChange, by: Member, now: datetime = NOW) -> BankChange:
    return actions.confirm_bank_change(vendor_id=change.vendor_id, change_id=change.id, member=by, now=now, by=by.person.name)


def in_use(vendor: Vendor) -> str:
    return str(Vendor.objects.get(id=vendor.id).bank["account"])


def test_two_people_and_two_days_change_the_account(vendor: Vendor) -> None:
    elin, tom = a_member(vendor, "Elin", "owner"), a_member(vendor, "Tom", "bookkeeper")
    change = asked(vendor, elin)
    assert in_use(vendor) == "0041 8203"
    assert confirmed(change, tom).from_at == NOW + timedelta(hours=48)
    for later, counted, account in ((timedelta(hours=47, minutes=59), 0, "0041 8203"), (timedelta(hours=48), 1, "0055 1960")):
        assert use_confirmed_banks(vendor_id=vendor.id, now=NOW + later) == counted
        assert in_use(vendor) == account
    assert use_confirmed_banks(vendor_id=vendor.id, now=NOW + timedelta(days=9)) == 0
    told = Interaction.objects.filter(kind__startswith="bank.").values_list("kind", "by")
    assert sorted(told) == [("bank.asked", "Elin"), ("bank.changed", "the clock"), ("bank.confirmed", "Tom")]
    assert Interaction.objects.get(kind="bank.changed").data["was"] == OLD


def test_who_asked_cannot_confirm(vendor: Vendor) -> None:
    elin = a_member(vendor, "Elin", "owner")
    with pytest.raises(Refused, match=r"You asked for it, so you cannot confirm it\. Another owner or a bookkeeper can."):
        confirmed(asked(vendor, elin), elin)


def test_nobody_is_hired_to_confirm(vendor: Vendor) -> None:
    change = asked(vendor, a_member(vendor, "Elin", "owner"))
    with pytest.raises(Refused, match="You began to work here after this was asked for"):
        confirmed(change, a_member(vendor, "Mallory", "bookkeeper", NOW + timedelta(minutes=1)))


def reset(vendor: Vendor, member: Member, by: Member, now: datetime) -> None:
    actions.reset_member(vendor_id=vendor.id, member_id=member.id, asked_by=by.person_id, now=now, by=by.person.name)


@pytest.mark.parametrize("hours", [-47, 1])
def test_who_was_handed_a_way_in_lately_does_not_confirm(vendor: Vendor, hours: int) -> None:
    """Else one owner could ask, make a link for a colleague, open it, and confirm."""
    elin, tom = a_member(vendor, "Elin", "owner"), a_member(vendor, "Tom", "bookkeeper")
    change = asked(vendor, elin)
    reset(vendor, tom, elin, NOW + timedelta(hours=hours))
    with pytest.raises(Refused, match="Your sign-in was set anew less than 48 hours before this was asked for, or since"):
        confirmed(change, tom, NOW + timedelta(days=9))
    assert confirmed(change, a_member(vendor, "Daniel", "owner")).confirmed_at


def test_who_was_handed_a_way_in_lately_does_not_ask_either(vendor: Vendor) -> None:
    elin, daniel = a_member(vendor, "Elin", "owner"), a_member(vendor, "Daniel", "owner")
    reset(vendor, daniel, elin, NOW - timedelta(hours=47))
    with pytest.raises(Refused, match="Your sign-in was set anew less than 48 hours ago"):
        asked(vendor, daniel)
    with acting_for([vendor.id]):
        change = actions.ask_bank_change(
            vendor_id=vendor.id, bank=NEW, member=daniel, now=NOW + timedelta(hours=2), by="Daniel"
        )
    assert confirmed(change, elin, NOW + timedelta(hours=3)).confirmed_at


@pytest.mark.parametrize("role", ["approver", "receivables manager", "reader"])
def test_weight_is_needed_to_confirm_and_an_owner_to_ask(vendor: Vendor, role: str) -> None:
    elin, other = a_member(vendor, "Elin", "owner"), a_member(vendor, "Other", role)
    for asker in (other, a_member(vendor, "Tom", "bookkeeper")):
        with pytest.raises(Refused, match="An owner can ask for other bank details"):
            asked(vendor, asker)
    with pytest.raises(Refused, match=f"Your role here is {role}. An owner or a bookkeeper can confirm this."):
        confirmed(asked(vendor, elin), other)


def test_it_cannot_be_hurried(vendor: Vendor) -> None:
    elin, tom = a_member(vendor, "Elin", "owner"), a_member(vendor, "Tom", "bookkeeper")
    change = asked(vendor, elin)
    with pytest.raises(Refused, match="It cannot be hurried"):
        actions.use_bank(vendor_id=vendor.id, change_id=change.id, now=NOW + timedelta(days=30))
    confirmed(change, tom)
    confirmed(change, tom, NOW + timedelta(hours=40))  # a second press moves nothing
    with pytest.raises(Refused, match="It cannot be hurried"):
        actions.use_bank(vendor_id=vendor.id, change_id=change.id, now=NOW + timedelta(hours=47))
    change.refresh_from_db()
    assert change.confirmed_at == NOW


def test_what_was_stopped_never_comes_into_use(vendor: Vendor) -> None:
    elin, tom = a_member(vendor, "Elin", "owner"), a_member(vendor, "Tom", "bookkeeper")
    change = confirmed(asked(vendor, elin), tom)
    actions.stop_bank_change(vendor_id=vendor.id, change_id=change.id, now=NOW + timedelta(hours=47), by="Tom")
    assert use_confirmed_banks(vendor_id=vendor.id, now=NOW + timedelta(days=3)) == 0
    with pytest.raises(Refused, match="This change is over"):
        confirmed(change, tom)
    assert asked(vendor, elin).id != change.id


def test_one_change_at_a_time(vendor: Vendor) -> None:
    elin = a_member(vendor, "Elin", "owner")
    asked(vendor, elin)
    with pytest.raises(Refused, match=r"A change is under way already\. Stop that one first"):
        asked(vendor, elin)


def test_the_first_account_is_used_at_once_and_the_next_is_not(vendor: Vendor) -> None:
    """A firm of one person has nobody to confirm its first account, and no other is in use that a thief would replace."""
    elin = a_member(vendor, "Elin", "owner")
    Vendor.objects.filter(id=vendor.id).update(bank={})
    assert asked(vendor, elin).used_at == NOW
    assert in_use(vendor) == "0055 1960"
    actions.ask_bank_change(vendor_id=vendor.id, bank=OLD, member=elin, now=NOW, by="Elin")
    assert in_use(vendor) == "0055 1960"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"iban": "GB96SEVN30187700418203"}, "Name the bank"),
        ({"name": "Severn", "iban": "GB97SEVN30187700418203"}, "cannot be an IBAN: its check digits do not fit"),
        ({"name": "Severn", "iban": "GB96SEVN30187700418203", "bic": "SEV"}, "is not a BIC"),
        ({"name": "Severn"}, "Give an IBAN, or an account number"),
        ({"name": "Severn", "account": "<b>"}, "is not an account number"),
        ({"name": "Severn", "account": "0041 8203", "sort_code": "3018"}, "is not a sort code"),
    ],
)
def test_what_cannot_be_an_account_is_refused(said: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        checked_bank(said)


def test_an_account_is_kept_in_one_form() -> None:
    assert checked_bank({"name": " Bank  of Severn ", "iban": "gb96 sevn 3018 7700 4182 03", "bic": "sevngb2b"}) == {
        "name": "Bank of Severn", "iban": "GB96SEVN30187700418203", "bic": "SEVNGB2B",
    }  # fmt: skip
    assert checked_bank(NEW)["sort_code"] == "30-18-77"
