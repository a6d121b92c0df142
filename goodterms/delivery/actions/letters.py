"""Decides how a letter comes to be ready, with its bytes frozen, and how it is taken back before it leaves."""

import hashlib
import zlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from goodterms.database import staging
from goodterms.delivery.mime import Attachment, Mail, Mailbox, mail_bytes
from goodterms.delivery.models import Body
from goodterms.delivery.rules import Event, State, after, message_id
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused


class Draft(NamedTuple):
    """A letter about to be posted. `dedupe_key` (rules.dedupe_key) is its name: a second one with it is not posted."""

    vendors: tuple[UUID, ...]
    payer_id: UUID | None
    kind: str
    channel: str  # email, post
    recipient: str  # an address; on paper the name and address lines
    dedupe_key: str
    not_before: datetime
    subject: str
    text: str
    html: str
    sender_name: str
    reply_to: str = ""  # where answers go; empty: to the sender's own address
    expires_at: datetime | None = None
    unsubscribe_url: str = ""
    recipient_name: str = ""
    resend_of: UUID | None = None
    id: UUID | None = None  # where the caller needs to know it beforehand
    attachments: tuple[Attachment, ...] = ()
    page: bytes = b""  # what is printed, as PDF, where it goes by post


def post(*, letters: Sequence[Draft], now: datetime) -> dict[str, UUID]:
    """Freeze these letters and make them ready, all with a constant number of statements.

    Returns the ids of those that are new, by dedupe key: one that was posted before stays as it is, in its first words.
    """
    if not letters:
        return {}
    by_id = {draft.id or key: draft for key, draft in zip(new_keys(now, len(letters)), letters, strict=True)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists new_letter, new_body")
        staging.stage("new_letter", "delivery_letter", _LETTER, _letter_rows(by_id, now))
        columns = ", ".join(_LETTER)
        cursor.execute(
            f"insert into delivery_letter ({columns}, attempts, fence, server, answer)"
            f" select {columns}, 0, 0, '', '' from new_letter on conflict (dedupe_key) do nothing returning id"
        )
        won = [id for (id,) in cursor.fetchall()]
        staging.stage("new_body", "delivery_body", _BODY, _body_rows({id: by_id[id] for id in won}, now))
        staging.insert("delivery_body", "new_body", _BODY)
    return {by_id[id].dedupe_key: id for id in won}


def withdraw(*, letters: Collection[UUID], event: Event, reason: str, now: datetime) -> list[UUID]:
    """Take back letters that have not left (`event`: held, cancelled, superseded or expired). Returns those that were in time.

    One that a worker is sending is left alone: the worker asks once more before the dot.
    """
    state = after(State.READY, event)
    with connection.cursor() as cursor:
        cursor.execute(
            "update delivery_letter set state = %s, answer = %s, settled_at = %s"
            " where id = any(%s) and state in ('planned', 'ready', 'held') returning id",
            [state, reason, now, list(letters)],
        )
        return [id for (id,) in cursor.fetchall()]


def bytes_of(*, letter_id: UUID) -> bytes:
    """The frozen bytes of a letter, for those who may act for all vendors that speak in it."""
    body = Body.objects.filter(letter_id=letter_id).first()
    if body is None:
        raise Refused("There is no such letter, or it is another vendor's as well.", code="unknown")
    return zlib.decompress(body.packed)


_LETTER = (
    "id", "vendors", "payer_id", "kind", "channel", "recipient", "dedupe_key", "message_id", "state", "not_before",
    "expires_at", "resend_of_id", "created_at",
)  # fmt: skip
_BODY = ("letter_id", "vendors", "subject", "packed", "sha256")


def _letter_rows(letters: dict[UUID, Draft], now: datetime) -> Iterator[tuple[object, ...]]:
    for id, draft in letters.items():
        yield (
            id, draft.vendors, draft.payer_id, draft.kind, draft.channel, draft.recipient, draft.dedupe_key,
            name_of(draft.dedupe_key), State.READY, draft.not_before, draft.expires_at, draft.resend_of, now,
        )  # fmt: skip


def _body_rows(letters: dict[UUID, Draft], now: datetime) -> Iterator[tuple[object, ...]]:
    for id, draft in letters.items():
        raw = frozen(draft, now)
        yield id, draft.vendors, draft.subject, zlib.compress(raw, 1), hashlib.sha256(raw).digest()


def frozen(draft: Draft, now: datetime) -> bytes:
    """The very bytes that leave: a whole message for e-mail, a PDF for the printer."""
    if draft.channel == "post":
        return draft.page
    own = Mailbox(f"notices@{settings.MAIL_DOMAIN}", draft.sender_name)
    return mail_bytes(
        Mail(
            message_id=name_of(draft.dedupe_key),
            sent_at=now,
            sender=own,
            recipient=Mailbox(draft.recipient, draft.recipient_name),
            reply_to=Mailbox(draft.reply_to, draft.sender_name) if draft.reply_to else None,
            subject=draft.subject,
            text=draft.text,
            html=draft.html,
            attachments=draft.attachments,
            unsubscribe_url=draft.unsubscribe_url if draft.unsubscribe_url.startswith("https:") else "",
        )
    )


def name_of(dedupe_key: str) -> str:
    """The Message-ID of the letter with this key, the same on every attempt and after every restart."""
    return message_id(settings.SECRET_KEY.encode(), dedupe_key, settings.MAIL_DOMAIN)
