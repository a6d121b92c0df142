"""Decides what stands below the line of today: the days that were promised, agreed or granted, and what rests until when."""

from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.values.money import Money

MOST = 20
Kind = Literal["promised", "due", "extended", "held"]


class Coming(NamedTuple):
    """What a day will bring of one invoice: money as promised, as agreed, or with more time; or the end of our hold."""

    on: date
    kind: Kind
    invoice_id: UUID
    number: str
    amount: Money

    @property
    def side(self) -> str:
        return "us" if self.kind == "held" else "them"


def coming(*, vendor_id: UUID, customer_id: UUID, invoice_id: UUID | None, today: date) -> list[Coming]:
    """The next MOST, soonest first. An invoice that was promised or got more time is expected then, not on its due day."""
    given = {"vendor": vendor_id, "customer": customer_id, "invoice": invoice_id, "today": today, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(_COMING, given)
        return [
            Coming(on, kind, id, number, Money(minor, currency)) for on, kind, id, number, minor, currency in cursor.fetchall()
        ]


_COMING = """
with open_ones as (
  select i.id, i.number, i.currency, i.open_minor, i.due_on, i.chase_on from invoicing_invoice i
  where i.vendor_id = %(vendor)s and i.customer_id = %(customer)s and i.open_minor > 0 and i.voided_at is null
    and i.kind = 'invoice' and (%(invoice)s::uuid is null or i.id = %(invoice)s)
), promised as (
  select p.invoice_id, p.promised_on, p.minor from conversations_promise p join open_ones o on o.id = p.invoice_id
  where p.ended_at is null and p.judged_at is null
)
select * from (
  select p.promised_on as day, 'promised' as kind, o.id, o.number, least(p.minor, o.open_minor) as minor, o.currency
  from promised p join open_ones o on o.id = p.invoice_id where p.promised_on >= %(today)s
  union all
  select greatest(o.due_on, o.chase_on), case when o.chase_on > o.due_on then 'extended' else 'due' end,
         o.id, o.number, o.open_minor, o.currency
  from open_ones o where greatest(o.due_on, o.chase_on) >= %(today)s and o.id not in (select p.invoice_id from promised p)
  union all
  select h.until_on, 'held', o.id, o.number, o.open_minor, o.currency
  from invoicing_hold h join open_ones o on o.id = h.invoice_id
  where h.ended_at is null and h.reason = 'manual' and h.until_on >= %(today)s
) as days
order by day, kind, number limit %(most)s
"""
