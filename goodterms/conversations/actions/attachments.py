"""Decides how files come to stand with a message, once it is known that they may."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.threads import locked, tell
from goodterms.conversations.models import Attachment, Message
from goodterms.conversations.rules import File, check_count, check_file
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused


@transaction.atomic
def attach(
    *, conversation_id: UUID, files: Sequence[File], by: str, now: datetime, message_id: UUID | None = None
) -> list[Attachment]:
    """Keep `files` with a message of a conversation: the one named, else the last that was said, so that a door asks,
    disputes or replies and then attaches, in one transaction. All of them or none; nothing to attach is no fault."""
    if not files:
        return []
    thread = locked(conversation_id)
    message = _message(thread.id, message_id)
    check_count(len(files) + message.attachments.count())
    checked = [check_file(file) for file in files]
    kept = Attachment.objects.bulk_create(
        Attachment(
            id=key, vendor_id=thread.vendor_id, conversation=thread, message=message, name=known.name,
            media_type=known.media_type, size=len(file.content), sha256=hashlib.sha256(file.content).digest(),
            content=file.content, by=by, at=now,
        )
        for key, file, known in zip(new_keys(now, len(files)), files, checked, strict=True)
    )  # fmt: skip
    data = {"files": [one.name for one in kept], "sha256": [bytes(one.sha256).hex() for one in kept]}
    tell(thread, "files.attached", by=by, now=now, inbound=message.inbound, data=data)
    return kept


def _message(conversation_id: UUID, message_id: UUID | None) -> Message:
    said = Message.objects.filter(conversation_id=conversation_id, withdrawn_at=None)
    found = (said.filter(id=message_id) if message_id else said.order_by("-at", "-position", "-id")).first()
    if found is None:
        raise Refused("There is no such message in this conversation.", code="not_found")
    return found
