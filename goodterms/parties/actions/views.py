"""Keeps filters of a list under a name, for the member who uses them, and lets them go."""

from datetime import datetime
from uuid import UUID

from goodterms.parties.actions.rows import a_name
from goodterms.parties.models import SavedView
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

MOST_VIEWS = 7
LONGEST_QUERY = 500


def save_view(*, vendor_id: UUID, member_id: UUID, page: str, name: str, query: str, now: datetime) -> SavedView:
    """Keep `query`, what stands in the address of a list, as `name`; the same name again replaces it."""
    called = a_name(name)[:40]
    if len(query) > LONGEST_QUERY:
        raise Refused("This view asks for more than can be kept. Leave something out.", code="view", field="name")
    others = SavedView.objects.filter(vendor_id=vendor_id, member_id=member_id, page=page).exclude(name=called)
    if others.count() >= MOST_VIEWS:
        raise Refused(f"There are {MOST_VIEWS} views already. Let one go first.", code="view", field="name")
    view, _ = SavedView.objects.update_or_create(
        vendor_id=vendor_id, member_id=member_id, page=page, name=called,
        defaults={"query": query}, create_defaults={"id": new_key(now), "query": query, "created_at": now},
    )  # fmt: skip
    return view


def forget_view(*, vendor_id: UUID, member_id: UUID, view_id: UUID) -> None:
    """Let a view go; one that is gone already stays gone."""
    SavedView.objects.filter(id=view_id, vendor_id=vendor_id, member_id=member_id).delete()
