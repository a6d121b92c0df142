"""Decides which rows a desk is asked for what needs a person: one statement for each kind, and one for all of their counts."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.desk.today import money
from goodterms.invoicing.approval import WRITING
from goodterms.invoicing.forms import FORMS
from goodterms.parties.rules import FORMATS
from goodterms.reminders.gathering import cadences
from goodterms.reminders.rules import Cadence
from goodterms.values.days import NEVER

MOST = 50  # of one kind on the page; the count goes no further either
LOOKED_AT = 500  # calls, and invoices of each currency whose reminders are over: enough for MOST customers of any usual book
FEW = 100  # of these first, where only their count is wanted: they are of MOST customers in any large book
FRESH_DAYS = 14  # a letter that came back, or a call that was due: older ones are on the customer's page
BROKEN_DAYS = 31


class Asked(NamedTuple):
    """Whose desk, on which day, and from which day after the chase day on a cadence leaves an invoice to a person."""

    vendor_id: UUID
    today: date
    now: datetime
    manual: dict[str, int]  # by the name of the cadence; the usual one under ""

    @property
    def values(self) -> dict[str, Any]:
        return {
            "vendor": self.vendor_id, "today": self.today, "most": MOST, "never": NEVER,
            "since": self.now - timedelta(days=FRESH_DAYS), "since_on": self.today - timedelta(days=FRESH_DAYS),
            "broken_since": self.now - timedelta(days=BROKEN_DAYS), "names": list(self.manual),
            "days": list(self.manual.values()),
            "first_day": min(self.manual.values(), default=0),
        }  # fmt: skip


class Thread(NamedTuple):
    """A question, a dispute or a request that waits for our answer, with the last words."""

    id: UUID
    kind: str
    customer_id: UUID
    customer: str
    opened_by: str
    opened_at: datetime
    answer_due_at: datetime
    disputed_minor: int | None
    answered_by: str
    answered_at: datetime | None
    answered_minutes: int | None
    said: str
    said_by: str
    said_at: datetime
    numbers: list[str]
    invoice_id: UUID | None
    currency: str | None  # None: of several
    total_minor: int
    due_on: date | None
    until_on: date | None  # of the wish for more time
    parts: int | None  # of the plan that was asked for
    last_on: date | None


class Sheet(NamedTuple):
    """An invoice that is drafted, or approved and not issued."""

    id: UUID
    customer_id: UUID
    customer: str
    work: str
    order_number: str
    order_required: bool
    currency: str
    total_minor: int
    created_by: str
    created_at: datetime
    approved_by: str
    approved_at: datetime | None
    written_by: list[str]
    word: str  # that of the customer which it waits for: asked, objected, or nobody could be asked
    paper: str  # what has to come with it and does not
    format: str  # how the customer takes it
    held: str  # why it was not issued by itself, where nothing was done about it since

    @property
    def form(self) -> str:
        """A format whose official rules hold an issue, by its name."""
        return dict(FORMATS)[self.format] if self.format in FORMS else ""


class Broken(NamedTuple):
    """A promise that was not kept, and nothing was said since; with the customer's record."""

    id: UUID
    invoice_id: UUID
    number: str
    customer_id: UUID
    customer: str
    currency: str
    minor: int
    open_minor: int
    promised_on: date
    outcome: str
    judged_at: datetime
    by: str
    kept: int
    broken: int


class Late(NamedTuple):
    """A call that is due, or a customer whose reminders are over: its oldest invoice, and how many more."""

    id: UUID
    number: str
    customer_id: UUID
    customer: str
    currency: str
    open_minor: int
    day: date
    many: int
    person: str
    phone: str


class Doubtful(NamedTuple):
    """A letter of which nobody knows whether it arrived, or which came back."""

    id: UUID
    state: str
    letter: str
    channel: str
    recipient: str
    at: datetime
    is_shared: bool
    answer: str
    customer_id: UUID | None
    customer: str | None

    @property
    def channel_words(self) -> str:
        return "by post" if self.channel == "post" else "by e-mail"

    @property
    def letter_words(self) -> str:
        """What kind of letter it was."""
        return _LETTERS.get(self.letter, "A letter")


class Colleague(NamedTuple):
    """Whom a payer names: a person of ours adds them, or does not."""

    id: UUID
    customer_id: UUID
    customer: str
    name: str
    address: str
    by: str
    takes_over: bool
    at: datetime


class Found(NamedTuple):
    threads: list[Thread]
    sheets: list[Sheet]
    broken: list[Broken]
    calls: list[Late]
    over: list[Late]
    doubts: list[Doubtful]
    returned: list[Doubtful]
    colleagues: list[Colleague]
    money: list[money.Uncertain]


def asked(vendor_id: UUID, today: date, now: datetime) -> Asked:
    """With the day from which each cadence of the vendor leaves an invoice to a person."""
    kept = cadences()[str(vendor_id)]
    return Asked(vendor_id, today, now, {name: day for name, one in kept.items() if (day := _manual(one)) is not None})


def found(given: Asked) -> Found:
    """All rows, each kind up to MOST; nine statements whatever the book holds."""
    with connection.cursor() as cursor:

        def rows(statement: str) -> Iterable[tuple[Any, ...]]:
            cursor.execute(statement, given.values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

        return Found(
            [Thread(*row) for row in rows(_THREADS)],
            [Sheet(*row) for row in rows(_SHEETS)],
            [Broken(*row) for row in rows(_BROKEN)],
            [Late(*row) for row in rows(_CALLS)],
            [Late(*row) for row in rows(_OVER)],
            [Doubtful(*row) for row in rows(_DOUBTS)],
            [Doubtful(*row) for row in rows(_RETURNED)],
            [Colleague(*row) for row in rows(_COLLEAGUES)],
            [money.Uncertain(*row) for row in rows(money.ROWS)],
        )


def count(given: Asked) -> int:
    """How many there are, each kind up to MOST: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given.values)
        return int(cursor.fetchone()[0])


def _manual(cadence: Cadence) -> int | None:
    return next((step.days for step in cadence.steps if not step.automatic), None)


_LETTERS = {
    "notice": "A reminder", "order": "The question for a purchase order",
    "forewarning": "The question before an invoice", "receipt": "A receipt with thanks",
    "answer": "An answer of ours",
    "bank": "A letter to an owner about bank details",
    "satisfaction": "The question how content they are",
}  # fmt: skip
_WAITING = """conversations_conversation c where c.vendor_id = %(vendor)s and c.closed_at is null
  and c.waiting_since_at is not null"""
_DRAFTED = """invoicing_invoice i where i.vendor_id = %(vendor)s and i.settled_on = %(never)s::date and i.issued_on is null
  and i.voided_at is null and i.kind = 'invoice' and (i.issues_on is null or i.issues_on <= %(today)s)"""
_HELD = """select from invoicing_hold h where h.invoice_id = i.id and h.ended_at is null
      and (h.until_on is null or h.until_on >= %(today)s)"""
# The day on which a person has to act, by the cadence of the customer `cu`: no join, or the planner takes it for ten rows.
_MANUAL = """(i.chase_on + (%(days)s::int[])[coalesce(array_position(%(names)s::text[], cu.cadence),
                                             array_position(%(names)s::text[], ''))] <= %(today)s)"""
# What takes an invoice out of a list is asked in one breath: the planner would weigh each `not exists` against every other,
# which took longer than the search.
_MISSED = f"""conversations_promise p join invoicing_invoice i on i.id = p.invoice_id
where p.vendor_id = %(vendor)s and p.outcome in ('broken', 'part') and p.judged_at >= %(broken_since)s and i.open_minor > 0
  and i.voided_at is null and not exists (
    {_HELD}
    union all select from conversations_promise q where q.invoice_id = p.invoice_id and q.made_at > p.made_at
    union all select from reminders_nomination m join reminders_notice n on n.id = m.notice_id
      where m.invoice_id = i.id and m."on" > p.promised_on and m.withdrawn_at is null and n.channel in ('email', 'post'))"""
# As many as are looked at: without an order the walk along the calls ends there, and more than MOST are not shown anyway.
_CALLED = f"""(
  select i.* from reminders_notice n join reminders_nomination m on m.notice_id = n.id
  join invoicing_invoice i on i.id = m.invoice_id
  where n.withdrawn_at is null and n."on" between %(since_on)s and %(today)s and n.channel = 'call'
    and m.vendor_id = %(vendor)s and i.open_minor > 0 and i.voided_at is null and i.chase_on = m.chase_on and not exists (
      {_HELD}
      union all select from reminders_nomination l where l.invoice_id = i.id and l.chase_on = i.chase_on
        and l.step_days > m.step_days and l.withdrawn_at is null
      union all select from conversations_promise p where p.invoice_id = i.id and p.outcome in ('broken', 'part')
        and p.judged_at >= %(broken_since)s
      union all select from parties_customer cu where cu.id = i.customer_id and {_MANUAL})
  limit {LOOKED_AT}) i"""
# The oldest of each currency, in the order of the index, which is walked from currency to currency: a large book costs no more.
_OLDEST = f"""(
  with recursive code as (
    (select currency from invoicing_invoice where vendor_id = %(vendor)s and open_minor > 0 order by currency limit 1)
    union all
    select (select n.currency from invoicing_invoice n where n.vendor_id = %(vendor)s and n.open_minor > 0
            and n.currency > code.currency order by n.currency limit 1) from code where code.currency is not null)
  select o.* from code, lateral (
    select * from invoicing_invoice i where i.vendor_id = %(vendor)s and i.open_minor > 0 and i.currency = code.currency
      and i.due_on <= %(today)s::date - %(first_day)s::int and i.voided_at is null and i.kind = 'invoice'
      and not exists ({_HELD})
    order by i.due_on limit {LOOKED_AT}) o)"""
# One look for each: joined as a set, the planner would read every customer of the vendor.
_LEFT = f"""{_OLDEST} i
cross join lateral (select cadence from parties_customer cu where cu.id = i.customer_id limit 1) cu where {_MANUAL}"""
_IN_DOUBT = "delivery_letter l where l.is_in_doubt and l.vendors @> array[%(vendor)s]::uuid[]"
_CAME_BACK = """interactions_interaction a join delivery_letter l on l.id = a.subject_id
where a.vendor_id = %(vendor)s and a.kind in ('letter.rejected', 'letter.bounced') and a.at >= %(since)s
  and l.state in ('rejected', 'bounced')
  and not exists (select from delivery_letter r where r.payer_id = l.payer_id and r.created_at > l.created_at
                  and r.state in ('accepted', 'resolved_sent'))
  and exists (select from parties_payer p join parties_contact k on k.payer_id = p.id and k.ended_at is null
              where p.id = l.payer_id and p.address = l.recipient and k.vendor_id = %(vendor)s)"""
_NAMED = "parties_introduction n where n.vendor_id = %(vendor)s and n.decided_at is null"

_THREADS = f"""
select c.id, c.kind, c.customer_id, cu.name, c.opened_by, c.opened_at, c.answer_due_at, c.disputed_minor, c.first_answered_by,
       c.first_answered_at, c.answered_in_minutes, coalesce(m.words, ''), coalesce(m.by, c.opened_by),
       coalesce(m.at, c.opened_at), coalesce(a.numbers, '{{}}'), a.invoice_id, a.currency, coalesce(a.minor, 0), a.due_on,
       e.until_on, pl.parts, pl.last_on
from (select * from {_WAITING} order by c.answer_due_at, c.id limit %(most)s) c
join parties_customer cu on cu.id = c.customer_id
left join lateral (select words, by, at from conversations_message m where m.conversation_id = c.id and m.inbound
                   and not m.internal and m.withdrawn_at is null order by m.at desc, m.position desc limit 1) m on true
left join lateral (select array_agg(i.number order by i.number) as numbers,
                          (array_agg(i.id order by i.number))[1] as invoice_id,
                          case when min(i.currency) = max(i.currency) then min(i.currency) end as currency,
                          sum(i.total_minor)::bigint as minor, min(i.due_on) as due_on
                   from conversations_about b join invoicing_invoice i on i.id = b.invoice_id
                   where b.conversation_id = c.id) a on true
left join lateral (select until_on from conversations_extension e where e.conversation_id = c.id and e.granted_at is null
                   and e.refused_at is null limit 1) e on true
left join lateral (select count(*) as parts, max(r.due_on) as last_on from conversations_plan w
                   join conversations_planpart r on r.plan_id = w.id
                   where w.conversation_id = c.id and w.agreed_at is null and w.ended_at is null having count(*) > 0) pl on true
"""
_SHEETS = f"""
select i.id, i.customer_id, cu.name, i.work, i.order_number, cu.order_required, i.currency, i.total_minor, i.created_by,
       i.created_at, i.approved_by, i.approved_at,
       array(select distinct w.by from interactions_interaction w
             where w.vendor_id = i.vendor_id and w.customer_id = i.customer_id and w.at >= i.created_at
               and w.invoice_id = i.id and w.kind in {WRITING} union select i.created_by),
       coalesce((select case when f.answer <> '' then f.answer when f.payer_id is null then 'nobody' else 'asked' end
                 from invoicing_forewarning f where f.invoice_id = i.id and f.ended_at is null and f.overruled_at is null
                   and f.answer <> 'fine'), ''),
       case when exists (select from invoicing_enclosure e where e.invoice_id = i.id and e.kind = 'document') then ''
            else cu.enclosure_required end,
       cu.invoice_format,
       coalesce((select case when w.kind = 'invoice.waits' then w.data ->> 'reason' end from interactions_interaction w
                 where w.vendor_id = i.vendor_id and w.customer_id = i.customer_id and w.at >= i.created_at
                   and w.invoice_id = i.id and w.kind like 'invoice.%%' order by w.at desc, w.id desc limit 1), '')
from (select * from {_DRAFTED} order by i.created_at, i.id limit %(most)s) i
join parties_customer cu on cu.id = i.customer_id
"""
_BROKEN = f"""
select p.id, p.invoice_id, p.number, p.customer_id, cu.name, p.currency, p.minor, p.open_minor, p.promised_on, p.outcome,
       p.judged_at, p.by, coalesce(r.kept, 0), coalesce(r.broken, 0) from (
  select p.id, p.invoice_id, i.number, i.customer_id, i.currency, p.minor, i.open_minor, p.promised_on, p.outcome,
         p.judged_at, p.by
  from {_MISSED} order by p.judged_at, p.id limit %(most)s) p
join parties_customer cu on cu.id = p.customer_id
left join lateral (select count(*) filter (where q.outcome = 'kept') as kept,
                          count(*) filter (where q.outcome <> 'kept') as broken
                   from invoicing_invoice j join conversations_promise q on q.invoice_id = j.id
                   where j.customer_id = p.customer_id and q.judged_at is not null and q.id <> p.id) r on true
"""
_WHOM = """
select x.id, x.number, x.customer_id, cu.name, x.currency, x.open_minor, x.chase_on, x.count, coalesce(k.name, ''),
       coalesce(k.phone, '')
from (select distinct on (i.customer_id) i.id, i.number, i.customer_id, i.currency, i.open_minor, i.chase_on,
             count(*) over (partition by i.customer_id) as count
      from {} order by i.customer_id, i.chase_on, i.number limit %(most)s) x
join parties_customer cu on cu.id = x.customer_id
left join lateral (select k.name, k.phone from parties_contact k where k.customer_id = x.customer_id and k.pays
                   and k.ended_at is null limit 1) k on true
"""
_CALLS, _OVER = _WHOM.format(_CALLED), _WHOM.format(_LEFT)
_LETTER = """l.id, l.state, l.kind, l.channel, l.recipient, coalesce(l.settled_at, l.committing_at, l.created_at),
       cardinality(l.vendors) > 1, l.answer, k.customer_id, k.name"""
_WHOSE = """left join lateral (
  select k.customer_id, cu.name from parties_contact k join parties_customer cu on cu.id = k.customer_id
  where k.payer_id = l.payer_id and k.vendor_id = %(vendor)s order by k.ended_at nulls first, k.id limit 1) k on true"""
_DOUBTS = f"select {_LETTER} from (select * from {_IN_DOUBT} order by l.id limit %(most)s) l {_WHOSE}"
_RETURNED = f"select {_LETTER} from (select l.* from {_CAME_BACK} order by a.at limit %(most)s) l {_WHOSE}"
_COLLEAGUES = f"""
select n.id, n.customer_id, cu.name, n.name, n.address, n.by, n.takes_over, n.asked_at
from (select * from {_NAMED} order by n.asked_at, n.id limit %(most)s) n
join parties_customer cu on cu.id = n.customer_id
"""


def _up_to_most(kind: str) -> str:
    return f"(select count(*) from ({kind} limit %(most)s) k)"


def _customers(kind: str) -> str:
    """The first few rows are looked at, and all of them only where these are of fewer customers than are counted."""
    few = f"select count(distinct i.customer_id) as many from {kind.replace(f'limit {LOOKED_AT}', f'limit {FEW}')}"
    all_of_them = _up_to_most(f"select distinct i.customer_id from {kind}")
    return f"(select case when few.many < %(most)s then {all_of_them} else %(most)s end from ({few}) few)"


_PLAIN = (_WAITING, _DRAFTED, _MISSED, _IN_DOUBT, _CAME_BACK, _NAMED, money.CHECKOUTS, money.REFUNDS)
_KINDS = (
    *(_up_to_most(f"select 1 from {kind}") for kind in _PLAIN),
    _customers(_CALLED),
    _customers(_LEFT),
)
_COUNT = f"select {' + '.join(_KINDS)}"
