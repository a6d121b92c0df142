"""Decides what was said and done in a generated book, for benches of pages: written after its invoices, as sets.

Lines, payments with what they settled, letters and whether they arrived, conversations open and settled, promises kept and
broken, how content they were, drafts, agreed terms, the words that find an invoice, and the log of all of it.
"""

LIFE: tuple[str, ...] = (
    """
update parties_vendor set bank = '{"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"}'
""",
    """
insert into terms_agreedterms (id, vendor_id, customer_id, version, from_on, data, agreed_by, agreed_at)
select pg_temp.key('agreed', v), pg_temp.key('vendor', v), null, 1, %(on)s - 600, '{"due": [["days", 30]]}', 'Tom Okafor',
  %(on)s - 600
from generate_series(0, %(vendors)s - 1) v
""",
    """
insert into terms_agreedterms (id, vendor_id, customer_id, version, from_on, data, agreed_by, agreed_at)
select pg_temp.key('own', c), k.vendor_id, k.customer_id, 1, %(on)s - 400, '{"due": [["days", 14]]}', k.name, %(on)s - 400
from generate_series(0, %(customers)s - 1, 10) c join parties_contact k on k.id = pg_temp.key('contact', c)
""",
    # Drafts, the half of them approved.
    """
insert into invoicing_invoice
  (id, vendor_id, customer_id, kind, number, work, order_number, currency, net_minor, tax_minor, total_minor, terms, document,
   on_paper, created_by, created_at, approved_at, approved_by, void_reason, open_minor, settled_on, in_parts)
select pg_temp.key('draft', c), k.vendor_id, k.customer_id, 'invoice', '', 'Draft of item ' || c, '', v.currency, 120000, 0,
  120000, '{}', '{}', false, 'Lea', %(on)s - 2, case when c %% 2 = 0 then %(on)s - 1 end, '', '', 0, date '9999-12-31', false
from generate_series(0, 59) c join parties_contact k on k.id = pg_temp.key('contact', c)
join parties_vendor v on v.id = k.vendor_id
""",
    """
insert into invoicing_line
  (id, vendor_id, invoice_id, position, project, description, quantity, unit, unit_price, discount_percent, tax_category,
   tax_percent, tax_reason, net_minor)
select md5('line' || i.id || p)::uuid, i.vendor_id, i.id, p, '', i.work || ', part ' || p, 1, '', i.net_minor / 200.0, 0, 'Z',
  0, '', case p when 1 then i.net_minor - i.net_minor / 2 else i.net_minor / 2 end
from invoicing_invoice i, generate_series(1, 2) p
""",
    """
insert into invoicing_word (vendor_id, word, invoice_id)
select i.vendor_id, w.word, i.id from invoicing_invoice i,
  lateral unnest(invoicing_words(i.work, i.number, i.order_number, i.total_minor)) as w (word)
""",
    """
create table bench_deed as
select b.*, i.vendor_id, i.customer_id, i.id as invoice_id, i.currency, i.open_minor, i.issued_on, i.settled_on, k.payer_id,
  k.name as person, least(i.settled_on, %(on)s - 1) + time '10:00' as then
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n)
join parties_contact k on k.id = pg_temp.key('contact', b.c)
""",
    """
insert into payments_payment
  (id, vendor_id, customer_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor,
   refunded_minor, received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer, thanked_at)
select pg_temp.key('paid', n), vendor_id, customer_id, 'bank_transfer', '', '', 'I-' || n, currency, total_minor, 0, 0,
  settled_on, "then", 'bank feed', 'I-' || n, sha256(n::text::bytea), '{}', "then"
from bench_deed where not is_open
""",
    """
insert into payments_allocation
  (id, vendor_id, payment_id, invoice_id, minor, discount_minor, effective_on, created_at, let_go_minor)
select pg_temp.key('allocated', n), vendor_id, pg_temp.key('paid', n), invoice_id, total_minor, 0, settled_on, "then", 0
from bench_deed where not is_open
""",
    # Of one in forty something was kept back for the tax office, and its certificate never came.
    """
insert into payments_withheld
  (id, vendor_id, invoice_id, allocation_id, name, minor, effective_on, certificate, certified_by, created_at, created_by)
select md5('withheld' || n)::uuid, vendor_id, invoice_id, pg_temp.key('allocated', n), 'IRPF', greatest(total_minor / 10, 1),
  settled_on, '', '', "then", 'bank feed'
from bench_deed where not is_open and n %% 40 = 0
""",
    """
insert into relationship_feedback
  (id, vendor_id, customer_id, payer_id, payment_id, asked_at, answered_at, answer, words)
select pg_temp.key('content', n), vendor_id, customer_id, payer_id, pg_temp.key('paid', n), "then",
  case when fate %% 2 = 0 then "then" + interval '3 hours' end,
  case when fate %% 2 = 0 then (array['good', 'fair', 'good'])[1 + fate %% 3] else '' end, ''
from bench_deed where not is_open and fate between 20 and 39
""",
    # A question or dispute behind each such hold: the half waits for us. Those of the settled ones are over.
    """
insert into conversations_conversation
  (id, vendor_id, customer_id, payer_id, kind, reason, wants, subject, opened_by, opened_at, answer_due_at, waiting_since_at,
   first_answered_at, first_answered_by, answered_in_minutes, closed_at, resolution)
select pg_temp.key('thread', n), vendor_id, customer_id, payer_id, case when fate %% 3 = 0 then 'dispute' else 'question' end,
  'PRI', '', 'About I-' || n, person, said.at, said.at + interval '1 day', case when is_open and fate > 1 then said.at end,
  case when not is_open or fate < 2 then said.at + interval '2 hours' end,
  case when not is_open or fate < 2 then 'Lea' else '' end, case when not is_open or fate < 2 then 120 end,
  case when not is_open then said.at + interval '2 hours' end, case when is_open then '' else 'answered' end
from bench_deed,
  lateral (select least(%(on)s - 1, due_on - 10) + interval '9 hours' + n %% 400 * interval '1 minute' as at) said
where fate < case when is_open then 5 else 10 end and not (is_open and fate = 2)
""",
    """
insert into conversations_about (id, vendor_id, conversation_id, invoice_id)
select pg_temp.key('about', n), vendor_id, pg_temp.key('thread', n), invoice_id from bench_deed
where fate < case when is_open then 5 else 10 end and not (is_open and fate = 2)
""",
    """
insert into conversations_message (id, vendor_id, conversation_id, at, by, inbound, internal, words, position)
select md5('said' || c.id || p)::uuid, c.vendor_id, c.id, case p when 1 then c.opened_at else c.first_answered_at end,
  case p when 1 then c.opened_by else 'Lea' end, p = 1, false,
  case p when 1 then 'The price per piece is not the one that we agreed, see ' || c.subject
         else 'It is the price of the offer of March; here it is again.' end, p
from conversations_conversation c, generate_series(1, 2) p where p = 1 or c.first_answered_at is not null
""",
    """
insert into conversations_promise
  (id, vendor_id, invoice_id, minor, open_then_minor, promised_on, by, words, made_at, outcome, judged_at)
select pg_temp.key('word', n), vendor_id, invoice_id, total_minor, total_minor, due_on + 3, person, '', due_on - 2,
  case when fate < 14 then 'kept' else 'broken' end, due_on + 4
from bench_deed where fate between 10 and 14 and due_on + 4 <= %(on)s
""",
    # Letters: of reminders, and of thanks; the latest wait for their hour, some are in doubt, some came back.
    """
update reminders_notice set channel = 'call' where step = 'call'
""",
    """
insert into delivery_letter
  (id, vendors, kind, channel, recipient, dedupe_key, message_id, state, not_before, attempts, fence, settled_at, server,
   answer, created_at, payer_id)
select n.id, n.vendors, 'notice', n.channel, p.address, n.dedupe_key, '<' || n.id || '@bench>',
  case when n."on" = %(on)s - 1 and pg_temp.roll(hashtext(n.id::text), 1, 10) = 0 then 'ready' else 'accepted' end,
  n.created_at, 1, 1, n.created_at, '', '', n.created_at, n.payer_id
from reminders_notice n join parties_payer p on p.id = n.payer_id where n.channel = 'email'
""",
    """
update reminders_notice set letter_id = id where channel = 'email'
""",
    """
insert into delivery_letter
  (id, vendors, kind, channel, recipient, dedupe_key, message_id, state, not_before, attempts, fence, settled_at, server,
   answer, created_at, payer_id)
select pg_temp.key('paid', n), array[vendor_id], 'receipt', 'email', p.address, 'receipt|' || n, '<' || n || '@bench>',
  case when fate = 99 and n %% 100 = 0 then 'ambiguous' when fate = 98 and n %% 10 = 0 then 'bounced' else 'accepted' end,
  "then", 1, 1, "then", '', '', "then", payer_id
from bench_deed b join parties_payer p on p.id = b.payer_id where not is_open
""",
    *(
        f"""
insert into interactions_interaction
  (id, vendor_id, at, kind, by, inbound, channel, customer_id, invoice_id, payer_id, subject_id, data)
{select}
"""
        for select in (
            """
select md5('log' || kind || n)::uuid, vendor_id, issued_on + step, kind, 'Lea', false, '', customer_id, invoice_id, null, null,
  case kind when 'invoice.issued' then jsonb_build_object('due_on', due_on, 'number', 'I-' || n, 'currency', currency,
    'total_minor', total_minor) else '{}' end
from bench_deed, (values ('invoice.drafted', time '09:00'), ('invoice.approved', time '09:10'),
                         ('invoice.issued', time '09:20')) as deed (kind, step)
""",
            """
select md5('log' || kind || n)::uuid, vendor_id, "then" + step, kind, 'bank feed', kind = 'payment.received', '', customer_id,
  case when kind = 'payment.allocated' then invoice_id end, case when kind = 'payment.thanked' then payer_id end,
  pg_temp.key('paid', n), jsonb_build_object('minor', total_minor, 'currency', currency, 'unapplied_minor', 0, 'number',
  'I-' || n, 'open_minor', 0, 'let_go_minor', 0, 'discount_minor', 0)
from bench_deed, (values ('payment.received', interval '0'), ('payment.allocated', interval '0'),
                         ('payment.thanked', interval '2 hours')) as deed (kind, step)
where not is_open
""",
            """
select md5('log' || m.id)::uuid, m.vendor_id, m.created_at, 'reminder.planned', 'goodterms', false, n.channel, m.customer_id,
  m.invoice_id, n.payer_id, n.id, jsonb_build_object('step', m.step)
from reminders_nomination m join reminders_notice n on n.id = m.notice_id
""",
            """
select md5('log' || l.id)::uuid, l.vendors[1], l.settled_at, case l.state when 'bounced' then 'letter.bounced'
  else 'letter.sent' end, 'goodterms', false, l.channel, null, null, l.payer_id, l.id, '{}'
from delivery_letter l where l.state in ('accepted', 'bounced')
""",
            """
select md5('log' || c.id || p)::uuid, c.vendor_id, case p when 1 then c.opened_at else c.first_answered_at end,
  case p when 1 then case c.kind when 'dispute' then 'dispute.opened' else 'question.asked' end else c.kind || '.answered' end,
  case p when 1 then c.opened_by else 'Lea' end, p = 1, case p when 1 then 'portal' else 'desk' end, c.customer_id,
  a.invoice_id, c.payer_id, c.id,
  case p when 1 then '{"minor": null, "wants": "", "reason": "PRI", "currency": "GBP"}' else '{"minutes": 120}' end::jsonb
from conversations_conversation c join conversations_about a on a.conversation_id = c.id, generate_series(1, 2) p
where p = 1 or c.first_answered_at is not null
""",
            """
select md5('log' || p.id)::uuid, p.vendor_id, p.made_at, 'promise.made', p.by, true, 'portal', i.customer_id, i.id, null, p.id,
  jsonb_build_object('minor', p.minor, 'words', p.words, 'currency', i.currency, 'promised_on', p.promised_on)
from conversations_promise p join invoicing_invoice i on i.id = p.invoice_id
""",
        )
    ),
    """
insert into interactions_interaction
  (id, vendor_id, at, kind, by, inbound, channel, data)
select md5('log' || v.id)::uuid, v.id, v.created_at, 'vendor.added', 'operator', false, '', '{}' from parties_vendor v
""",
    """
drop table bench_deed
""",
    """
insert into parties_person (id, password, email, name, is_active, single_keys)
values (pg_temp.key('person', 0), '!', 'tom@vendor-0.example', 'Tom Okafor', true, true)
""",
    """
insert into parties_member (id, vendor_id, person_id, role, since_at)
values (pg_temp.key('member', 0), pg_temp.key('vendor', 0), pg_temp.key('person', 0), 'owner', %(on)s - 600)
""",
)
