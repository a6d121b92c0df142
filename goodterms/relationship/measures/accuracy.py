"""Decides how often our invoices were right first time, and what was wrong with the others."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.rules import is_about_content
from goodterms.relationship.measures.issued import Issued, issued_by_day
from goodterms.relationship.rules import share

DEFINITION = (
    "The share of invoices issued in the period that drew no question about their content and no dispute. One that was taken "
    "back does not count, nor a question where nothing was wrong or that crossed with a payment, nor a wish for more time. "
    "Credited or not, a dispute counts as ours."
)


class Accuracy(NamedTuple):
    """Invoices issued and right; `share` in per cent, None where none was issued. `causes` count invoices by reason code,
    empty for a question that nobody sorted; an invoice with two causes is in both."""

    issued: int
    right: int
    share: Decimal | None
    causes: dict[str, int]


class Week(NamedTuple):
    """Invoices issued in the week that begins on the Monday `begin_on`, and for each that was not right its first cause."""

    begin_on: date
    issued: int
    causes: list[str]

    @property
    def right(self) -> int:
        return self.issued - len(self.causes)


def accuracy_by_week(*, vendor_id: UUID, first_on: date, last_on: date, issued: Sequence[Issued] | None = None) -> list[Week]:
    """Each week with a day in the period, oldest first, those without an invoice too; counted as `accuracy` does. `issued`:
    as read already."""
    window: dict[str, UUID | date | None] = {"vendor": vendor_id, "first": first_on, "last": last_on, "customer": None}
    many = Counter[date]()
    for day in issued_by_day(vendor_id=vendor_id) if issued is None else issued:
        if first_on <= day.on <= last_on:
            many[_monday(day.on)] += day.invoices
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTED, window)
        causes: dict[date, dict[UUID, str]] = defaultdict(dict)
        for invoice, kind, reason, resolution, issued_on in cursor.fetchall():
            if is_about_content(kind=kind, reason=reason, resolution=resolution):
                causes[_monday(issued_on)].setdefault(invoice, reason)
    mondays = range((_monday(last_on) - _monday(first_on)).days // 7 + 1)
    weeks = [_monday(first_on) + timedelta(weeks=n) for n in mondays]
    return [Week(week, many[week], sorted(causes[week].values())) for week in weeks]


def accuracy(*, vendor_id: UUID, first_on: date, last_on: date, customer_id: UUID | None = None) -> Accuracy:
    """Of the invoices issued on the days `first_on` to `last_on`, by a vendor or to one customer of it."""
    window: dict[str, UUID | date | None] = {"vendor": vendor_id, "first": first_on, "last": last_on, "customer": customer_id}
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {_ISSUED}", window)
        issued = int(cursor.fetchone()[0])
        cursor.execute(_DOUBTED, window)
        doubts = {
            (invoice, reason)
            for invoice, kind, reason, resolution, _ in cursor.fetchall()
            if is_about_content(kind=kind, reason=reason, resolution=resolution)
        }
    right = issued - len({invoice for invoice, _ in doubts})
    return Accuracy(issued, right, share(right, issued), dict(Counter(reason for _, reason in doubts)))


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


_ISSUED = """
from invoicing_invoice i
where i.vendor_id = %(vendor)s and i.kind = 'invoice' and i.issued_on between %(first)s::date and %(last)s::date
  and (%(customer)s::uuid is null or i.customer_id = %(customer)s::uuid)
"""
_DOUBTED = f"""
select a.invoice_id, c.kind, c.reason, c.resolution, b.issued_on
from (select i.id, i.issued_on {_ISSUED}) b join conversations_about a on a.invoice_id = b.id
join conversations_conversation c on c.id = a.conversation_id
where a.vendor_id = %(vendor)s
"""
