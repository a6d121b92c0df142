"""Decides which figures stand beside the entries of the main navigation: what waits for a person there."""

from goodterms.conversations.models import Conversation
from goodterms.parties.rules import Viewer


def counted(viewer: Viewer) -> dict[str, int]:
    """By entry; one statement for a page."""
    return {"conversations": Conversation.objects.seen_by(viewer).filter(closed_at=None).exclude(waiting_since_at=None).count()}
