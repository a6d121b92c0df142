"""Decides by which link a member sets a first password: once, within seven days, and for nobody whom others employ as well.

One person may work for several vendors. So a vendor gets no link for somebody who has a password, or who works elsewhere
too: with it one vendor could open the desk of another. Who runs the installation may; it is asked for at the command line.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.members import add_member, checked_role
from goodterms.parties.directory import workplaces
from goodterms.parties.models import Invitation, Member, Person
from goodterms.parties.rules import checked_address, key_hash
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused, to_say

LASTS = timedelta(days=7)
USED_UP = to_say("This link has been used, or is older than seven days. Ask for a new one where you got it.")


def invite(
    *,
    vendor_id: UUID,
    email: str,
    name: str,
    role: str,
    now: datetime,
    by: str,
    approves_up_to_minor: int | None = None,
    by_operator: bool = False,
) -> tuple[Member, str | None]:
    """A member, new or come back, with the secret of a link when one is needed and may be given; an older link ends."""
    member = _met(vendor_id, email)
    if member is None:
        member = add_member(
            vendor_id=vendor_id, email=email, name=name, role=role, now=now, by=by, approves_up_to_minor=approves_up_to_minor
        )  # fmt: skip
    elif member.ended_at is not None:
        _come_back(member, role, approves_up_to_minor, now, by)
    elif member.person.has_usable_password() and not by_operator:
        raise Refused("{email} is a member already, and has signed in.", code="taken", field="email", email=member.person.email)
    if not by_operator and (member.person.has_usable_password() or _works_elsewhere(member.person, vendor_id)):
        return member, None
    Invitation.objects.filter(vendor_id=vendor_id, member=member, used_at=None).update(expires_at=now)
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        id=new_key(now), vendor_id=vendor_id, member=member, secret_sha256=key_hash(secret), by_operator=by_operator,
        created_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    record(at=now, deed=Deed(vendor_id, "member.invited", by, subject_id=member.id, data={"name": member.person.name}))
    return member, secret


def accept_invitation(*, vendor_id: UUID, invitation_id: UUID, password: str, now: datetime) -> Person:
    """The person sets a password; the link is used up. A second factor follows before any desk opens."""
    found = Invitation.objects.select_for_update(of=("self",)).select_related("member__person")
    invitation = found.filter(vendor_id=vendor_id, id=invitation_id).first()
    refuse_used_up(invitation, now)
    assert invitation is not None
    person = invitation.member.person
    if not invitation.by_operator and person.has_usable_password():
        raise Refused("You have a password already. Sign in with it; this link changes nothing.", code="known")
    if not invitation.by_operator and _works_elsewhere(person, vendor_id):
        raise Refused(
            "You work for several vendors here, so none of them can hand you a link. Ask whoever runs this installation.",
            code="several",
        )
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise Refused(" ".join(weak.messages), code="password", field="password") from weak
    person.set_password(password)
    person.save(update_fields=["password"])
    invitation.used_at = now
    invitation.save(update_fields=["used_at"])
    record(at=now, deed=Deed(vendor_id, "member.accepted", person.name, subject_id=invitation.member_id))
    return person


def refuse_used_up(invitation: Invitation | None, now: datetime) -> None:
    """A link opens once, in time, and only for somebody who still works there."""
    if invitation is None or invitation.used_at or invitation.expires_at <= now or invitation.member.ended_at:
        raise Refused(USED_UP, code="invitation")


def _met(vendor_id: UUID, email: str) -> Member | None:
    found = Member.objects.select_for_update(of=("self",)).select_related("person")
    return found.filter(vendor_id=vendor_id, person__email=checked_address(email)).first()


def _come_back(member: Member, role: str, approves_up_to_minor: int | None, now: datetime, by: str) -> None:
    member.role, member.approves_up_to_minor = checked_role(role), approves_up_to_minor
    member.since_at, member.ended_at = now, None
    member.save(update_fields=["role", "approves_up_to_minor", "since_at", "ended_at"])
    data = {"role": role, "name": member.person.name}
    record(at=now, deed=Deed(member.vendor_id, "member.added", by, subject_id=member.id, data=data))


def _works_elsewhere(person: Person, vendor_id: UUID) -> bool:
    return any(other != vendor_id for other in workplaces(person.id))
