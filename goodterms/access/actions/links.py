"""Decides what a letter's link opens: what that letter showed, after a pressed button, while its time goes on."""

import secrets
from datetime import datetime

from goodterms.access.actions.codes import count_letter
from goodterms.access.actions.sessions import Opened, end_of_notice, end_session, hashed, held, let_in, told
from goodterms.access.letters import Errand
from goodterms.access.links import Arrival, arrival
from goodterms.access.models import Link, Session
from goodterms.access.rules import link_ends
from goodterms.database.isolation import declare
from goodterms.invoicing.actions import viewed
from goodterms.parties.directory import vendors_listing
from goodterms.parties.rules import payer_key
from goodterms.reminders.models import Notice
from goodterms.values.keys import new_key


def open_by_link(*, token: str, secret: str, agent: str, now: datetime) -> Opened:
    """The pressed button of a link's page. `secret` is the cookie of the browser: one that has proven to be this payer's
    keeps what it has; any other sees what the letter showed."""
    came = _open(token, now)
    before = held(secret, now)
    if came.invoice_id is not None:
        viewed(invoice_id=came.invoice_id, payer_id=came.payer_id, now=now)
    if before and before.payer_id == came.payer_id and before.notice_id in (None, came.notice_id):
        return Opened(before, "")
    return let_in(payer_id=came.payer_id, notice_id=came.notice_id, agent=agent, now=now, before=before)


def ask_for_link(*, address: str, now: datetime, introduced_by: str = "") -> Errand | None:
    """A new link for the address, unless it had three letters in the last hour. Returns the letter to write once this is
    committed; an address that nobody lists is treated in the same way, and its letter is not written. `introduced_by`: the
    colleague who named them, which their first letter says."""
    payer_id = payer_key(address)
    if not count_letter(payer_id, now):
        return None
    token, id, vendors = secrets.token_hex(32), new_key(now), vendors_listing(payer_id)
    declare(vendors)
    shown = Notice.objects.filter(payer_id=payer_id, withdrawn_at=None).order_by("-on", "-id").values_list("id", flat=True)
    Link.objects.create(
        id=id, payer_id=payer_id, secret_sha256=hashed(token), notice_id=shown.first() or id, sent_at=now,
        expires_at=link_ends(now),
    )  # fmt: skip
    return Errand("link", payer_id, id, token, now, tuple(vendors), introduced_by)


def not_me(*, token: str, now: datetime) -> None:
    """Whoever got the letter is somebody else: its link opens nothing any more, nor do browsers that came by it, and the
    vendors read in their log that the address may be wrong."""
    came = _open(token, now)
    link = Link.objects.filter(secret_sha256=hashed(token)).first() or Link(
        id=new_key(now), payer_id=came.payer_id, secret_sha256=hashed(token), notice_id=came.notice_id, sent_at=came.sent_at,
        expires_at=came.ends_at,
    )  # fmt: skip
    link.used_up_at = now
    link.save()
    end_of_notice(came.payer_id, came.notice_id, now)
    told(came.payer_id, "payer.disowned", came.notice_id, now)


def disown(*, session: Session, now: datetime) -> None:
    """The same, said in a browser that is in: it is out, and so are all that came by its letter."""
    end_session(payer_id=session.payer_id, session_id=session.id, now=now)
    if session.notice_id is not None:
        end_of_notice(session.payer_id, session.notice_id, now)
    told(session.payer_id, "payer.disowned", session.notice_id, now)


def _open(token: str, now: datetime) -> Arrival:
    came = arrival(token, now)
    came.must_open()
    return came
