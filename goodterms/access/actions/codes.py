"""Decides how six figures are sent and what they open: everything of the payer, in the browser that asked for them.

An address that nobody lists is treated in the same way: its figures go nowhere, and open nothing. The letter is written when
the request is answered, so neither the answer nor its time tells whether an address is known (T20).
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from goodterms.access.actions.sessions import Opened, hashed, held, let_in
from goodterms.access.letters import Errand
from goodterms.access.models import Code, Link
from goodterms.access.rules import CODE_HOLDS, FIGURES, NO_CODE, TRIES, Asked, may_send, no_match, plain_figures, tried
from goodterms.database.isolation import declare
from goodterms.database.ways_in import tell
from goodterms.parties.actions import verify_payer
from goodterms.parties.directory import vendors_listing
from goodterms.parties.rules import payer_key
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


def ask_for_code(*, address: str, now: datetime) -> tuple[str, Errand | None]:
    """Six figures for the browser that asks, unless the address had three letters in the last hour. Returns the secret that
    the browser keeps, and the letter to write once this is committed; nothing where the browser keeps what it has."""
    payer_id = payer_key(address)
    if not count_letter(payer_id, now):
        return "", None
    secret, figures, id = secrets.token_urlsafe(32), f"{secrets.randbelow(10**FIGURES):0{FIGURES}d}", new_key(now)
    Code.objects.create(
        id=id, payer_id=payer_id, secret_sha256=hashed(secret), figures_sha256=figures_hash(id, figures), tries_left=TRIES,
        sent_at=now, expires_at=now + CODE_HOLDS,
    )  # fmt: skip
    return secret, Errand("code", payer_id, id, figures, now, tuple(vendors_listing(payer_id)))


def open_by_code(
    *, code_secret: str, figures: str, secret: str, agent: str, own_device: bool, now: datetime
) -> Opened | Refused:
    """The figures that were sent for this browser open everything of the payer.

    Wrong ones are a refusal that is given back, not raised: the try that it cost is kept.
    """
    tell(secret=hashed(code_secret))
    code = Code.objects.select_for_update().filter(secret_sha256=hashed(code_secret)).first() if code_secret else None
    if code is None:
        raise Refused(NO_CODE, code="code", field="code")
    asked = Asked(code.figures_sha256, code.tries_left, code.expires_at, code.waits_until, code.used_at is not None)
    outcome = tried(asked, figures_hash(code.id, plain_figures(figures)), now)
    vendors = vendors_listing(code.payer_id) if outcome.opens else []
    if not vendors:
        code.tries_left, code.waits_until = outcome.tries_left, outcome.waits_until
        code.save(update_fields=["tries_left", "waits_until"])
        return Refused(no_match(outcome.tries_left), code="code", field="code")
    code.used_at = now
    code.save(update_fields=["used_at"])
    before = held(secret, now)
    declare(vendors)
    verify_payer(payer_id=code.payer_id, now=now)
    return let_in(
        payer_id=code.payer_id, notice_id=None, agent=agent, now=now, before=before, own_device=own_device
    )  # fmt: skip


def count_letter(payer_id: UUID, now: datetime) -> bool:
    """Whether one more letter may go to this payer. Those who ask at the same time are looked at one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"letters to {payer_id}"])
    tell(payer=str(payer_id))
    sent = [*Code.objects.filter(payer_id=payer_id).order_by("-sent_at").values_list("sent_at", flat=True)[:TRIES]]
    links = Link.objects.filter(payer_id=payer_id).order_by("-sent_at")
    return may_send([*sent, *links.values_list("sent_at", flat=True)[:TRIES]], now)


def figures_hash(code_id: UUID, figures: str) -> str:
    """A million figures are quickly tried, so what is kept of them needs this installation's key."""
    return hmac.new(settings.SECRET_KEY.encode(), f"figures {code_id} {figures}".encode(), hashlib.sha256).hexdigest()
