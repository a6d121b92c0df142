"""Who is on the stage of the desk's tests: vendors with people, signed in as the desk asks for, or by hand."""

from datetime import UTC, datetime
from typing import Any

from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties import actions
from goodterms.parties.models import Member, Vendor

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
PASSWORD = "four words beside each other"


def a_vendor(slug: str = "tom-and-co", **more: Any) -> Vendor:
    asked = {
        "name": "Tom & Co",
        "currency": "GBP",
        "country": "GB",
        "timezone": "Europe/London",
        "forewarn_percent": None,
    } | more
    return actions.add_vendor(slug=slug, email=f"{slug}@vendor.example", now=NOW, by="operator", **asked)


def a_member(vendor: Vendor, name: str = "Elin", role: str = "owner", **more: Any) -> Member:
    email = more.pop("email", f"{name.lower()}@{vendor.slug}.example")
    with acting_for([vendor.id]):
        return actions.add_member(vendor_id=vendor.id, email=email, name=name, role=role, now=NOW, by="operator", **more)


def with_password(member: Member, password: str = PASSWORD) -> Member:
    """By the link of an invitation from the operator, as a person would."""
    with acting_for([member.vendor_id]):
        _, secret = actions.invite(
            vendor_id=member.vendor_id, email=member.person.email, name=member.person.name, role=member.role,
            now=datetime.now(UTC), by="operator", by_operator=True,
        )  # fmt: skip
        assert secret is not None
        invitation = member.invitations.latest("created_at")
        actions.accept_invitation(
            vendor_id=member.vendor_id, invitation_id=invitation.id, password=password, now=datetime.now(UTC)
        )
    return member


def as_member(member: Member) -> Client:
    """A browser in which this member is signed in with two factors."""
    client = Client()
    client.force_login(member.person)
    return client


def told(vendor: Vendor, *kinds: str) -> list[Interaction]:
    """What the log of a vendor says of these kinds, oldest first."""
    with acting_for([vendor.id]):
        return list(Interaction.objects.filter(kind__in=kinds).order_by("id"))
