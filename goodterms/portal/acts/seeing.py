"""Decides which conversations a browser may see: the payer's own; by a letter's link those of its invoices alone, and by the
link of an answer that one conversation."""

from django.db.models import Exists, OuterRef

from goodterms.conversations.models import About, Conversation, ConversationQuerySet
from goodterms.portal.door import Visit


def threads_of(visit: Visit) -> ConversationQuerySet:
    """Of the customers that list the payer. Who came by a letter sees what is about its invoices and about no other."""
    seen: ConversationQuerySet = Conversation.objects.seen_by(visit.viewer)
    if visit.sees_all:
        return seen
    if visit.answered_in:
        return seen.filter(id=visit.answered_in)
    about = About.objects.filter(conversation=OuterRef("pk"))
    shown = visit.shown_by_letter
    return seen.filter(Exists(about.filter(invoice__in=shown)), ~Exists(about.exclude(invoice__in=shown)))
