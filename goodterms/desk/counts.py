"""Decides which figures stand beside the entries of the main navigation: what waits for a person there."""

from datetime import date, datetime

from goodterms.conversations.models import Conversation
from goodterms.desk.today import queue
from goodterms.parties.rules import Viewer


def counted(viewer: Viewer, today: date, now: datetime, needed: int | None = None) -> dict[str, int]:
    """By entry; a constant number of statements for a page. `needed`: a page that has read what needs a person has counted."""
    waiting = Conversation.objects.seen_by(viewer).filter(closed_at=None).exclude(waiting_since_at=None)
    if needed is None:
        needed = sum(queue.count(queue.asked(vendor, today, now)) for vendor in viewer.vendor_ids)
    return {"today": needed, "conversations": waiting.count()}
