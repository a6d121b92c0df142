"""Decides how what stands of invoices is read under their locks, and how their caches follow what was booked."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.invoicing.standing import Standing, moved
from goodterms.values.refusal import Refused


def lock(*, invoice_ids: Sequence[UUID]) -> list[Standing]:
    """Issued invoices that are not void, locked in the order of their keys until the end of the transaction."""
    return _read(_locked("id = any(%s::uuid[])", [list(invoice_ids)]))


def lock_one(*, invoice_id: UUID) -> Standing:
    """One issued invoice; refuses what is not there, a draft or void."""
    if found := lock(invoice_ids=[invoice_id]):
        return found[0]
    raise Refused("There is no issued invoice like that here.", code="invoice", field="invoice")


def lock_open(*, customer_id: UUID, currency: str, named: Iterable[UUID] = ()) -> list[Standing]:
    """What is open of a customer in a currency, and the invoices named, whoever they are for."""
    where = "(customer_id = %s::uuid and currency = %s and open_minor > 0 or id = any(%s::uuid[]))"
    return _read(_locked(where, [customer_id, currency, list(named)]))


def move(*, changes: Sequence[tuple[Standing, int, date]], again: bool = False) -> list[Standing]:
    """Let the caches follow postings of (standing, change, day), with one statement; returns how the invoices stand now."""
    after = [moved(standing, change, on, again=again) for standing, change, on in changes]
    if after:
        rows = [
            (then.invoice_id, change, then.settled_on, then.in_parts, then.chase_on)
            for then, (_, change, _) in zip(after, changes, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [list(column) for column in zip(*rows, strict=True)])
    return after


def _locked(where: str, values: list[Any]) -> list[UUID]:
    """Locks alone: a statement that waited for a lock would read other tables as they were before it waited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from invoicing_invoice where kind = 'invoice' and issued_on is not null and voided_at is null"
            f" and {where} order by id for update",
            values,
        )
        return [key for (key,) in cursor.fetchall()]


def _read(keys: list[UUID]) -> list[Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [keys])
        return [_standing(*row) for row in cursor.fetchall()]


def _standing(*row: Any) -> Standing:
    *facts, booked_on, booked, fees, discounts, due_days, parts, until = row
    days, instalments = (tuple(zip(*pair, strict=True)) for pair in ((booked_on, booked), (due_days, parts)))
    return Standing._make((*facts, days, fees, discounts, instalments, until))


_READ = """
select i.id, i.customer_id, i.number, i.currency, i.issued_on, i.due_on, i.total_minor, i.net_minor, i.tax_minor,
       i.terms::text, i.open_minor, i.settled_on, i.in_parts, i.chase_on,
       coalesce(booked.days, '{}'), coalesce(booked.minors, '{}'), booked.fees, booked.discounts,
       array(select t.due_on from invoicing_instalment t where t.invoice_id = i.id order by t.position),
       array(select t.minor from invoicing_instalment t where t.invoice_id = i.id order by t.position),
       (select max(h.until_on) from invoicing_hold h
        where h.invoice_id = i.id and h.reason = 'extended' and h.ended_at is null)
from invoicing_invoice i,
lateral (
  select array_agg(p.effective_on order by p.effective_on, p.id) as days,
         array_agg(p.minor order by p.effective_on, p.id) as minors,
         coalesce(sum(p.minor) filter (where coalesce(first.kind, e.kind) = 'fee'), 0)::bigint as fees,
         coalesce(-sum(p.minor) filter (where coalesce(first.kind, e.kind) = 'discount'), 0)::bigint as discounts
  from ledger_posting p
  join ledger_entry e on e.id = p.entry_id
  left join ledger_entry first on first.id = e.reverses_id
  where p.invoice_id = i.id and p.account = 'receivable'
) as booked
where i.id = any(%s::uuid[]) order by i.id
"""
_MOVE = """
update invoicing_invoice i
set open_minor = i.open_minor + n.change, settled_on = n.settled_on, in_parts = n.in_parts, chase_on = n.chase_on
from unnest(%s::uuid[], %s::bigint[], %s::date[], %s::boolean[], %s::date[])
  as n (id, change, settled_on, in_parts, chase_on)
where i.id = n.id
"""
