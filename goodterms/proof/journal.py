"""Decides whether the journal holds: balanced, replayed to the same balances, only ever added to, and one with the books."""

from goodterms.proof.looking import Finding, looked_at

TRIGGERS = (("ledger_entry", "frozen"), ("ledger_posting", "frozen"), ("ledger_posting", "balances"))


def entries_balance() -> Finding:
    """I1: every entry has postings, of one vendor, one currency and its own day, that add up to nothing; an exchange is two
    entries of two currencies, joined through the clearing account."""
    return looked_at(_ENTRIES, _EXCHANGES)


def balances_replay() -> Finding:
    """I2: all accounts of a vendor's currency add up to nothing, and the open amount kept on each invoice is what its
    postings add up to."""
    return looked_at(_ACCOUNTS, _OPEN)


def journal_is_append_only() -> Finding:
    """I3: a correction is the mirror of the entry it reverses, to the posting; each entry is reversed at most once; and the
    triggers that refuse any change stand. (Entries are ordered by time-ordered keys, not by a counter: a counter would make
    all writers of a vendor wait for each other. A removed entry shows in I2, I4, I6 and I11.)"""
    return looked_at(_REVERSALS, standing_triggers(*TRIGGERS))


def control_account_agrees() -> Finding:
    """I4: for each customer and in total, the receivable account is the sum of open invoices, and the unapplied account is
    what is left of payments and of credit notes."""
    return looked_at(_CONTROL)


def standing_triggers(*triggers: tuple[str, str]) -> str:
    """A SELECT for looked_at: whether each (table, trigger) that keeps what is booked or issued as it is stands, enabled."""
    names = ", ".join(f"('{table}', '{trigger}')" for table, trigger in triggers)
    return f"""
        select 'table ' || t.name, case when not exists (
            select from pg_trigger g where g.tgrelid = t.name::regclass and g.tgname = t.trigger and g.tgenabled in ('O', 'A'))
          then 'can be changed: its trigger ' || t.trigger || ' is gone or disabled' end
        from (values {names}) as t (name, trigger)"""


_ENTRIES = """
select 'entry ' || coalesce(e.id, p.entry_id),
       case when e.id is null then 'is gone, and left postings'
            when count(p.id) = 0 then 'has no postings'
            when sum(p.minor) <> 0 then 'is out of balance by ' || sum(p.minor)
            when min(p.currency) <> max(p.currency) then 'has two currencies'
            when not bool_and(p.vendor_id = e.vendor_id) then 'has postings of another vendor'
            when not bool_and(p.effective_on = e.effective_on) then 'has postings of another day' end
from ledger_entry e full join ledger_posting p on p.entry_id = e.id
group by e.id, p.entry_id
"""
_EXCHANGES = """
select 'exchange ' || e.document_id,
       case when count(*) <> 2 or count(distinct p.currency) <> 2 then 'is not two entries joined through clearing' end
from ledger_entry e left join ledger_posting p on p.entry_id = e.id and p.account = 'clearing'
where e.kind = 'exchange' group by e.vendor_id, e.document_id
"""
_ACCOUNTS = """
select 'vendor ' || vendor_id || ', ' || currency, case when sum(minor) <> 0 then 'is out of balance by ' || sum(minor) end
from ledger_posting group by vendor_id, currency
"""
_OPEN = """
select 'invoice ' || i.number || ' (' || i.id || ')',
       case when i.open_minor <> coalesce(p.minor, 0)
            then 'says that ' || i.open_minor || ' is open, and the journal ' || coalesce(p.minor, 0) end
from invoicing_invoice i
left join (select invoice_id, sum(minor) as minor from ledger_posting where account = 'receivable' group by invoice_id) p
  on p.invoice_id = i.id
"""
_REVERSALS = """
select 'entry ' || r.id,
       case when r.kind <> 'reversal' or r.reverses_id is null then 'is half a reversal'
            when o.id is null then 'reverses what is not there'
            when count(*) over (partition by r.reverses_id) > 1 then 'reverses what was reversed before'
            when odd.account is not null then 'is not the mirror of the entry it reverses, on ' || odd.account end
from ledger_entry r
left join ledger_entry o on o.id = r.reverses_id
left join lateral (
  select account from ledger_posting where entry_id in (r.id, o.id)
  group by account, currency, customer_id, invoice_id having sum(minor) <> 0 limit 1) odd on true
where r.kind = 'reversal' or r.reverses_id is not null
"""
_CONTROL = """
select 'customer ' || coalesce(customer_id::text, '(all of the vendor)') || ', ' || currency,
       case when receivable <> open then 'owes ' || open || ' by its invoices, and ' || receivable || ' by the journal'
            when unapplied <> 0 then 'has ' || unapplied || ' too much unapplied on payments and credit notes' end
from (
  select vendor_id, customer_id, currency, sum(receivable) as receivable, sum(open) as open, sum(unapplied) as unapplied
  from (
    select vendor_id, customer_id, currency, case when account = 'receivable' then minor else 0 end as receivable,
           0 as open, case when account = 'unapplied' then minor else 0 end as unapplied
    from ledger_posting where account in ('receivable', 'unapplied')
    union all
    select vendor_id, customer_id, currency, 0, open_minor, 0 from invoicing_invoice where kind = 'invoice'
    union all
    select vendor_id, customer_id, currency, 0, 0, unapplied_minor from payments_payment
    union all
    select c.vendor_id, c.customer_id, c.currency, 0, 0, c.total_minor + coalesce(at_once.minor, 0) - coalesce(later.minor, 0)
    from invoicing_invoice c
    left join (
      select e.document_id, sum(p.minor) as minor from ledger_entry e
      join ledger_posting p on p.entry_id = e.id and p.account = 'receivable'
      where e.kind = 'allocation' group by e.document_id) at_once on at_once.document_id = c.id
    left join (
      select credit_note_id, sum(minor) as minor from (
        select credit_note_id, minor from payments_allocation where reversed_at is null
        union all select credit_note_id, minor from payments_refund where failed_at is null) used
      group by credit_note_id) later on later.credit_note_id = c.id
    where c.kind = 'credit_note' and c.issued_on is not null and c.voided_at is null
  ) sides
  group by grouping sets ((vendor_id, customer_id, currency), (vendor_id, currency))
) control
"""
