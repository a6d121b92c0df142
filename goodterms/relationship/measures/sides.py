"""Decides how both sides of many relationships are measured at once, with as many statements for one customer as for fifty."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.rules import is_about_content
from goodterms.parties.models import Vendor
from goodterms.relationship.rules import median
from goodterms.values.days import instant
from goodterms.values.money import Money

PAYING = (
    "Of the invoices that were settled in the period: the days from invoice date to the day from which nothing was open, on "
    "average; beside them what was agreed, and how long after the agreed due day that was, early ones as less."
)


class Open(NamedTuple):
    """What is open in one currency, and how much of it is late; the next day that money is expected on."""

    amount: Money
    late: Money
    invoices: int
    expected_on: date | None  # due, or later where time was granted; None: all of it is late
    promised_on: date | None
    is_broken: bool  # a promise about something still open was missed


class Paying(NamedTuple):
    """Of the settled invoices: days on average, after the due day on average, what was agreed, and month by month."""

    invoices: int
    days: float
    after_due: float
    agreed: tuple[int, int]
    months: tuple[tuple[date, float], ...]


class LastWords(NamedTuple):
    at: datetime
    by: str
    words: str


class Sides(NamedTuple):
    """One relationship in figures, ours and theirs."""

    asked: int = 0
    answer_minutes: int | None = None
    issued: int = 0
    right: int = 0
    paying: Paying | None = None
    good: int = 0
    said: int = 0  # answers to our one question
    open: tuple[Open, ...] = ()
    last: LastWords | None = None
    waiting_id: UUID | None = None  # the conversation whose answer is due first
    waiting_until: datetime | None = None


def sides(*, vendor_id: UUID, customer_ids: Sequence[UUID], first_on: date, today: date) -> dict[UUID, Sides]:
    """The figures of each customer from `first_on` to today, and how each stands now; seven statements and the vendor."""
    timezone = Vendor.objects.values_list("timezone", flat=True).get(id=vendor_id)
    given = {
        "vendor": vendor_id, "ids": list(customer_ids), "first": first_on, "today": today,
        "start": instant(first_on, time(0), timezone),
    }  # fmt: skip
    read = {name: _by_customer(statement, given) for name, statement in _READ.items()}
    return {one: _sides({name: rows.get(one, []) for name, rows in read.items()}) for one in customer_ids}


def _by_customer(statement: str, given: dict[str, Any]) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        for customer, *row in cursor.fetchall():
            found[customer].append(tuple(row))
    return found


def _sides(read: dict[str, list[tuple[Any, ...]]]) -> Sides:
    asked, minutes = read["answered"][0] if read["answered"] else (0, [])
    issued = read["issued"][0][0] if read["issued"] else 0
    doubted = {id for id, kind, why, end in read["doubted"] if is_about_content(kind=kind, reason=why, resolution=end)}
    good, said = read["content"][0] if read["content"] else (0, 0)
    waiting = read["waiting"][0] if read["waiting"] else (None, None)
    return Sides(
        asked=asked,
        answer_minutes=median(minutes or []),
        issued=issued,
        right=issued - len(doubted),
        paying=_paying(read["paid"]),
        good=good,
        said=said,
        open=tuple(_open(*row) for row in read["open"]),
        last=LastWords(*read["last"][0]) if read["last"] else None,
        waiting_id=waiting[0],
        waiting_until=waiting[1],
    )


def _open(
    currency: str, minor: int, late: int, invoices: int, expected: date | None, promised: date | None, is_broken: bool
) -> Open:
    return Open(Money(minor, currency), Money(late, currency), invoices, expected, promised, is_broken)


def _paying(months: Iterable[tuple[Any, ...]]) -> Paying | None:
    """From sums of each month: (month, invoices, days, days after due, least agreed, most agreed)."""
    rows = sorted(months)
    count = sum(row[1] for row in rows)
    if not count:
        return None
    return Paying(
        count,
        sum(row[2] for row in rows) / count,
        sum(row[3] for row in rows) / count,
        (min(row[4] for row in rows), max(row[5] for row in rows)),
        tuple((row[0], row[2] / row[1]) for row in rows),
    )


_ISSUED = """
invoicing_invoice i where i.vendor_id = %(vendor)s and i.customer_id = any(%(ids)s::uuid[]) and i.kind = 'invoice'
  and i.issued_on between %(first)s::date and %(today)s::date
"""
_READ = {
    "answered": """
select customer_id, count(*), array_agg(answered_in_minutes) filter (where answered_in_minutes is not null)
from conversations_conversation
where vendor_id = %(vendor)s and customer_id = any(%(ids)s::uuid[]) and opened_at >= %(start)s
  and (answered_in_minutes is not null or waiting_since_at is not null)
group by customer_id
""",
    "issued": f"select i.customer_id, count(*) from {_ISSUED} group by i.customer_id",
    "doubted": f"""
select c.customer_id, a.invoice_id, c.kind, c.reason, c.resolution
from conversations_conversation c join conversations_about a on a.conversation_id = c.id
where c.vendor_id = %(vendor)s and c.customer_id = any(%(ids)s::uuid[]) and a.invoice_id in (select i.id from {_ISSUED})
""",
    "paid": """
select customer_id, date_trunc('month', settled_on)::date, count(*), sum(settled_on - issued_on), sum(settled_on - due_on),
       min(due_on - issued_on), max(due_on - issued_on)
from invoicing_invoice
where vendor_id = %(vendor)s and customer_id = any(%(ids)s::uuid[]) and kind = 'invoice' and voided_at is null
  and settled_on between %(first)s::date and %(today)s::date and total_minor > 0 and due_on is not null
group by customer_id, date_trunc('month', settled_on)
""",
    "content": """
select customer_id, count(*) filter (where answer = 'good'), count(*) filter (where answer <> '')
from relationship_feedback
where vendor_id = %(vendor)s and customer_id = any(%(ids)s::uuid[]) and asked_at >= %(start)s
group by customer_id
""",
    "open": """
select i.customer_id, i.currency, sum(i.open_minor)::bigint,
       coalesce(sum(i.open_minor) filter (where i.due_on < %(today)s::date), 0)::bigint, count(*),
       min(greatest(i.due_on, i.chase_on)) filter (where greatest(i.due_on, i.chase_on) >= %(today)s::date),
       min(p.promised_on) filter (where p.judged_at is null and p.promised_on >= %(today)s::date),
       coalesce(bool_or(p.judged_at is null and p.promised_on < %(today)s::date or p.outcome = 'broken'), false)
from invoicing_invoice i
left join lateral (select q.promised_on, q.judged_at, q.outcome from conversations_promise q
                   where q.invoice_id = i.id and q.ended_at is null order by q.made_at desc limit 1) p on true
where i.vendor_id = %(vendor)s and i.customer_id = any(%(ids)s::uuid[]) and i.open_minor > 0
group by i.customer_id, i.currency order by i.currency
""",
    "last": """
select c.id, w.at, w.by, w.words from unnest(%(ids)s::uuid[]) as c (id), lateral (
  select * from (
    (select m.at, m.by, m.words from conversations_conversation t join conversations_message m on m.conversation_id = t.id
     where t.customer_id = c.id and t.vendor_id = %(vendor)s and m.inbound and m.withdrawn_at is null
     order by m.at desc, m.id desc limit 1)
    union all
    (select i.at, i.by, i.data->>'words' from interactions_interaction i
     where i.vendor_id = %(vendor)s and i.customer_id = c.id and i.kind in ('promise.made', 'feedback.given')
       and i.data->>'words' <> '' order by i.at desc limit 1)
  ) as spoken order by at desc limit 1) w
""",
    "waiting": """
select distinct on (customer_id) customer_id, id, answer_due_at from conversations_conversation
where vendor_id = %(vendor)s and customer_id = any(%(ids)s::uuid[]) and closed_at is null and waiting_since_at is not null
order by customer_id, answer_due_at
""",
}
