"""Decides whether plans hold: their parts are what was open, in order, and only a plan that runs rests an invoice."""

from goodterms.proof.looking import Finding, looked_at


def plans_rest_what_is_theirs() -> Finding:
    """I28: the parts of a plan are numbered from 1, their days rise, and they add up to what was to be paid of its invoices
    (what was open, but for what is kept back for the tax office), all of one customer and currency; and an invoice that rests
    for a plan is in one that was agreed and has not ended."""
    return looked_at(_PARTS, _SHARES, _RESTING)


_PARTS = """
select 'plan ' || p.id,
       case when t.minor is distinct from s.minor
              then 'has parts of ' || coalesce(t.minor, 0) || ', and ' || coalesce(s.minor, 0) || ' was open'
            when t.first <> 1 or t.last <> t.count then 'has parts that are not numbered 1, 2, 3'
            when not t.rise then 'has parts whose days do not rise' end
from conversations_plan p
left join (select plan_id, sum(minor) as minor, min(position) as first, max(position) as last, count(*) as count,
                  coalesce(bool_and(due_on > earlier), true) as rise
           from (select *, lag(due_on) over (partition by plan_id order by position) as earlier from conversations_planpart) q
           group by plan_id) t on t.plan_id = p.id
left join (select plan_id, sum(open_then_minor - withheld_then_minor) as minor from conversations_planshare
           group by plan_id) s on s.plan_id = p.id
"""
_SHARES = """
select 'plan ' || p.id,
       case when i.id is null or i.customer_id <> p.customer_id or i.currency <> p.currency
            then 'is over an invoice of another customer or currency' end
from conversations_planshare s join conversations_plan p on p.id = s.plan_id
left join invoicing_invoice i on i.id = s.invoice_id
"""
_RESTING = """
select 'hold ' || h.id,
       case when p.id is null or p.agreed_at is null then 'rests for a plan that was never agreed'
            when p.ended_at is not null then 'rests for a plan that has ended'
            when s.id is null then 'rests for a plan that is not over its invoice' end
from invoicing_hold h
left join conversations_plan p on p.id = h.subject_id
left join conversations_planshare s on s.plan_id = p.id and s.invoice_id = h.invoice_id
where h.reason = 'on_plan' and h.ended_at is null
"""
