"""Decides which money a vendor may expect until the end of the week, and what that is made of."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.plans import running_over
from goodterms.relationship.rules.expecting import Expected, expected, habit
from goodterms.values.days import NEVER
from goodterms.values.money import Money

DEFINITION = (
    "Promised by then, or the next part of a plan; else due by then plus the days by which the customer usually pays late (the "
    "median of its invoices that were paid in the last year, if there are three); else due by then. What is disputed, what was "
    "promised in vain, and what should have come already, is left out."
)
LOOK_BACK = timedelta(days=90)  # nobody's habit is later
HABITS_MOST = 400  # customers; above it nobody's habit is looked up, and the page says so


class Coming(NamedTuple):
    """Money of one invoice that may be expected on a day."""

    expected: Expected
    invoice_id: UUID
    number: str
    customer_id: UUID
    customer: str
    amount: Money
    holds: tuple[str, ...]  # words of the holds that run on it
    in_part: bool  # less what is disputed, or as much as was promised


class Week(NamedTuple):
    """What is expected, by day; and whether habits were looked up."""

    until: date
    coming: list[Coming]
    with_habits: bool

    @property
    def sums(self) -> list[Money]:
        """One for each currency, the largest number of minor units first; never added."""
        totals: dict[str, Money] = {}
        for one in self.coming:
            code = one.amount.currency
            totals[code] = totals[code] + one.amount if code in totals else one.amount
        return sorted(totals.values(), key=lambda money: -money.minor)


def expected_until(*, vendor_id: UUID, today: date, until: date) -> Week:
    """Three statements, and two where something is paid in parts; of a large book only what is due, promised or agreed for then
    is looked at."""
    given: dict[str, Any] = {"vendor": vendor_id, "from": today - LOOK_BACK, "until": until, "today": today}
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {**given, "most": HABITS_MOST + 1})
        [known] = [many <= HABITS_MOST for (many,) in cursor.fetchall()]
        cursor.execute(_OPEN, given if known else {**given, "from": today})
        rows = _as_agreed([_Open(*row) for row in cursor.fetchall()])
        customers = list({row.customer_id for row in rows}) if known else []
        cursor.execute(_PAID, [vendor_id, customers, today - timedelta(days=365), NEVER])
        usual = {customer: habit(days) for customer, days in cursor.fetchall()}
    found = [one for row in rows if (one := _coming(row, usual.get(row.customer_id), today, until))]
    return Week(until, sorted(found, key=lambda one: (one.expected.on, one.customer, one.number)), known)


class _Open(NamedTuple):
    invoice_id: UUID
    number: str
    customer_id: UUID
    customer: str
    currency: str
    open_minor: int
    day: date  # agreed, or the later one that was granted
    promised_on: date | None
    promised_minor: int | None
    holds: Sequence[str] | None
    disputed_minor: int | None  # None: nothing, or all of it where it is held as disputed


def _as_agreed(rows: list[_Open]) -> list[_Open]:
    """What is paid in parts comes as the next part, spread over the invoices of its plan."""
    in_parts = [row.invoice_id for row in rows if "on_plan" in (row.holds or ())]
    agreed: dict[UUID, tuple[date | None, int]] = {}
    for plan in running_over(in_parts) if in_parts else ():
        agreed |= {one.invoice_id: (plan.next_on, 0) for one in plan.shares}
        agreed |= {key: (plan.next_on, sum_.minor) for key, sum_ in plan.next_paying}
    return [
        row._replace(promised_on=agreed[row.invoice_id][0], promised_minor=agreed[row.invoice_id][1])
        if row.invoice_id in agreed else row
        for row in rows
    ]  # fmt: skip


def _coming(row: _Open, usual: int | None, today: date, until: date) -> Coming | None:
    when = expected(due_on=row.day, promised_on=row.promised_on, usual=usual, today=today)
    holds = tuple(row.holds or ())
    minor = row.open_minor
    if "disputed" in holds:
        minor -= row.open_minor if row.disputed_minor is None else row.disputed_minor
    if row.promised_minor is not None:
        minor = min(minor, row.promised_minor)
    if when is None or when.on > until or minor <= 0 or "paid" in holds:
        return None
    amount = Money(minor, row.currency)
    return Coming(when, row.invoice_id, row.number, row.customer_id, row.customer, amount, holds, minor < row.open_minor)


_MANY = """
select count(*) from (
  select distinct customer_id from (
    select customer_id from invoicing_invoice where vendor_id = %(vendor)s and open_minor > 0
      and due_on between %(from)s and %(until)s limit 5000) nearest limit %(most)s) them
"""
_OPEN = """
with near as (
  select id from invoicing_invoice where vendor_id = %(vendor)s and open_minor > 0 and due_on between %(from)s and %(until)s
  union
  select invoice_id from conversations_promise
  where vendor_id = %(vendor)s and judged_at is null and ended_at is null and promised_on between %(today)s and %(until)s
  union
  select s.invoice_id from conversations_plan w join conversations_planshare s on s.plan_id = w.id
  where w.vendor_id = %(vendor)s and w.ended_at is null and w.agreed_at is not null
    and exists (select from conversations_planpart t where t.plan_id = w.id and t.due_on between %(today)s and %(until)s)
), held as (
  select invoice_id, array_agg(reason) as reasons from invoicing_hold
  where vendor_id = %(vendor)s and ended_at is null and (until_on is null or until_on >= %(today)s) group by invoice_id
), disputed as (
  select a.invoice_id, max(c.disputed_minor) as minor from conversations_conversation c
  join conversations_about a on a.conversation_id = c.id
  where c.vendor_id = %(vendor)s and c.closed_at is null and c.kind = 'dispute' group by a.invoice_id
)
select i.id, i.number, i.customer_id, cu.name, i.currency, i.open_minor, greatest(i.due_on, i.chase_on), p.promised_on, p.minor,
       h.reasons, d.minor
from near join invoicing_invoice i on i.id = near.id join parties_customer cu on cu.id = i.customer_id
left join conversations_promise p on p.invoice_id = i.id and p.ended_at is null and p.judged_at is null
left join held h on h.invoice_id = i.id
left join disputed d on d.invoice_id = i.id
where i.vendor_id = %(vendor)s and i.kind = 'invoice' and i.open_minor > 0 and i.voided_at is null and i.issued_on is not null
  and (p.id is not null or 'on_plan' = any(h.reasons)
       or not exists (select from conversations_promise q where q.invoice_id = i.id and q.outcome in ('broken', 'part')))
"""
_PAID = """
select i.customer_id, array_agg(i.settled_on - i.due_on) from invoicing_invoice i
where i.vendor_id = %s and i.customer_id = any(%s::uuid[]) and i.settled_on >= %s and i.settled_on < %s and i.kind = 'invoice'
  and i.voided_at is null and i.total_minor > 0
group by i.customer_id
"""
