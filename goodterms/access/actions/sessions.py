"""Decides how a browser is let in, and how it is let go."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from goodterms.access.models import Session
from goodterms.access.rules import device_of, session_ends
from goodterms.database.ways_in import tell
from goodterms.interactions.actions import Deed, record_all
from goodterms.parties.models import Contact
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


class Opened(NamedTuple):
    """A session, and the secret for its browser's cookie; empty where the browser keeps the one that it has."""

    session: Session
    secret: str


def hashed(secret: str) -> str:
    """What is kept of a secret of 256 bits. Plain sha256: there is nothing to guess."""
    return sha256(secret.encode()).hexdigest()


def held(secret: str, now: datetime) -> Session | None:
    """The session whose cookie a browser shows, while it runs."""
    if not secret:
        return None
    tell(secret=hashed(secret))
    return Session.objects.filter(secret_sha256=hashed(secret), ended_at=None, expires_at__gt=now).first()


def let_in(
    *, payer_id: UUID, notice_id: UUID | None, agent: str, now: datetime, before: Session | None, own_device: bool = False
) -> Opened:
    """A new session with a secret of its own; the one that this browser had before is over, since its cookie is replaced."""
    tell(payer=str(payer_id))
    secret = secrets.token_urlsafe(32)
    session = Session(
        id=new_key(now), payer_id=payer_id, secret_sha256=hashed(secret), notice_id=notice_id, device=device_of(agent),
        opened_at=now, expires_at=session_ends(now, own_device=own_device),
    )  # fmt: skip
    session.save(force_insert=True)
    if before is not None:
        _end([before.id], now)
    told(payer_id, "session.opened", session.id, now, {"shows": "the letter" if notice_id else "everything"})
    return Opened(session, secret)


def end_session(*, payer_id: UUID, session_id: UUID, now: datetime) -> None:
    """One browser of the payer is out, at once."""
    tell(payer=str(payer_id))
    if not Session.objects.filter(id=session_id, payer_id=payer_id).exists():
        raise Refused("There is no such browser of yours.", code="not_found")
    if _end([session_id], now):
        told(payer_id, "session.ended", session_id, now)


def end_all(*, payer_id: UUID, now: datetime) -> int:
    """Every browser of the payer is out. Returns how many were in."""
    tell(payer=str(payer_id))
    running = Session.objects.filter(payer_id=payer_id, ended_at=None, expires_at__gt=now)
    count = _end(list(running.values_list("id", flat=True)), now)
    if count:
        told(payer_id, "session.ended", None, now, {"browsers": count})
    return count


def end_of_notice(payer_id: UUID, notice_id: UUID, now: datetime) -> int:
    """Browsers that came by one letter are out."""
    tell(payer=str(payer_id))
    running = Session.objects.filter(payer_id=payer_id, notice_id=notice_id, ended_at=None)
    return _end(list(running.values_list("id", flat=True)), now)


def told(payer_id: UUID, kind: str, subject_id: UUID | None, now: datetime, data: dict[str, object] | None = None) -> None:
    """It stands in the log of each customer that lists the payer, as far as their vendors are declared."""
    listing = Contact.objects.current().filter(payer_id=payer_id).order_by("vendor_id", "customer_id")
    deeds = [
        Deed(vendor, kind, "customer", customer, None, payer_id, subject_id, "portal", inbound=True, data=data or {})
        for vendor, customer in listing.values_list("vendor_id", "customer_id").distinct()
    ]
    record_all(at=now, deeds=deeds)


def _end(sessions: list[UUID], now: datetime) -> int:
    return Session.objects.filter(id__in=sessions, ended_at=None).update(ended_at=now)
