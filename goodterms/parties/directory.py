"""Decides which vendor is meant by a name or an API key, and whose days are run together: those that live by the same clock."""

from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from goodterms.database.isolation import looking_up
from goodterms.database.ways_in import found
from goodterms.parties.models import ApiKey, Invitation, Vendor
from goodterms.parties.rules import key_hash
from goodterms.values.refusal import Refused


class Listed(NamedTuple):
    """What the directory tells of a vendor."""

    id: UUID
    slug: str
    name: str
    currency: str
    timezone: str
    opens_at: time
    closes_at: time
    sandbox_now: datetime | None


def everyone() -> list[Listed]:
    """All vendors of this installation, by slug."""
    with looking_up("directory", "on"):
        return [Listed(*row) for row in Vendor.objects.order_by("slug").values_list(*Listed._fields)]


def companions(vendor: Listed) -> list[Listed]:
    """Those that live by the same clock as `vendor`, itself among them: a sandbox never writes to a real payer's bundle."""
    return [one for one in everyone() if (one.sandbox_now is None) == (vendor.sandbox_now is None)]


def named(slug: str | None) -> Listed:
    """The vendor with this slug; without one the only vendor. Refuses with a list of those there are."""
    known = everyone()
    if slug is None and len(known) == 1:
        return known[0]
    for vendor in known:
        if vendor.slug == slug:
            return vendor
    names = ", ".join(vendor.slug for vendor in known) or "none yet; add one with: goodterms vendor add"
    if slug is None:
        raise Refused(f"Say for which vendor with --vendor. There are: {names}.", code="vendor")
    raise Refused(f"There is no vendor {slug!r}. There are: {names}.", code="vendor")


def vendors_listing(payer_id: UUID) -> list[UUID]:
    """The vendors that list this payer as a contact, found before any is declared."""
    return [UUID(str(vendor_id)) for (vendor_id,) in found("vendors_listing", payer_id)]


def workplaces(person_id: UUID) -> list[UUID]:
    """The vendors for whom this person works, found before any is declared."""
    return [UUID(str(vendor_id)) for (vendor_id,) in found("workplaces", person_id)]


def key_shown(secret: str) -> ApiKey | None:
    """The key that this is the secret of, unless it was revoked. Looked up by its hash before anyone is declared."""
    hashed = key_hash(secret)
    with looking_up("key", hashed):
        return ApiKey.objects.filter(key_hash=hashed, revoked_at=None).first()


def invitation_shown(secret: str) -> Invitation | None:
    """The invitation that this is the secret of, used or not. Looked up by its hash before anyone is declared."""
    hashed = key_hash(secret)
    with looking_up("secret", hashed):
        return Invitation.objects.filter(secret_sha256=hashed).first()
