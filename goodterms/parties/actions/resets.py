"""Decides how somebody who lost passkey, telephone or password comes in again: all of it is taken away, and one link is made.

The password goes as well: with the second factors gone it would open everything by itself. What a colleague hands out could be
kept and used by them, so it is recorded wherever the person works, and other bank details wait for somebody else (bank.py).
"""

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from goodterms.database.isolation import acting_for, looking_up
from goodterms.interactions.actions import Deed, record
from goodterms.interactions.models import Interaction
from goodterms.parties.actions.invitations import invite
from goodterms.parties.directory import workplaces
from goodterms.parties.models import Member, Person, Vendor
from goodterms.values.refusal import Refused

KIND = "person.reset"


def reset_member(*, vendor_id: UUID, member_id: UUID, asked_by: UUID | None, now: datetime, by: str) -> tuple[Member, str]:
    """The member, and the secret of a link that opens once. `asked_by`: an owner; None is who runs the installation."""
    found = Member.objects.select_related("person").select_for_update(of=("self",))
    member = found.filter(vendor_id=vendor_id, id=member_id, ended_at=None).first()
    if member is None:
        raise Refused("There is no such member.", code="not_found", field="member")
    if asked_by is not None:
        _must_be_a_second_person(member, asked_by)
    _take_away(member.person)
    _, secret = invite(
        vendor_id=vendor_id, email=member.person.email, name=member.person.name, role=member.role, now=now, by=by,
        by_operator=asked_by is None,
    )  # fmt: skip
    assert secret is not None
    with acting_for(workplaces(member.person_id)):
        for vendor in Vendor.objects.order_by("slug"):
            deed = Deed(vendor.id, KIND, by, subject_id=member.person_id, data={"name": member.person.name})
            record(at=vendor.sandbox_now or now, deed=deed)
    return member, secret


def was_reset_since(*, vendor_id: UUID, person_id: UUID, since: datetime) -> bool:
    """Whether somebody else made a way in for this person since then."""
    resets = Interaction.objects.filter(vendor_id=vendor_id, kind=KIND, subject_id=person_id)
    return resets.filter(at__gt=since).exists()


def _must_be_a_second_person(member: Member, asked_by: UUID) -> None:
    if member.person_id == asked_by:
        raise Refused(
            "You cannot do this for yourself. Another owner can, or whoever runs this installation.", code="same_person"
        )
    if any(other != member.vendor_id for other in workplaces(member.person_id)):
        raise Refused(
            f"{member.person.name} works for others here as well, so a link from you alone would open their desks too."
            " Whoever runs this installation can make one: goodterms member reset",
            code="several",
        )


def _take_away(person: Person) -> None:
    """Password, passkeys, app, recovery codes, and every browser in which they are signed in."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
    with looking_up("signin", "on"):
        Authenticator.objects.filter(user=person).delete()
        theirs = UserSession.objects.filter(user=person)
        Session.objects.filter(session_key__in=list(theirs.values_list("session_key", flat=True))).delete()
        theirs.delete()
