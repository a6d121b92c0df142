"""Decides which changes of bank details the owners are still to be told of; whoever asks again tells them nothing twice."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from goodterms.delivery.actions.letters import post
from goodterms.delivery.owners import Reader, letters
from goodterms.parties.models import BankChange, Member, Vendor

LOOKS_BACK = timedelta(days=7)  # a step that nobody wrote of by then was before this was written of at all


def tell_owners(*, vendor_id: UUID, now: datetime) -> int:
    """Write to all owners, and to the firm's own address, of every step that a change of bank details took; returns how many
    letters are new. Called with each step, and by the day, which finds what a fault left unsaid."""
    since = now - LOOKS_BACK
    recent = Q(asked_at__gt=since) | Q(confirmed_at__gt=since) | Q(used_at__gt=since) | Q(stopped_at__gt=since)
    changes = list(BankChange.objects.filter(recent, vendor_id=vendor_id).select_related("asked_by", "confirmed_by"))
    if not changes:
        return 0
    vendor = Vendor.objects.get(id=vendor_id)
    readers = _readers(vendor)
    return len(post(letters=[one for change in changes for one in letters(vendor, change, readers, now)], now=now))


def _readers(vendor: Vendor) -> list[Reader]:
    """Each address once; an owner by name even where the firm has the same."""
    owners = (
        Member.objects.filter(vendor=vendor, role="owner", ended_at=None).select_related("person").order_by("since_at", "id")
    )
    found = {vendor.email.lower(): Reader(vendor.email, vendor.name, vendor.created_at)}
    found |= {one.person.email.lower(): Reader(one.person.email, one.person.name, one.since_at) for one in owners}
    return list(found.values())
