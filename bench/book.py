"""Decides what a generated book holds: the same rows for the same seed, written straight into the tables.

Vendors, customers who all have somebody who pays, payers whom several vendors share, invoices open and settled, each with a
balanced entry and the entries of its payments where a ledger is asked for, holds and promises on one in twenty, and what was
said of the open ones on earlier days. Caches on invoices agree with the ledger. What else happened is in `life.py`, for
those who ask for it; seals are nowhere.
"""

from datetime import date
from typing import NamedTuple

from bench.house import empty_books, loading
from bench.life import LIFE
from bench.work import WORK

ON = date(2026, 11, 17)  # a Tuesday
SEED = 20261117
VENDORS = 10


class Shape(NamedTuple):
    """How large a book is. Four open invoices a customer unless said; five open invoices a payer."""

    open: int
    settled: int = 0  # a multiple of `open`, so that open ones lie scattered among the settled
    ledger: bool = False
    life: bool = False  # what was said and done as well
    vendors: int = VENDORS
    each: int = 4  # open invoices of a customer

    @property
    def customers(self) -> int:
        return max(self.vendors, self.open // self.each)

    @property
    def payers(self) -> int:
        return max(self.vendors, self.open // 5)


def make(name: str, shape: Shape) -> None:
    """A new database `name` with a book of this shape."""
    empty_books(name)
    given = {
        "on": ON, "seed": SEED, "vendors": shape.vendors, "customers": shape.customers, "payers": shape.payers,
        "invoices": shape.open + shape.settled, "every": (shape.open + shape.settled) // shape.open,
    }  # fmt: skip
    with loading(name) as rows:
        rows.execute(_FUNCTIONS)
        again = [definition for _, definition in rows.execute(_INDEXES).fetchall()]
        for index, _ in rows.execute(_INDEXES).fetchall():
            rows.execute(f'drop index "{index}"')
        for statement in _BOOK + (_LEDGER if shape.ledger else ()) + (LIFE + WORK if shape.life else ()):
            rows.execute(_written(statement, given))
        rows.execute("drop table bench_invoice")
        for definition in again:
            rows.execute(definition)


def _written(statement: str, given: dict[str, object]) -> str:
    """With the numbers in place: parameters of a prepared statement would hide the sizes from the planner."""
    return statement % {name: f"date '{value}'" if isinstance(value, date) else str(value) for name, value in given.items()}


_INDEXES = """
select indexname, indexdef from pg_indexes i
where schemaname = 'public' and not exists (select from pg_constraint c where c.conname = i.indexname)
  and tablename ~ '^(invoicing_invoice|ledger_|reminders_|parties_|interactions_|payments_|conversations_|delivery_)'
  and indexdef !~ ' UNIQUE '
"""
_FUNCTIONS = """
create function pg_temp.roll(n bigint, salt bigint, sides bigint) returns bigint immutable parallel safe
  return abs(hashint8extended(n, salt) %% sides);
create function pg_temp.key(kind text, n bigint) returns uuid immutable parallel safe
  return (lpad(to_hex(1790000000000 + n / 8), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
          || '8' || substr(md5(kind || n), 4, 15))::uuid;
create function pg_temp.payer(n bigint) returns uuid immutable parallel safe return md5('payer' || n)::uuid;
""".replace("%%", "%")
_PLAIN = "'', '', '{}'::smallint[], '[]'::jsonb"
_BOOK: tuple[str, ...] = (
    """
insert into parties_vendor
  (id, slug, name, legal_name, email, country, currency, timezone, language, tone, address, tax_id, bank, sender, opens_at,
   closes_at, answer_hours, extension_days_max, created_at)
select pg_temp.key('vendor', v), 'vendor-' || v, 'Vendor ' || v, '', 'office@vendor-' || v || '.example', 'GB',
  case when v %% 5 < 3 then 'GBP' else 'EUR' end, 'Europe/London', 'en', 'neutral', '', '', '{}', 'Tom Okafor', '09:00',
  '17:00', 4, 14, %(on)s - 600
from generate_series(0, %(vendors)s - 1) v
""",
    f"""
insert into parties_payer
  (id, address, name, language, tone, country, timezone, quiet_weekdays, quiet_ranges, letter_weekdays, created_at)
select pg_temp.payer(p), 'payer-' || p || '@firm.example', '', '', '', {_PLAIN}, '{{}}', %(on)s - 500
from generate_series(0, %(payers)s - 1) p
""",
    f"""
insert into parties_customer
  (id, vendor_id, number, name, folded, language, tone, country, timezone, quiet_weekdays, quiet_ranges, legal_name, address,
   tax_id, currency, note, channel, bill_days, order_required, pays_by, pays_automatically, cadence, created_at)
select pg_temp.key('customer', c), pg_temp.key('vendor', (c + c / %(payers)s) %% %(vendors)s), 'C-' || c, 'Firm ' || c,
  'firm ' || c, (array['', 'en', 'id'])[1 + pg_temp.roll(c, %(seed)s, 3)], '', {_PLAIN}, '', '', '', 'GBP', '',
  case when pg_temp.roll(c, %(seed)s + 1, 20) = 0 then 'post' else 'email' end, '{{}}', false, '', false, '', %(on)s - 500
from generate_series(0, %(customers)s - 1) c
""",
    """
insert into parties_contact
  (id, vendor_id, customer_id, payer_id, name, title, email, phone, pays, approves, receives_copies, signs, note, created_at)
select pg_temp.key('contact', c), pg_temp.key('vendor', (c + c / %(payers)s) %% %(vendors)s), pg_temp.key('customer', c),
  pg_temp.payer(c %% %(payers)s), 'Person ' || c, '', 'payer-' || c %% %(payers)s || '@firm.example', '', true, false, false,
  false, '', %(on)s - 500
from generate_series(0, %(customers)s - 1) c
""",
    """
create table bench_invoice as
select n, n %% %(every)s = 0 as is_open, pg_temp.roll(n, %(seed)s + 2, %(customers)s) as c,
  case when n %% %(every)s = 0 then %(on)s + 25 - pg_temp.roll(n, %(seed)s + 3, 50)::int
       else %(on)s - 25 - pg_temp.roll(n, %(seed)s + 3, 540)::int end as due_on,
  1000 + pg_temp.roll(n, %(seed)s + 4, 500000) as total_minor, pg_temp.roll(n, %(seed)s + 5, 20) = 0 as in_parts,
  pg_temp.roll(n, %(seed)s + 6, 100) as fate
from generate_series(0, %(invoices)s - 1) n
""",
    """
insert into invoicing_invoice
  (id, vendor_id, customer_id, kind, number, work, order_number, currency, issued_on, due_on, net_minor, tax_minor,
   total_minor, terms, document, document_sha256, on_paper, created_by, created_at, approved_at, approved_by, issued_at,
   void_reason, open_minor, settled_on, in_parts, chase_on)
select pg_temp.key('invoice', n), k.vendor_id, k.customer_id, 'invoice', 'I-' || n, 'Work of item ' || n, '',
  v.currency, due_on - 30, due_on, total_minor, 0, total_minor, '{"due": [["days", 30]]}',
  jsonb_build_object('vendor', jsonb_build_object('name', v.name, 'email', v.email, 'country', 'GB', 'bank', '{}'::jsonb),
    'customer', jsonb_build_object('number', 'C-' || c, 'name', k.name, 'address', '', 'country', 'GB', 'tax_id', ''),
    'tax_groups', jsonb_build_array(jsonb_build_object('category', 'O', 'rate', '0', 'taxable_minor', total_minor,
      'tax_minor', 0, 'reason', ''))), sha256(n::text::bytea), false, 'import', due_on - 30, due_on - 30, '',
  due_on - 30, '',
  case when not is_open then 0 when in_parts then total_minor - total_minor / 3 else total_minor end,
  case when is_open then date '9999-12-31' else due_on - 10 + fate::int %% 25 end, in_parts, due_on
from bench_invoice b join parties_contact k on k.id = pg_temp.key('contact', b.c)
join parties_vendor v on v.id = k.vendor_id
""",
    """
insert into invoicing_hold (id, vendor_id, invoice_id, reason, by, note, from_on, until_on, created_at, ended_by)
select pg_temp.key('hold', n), i.vendor_id, i.id, (array['disputed', 'question_open', 'promised'])[1 + fate %% 3], 'customer',
  '', %(on)s - 3, case when fate %% 3 = 2 then %(on)s + 5 end, %(on)s - 3, ''
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n) where is_open and fate < 5
""",
    """
insert into conversations_promise
  (id, vendor_id, invoice_id, minor, open_then_minor, promised_on, by, words, made_at, outcome)
select pg_temp.key('promise', n), i.vendor_id, i.id, i.open_minor, i.open_minor, %(on)s + 5, 'customer', '', %(on)s - 3, ''
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n) where is_open and fate in (2)
""",
    # Of the open ones without a hold, three in four had their last step in time; the others were held on that day.
    """
insert into reminders_nomination
  (id, vendor_id, customer_id, invoice_id, notice_id, "on", step_days, step, chase_on, open_minor, created_at)
select pg_temp.key('nomination', b.n), i.vendor_id, i.customer_id, i.id, md5(k.payer_id::text || (b.due_on + s.days))::uuid,
  b.due_on + s.days, s.days, s.word, b.due_on, i.open_minor, b.due_on + s.days + time '10:00'
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n)
join parties_contact k on k.id = pg_temp.key('contact', b.c)
cross join lateral (
  select days, word from (values (-5, 'heads_up'), (0, 'due_day'), (3, 'first'), (10, 'second'), (14, 'call')) as s (days, word)
  where days < %(on)s - b.due_on order by days desc limit 1) s
where is_open and fate between 5 and 75
""",
    """
insert into reminders_notice (id, vendors, payer_id, "on", channel, step, tone, language, dedupe_key, created_at)
select m.notice_id, array_agg(distinct m.vendor_id), k.payer_id, m."on", 'email', max(m.step), 'neutral', 'en',
  'notice|email|' || k.payer_id || '|' || m."on" || '|0', m."on" + time '10:00'
from reminders_nomination m join parties_contact k on k.customer_id = m.customer_id group by m.notice_id, k.payer_id, m."on"
""",
    """
insert into interactions_outreach (id, payer_id, at, channel) select id, payer_id, created_at, channel from reminders_notice
""",
)
_LEDGER: tuple[str, ...] = (
    """
insert into ledger_entry (id, vendor_id, kind, effective_on, recorded_at, document_id, memo)
select pg_temp.key(part.kind, n), i.vendor_id, part.kind, part.day, part.day, i.id, ''
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n)
cross join lateral (values ('invoice', i.issued_on, true), ('payment', least(i.due_on - 15, %(on)s), b.in_parts),
  ('allocation', i.settled_on, not b.is_open)) as part (kind, day, is_there)
where part.is_there
""",
    """
insert into ledger_posting (vendor_id, entry_id, account, currency, minor, customer_id, invoice_id, effective_on)
select i.vendor_id, pg_temp.key(part.kind, n), side.account, i.currency, side.sign * part.minor, i.customer_id,
  case when side.account = 'receivable' then i.id end, part.day
from bench_invoice b join invoicing_invoice i on i.id = pg_temp.key('invoice', b.n)
cross join lateral (values ('invoice', 'sales', i.issued_on, i.total_minor, true),
  ('payment', 'bank', least(i.due_on - 15, %(on)s), -(i.total_minor / 3), b.in_parts),
  ('allocation', 'bank', i.settled_on, case when b.in_parts then i.total_minor / 3 - i.total_minor else -i.total_minor end,
   not b.is_open)) as part (kind, other, day, minor, is_there)
cross join lateral (values ('receivable', 1), (part.other, -1)) as side (account, sign)
where part.is_there
""",
)
