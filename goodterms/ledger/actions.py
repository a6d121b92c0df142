"""Decides how entries get into the books: all of them at once, and each reversed at most once."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from goodterms.database.arrays import arrays
from goodterms.ledger.rules import Account, EntryDraft, Kind, PostingDraft, reversal
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused


def post(*, vendor_id: UUID, entries: Sequence[EntryDraft], now: datetime) -> list[UUID]:
    """Book `entries` with one statement, whatever their number; returns their keys, in order.

    An event that moves nothing (an invoice of zero) is no entry. All postings go in one INSERT: the trigger on it
    refuses what does not balance.
    """
    booked = [entry for entry in entries if entry.postings]
    if not booked:
        return []
    keys = new_keys(now, len(booked))
    pairs = list(zip(keys, booked, strict=True))
    heads = arrays((key, one.kind, one.effective_on, one.document_id, one.memo, one.reverses) for key, one in pairs)
    sides = arrays((key, one.effective_on, *side) for key, one in pairs for side in one.postings)
    with connection.cursor() as cursor:
        cursor.execute(_POST, [vendor_id, now, *heads, vendor_id, *sides])
    return keys


def reverse(
    *, vendor_id: UUID, entry_ids: Sequence[UUID], effective_on: date | None = None, memo: str = "", now: datetime
) -> list[UUID]:
    """Book the mirror of each entry, on `effective_on` or on the entry's own day; refuses what was reversed before (I3)."""
    drafts = _mirrors(entry_ids, effective_on, memo)
    try:
        with transaction.atomic():
            return post(vendor_id=vendor_id, entries=drafts, now=now)
    except IntegrityError as twice:
        if "entry_reversed_once" in str(twice):
            raise Refused("This was taken back already.", code="reversed") from twice
        raise


def standing(*, document_ids: Sequence[UUID], kinds: Sequence[Kind] = tuple(Kind)) -> list[UUID]:
    """The entries of these documents that were not reversed and are no reversals, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(document_ids), list(kinds)])
        return [key for (key,) in cursor.fetchall()]


def _mirrors(entry_ids: Sequence[UUID], effective_on: date | None, memo: str) -> list[EntryDraft]:
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, [list(entry_ids)])
        found: dict[UUID, tuple[date, UUID, list[PostingDraft]]] = {}
        for entry, day, document, account, *rest in cursor.fetchall():
            found.setdefault(entry, (day, document, []))[2].append(PostingDraft(Account(account), *rest))
    if missing := set(entry_ids) - set(found):
        raise Refused(f"There is no entry {min(missing)} to take back.", code="entry")
    return [
        EntryDraft(Kind.REVERSAL, effective_on or day, document, reversal(sides), memo, entry)
        for entry, (day, document, sides) in sorted(found.items())
    ]


_POST = """
with booked as (
  insert into ledger_entry (vendor_id, recorded_at, id, kind, effective_on, document_id, memo, reverses_id)
  select %s::uuid, %s::timestamptz, *
  from unnest(%s::uuid[], %s::text[], %s::date[], %s::uuid[], %s::text[], %s::uuid[]))
insert into ledger_posting (vendor_id, entry_id, effective_on, account, currency, minor, customer_id, invoice_id)
select %s::uuid, *
from unnest(%s::uuid[], %s::date[], %s::text[], %s::text[], %s::bigint[], %s::uuid[], %s::uuid[])
"""
_SIDES = """
select e.id, e.effective_on, e.document_id, p.account, p.currency, p.minor, p.customer_id, p.invoice_id
from ledger_entry e join ledger_posting p on p.entry_id = e.id
where e.id = any(%s::uuid[]) order by p.id
"""
_STANDING = """
select e.id from ledger_entry e
where e.document_id = any(%s::uuid[]) and e.kind = any(%s::text[]) and e.reverses_id is null
  and not exists (select from ledger_entry r where r.reverses_id = e.id)
order by e.id
"""
