"""Decides whether what is billed ahead holds: no more than was agreed, and nothing is taken off that was not invoiced."""

from goodterms.proof.looking import Finding, looked_at


def parts_keep_to_the_price() -> Finding:
    """I30: deposits and parts of an agreed price never come to more than it, and with the final invoice to exactly it, before
    tax and in tax; each line that takes off an earlier invoice names one of the same customer that was issued; and all that
    stands takes off no more of it, rate by rate, than it billed and was not credited."""
    return looked_at(_TAKERS, _EARLIER, _PROJECTS)


# Credited as a whole: it takes off nothing any more (invoicing/actions/taking_off.py).
_CREDITED = """
select c.corrects_id as id, sum(c.net_minor)::bigint as net, sum(c.tax_minor)::bigint as tax, sum(c.total_minor) as total
from invoicing_invoice c where c.kind = 'credit_note' and c.voided_at is null group by 1
"""
_TAKERS = """
select 'line ' || t.position || ' of invoice ' || i.number || ' (' || i.id || ')',
       case when e.customer_id <> i.customer_id or e.currency <> i.currency
              then 'takes off an invoice of another customer or currency'
            when e.issued_on is null or e.kind <> 'invoice' or (e.voided_at is not null and i.voided_at is null)
              then 'takes off what was not invoiced'
            when l.net_minor is distinct from -t.net_minor or l.tax_category <> t.tax_category
                 or l.tax_percent <> t.tax_percent
                 or (i.document -> 'line_taxes' ->> t.position::text)::bigint is distinct from -t.tax_minor
              then 'does not say what is taken off by it' end
from invoicing_takenoff t
join invoicing_invoice i on i.id = t.invoice_id
left join invoicing_invoice e on e.id = t.earlier_id
left join invoicing_line l on l.invoice_id = t.invoice_id and l.position = t.position
"""
_EARLIER = f"""
with credited as ({_CREDITED}),
taken as (
  select t.earlier_id as id, t.tax_category as category, t.tax_percent as rate, sum(t.net_minor) as net, sum(t.tax_minor) as tax
  from invoicing_takenoff t join invoicing_invoice i on i.id = t.invoice_id left join credited c on c.id = i.id
  where i.voided_at is null and not (i.issued_on is not null and coalesce(i.total_minor <= c.total, false))
  group by 1, 2, 3),
billed as (
  select coalesce(d.corrects_id, d.id) as id, g.category, g.rate::numeric as rate,
         sum(case when d.kind = 'credit_note' then -g.taxable_minor else g.taxable_minor end) as net,
         sum(case when d.kind = 'credit_note' then -g.tax_minor else g.tax_minor end) as tax
  from invoicing_invoice d, lateral jsonb_to_recordset(d.document -> 'tax_groups')
    as g (category text, rate text, taxable_minor bigint, tax_minor bigint)
  where d.issued_on is not null and d.voided_at is null and coalesce(d.corrects_id, d.id) in (select id from taken)
  group by 1, 2, 3)
select 'invoice ' || e.number || ' (' || e.id || ')',
       case when t.net > coalesce(b.net, 0) or t.tax > coalesce(b.tax, 0)
            then 'is taken off by ' || t.net || ' and ' || t.tax || ' tax, and has ' || coalesce(b.net, 0) || ' and '
                 || coalesce(b.tax, 0) end
from taken t join invoicing_invoice e on e.id = t.id
left join billed b on b.id = t.id and b.category = t.category and b.rate = t.rate
"""
_PROJECTS = f"""
with credited as ({_CREDITED}),
parts as (
  select p.project_id, i.customer_id, i.currency, p.kind, i.net_minor as net, i.tax_minor as tax,
         coalesce(c.net, 0) as net_back, coalesce(c.tax, 0) as tax_back,
         p.kind = 'final' and not (i.total_minor > 0 and coalesce(c.total, 0) >= i.total_minor) as closes
  from billing_part p join invoicing_invoice i on i.id = p.invoice_id left join credited c on c.id = i.id
  where i.voided_at is null),
sums as (
  select project_id, sum(net - net_back) as net, bool_or(closes) as closed,
         sum(case when closes then net else net - net_back end) as net_in_all,
         sum(case when closes then tax else tax - tax_back end) as tax_in_all
  from parts group by 1)
select 'project ' || p.name || ' (' || p.id || ')',
       case when a.id is null then 'is billed in parts of a price that nobody agreed'
            when s.net > a.net_minor then 'has ' || s.net || ' invoiced of ' || a.net_minor || ' agreed'
            when s.closed and (s.net_in_all, s.tax_in_all) is distinct from (a.net_minor::numeric, a.tax_minor::numeric)
              then 'comes to ' || s.net_in_all || ' and ' || s.tax_in_all || ' tax in all, and ' || a.net_minor || ' and '
                   || a.tax_minor || ' were agreed'
            when exists (select from parts o where o.project_id = p.id
                         and (o.customer_id <> p.customer_id or o.currency <> p.currency))
              then 'has a part that is billed to another customer, or in another currency' end
from sums s join billing_project p on p.id = s.project_id
left join lateral (select * from billing_agreedprice v where v.project_id = p.id order by v.version desc limit 1) a on true
"""
