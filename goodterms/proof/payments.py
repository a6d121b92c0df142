"""Decides whether money holds: every cent of a payment is settled, given back or kept; nothing came in twice."""

from goodterms.proof.looking import Finding, looked_at


def payments_add_up() -> Finding:
    """I11: what a payment settles, what was given back of it and what is unapplied add up to it, each of them at least
    nothing; the caches on it and the unapplied account of the journal say the same."""
    return looked_at(_PAYMENTS)


def refunds_fit() -> Finding:
    """I12: no more is given back than came in or was credited, out of that very money or credit, and each refund is booked from
    the moment it is decided, so that one on its way counts; one that a provider refused has left nothing in the journal.
    (Nothing is charged back yet, so a lost dispute and a refund of the same money cannot meet.)"""
    return looked_at(_REFUNDED, _REFUNDS)


def settlements_are_whole() -> Finding:
    """I13: a settlement that stands is in the journal for exactly its sum on its invoice, and one that was taken back has
    left nothing there: what is restored is what was reversed. (Chargebacks, of which I13 speaks, have no rows yet; taking
    an allocation back is the one way to reverse it.)"""
    return looked_at(_ALLOCATIONS)


def withheld_is_booked_and_expected() -> Finding:
    """I32: what was kept back for the tax office stands in the journal for its sum, under what it came with, on its own
    account and off its invoice, and is gone from there where it was taken back; what an invoice says is still to be kept back
    is what its terms make of what credit notes left before tax, less that, and no more than is open."""
    return looked_at(_WITHHELD, _TO_WITHHOLD)


def nothing_came_in_twice() -> Finding:
    """I14: one payment for each object of a provider and for each idempotency key, one refund for each key. (Bank lines have
    no rows yet.)"""
    return looked_at(_ONCE_PAID, _ONCE_REFUNDED)


_PAYMENTS = """
with spent as (
  select payment_id, sum(coalesce(spent_minor, minor)) as minor from payments_allocation
  where reversed_at is null and payment_id is not null group by payment_id
), given as (
  select payment_id, sum(minor) as minor from payments_refund where failed_at is null and payment_id is not null
  group by payment_id
), papers (id, payment_id) as (
  select id, id from payments_payment
  union all select id, payment_id from payments_allocation where payment_id is not null
  union all select id, payment_id from payments_refund where payment_id is not null
), booked as (
  select d.payment_id, -sum(p.minor) as minor
  from papers d join ledger_entry e on e.document_id = d.id
  join ledger_posting p on p.entry_id = e.id and p.account = 'unapplied' and p.invoice_id is null group by d.payment_id
)
select 'payment ' || y.id,
       case when least(y.minor - 1, y.unapplied_minor, y.refunded_minor) < 0 then 'has a part below nothing'
            when y.refunded_minor <> coalesce(g.minor, 0)
              then 'says that ' || y.refunded_minor || ' went back, and its refunds ' || coalesce(g.minor, 0)
            when coalesce(s.minor, 0) + y.refunded_minor + y.unapplied_minor <> y.minor
              then 'settles ' || coalesce(s.minor, 0) || ', gave back ' || y.refunded_minor || ' and keeps '
                   || y.unapplied_minor || ', which is not ' || y.minor
            when y.unapplied_minor <> coalesce(b.minor, 0)
              then 'keeps ' || y.unapplied_minor || ', and by the journal ' || coalesce(b.minor, 0) end
from payments_payment y
left join spent s on s.payment_id = y.id
left join given g on g.payment_id = y.id
left join booked b on b.payment_id = y.id
"""
_REFUNDED = """
select 'payment ' || y.id, case when sum(r.minor) > y.minor then 'gave back more than came in' end
from payments_payment y join payments_refund r on r.payment_id = y.id and r.failed_at is null group by y.id, y.minor
union all
select 'credit note ' || c.id, case when sum(r.minor) > c.total_minor then 'gave back more than it is of' end
from invoicing_invoice c join payments_refund r on r.credit_note_id = c.id and r.failed_at is null group by c.id, c.total_minor
"""
_REFUNDS = """
select 'refund ' || r.id,
       case when coalesce(sum(p.minor), 0) <> case when r.failed_at is null then -r.minor else 0 end
              then 'is not in the journal as it was given back'
            when bool_or(o.invoice_id is distinct from r.credit_note_id and o.id is not null)
              then 'is booked out of another credit than its own' end
from payments_refund r
left join ledger_entry e on e.document_id = r.id
left join ledger_posting p on p.entry_id = e.id and p.account = 'bank'
left join ledger_posting o on o.entry_id = e.id and o.account = 'unapplied'
group by r.id, r.minor, r.failed_at
"""
_ALLOCATIONS = """
select 'settlement ' || a.id,
       case when coalesce(sum(p.minor) filter (where p.invoice_id <> a.invoice_id), 0) <> 0 then 'is booked on another invoice'
            when a.reversed_at is not null and coalesce(sum(p.minor), 0) <> 0 then 'was taken back, yet not out of the journal'
            when a.reversed_at is null and coalesce(sum(p.minor), 0) <> -a.whole
              then 'stands for ' || a.whole || ', and the journal has '
                   || -coalesce(sum(p.minor), 0) end
from (select *, minor + discount_minor + let_go_minor + withheld_minor as whole from payments_allocation) a
left join ledger_entry e on e.document_id = a.id
left join ledger_posting p on p.entry_id = e.id and p.account = 'receivable'
group by a.id, a.invoice_id, a.reversed_at, a.whole
"""
_WITHHELD = """
with booked as (
  select e.document_id, p.invoice_id, sum(p.minor) filter (where p.account = 'withheld') as claimed,
         -sum(p.minor) filter (where p.account = 'receivable') as settled
  from ledger_entry e join ledger_entry first on first.id = coalesce(e.reverses_id, e.id) and first.kind = 'withholding'
  join ledger_posting p on p.entry_id = e.id group by e.document_id, p.invoice_id
), sides as (
  select document_id, sum(claimed) as claimed, sum(settled) as settled, max(invoice_id::text) as invoice_id
  from booked group by document_id
)
select 'kept back ' || w.id,
       case when a.id is not null and (a.invoice_id <> w.invoice_id or a.withheld_minor <> w.minor)
              then 'is of ' || w.minor || ', and what it came with says ' || a.withheld_minor
            when a.id is not null and (a.reversed_at is null) <> (w.reversed_at is null)
              then 'does not go with what it came with'
            when coalesce(s.claimed, 0) <> case when w.reversed_at is null then w.minor else 0 end
                 or coalesce(s.settled, 0) <> coalesce(s.claimed, 0)
              then 'is of ' || w.minor || ', and the journal has ' || coalesce(s.claimed, 0)
            when s.invoice_id <> w.invoice_id::text then 'is booked on another invoice' end
from payments_withheld w
left join payments_allocation a on a.id = w.allocation_id
left join sides s on s.document_id = coalesce(w.allocation_id, w.id)
union all
select 'settlement ' || a.id,
       case when w.id is null then 'says that ' || a.withheld_minor || ' was kept back, and nothing was' end
from payments_allocation a left join payments_withheld w on w.allocation_id = a.id where a.withheld_minor > 0
"""
_TO_WITHHOLD = """
with agreed as (
  select i.id, i.number, i.open_minor, i.to_withhold_minor, i.net_minor,
         (i.terms -> 'withholding' ->> 'percent')::numeric as percent
  from invoicing_invoice i where i.kind = 'invoice' and i.issued_on is not null
), kept as (
  select invoice_id, sum(minor) as minor from payments_withheld where reversed_at is null group by invoice_id
), credited as (
  select corrects_id as id, sum(net_minor) as net from invoicing_invoice
  where kind = 'credit_note' and voided_at is null and corrects_id is not null group by corrects_id
), worked_out as (
  select a.*, case when a.percent is null then 0 else greatest(0, least(a.open_minor,
           round(greatest(0, a.net_minor - coalesce(c.net, 0)) * a.percent / 100) - coalesce(k.minor, 0))) end as is_to_withhold
  from agreed a left join kept k on k.invoice_id = a.id left join credited c on c.id = a.id
)
select 'invoice ' || number || ' (' || id || ')',
       case when to_withhold_minor <> is_to_withhold
              then 'says that ' || to_withhold_minor || ' is still to be kept back; its terms make ' || is_to_withhold end
from worked_out
"""
_ONCE_PAID = """
select 'payment ' || id,
       case when provider_object_id <> '' and count(*) over (partition by vendor_id, provider, provider_object_id) > 1
              then 'is the same object of ' || provider || ' as another'
            when count(*) over (partition by vendor_id, idempotency_key) > 1 then 'has the key of another' end
from payments_payment
"""
_ONCE_REFUNDED = """
select 'refund ' || id,
       case when count(*) over (partition by vendor_id, idempotency_key) > 1 then 'has the key of another' end
from payments_refund
"""
