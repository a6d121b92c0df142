"""Who works for a vendor: invited by a link that opens once, never without an owner, never by way of another vendor."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.directory import invitation_shown
from goodterms.parties.models import Invitation, Member, Vendor
from goodterms.parties.tests.test_actions import a_vendor
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
PASSWORD = "four words beside each other"
pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def invited(
    vendor: Vendor, email: str = "ruth@quayside.example", now: datetime = NOW, **more: Any
) -> tuple[Member, str | None]:
    return actions.invite(
        vendor_id=vendor.id, email=email, name="Ruth Adeyemi", role=more.pop("role", "reader"), now=now, by="Elin", **more
    )


def accepted(vendor: Vendor, secret: str | None, now: datetime = NOW, password: str = PASSWORD) -> Any:
    invitation = invitation_shown(secret or "")
    assert invitation is not None
    return actions.accept_invitation(vendor_id=vendor.id, invitation_id=invitation.id, password=password, now=now)


def test_a_link_sets_one_password_once(vendor: Vendor) -> None:
    _, secret = invited(vendor)
    assert secret is not None
    assert secret not in str(Invitation.objects.values())
    person = accepted(vendor, secret)
    assert person.check_password(PASSWORD)
    with pytest.raises(Refused, match="This link has been used, or is older than seven days"):
        accepted(vendor, secret, password="another four words here")
    kinds = Interaction.objects.filter(kind__startswith="member.").order_by("id").values_list("kind", "by")
    assert sorted(kinds) == [("member.accepted", "Ruth Adeyemi"), ("member.added", "Elin"), ("member.invited", "Elin")]


def test_a_link_lasts_seven_days_and_a_newer_one_ends_it(vendor: Vendor) -> None:
    _, first = invited(vendor)
    _, second = invited(vendor)
    with pytest.raises(Refused, match="older than seven days"):
        accepted(vendor, first, NOW + timedelta(seconds=1))
    with pytest.raises(Refused, match="older than seven days"):
        accepted(vendor, second, NOW + timedelta(days=7))
    accepted(vendor, second, NOW + timedelta(days=6, hours=23))


def test_a_weak_password_is_refused_and_the_link_stays(vendor: Vendor) -> None:
    _, secret = invited(vendor)
    with pytest.raises(Refused, match="at least 12 characters"):
        accepted(vendor, secret, password="short")
    accepted(vendor, secret)


def test_the_link_of_somebody_who_left_opens_nothing(vendor: Vendor) -> None:
    member, secret = invited(vendor)
    actions.end_member(vendor_id=vendor.id, member_id=member.id, now=NOW, by="Elin")
    with pytest.raises(Refused, match="This link has been used"):
        accepted(vendor, secret)


def test_no_vendor_gets_a_link_into_another_vendors_desk(vendor: Vendor) -> None:
    """With such a link it could set the password of a person who works for both."""
    other = a_vendor("other")
    _, ours = invited(vendor)
    with acting_for([other.id]):
        _, theirs = invited(other)
        assert theirs is None
    with pytest.raises(Refused, match="You work for several vendors here"):
        accepted(vendor, ours)
    _, by_operator = invited(vendor, by_operator=True)
    assert accepted(vendor, by_operator).check_password(PASSWORD)


def test_no_link_changes_a_password_unless_the_operator_gave_it(vendor: Vendor) -> None:
    _, secret = invited(vendor)
    accepted(vendor, secret)
    with pytest.raises(Refused, match=r"ruth@quayside.example is a member already, and has signed in."):
        invited(vendor)
    _, again = invited(vendor, by_operator=True)
    assert accepted(vendor, again, password="another four words here").check_password("another four words here")


def test_who_left_comes_back_in_another_role(vendor: Vendor) -> None:
    member, _ = invited(vendor)
    actions.end_member(vendor_id=vendor.id, member_id=member.id, now=NOW, by="Elin")
    back, secret = invited(vendor, role="approver", now=NOW + timedelta(days=1))
    assert (back.id, back.role, back.ended_at) == (member.id, "approver", None)
    assert back.since_at == NOW + timedelta(days=1)
    assert secret is not None


def test_there_is_always_an_owner(vendor: Vendor) -> None:
    elin, _ = invited(vendor, "elin@vendor.example", role="owner")
    ways: list[Any] = [
        lambda: actions.end_member(vendor_id=vendor.id, member_id=elin.id, now=NOW, by="Elin"),
        lambda: actions.change_member(
            vendor_id=vendor.id, member_id=elin.id, role="reader", approves_up_to_minor=None, now=NOW, by="Elin"
        ),
    ]
    for way in ways:
        with pytest.raises(Refused, match=r"is the only owner\. Make somebody else an owner first."):
            way()
    invited(vendor, "daniel@vendor.example", role="owner")
    ways[0]()
    assert Member.objects.filter(role="owner", ended_at=None).count() == 1


def test_a_role_changes_on_record(vendor: Vendor) -> None:
    member, _ = invited(vendor)
    actions.change_member(
        vendor_id=vendor.id, member_id=member.id, role="approver", approves_up_to_minor=200_000, now=NOW, by="Elin"
    )
    deed = Interaction.objects.get(kind="member.changed")
    assert deed.data == {"role": "approver", "approves_up_to_minor": 200_000, "name": "Ruth Adeyemi"}
    with pytest.raises(Refused, match="'emperor' is not a role"):
        actions.change_member(
            vendor_id=vendor.id, member_id=member.id, role="emperor", approves_up_to_minor=None, now=NOW, by="Elin"
        )


def test_a_vendor_says_anew_who_it_is_and_when_it_is_open(vendor: Vendor) -> None:
    changes: dict[str, Any] = {
        "name": "Tom &  Daughters", "legal_name": "Tom & Daughters Ltd", "address": " 14 Welsh Back \n\nBristol ",
        "email": "us@vendor.example", "opens_at": time(8), "closes_at": time(17, 30), "tone": "formal", "language": "id",
    }  # fmt: skip
    changed = actions.change_vendor(vendor_id=vendor.id, changes=changes, now=NOW, by="Elin")
    assert (changed.name, changed.address) == ("Tom & Daughters", "14 Welsh Back\nBristol")
    assert Interaction.objects.get(kind="vendor.changed").data["opens_at"] == {"was": "09:00:00", "is": "08:00:00"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "a name"),
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"tax_id": "GB 123"}, "cannot be a tax id of GB"),
        ({"opens_at": time(18)}, "The day begins before it ends"),
        ({"bank": {"iban": "DE00"}}, "'bank' is not something that can be set here"),
        ({"slug": "other"}, "'slug' is not something that can be set here"),
        ({"tone": "rude"}, "cannot be kept"),
    ],
)
def test_a_vendor_cannot_say_everything(vendor: Vendor, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.change_vendor(vendor_id=vendor.id, changes=changes, now=NOW, by="Elin")


def test_a_key_with_an_id_is_made_once(vendor: Vendor) -> None:
    given: dict[str, Any] = {"vendor_id": vendor.id, "name": "Board", "scopes": ["invoices:read"], "now": NOW, "by": "Elin"}
    key, _ = actions.add_api_key(**given)
    with pytest.raises(Refused, match="This key was made already, and its secret shown"):
        actions.add_api_key(**given, key_id=key.id)
