"""Decides whether invoices hold: what is open follows from what was billed, paid and credited, and their caches from it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.proof.looking import Finding, looked_at, looked_through
from goodterms.terms.rules import Terms, discount_at
from goodterms.values.money import Money


def open_follows_from_documents() -> Finding:
    """I6: open = total + fees - payments' and credits' settlements - discounts taken - kept back - written off, and back what
    was taken back; worked out from the settlements themselves, not from the journal's sum (that is I2)."""
    return looked_at(_BILLED)


def stored_is_computed() -> Finding:
    """I7: nothing is open below nothing; and the day from which it is settled, whether it was in parts, and the day reminders
    count from are what journal, instalments and granted time say. (The stage is never stored, so it cannot differ.)"""
    return looked_at(_CACHES)


def credits_fit() -> Finding:
    """I8: a credit note gives back no more than is left of its invoice, in total, in each tax group and of each line; what it
    settled and what is left of it make its total, also where it corrects none; and it is spent on invoices of its own
    customer and currency alone."""
    return looked_at(_NOTES, _CREDITED, _GROUPS, _LINES, _SPENT)


def discounts_were_in_time() -> Finding:
    """I9: an early discount was offered for the day the money was received, is not more than the offer on what
    credit notes had left of the total by then, and is taken once."""
    return looked_through(_discounts())


def instalments_add_up() -> Finding:
    """I10: the instalments of an invoice are numbered from 1, fall due in order, the last on its due day, and add up to its
    total. (Which are paid follows from what is open, the oldest first, so they are a prefix by construction.)"""
    return looked_at(_INSTALMENTS)


def _discounts() -> Iterator[tuple[str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_DISCOUNTS)
        rows = cursor.fetchall()
    seen: set[UUID] = set()
    for key, invoice_id, *facts in rows:
        why = "is the second discount on its invoice" if invoice_id in seen else _why_no_discount(*facts)
        seen.add(invoice_id)
        yield f"settlement {key}", why


def _why_no_discount(
    taken: int, terms: str, issued_on: Any, received_on: Any, total: int, net: int, currency: str
) -> str | None:
    agreed = Terms.from_json(json.loads(terms))
    if not agreed.discounts:
        return "took a discount that was not agreed"
    offer = discount_at(agreed, issued_on, received_on, Money(total, currency), Money(net, currency))
    if not offer:
        return f"took a discount that was over on {received_on}"
    return f"took {taken} off where {offer.minor} was offered" if taken > offer.minor else None


_BILLED = """
with settled as (
  select invoice_id, sum(minor) as minor from (
    select invoice_id, minor + discount_minor + let_go_minor + withheld_minor as minor
    from payments_allocation where reversed_at is null
    union all
    select invoice_id, minor from payments_withheld where reversed_at is null and allocation_id is null) each
  group by invoice_id
), booked as (
  select p.invoice_id,
         sum(p.minor) filter (where first.kind = 'invoice') as billed,
         sum(p.minor) filter (where first.kind in ('fee', 'write_off', 'recovery') and first.document_id = p.invoice_id)
           as later,
         -sum(p.minor) filter (where first.kind = 'allocation' and c.id is not null) as credited
  from ledger_posting p
  join ledger_entry e on e.id = p.entry_id
  join ledger_entry first on first.id = coalesce(e.reverses_id, e.id)
  left join invoicing_invoice c on c.id = first.document_id and c.kind = 'credit_note'
  where p.account = 'receivable' group by p.invoice_id
)
select 'invoice ' || number || ' (' || id || ')',
       case when billed <> owed then 'is billed at ' || owed || ', and booked at ' || billed
            when open_minor <> owed + later - credited - settled
              then 'says that ' || open_minor || ' is open; billed, paid and credited make '
                   || owed + later - credited - settled end
from (
  select i.id, i.number, i.open_minor, case when i.voided_at is null then i.total_minor else 0 end as owed,
         coalesce(b.billed, 0) as billed, coalesce(b.later, 0) as later, coalesce(b.credited, 0) as credited,
         coalesce(s.minor, 0) as settled
  from invoicing_invoice i left join booked b on b.invoice_id = i.id left join settled s on s.invoice_id = i.id
  where i.kind = 'invoice' and i.issued_on is not null
) facts
"""
# An event is one document that moved what is open: a settlement, a credit note; of the invoice's own, each entry.
_CACHES = """
with booked as (
  select p.invoice_id, max(p.effective_on) as last_on,
         coalesce(sum(p.minor) filter (where first.kind = 'fee'), 0) as fees,
         bool_or(first.kind <> 'invoice' and (e.reverses_id is not null or p.minor > 0)) as again,
         sum(p.minor) filter (where e.kind <> 'invoice') as moved,
         min(case when e.document_id = p.invoice_id then e.id else e.document_id end::text) filter (where e.kind <> 'invoice')
           as one_event,
         max(case when e.document_id = p.invoice_id then e.id else e.document_id end::text) filter (where e.kind <> 'invoice')
           as other_event
  from ledger_posting p
  join ledger_entry e on e.id = p.entry_id
  join ledger_entry first on first.id = coalesce(e.reverses_id, e.id)
  where p.account = 'receivable' group by p.invoice_id
), parts as (
  select invoice_id, position, due_on, sum(minor) over (partition by invoice_id order by position) as upto
  from invoicing_instalment
), next as (
  select distinct on (i.id) i.id, t.due_on
  from parts t join invoicing_invoice i on i.id = t.invoice_id left join booked b on b.invoice_id = i.id
  where t.upto > i.total_minor + coalesce(b.fees, 0) - i.open_minor order by i.id, t.position
), more_time as (
  select invoice_id, max(until_on) as until_on from invoicing_hold
  where reason = 'extended' and ended_at is null group by invoice_id
), worked_out as (
  select i.id, i.number, i.open_minor, i.settled_on, i.in_parts, i.chase_on,
         case when i.open_minor = 0 then greatest(b.last_on, i.issued_on) else date '9999-12-31' end as is_settled_on,
         coalesce(b.again or b.one_event <> b.other_event or b.moved <> -i.total_minor, false) as is_in_parts,
         greatest(coalesce(n.due_on, i.due_on), m.until_on) as is_chased_on
  from invoicing_invoice i
  left join booked b on b.invoice_id = i.id
  left join next n on n.id = i.id
  left join more_time m on m.invoice_id = i.id
  where i.kind = 'invoice' and i.issued_on is not null
)
select 'invoice ' || number || ' (' || id || ')',
       case when open_minor < 0 then 'is open below nothing'
            when settled_on <> is_settled_on then 'is settled from ' || is_settled_on || ', not ' || settled_on
            when in_parts <> is_in_parts then 'was ' || case when is_in_parts then '' else 'not ' end || 'settled in parts'
            when chase_on is distinct from is_chased_on
              then 'is to be reminded of from ' || coalesce(is_chased_on::text, 'no day') || ', not '
                   || coalesce(chase_on::text, 'no day') end
from worked_out
"""
_NOTES = """
select 'credit note ' || c.number || ' (' || c.id || ')',
       case when i.id is null and (c.corrects_id is not null or c.document ? 'corrects') then 'corrects no invoice'
            when i.currency <> c.currency or i.customer_id <> c.customer_id
              then 'is of another customer or currency than what it corrects'
            when coalesce(b.given, 0) <> c.total_minor
              then 'is of ' || c.total_minor || ', and booked at ' || coalesce(b.given, 0)
            when b.left_over not between 0 and c.total_minor then 'was spent beyond its total'
            when b.left_over <> b.given - b.at_once - coalesce(s.minor, 0) - coalesce(r.minor, 0)
              then 'has ' || b.left_over || ' left; given, less what it settled and what was paid out of it, are '
                   || b.given - b.at_once - coalesce(s.minor, 0) - coalesce(r.minor, 0) end
from invoicing_invoice c
left join invoicing_invoice i on i.id = c.corrects_id and i.kind = 'invoice'
left join (
  select p.invoice_id, -sum(p.minor) filter (where first.kind = 'credit') as given, -sum(p.minor) as left_over,
         coalesce(sum(p.minor) filter (where first.kind = 'allocation' and first.document_id = p.invoice_id), 0) as at_once
  from ledger_posting p join ledger_entry e on e.id = p.entry_id
  join ledger_entry first on first.id = coalesce(e.reverses_id, e.id)
  where p.account = 'unapplied' and p.invoice_id is not null group by p.invoice_id) b on b.invoice_id = c.id
left join (
  select credit_note_id, sum(minor) as minor from payments_allocation where reversed_at is null group by credit_note_id
) s on s.credit_note_id = c.id
left join (
  select credit_note_id, sum(minor) as minor from payments_refund where failed_at is null group by credit_note_id
) r on r.credit_note_id = c.id
where c.kind = 'credit_note' and c.issued_on is not null and c.voided_at is null
"""
_SPENT = """
select 'settlement ' || a.id,
       case when i.customer_id <> c.customer_id or i.currency <> c.currency
            then 'spends a credit on an invoice of another customer or currency' end
from payments_allocation a join invoicing_invoice c on c.id = a.credit_note_id
join invoicing_invoice i on i.id = a.invoice_id
where a.reversed_at is null
"""
_CREDITED = """
select 'invoice ' || i.number || ' (' || i.id || ')',
       case when sum(c.total_minor) > i.total_minor then 'is credited ' || sum(c.total_minor) || ' of ' || i.total_minor end
from invoicing_invoice i join invoicing_invoice c on c.corrects_id = i.id and c.kind = 'credit_note' and c.voided_at is null
group by i.id, i.number, i.total_minor
"""
_GROUPS = """
with credited as (
  select c.corrects_id as id, g ->> 'category' as category, (g ->> 'rate')::numeric as rate,
         sum((g ->> 'taxable_minor')::bigint) as taxable, sum((g ->> 'tax_minor')::bigint) as tax
  from invoicing_invoice c, jsonb_array_elements(c.document -> 'tax_groups') g
  where c.kind = 'credit_note' and c.voided_at is null group by 1, 2, 3
), billed as (
  select i.id, g ->> 'category' as category, (g ->> 'rate')::numeric as rate,
         (g ->> 'taxable_minor')::bigint as taxable, (g ->> 'tax_minor')::bigint as tax
  from invoicing_invoice i, jsonb_array_elements(i.document -> 'tax_groups') g
  where i.id in (select id from credited)
)
select 'invoice ' || i.number || ' (' || i.id || ')',
       case when b.id is null or c.taxable > b.taxable or c.tax > b.tax
            then 'is credited beyond what is left at ' || c.category || ' ' || c.rate || ' %%' end
from credited c join invoicing_invoice i on i.id = c.id
left join billed b on b.id = c.id and b.category = c.category and b.rate = c.rate
where jsonb_array_length(i.document -> 'tax_groups') > 0
"""
_LINES = """
select 'invoice ' || i.number || ' (' || i.id || '), line ' || b.position,
       case when sum(l.net_minor) > b.net_minor then 'is credited ' || sum(l.net_minor) || ' of ' || b.net_minor end
from invoicing_invoice c
join invoicing_invoice i on i.id = c.corrects_id
join invoicing_line l on l.invoice_id = c.id
join invoicing_line b on b.invoice_id = i.id and b.position = l.position
where c.kind = 'credit_note' and c.voided_at is null group by i.id, i.number, b.position, b.net_minor
"""
_DISCOUNTS = """
select a.id, a.invoice_id, a.discount_minor, i.terms::text, i.issued_on, y.received_on,
       i.total_minor - credited.total, i.net_minor - credited.net, i.currency
from payments_allocation a
join payments_payment y on y.id = a.payment_id
join invoicing_invoice i on i.id = a.invoice_id,
lateral (
  select coalesce(sum(c.total_minor), 0)::bigint as total, coalesce(sum(c.net_minor), 0)::bigint as net
  from invoicing_invoice c
  where c.corrects_id = i.id and c.kind = 'credit_note' and c.voided_at is null and c.created_at < a.created_at
) as credited
where a.discount_minor > 0 and a.reversed_at is null order by a.invoice_id, a.created_at, a.id
"""
_INSTALMENTS = """
select 'invoice ' || i.number || ' (' || i.id || ')',
       case when sum(t.minor) <> i.total_minor
              then 'has instalments of ' || sum(t.minor) || ', and a total of ' || i.total_minor
            when min(t.position) <> 1 or max(t.position) <> count(*) then 'has instalments that are not numbered 1, 2, 3'
            when bool_or(t.due_on < t.earlier) or max(t.due_on) <> i.due_on then 'has instalments out of order' end
from (select *, lag(due_on) over (partition by invoice_id order by position) as earlier from invoicing_instalment) t
join invoicing_invoice i on i.id = t.invoice_id
where i.issued_on is not null group by i.id, i.number, i.total_minor, i.due_on
"""
