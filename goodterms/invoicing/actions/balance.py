"""Decides how what stands of invoices is read under their locks, and how their caches follow what was booked."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing.standing import Standing, moved
from goodterms.values.refusal import Refused


def lock(*, invoice_ids: Sequence[UUID]) -> list[Standing]:
    """Issued invoices that are not void, locked in the order of their keys until the end of the transaction."""
    return _standings(_locked(f"id = {_KEYS}", [list(invoice_ids)]))


def lock_one(*, invoice_id: UUID) -> Standing:
    """One issued invoice; refuses what is not there, a draft or void."""
    if found := lock(invoice_ids=[invoice_id]):
        return found[0]
    raise Refused("There is no issued invoice like that here.", code="invoice", field="invoice")


def lock_open(*, customer_id: UUID, currency: str, named: Iterable[UUID] = ()) -> list[Standing]:
    """What is open of a customer in a currency, and the invoices named, whoever they are for.

    Of an invoice that nothing happened to since it was issued, which most are, its own row tells all (_untouched).
    """
    where = f"(customer_id = %s::uuid and currency = %s and open_minor > 0 or id = {_KEYS})"
    locked = _locked(where, [customer_id, currency, list(named)])
    return _standings(locked, {one.id: _untouched(one) for one in locked if _is_untouched(one)})


def look(*, invoice_ids: Sequence[UUID]) -> list[Standing]:
    """Issued invoices that are not void as they stand, without a lock: for pages, which decide nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ISSUED} and id = {_KEYS} order by id", [list(invoice_ids)])
        return _standings([_Locked._make(row) for row in cursor.fetchall()])


def move(*, changes: Sequence[tuple[Standing, int, date]], again: bool = False) -> list[Standing]:
    """Let the caches follow postings of (standing, change, day), with one statement; returns how the invoices stand now."""
    after = [moved(standing, change, on, again=again) for standing, change, on in changes]
    if after:
        rows = [
            {"id": then.invoice_id, "change": change, **{name: getattr(then, name) for name in _CACHES}}
            for then, (_, change, _) in zip(after, changes, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [json.dumps(rows, default=str)])
    return after


class _Locked(NamedTuple):
    """What an invoice says of itself: the first columns of its standing, and whether it is to be paid in parts."""

    id: UUID
    customer_id: UUID
    number: str
    currency: str
    issued_on: date
    due_on: date
    total_minor: int
    net_minor: int
    tax_minor: int
    terms: str
    open_minor: int
    settled_on: date
    in_parts: bool
    chase_on: date
    has_parts: bool


class _Life(NamedTuple):
    """The rest of a standing: what happened to it, and its parts."""

    booked: tuple[tuple[date, int], ...]
    fees_minor: int
    discounted_minor: int
    instalments: tuple[tuple[date, int], ...]
    extended_until: date | None
    credited_minor: int
    credited_net_minor: int
    withheld_minor: int


def _locked(where: str, values: list[Any]) -> list[_Locked]:
    """Locks alone: a statement that waited for a lock would read other tables as they were before it waited."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ISSUED} and {where} order by id for update", values)
        return [_Locked._make(row) for row in cursor.fetchall()]


def _standings(locked: list[_Locked], known: Mapping[UUID, _Life] = MappingProxyType({})) -> list[Standing]:
    lives = {**known, **_lives([one.id for one in locked if one.id not in known])}
    return [Standing(*one[:-1], *lives[one.id]) for one in locked]


def _is_untouched(one: _Locked) -> bool:
    """Whether its row tells that it was issued and nothing since, in one part and with no more time than on the document. Of
    several parts, more time until the last one's day would look like it."""
    is_whole = not one.in_parts and not one.has_parts and one.chase_on == one.due_on
    return is_whole and one.open_minor == one.total_minor > 0


def _untouched(one: _Locked) -> _Life:
    return _Life(((one.issued_on, one.total_minor),), 0, 0, (), None, 0, 0, 0)


def _lives(keys: list[UUID]) -> dict[UUID, _Life]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LIVES, [keys])
        return {key: _life(*row) for key, *row in cursor.fetchall()}


def _life(*row: Any) -> _Life:
    booked_on, booked, fees, discounts, due_days, parts, *rest = row
    days, instalments = (tuple(zip(*pair, strict=True)) for pair in ((booked_on, booked), (due_days, parts)))
    return _Life(days, fees, discounts, instalments, *rest)


_CACHES = ("settled_on", "in_parts", "chase_on", "to_withhold_minor")
# The planner cannot see how long an array out of a query is, so it plans once and not for each payment anew.
_KEYS = "any(array(select unnest(%s::uuid[])))"
_ISSUED = """
select id, customer_id, number, currency, issued_on, due_on, total_minor, net_minor, tax_minor, terms::text,
       open_minor, settled_on, in_parts, chase_on,
       exists (select from invoicing_instalment t where t.invoice_id = invoicing_invoice.id)
from invoicing_invoice where kind = 'invoice' and issued_on is not null and voided_at is null
"""
_LIVES = f"""
select i.id, coalesce(booked.days, '{{}}'), coalesce(booked.minors, '{{}}'), booked.fees, booked.discounts,
       array(select t.due_on from invoicing_instalment t where t.invoice_id = i.id order by t.position),
       array(select t.minor from invoicing_instalment t where t.invoice_id = i.id order by t.position),
       (select max(h.until_on) from invoicing_hold h
        where h.invoice_id = i.id and h.reason = 'extended' and h.ended_at is null),
       credited.total, credited.net, booked.withheld
from invoicing_invoice i,
lateral (
  select array_agg(p.effective_on order by p.effective_on, p.id) as days,
         array_agg(p.minor order by p.effective_on, p.id) as minors,
         coalesce(sum(p.minor) filter (where coalesce(first.kind, e.kind) = 'fee'), 0)::bigint as fees,
         coalesce(-sum(p.minor) filter (where coalesce(first.kind, e.kind) = 'discount'), 0)::bigint as discounts,
         coalesce(-sum(p.minor) filter (where coalesce(first.kind, e.kind) = 'withholding'), 0)::bigint as withheld
  from ledger_posting p
  join ledger_entry e on e.id = p.entry_id
  left join ledger_entry first on first.id = e.reverses_id
  where p.invoice_id = i.id and p.account = 'receivable'
) as booked,
lateral (
  select coalesce(sum(c.total_minor) filter (where c.kind = 'credit_note'), 0)::bigint as total,
         coalesce(sum(c.net_minor) filter (where c.kind = 'credit_note'), 0)::bigint as net
  from invoicing_invoice c where c.corrects_id = i.id and c.voided_at is null
) as credited
where i.id = {_KEYS}
"""
_MOVE = """
update invoicing_invoice i
set open_minor = i.open_minor + n.change, settled_on = n.settled_on, in_parts = n.in_parts, chase_on = n.chase_on,
    to_withhold_minor = n.to_withhold_minor
from jsonb_to_recordset(%s::jsonb)
  as n (id uuid, change bigint, settled_on date, in_parts boolean, chase_on date, to_withhold_minor bigint)
where i.id = n.id
"""
