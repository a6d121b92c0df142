"""Decides whether what was said holds: the log is as it was sealed and names every deed; no letter left twice or wrongly."""

from collections.abc import Collection
from uuid import UUID

from goodterms.delivery.rules import COUNTS_AS_SENT, State
from goodterms.interactions.proof import prove_seals
from goodterms.proof.looking import NAMED_MAX, Finding, looked_at, together

# An instant is taken at the door, before its commit. Of two within a minute either may have come first.
EITHER_FIRST = "interval '1 minute'"
MARKED = sorted({*COUNTS_AS_SENT, State.RESOLVED_NOT_SENT})
DECLARED = "nullif(current_setting('goodterms.vendors', true), '')::uuid[]"


def log_is_whole(vendors: Collection[UUID]) -> Finding:
    """I20: each vendor's log hashes, row upon row, to its seals, and each journal entry and each letter that left has a row
    in it from the same instant. (Rows since the last seal are not sealed yet, which is no fault.)"""
    return together(*(_seals(vendor) for vendor in vendors), looked_at(_BOOKED, _SENT, values=[MARKED]))


def nothing_left_twice() -> Finding:
    """I21: one letter for each name; a payer gets one notice a day on a channel, and each step about an invoice is said once
    for its chase day, letters in doubt counted as sent."""
    sent = sorted(COUNTS_AS_SENT)
    return looked_at(_NAMES, _NOTICES, _STEPS, values=[sent, sent])


def nothing_left_wrongly() -> Finding:
    """I22: no reminder got its dot after all its invoices were settled, or while one of them was held; and no letter before
    its time or after the end of its window."""
    return looked_at(_AFTER_PAYMENT, _WHILE_HELD, _WINDOWS, values=[MARKED, MARKED, MARKED])


def _seals(vendor: UUID) -> Finding:
    checked, broken, _ = prove_seals(vendor)
    named = tuple(f"interaction {one.interaction_id} at {one.seq} in the log: {one.why}" for one in broken[:NAMED_MAX])
    return Finding(checked, len(broken), named)


_BOOKED = """
select 'entry ' || e.id,
       case when not exists (
         select from interactions_interaction d
         where d.vendor_id = e.vendor_id and d.at = e.recorded_at and (d.customer_id is null or d.customer_id = p.customer_id))
       then 'has no row in the log from its instant' end
from ledger_entry e
left join (select distinct on (entry_id) entry_id, customer_id from ledger_posting order by entry_id, invoice_id) p
  on p.entry_id = e.id
"""
_SENT = f"""
select 'letter ' || l.id,
       case when not exists (select from interactions_interaction d where d.subject_id = l.id and d.vendor_id = v.id)
         then 'left, and the log of a vendor in it does not say so' end
from delivery_letter l, unnest(l.vendors) as v (id)
where l.state = any(%s::text[]) and l.state <> 'committing' and v.id = any({DECLARED})
"""
_NAMES = """
select 'letter ' || id,
       case when count(*) over (partition by dedupe_key) > 1 then 'has the name of another: ' || dedupe_key
            when count(*) over (partition by message_id) > 1 then 'has the Message-ID of another' end
from delivery_letter
"""
_NOTICES = """
select 'notice ' || n.id,
       case when count(*) over (partition by n.payer_id, n."on", n.channel) > 1 then 'is not the only one of its day that left'
       end
from reminders_notice n join delivery_letter l on l.id = n.letter_id where l.state = any(%s::text[])
"""
_STEPS = """
select 'reminder ' || m.id,
       case when count(*) over (partition by m.invoice_id, m.chase_on, m.step_days) > 1 then 'says a step that was said before'
       end
from reminders_nomination m
join reminders_notice n on n.id = m.notice_id
join delivery_letter l on l.id = n.letter_id where l.state = any(%s::text[])
"""
_AFTER_PAYMENT = f"""
with said as (
  select l.id as letter_id, l.committing_at - {EITHER_FIRST} as at, m.invoice_id
  from delivery_letter l
  join reminders_notice n on n.letter_id = l.id
  join reminders_nomination m on m.notice_id = n.id
  where l.committing_at is not null and l.state = any(%s::text[]) and l.vendors <@ {DECLARED}
), known as (
  select s.letter_id, i.id,
         i.total_minor + coalesce(sum(p.minor) filter (where e.kind <> 'invoice' and e.recorded_at <= s.at), 0) as open_minor
  from said s join invoicing_invoice i on i.id = s.invoice_id
  left join ledger_posting p on p.invoice_id = i.id and p.account = 'receivable'
  left join ledger_entry e on e.id = p.entry_id
  group by s.letter_id, i.id, i.total_minor
)
select 'letter ' || letter_id, case when max(open_minor) <= 0 then 'left after all its invoices were settled' end
from known group by letter_id
"""
_WHILE_HELD = f"""
select 'letter ' || l.id,
       case when exists (
         select from reminders_nomination m join invoicing_hold h on h.invoice_id = m.invoice_id
         where m.notice_id = n.id and h.created_at <= l.committing_at - {EITHER_FIRST}
           and coalesce(h.ended_at >= l.committing_at, true)
           and n."on" between h.from_on and coalesce(h.until_on, n."on"))
       then 'left while one of its invoices was held' end
from delivery_letter l join reminders_notice n on n.letter_id = l.id
where l.committing_at is not null and l.state = any(%s::text[])
"""
_WINDOWS = """
select 'letter ' || id,
       case when committing_at is null then 'left without a mark'
            when committing_at < not_before then 'left before its time'
            when committing_at >= expires_at then 'left after its time' end
from delivery_letter where state = any(%s::text[])
"""
