"""Decides what it does that an invoice about to be issued is not as agreed: it goes on waiting, and our clock runs."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.threads import open_thread, tell
from goodterms.conversations.models import Conversation
from goodterms.invoicing import actions as invoicing


@transaction.atomic
def object_beforehand(*, forewarning_id: UUID, payer_id: UUID, words: str, now: datetime) -> Conversation | None:
    """Their words open a question about the draft, which waits until it is changed or a person decides; None where the same
    was said before, since a form may be sent twice."""
    word = invoicing.object_to(forewarning_id=forewarning_id, payer_id=payer_id, words=words, now=now)
    if not word.is_new:
        return None
    invoice = word.row.invoice
    thread = open_thread(
        kind="question", invoices=[invoice], vendor=invoice.vendor, words=words, by=word.by, role="payer", now=now,
        payer_id=payer_id,
    )  # fmt: skip
    tell(thread, "question.asked", by=word.by, now=now, inbound=True, channel="portal", payer_id=payer_id)
    return thread
