"""Decides what is to be billed in a generated book, and what stands beside its invoices: written after its life, as sets.

Projects with what was done in them, billed and not; schedules with their prices, pauses and periods; retainers with what was
paid ahead and taken out; rates of a year; contacts, colleagues who were named, notes of colleagues, a plan, files of drafts,
questions before an invoice, and members. What one page shows at most is there at least once.
"""

_PRICED = "description, quantity, unit, unit_price, discount_percent, includes_tax, tax_category, tax_percent, tax_reason"
_MOST = "(select {0} from invoicing_invoice where open_minor > 0 group by 1 order by count(*) desc, 1 limit 1)"
WORK: tuple[str, ...] = (
    # One project for each of some customers, the first of them for the customer with the most open invoices.
    """
create table bench_project as
select p, pg_temp.key('project', p) as id, c.id as customer_id, c.vendor_id, v.currency
from generate_series(0, 399) p, lateral (
  select case when p = 0 then (select customer_id from invoicing_invoice where open_minor > 0 group by 1
                               order by count(*) desc, 1 limit 1)
         else pg_temp.key('customer', p) end as key) chosen
join parties_customer c on c.id = chosen.key join parties_vendor v on v.id = c.vendor_id
""",
    """
insert into billing_project
  (id, vendor_id, customer_id, name, currency, order_number, estimate_minor, finished_on, finished_by, created_at, created_by)
select id, vendor_id, customer_id, 'Project ' || p, currency, case when p %% 3 = 0 then 'PO-' || p else '' end,
  case when p %% 2 = 0 then 900000 end, case when p %% 5 = 4 then %(on)s - 9 end, case when p %% 5 = 4 then 'Lea' else '' end,
  %(on)s - 200, 'Lea'
from bench_project
""",
    # Five hundred items of the first project, which are as many as its page shows; twelve of each other one.
    f"""
insert into billing_item
  (id, vendor_id, project_id, kind, done_on, done_by, finished_on, waits_for, reference, invoice_id, dropped_why, created_at,
   created_by, {_PRICED})
select md5('item' || p || '-' || n)::uuid, b.vendor_id, b.id, (array['time', 'time', 'expense'])[1 + n %% 3],
  %(on)s - 1 - n %% 90, 'Priya', case when n %% 9 > 0 then %(on)s - 1 - n %% 90 end,
  case when n %% 17 = 3 then 'Beth''s yes' else '' end, '', settled.id, '', %(on)s - 1 - n %% 90, 'Lea',
  'Labels, proof ' || n, 1 + n %% 7, 'h', 60 + n %% 40, 0, false, 'S', 20, ''
from bench_project b cross join lateral generate_series(1, case b.p when 0 then 500 else 12 end) n
left join lateral (select i.id from invoicing_invoice i where i.customer_id = b.customer_id and i.issued_on is not null
                   and i.open_minor = 0 order by i.number limit 1) settled on n %% 5 = 4
""",
    # Money that was paid too much, kept for the customer with the most open invoices and for others.
    """
insert into payments_payment
  (id, vendor_id, customer_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor,
   refunded_minor, received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer, thanked_at)
select md5('kept' || p)::uuid, vendor_id, customer_id, 'bank_transfer', '', '', 'K-' || p, currency, 90000, 90000, 0,
  %(on)s - 5, %(on)s - 5, 'bank feed', 'K-' || p, sha256(p::text::bytea), '{}', %(on)s - 5
from bench_project
""",
    """
create table bench_schedule as
select s, pg_temp.key('schedule', s) as id, c.id as customer_id, c.vendor_id, v.currency
from generate_series(0, 1199) s
join parties_customer c on c.id = case when s = 0 then """
    + _MOST.format("customer_id")
    + """ else pg_temp.key('customer', s %% %(customers)s) end
join parties_vendor v on v.id = c.vendor_id
""",
    """
insert into billing_schedule
  (id, vendor_id, customer_id, work, project, order_number, currency, rule, starts_on, ends_on, in_advance, prorated, automatic,
   created_at, created_by, next_on)
select id, vendor_id, customer_id, 'Retainer ' || s || ', {month}', '', '', currency, 'FREQ=MONTHLY;BYMONTHDAY=1',
  date '2025-12-01', case when s %% 6 = 5 then date '2026-10-31' end, true, true, s %% 2 = 0, %(on)s - 350, 'Lea',
  case when s %% 6 < 5 then date '2026-12-01' end
from bench_schedule
""",
    # The prices of a year ago, of which the first two schedules had a new one each month.
    f"""
insert into billing_scheduleline
  (id, vendor_id, schedule_id, position, from_on, created_at, created_by, {_PRICED})
select md5('scheduled' || s || '-' || position || '-' || change)::uuid, vendor_id, id, position,
  date '2025-12-01' + change * 30, %(on)s - 350, 'Lea', 'Retainer, {{month}}, part ' || position, 1 + position, 'month',
  400 + change, 0, false, 'S', 20, ''
from bench_schedule, generate_series(1, 3) position, lateral generate_series(0, case when s < 2 then 11 else 0 end) change
""",
    """
insert into billing_pause (id, vendor_id, schedule_id, from_on, until_on, reason, created_at, created_by)
select md5('pause' || s)::uuid, vendor_id, id, date '2026-12-01', case when s %% 40 = 0 then date '2027-01-31' end,
  'They move house', %(on)s - 20, 'Lea'
from bench_schedule where s %% 20 = 0
""",
    """
insert into billing_billed (id, vendor_id, schedule_id, from_on, until_on, invoice_id, at)
select md5('period' || s || '-' || n)::uuid, vendor_id, id, (date '2025-12-01' + n * interval '1 month')::date,
  (date '2025-12-31' + n * interval '1 month')::date, null, %(on)s - 350 + n * 30
from bench_schedule, generate_series(0, 11) n
""",
    # What was paid ahead and taken out stands on settled invoices of the customer, each of them once.
    """
create table bench_retainer as
select r, pg_temp.key('retainer', r) as id, c.id as customer_id, c.vendor_id, v.currency
from generate_series(0, 419) r
join parties_customer c on c.id = case when r = 0 then """
    + _MOST.format("customer_id")
    + """
  when r < 4 then (array(
    select k.customer_id from parties_contact k where k.pays and k.payer_id = (
      select k.payer_id from invoicing_invoice i join parties_contact k on k.customer_id = i.customer_id and k.pays
      where i.open_minor > 0 group by 1 order by count(*) desc, 1 limit 1) order by 1))[r]
  else pg_temp.key('customer', (r * 3 + 1) %% %(customers)s) end
join parties_vendor v on v.id = c.vendor_id
""",
    """
insert into billing_retainer
  (id, vendor_id, customer_id, name, unit, currency, unit_price, tax_category, tax_percent, tax_reason, keeps_months,
   order_number, created_at, created_by, ended_on, ended_by, ended_why)
select id, vendor_id, customer_id, 'Care ' || r, case r %% 2 when 0 then 'sum' else 'hours' end, currency,
  case r %% 2 when 1 then 90 end, 'Z', 0, '', case r %% 3 when 1 then 3 end, '', %(on)s - 400, 'Lea',
  case when r %% 10 = 9 then %(on)s - 10 end, '', ''
from bench_retainer
""",
    """
create table bench_ahead as
select r.id as retainer_id, i.vendor_id, i.id as invoice_id, i.issued_on,
  row_number() over (partition by i.customer_id order by i.issued_on, i.id) as place
from (select distinct on (customer_id) * from bench_retainer order by customer_id, r) r
join invoicing_invoice i on i.customer_id = r.customer_id and i.issued_on is not null and i.open_minor = 0
""",
    """
insert into billing_topup (invoice_id, vendor_id, retainer_id, expires_on, at, by)
select invoice_id, vendor_id, retainer_id, case when place %% 4 = 1 then issued_on + 90 end, issued_on, 'Lea'
from bench_ahead where place %% 2 = 1 and place < 24
""",
    """
insert into billing_drawing (invoice_id, vendor_id, retainer_id, at, by)
select invoice_id, vendor_id, retainer_id, issued_on, 'Lea' from bench_ahead where place %% 2 = 0 and place < 24
""",
    """
drop table bench_project, bench_schedule, bench_retainer, bench_ahead
""",
    # Forty currencies on every day of a year, and some by hand.
    """
insert into rates_publishedrate (id, vendor_id, source, day, currency, per_euro, read_at)
select md5('rate' || v || '-' || d || '-' || code)::uuid, pg_temp.key('vendor', v), 'ECB', %(on)s - d, code,
  1 + pg_temp.roll(d * 37 + ascii(right(code, 1)), %(seed)s, 1000) / 1000.0, %(on)s - d
from generate_series(0, %(vendors)s - 1) v, generate_series(0, 364) d,
  unnest(string_to_array('USD JPY BGN CZK DKK GBP HUF PLN RON SEK CHF ISK NOK TRY AUD BRL CAD CNY HKD IDR ILS INR KRW MXN MYR'
                         ' NZD PHP SGD THB ZAR', ' ')) code
where extract(isodow from %(on)s - d) < 6
""",
    """
insert into rates_givenrate (id, vendor_id, currency, base, rate, from_on, until_on, source, by, given_at, ended_by)
select md5('given' || v || '-' || n)::uuid, pg_temp.key('vendor', v), 'USD', 'GBP', 0.75 + n / 1000.0, %(on)s - n * 10,
  %(on)s + 20, 'our bank', 'Lea', %(on)s - n * 10, ''
from generate_series(0, %(vendors)s - 1) v, generate_series(1, 30) n
""",
    # Colleagues at customers: some named by a payer and not looked at yet.
    """
insert into parties_contact
  (id, vendor_id, customer_id, payer_id, name, title, email, phone, pays, approves, receives_copies, signs, note, created_at)
select md5('colleague' || k.id || n)::uuid, k.vendor_id, k.customer_id, null, k.name || ', desk ' || n, '', '', '', false,
  n = 1, false, false, '', %(on)s - 300
from parties_contact k, generate_series(1, 3) n where k.pays
""",
    """
insert into parties_introduction
  (id, vendor_id, customer_id, payer_id, by, name, address, takes_over, asked_at, decided_by, outcome)
select md5('named' || c)::uuid, k.vendor_id, k.customer_id, k.payer_id, k.name, 'Sam ' || c, 'sam-' || c || '@firm.example',
  c %% 2 = 0, %(on)s - 1, '', ''
from generate_series(0, 39) c join parties_contact k on k.id = pg_temp.key('contact', c)
""",
    # A plan on the oldest open invoices of the customer with the most, and half of the drafts wait for their customer's word.
    """
insert into invoicing_forewarning
  (id, vendor_id, invoice_id, basis, about, expected_minor, before_minor, comes_to_minor, net_minor, note, by, at, payer_id,
   asked, then_issue, then_send, series_code, answer, answered_by, words, overruled_by, overruled_why, ended_why)
select md5('before' || i.id)::uuid, i.vendor_id, i.id, 'usual', '', 80000, 0, i.net_minor, i.net_minor, 'More than before',
  'Lea', %(on)s - 1, k.payer_id, k.name, false, true, '', '', '', '', '', '', ''
from invoicing_invoice i join parties_contact k on k.customer_id = i.customer_id and k.pays
where i.issued_on is null and hashtext(i.id::text) %% 2 = 0
""",
    """
insert into invoicing_enclosure (id, vendor_id, invoice_id, position, kind, name, media_type, size, sha256, content, by, at)
select md5('file' || i.id || n)::uuid, i.vendor_id, i.id, n, 'document', 'timesheet-' || n || '.pdf', 'application/pdf', 20000,
  sha256(convert_to('file' || n, 'UTF8')), convert_to(repeat('x', 20000), 'UTF8'), 'Lea', %(on)s - 2
from invoicing_invoice i, generate_series(1, 8) n where i.issued_on is null
""",
    """
insert into interactions_interaction (id, vendor_id, at, kind, by, inbound, channel, customer_id, data)
select md5('noted' || k.id || n)::uuid, k.vendor_id, %(on)s - n, 'customer.noted', 'Lea', false, '', k.customer_id,
  jsonb_build_object('words', 'Asks for paper in December, note ' || n)
from parties_contact k, generate_series(1, 3) n where k.pays and hashtext(k.id::text) %% 5 = 0
""",
    """
insert into parties_person (id, password, email, name, is_active, single_keys)
select pg_temp.key('person', n), '!', 'colleague-' || n || '@vendor-0.example', 'Colleague ' || n, true, true
from generate_series(1, 24) n
""",
    """
insert into parties_member (id, vendor_id, person_id, role, since_at)
select pg_temp.key('member', n), pg_temp.key('vendor', 0), pg_temp.key('person', n), 'bookkeeper', %(on)s - 500
from generate_series(1, 24) n
""",
)
