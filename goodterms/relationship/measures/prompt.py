"""Decides how soon work becomes an invoice in somebody's hands: done, approved, issued, sent, each step measured in days."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

LOOKED_AT = 1_000
DEFINITION = (
    "Time to issue: calendar days from the day on which the last work on an invoice was done (where no work is on record:"
    " on which it was drafted) to approved, from approved to issued, and from issued to sent. Each is the median over the"
    f" invoices issued in the period, the last {LOOKED_AT:,} of them; void ones, and those taken over from elsewhere, do not"
    " count; one that was not sent counts in the first three."
)


class TimeToIssue(NamedTuple):
    """Median days of each step, over so many invoices; None where there are none."""

    invoices: int
    to_approved: int | None
    to_issued: int | None
    to_sent: int | None
    whole: int | None  # from work done to issued


def time_to_issue(*, vendor_id: UUID, first_on: date, last_on: date) -> TimeToIssue:
    """One statement, over invoices issued on the days `first_on` to `last_on`."""
    given: dict[str, UUID | date | int] = {"vendor": vendor_id, "first": first_on, "last": last_on, "most": LOOKED_AT}
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, given)
        return TimeToIssue(*cursor.fetchone())


# An approval on a later day than that of the document is a document that was dated back: no days lie between.
_STEPS = """
with looked_at as (
  select i.id, i.issued_on, (i.approved_at at time zone v.timezone)::date as approved_on,
         (i.created_at at time zone v.timezone)::date as drafted_on, v.timezone
  from invoicing_invoice i join parties_vendor v on v.id = i.vendor_id
  where i.vendor_id = %(vendor)s and i.issued_on between %(first)s and %(last)s and i.kind = 'invoice' and i.voided_at is null
    and i.approved_at is not null and i.series_id is not null
  order by i.issued_on desc, i.id desc limit %(most)s
), steps as (
  select greatest(l.approved_on - coalesce(w.done_on, l.drafted_on), 0) as to_approved,
         greatest(l.issued_on - l.approved_on, 0) as to_issued, s.sent_on - l.issued_on as to_sent,
         greatest(l.issued_on - coalesce(w.done_on, l.drafted_on), 0) as whole
  from looked_at l
  left join lateral (select max(done_on) as done_on from billing_item where invoice_id = l.id) w on true
  left join lateral (select (min(d.posted_at) at time zone l.timezone)::date as sent_on from invoicing_dispatch d
                     where d.invoice_id = l.id and d.withdrawn_at is null and not d.is_copy and d.channel <> '') s on true
)
select count(*), percentile_disc(0.5) within group (order by to_approved),
       percentile_disc(0.5) within group (order by to_issued), percentile_disc(0.5) within group (order by greatest(to_sent, 0))
         filter (where to_sent is not null), percentile_disc(0.5) within group (order by whole) from steps
"""
