"""Decides which keys open the API for a vendor; the secret of a key is told once."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.rows import a_name, insert
from goodterms.parties.models import ApiKey
from goodterms.parties.rules import checked_scopes, key_hash
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


def add_api_key(
    *, vendor_id: UUID, name: str, scopes: Sequence[str], now: datetime, by: str, key_id: UUID | None = None
) -> tuple[ApiKey, str]:
    """A key and its secret, which is told this once: only its sha256 is kept. With a `key_id` it is made once."""
    secret = f"gt_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=key_id or new_key(now), vendor_id=vendor_id, name=a_name(name), key_hash=key_hash(secret),
        scopes=checked_scopes(scopes), created_at=now,
    )  # fmt: skip
    insert(key, "This key was made already, and its secret shown. Withdraw it if the secret was lost.", "name")
    record(at=now, deed=Deed(vendor_id, "key.added", by, subject_id=key.id, data={"name": name, "scopes": key.scopes}))
    return key, secret


def revoke_api_key(*, vendor_id: UUID, key_id: UUID, now: datetime, by: str) -> None:
    """From now on the key opens nothing."""
    if ApiKey.objects.filter(vendor_id=vendor_id, id=key_id, revoked_at=None).update(revoked_at=now):
        record(at=now, deed=Deed(vendor_id, "key.revoked", by, subject_id=key_id))
    elif not ApiKey.objects.filter(vendor_id=vendor_id, id=key_id).exists():
        raise Refused("There is no such key.", code="not_found", field="key")


def key_used(*, key_id: UUID, on: date) -> None:
    """Keep the last day on which a key was used. Of several requests at once one writes, and none waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(_KEY_USED, [on, key_id, on])


_KEY_USED = """
update parties_apikey set last_used_on = %s::date where id = (
  select id from parties_apikey where id = %s and (last_used_on is null or last_used_on < %s::date) for update skip locked)
"""
