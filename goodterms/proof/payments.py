"""Decides whether money holds: every cent of a payment is settled, given back or kept; nothing came in twice."""

from goodterms.proof.looking import Finding, looked_at


def payments_add_up() -> Finding:
    """I11: what a payment settles, what was given back of it and what is unapplied add up to it, each of them at least
    nothing; the caches on it and the unapplied account of the journal say the same."""
    return looked_at(_PAYMENTS)


def refunds_fit() -> Finding:
    """I12: no more is given back than came in, and each refund is booked from the moment it is decided, so that one on its way
    counts; one that a provider refused has left nothing in the journal. (Nothing is charged back yet, so a lost dispute and a
    refund of the same money cannot meet.)"""
    return looked_at(_REFUNDED, _REFUNDS)


def settlements_are_whole() -> Finding:
    """I13: a settlement that stands is in the journal for exactly its sum on its invoice, and one that was taken back has
    left nothing there: what is restored is what was reversed. (Chargebacks, of which I13 speaks, have no rows yet; taking
    an allocation back is the one way to reverse it.)"""
    return looked_at(_ALLOCATIONS)


def nothing_came_in_twice() -> Finding:
    """I14: one payment for each object of a provider and for each idempotency key, one refund for each key. (Bank lines have
    no rows yet.)"""
    return looked_at(_ONCE_PAID, _ONCE_REFUNDED)


_PAYMENTS = """
with spent as (
  select payment_id, sum(coalesce(spent_minor, minor)) as minor from payments_allocation
  where reversed_at is null and payment_id is not null group by payment_id
), given as (
  select payment_id, sum(minor) as minor from payments_refund where failed_at is null group by payment_id
), papers (id, payment_id) as (
  select id, id from payments_payment
  union all select id, payment_id from payments_allocation where payment_id is not null
  union all select id, payment_id from payments_refund
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
"""
_REFUNDS = """
select 'refund ' || r.id,
       case when coalesce(sum(p.minor), 0) <> case when r.failed_at is null then -r.minor else 0 end
              then 'is not in the journal as it was given back' end
from payments_refund r
left join ledger_entry e on e.document_id = r.id
left join ledger_posting p on p.entry_id = e.id and p.account = 'bank'
group by r.id, r.minor, r.failed_at
"""
_ALLOCATIONS = """
select 'settlement ' || a.id,
       case when coalesce(sum(p.minor) filter (where p.invoice_id <> a.invoice_id), 0) <> 0 then 'is booked on another invoice'
            when a.reversed_at is not null and coalesce(sum(p.minor), 0) <> 0 then 'was taken back, yet not out of the journal'
            when a.reversed_at is null and coalesce(sum(p.minor), 0) <> -(a.minor + a.discount_minor + a.let_go_minor)
              then 'stands for ' || a.minor + a.discount_minor + a.let_go_minor || ', and the journal has '
                   || -coalesce(sum(p.minor), 0) end
from payments_allocation a
left join ledger_entry e on e.document_id = a.id
left join ledger_posting p on p.entry_id = e.id and p.account = 'receivable'
group by a.id, a.invoice_id, a.reversed_at, a.minor, a.discount_minor, a.let_go_minor
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
