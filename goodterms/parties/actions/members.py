"""Decides who works for a vendor and as what; and what stands in the log of those who work somewhere when they sign in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from goodterms.database.isolation import acting_for, looking_up
from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.rows import a_name, insert
from goodterms.parties.directory import workplaces
from goodterms.parties.models import Member, Person, Vendor
from goodterms.parties.rules import ROLES, checked_address
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


def add_member(
    *, vendor_id: UUID, email: str, name: str, role: str, now: datetime, by: str, approves_up_to_minor: int | None = None
) -> Member:
    """Somebody who works for the vendor; the person is the same for every vendor with that address."""
    checked_role(role)
    new = {"id": new_key(now), "name": a_name(name), "password": UNUSABLE_PASSWORD_PREFIX}
    with looking_up("signin", "on"):  # somebody who works for others only is not seen from here
        person, _ = Person.objects.get_or_create(email=checked_address(email), defaults=new)
    member = Member(
        id=new_key(now), vendor_id=vendor_id, person=person, role=role, approves_up_to_minor=approves_up_to_minor, since_at=now
    )
    insert(member, f"{person.email} is a member already.", "email")
    record(at=now, deed=Deed(vendor_id, "member.added", by, subject_id=member.id, data={"role": role, "name": person.name}))
    return member


def change_member(
    *, vendor_id: UUID, member_id: UUID, role: str, approves_up_to_minor: int | None, now: datetime, by: str
) -> Member:
    """Another role, or another sum up to which they approve (None: any). There is always an owner."""
    member = _locked(vendor_id, member_id)
    if checked_role(role) != "owner":
        _another_owner(member)
    data = {"role": role, "approves_up_to_minor": approves_up_to_minor, "name": member.person.name}
    if (member.role, member.approves_up_to_minor) != (role, approves_up_to_minor):
        member.role, member.approves_up_to_minor = role, approves_up_to_minor
        member.save(update_fields=["role", "approves_up_to_minor"])
        record(at=now, deed=Deed(vendor_id, "member.changed", by, subject_id=member.id, data=data))
    return member


def end_member(*, vendor_id: UUID, member_id: UUID, now: datetime, by: str) -> Member:
    """From now on this person finds no desk here. The last owner stays."""
    member = _locked(vendor_id, member_id)
    _another_owner(member)
    member.ended_at = now
    member.save(update_fields=["ended_at"])
    record(at=now, deed=Deed(vendor_id, "member.ended", by, subject_id=member.id, data={"name": member.person.name}))
    return member


def record_at_workplaces(*, person: Person, kind: str, now: datetime, data: dict[str, Any] | None = None) -> None:
    """What a person did about their own sign-in stands in the log of every vendor for whom they work."""
    with acting_for(workplaces(person.id)):
        for vendor in Vendor.objects.order_by("slug"):
            record(at=vendor.sandbox_now or now, deed=Deed(vendor.id, kind, person.name, subject_id=person.id, data=data or {}))


def set_single_keys(*, person_id: UUID, on: bool) -> None:
    """Whether letters on the keyboard act for this person, at whichever desk."""
    Person.objects.filter(id=person_id).update(single_keys=on)


def checked_role(role: str) -> str:
    if role not in ROLES:
        raise Refused(f"{role!r} is not a role; there are {', '.join(ROLES)}.", code="role", field="role")
    return role


def _locked(vendor_id: UUID, member_id: UUID) -> Member:
    """The member; owners are locked together, so that two of them cannot leave at once."""
    owners = Member.objects.filter(vendor_id=vendor_id, role="owner", ended_at=None)
    list(owners.select_for_update().order_by("id"))
    found = Member.objects.select_for_update(of=("self",)).select_related("person")
    member = found.filter(vendor_id=vendor_id, id=member_id, ended_at=None).first()
    if member is None:
        raise Refused("There is no such member.", code="not_found", field="member")
    return member


def _another_owner(member: Member) -> None:
    owners = Member.objects.filter(vendor_id=member.vendor_id, role="owner", ended_at=None)
    if member.role == "owner" and not owners.exclude(id=member.id).exists():
        raise Refused(
            f"{member.person.name} is the only owner. Make somebody else an owner first.", code="last_owner", field="role"
        )
