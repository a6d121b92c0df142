"""Decides what a statement of account says: every move of a customer's balance in time, oldest first, and a summary by year.

The balance is what the ledger says that they owe: receivables less what they paid or were credited and is not spent yet.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.values.money import Money


class Move(NamedTuple):
    """One line: `amount` is what the balance grew by, `balance` what it was then."""

    on: date
    kind: str  # of the ledger's entry: invoice, payment, credit, discount, fee, write_off, refund, reversal …
    work: str
    number: str
    method: str  # of a payment
    amount: Money
    balance: Money

    @property
    def billed(self) -> Money | None:
        return self.amount if self.amount.minor > 0 else None

    @property
    def paid(self) -> Money | None:
        return -self.amount if self.amount.minor < 0 else None


class Year(NamedTuple):
    """What a calendar year came to; `other` are credits, discounts, fees and what was given up."""

    year: int
    billed: Money
    paid: Money
    other: Money
    balance: Money


class Statement(NamedTuple):
    """One currency: what was open before, each move since, what is open at the end, and every year that there was."""

    currency: str
    before: Money
    moves: Sequence[Move]
    balance: Money
    years: Sequence[Year]


def statements(*, vendor_id: UUID, customer_ids: Sequence[UUID], first_on: date, last_on: date) -> list[Statement]:
    """By currency, with one query. Allocations move nothing between them and us, so they are no line."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, [vendor_id, list(customer_ids), last_on])
        rows = cursor.fetchall()
    of: dict[str, list[tuple[date, str, str, str, str, int]]] = defaultdict(list)
    for currency, *row in rows:
        of[currency].append(tuple(row))
    return [_statement(currency, of[currency], first_on) for currency in sorted(of)]


def ages(*, vendor_id: UUID, customer_ids: Sequence[UUID], on: date) -> dict[str, tuple[Money, ...]]:
    """By currency what is open of their invoices: not yet due, up to 30 days late, up to 60, and more."""
    with connection.cursor() as cursor:
        cursor.execute(_AGES, {"vendor": vendor_id, "customers": list(customer_ids), "on": on})
        return {currency: tuple(Money(minor, currency) for minor in minors) for currency, *minors in cursor.fetchall()}


def _statement(currency: str, rows: Sequence[tuple[date, str, str, str, str, int]], first_on: date) -> Statement:
    balance, before, moves = 0, 0, []
    for on, kind, work, number, method, minor in rows:
        balance += minor
        if on < first_on:
            before = balance
        else:
            moves.append(Move(on, kind, work, number, method, Money(minor, currency), Money(balance, currency)))
    years = [_year(currency, year, rows) for year in sorted({row[0].year for row in rows}, reverse=True)]
    return Statement(currency, Money(before, currency), moves, Money(balance, currency), years)


def _year(currency: str, year: int, rows: Sequence[tuple[date, str, str, str, str, int]]) -> Year:
    own = [(kind, minor) for on, kind, *_, minor in rows if on.year == year]
    billed = sum(minor for kind, minor in own if kind == "invoice")
    paid = -sum(minor for kind, minor in own if kind in ("payment", "refund"))
    other = sum(minor for _, minor in own) - billed + paid
    until = sum(row[-1] for row in rows if row[0].year <= year)
    return Year(year, *(Money(minor, currency) for minor in (billed, paid, other, until)))


_MOVES = """
select m.currency, m.effective_on, m.kind, coalesce(i.work, ''), coalesce(i.number, ''), coalesce(p.method, ''), m.minor
from (
  select x.currency, e.id, e.kind, e.document_id, e.effective_on, e.recorded_at, sum(x.minor)::bigint as minor,
    max(x.invoice_id::text)::uuid as invoice_id
  from ledger_posting x join ledger_entry e on e.id = x.entry_id
  where x.vendor_id = %s and x.customer_id = any(%s::uuid[]) and x.account in ('receivable', 'unapplied')
    and e.effective_on <= %s::date
  group by x.currency, e.id having sum(x.minor) <> 0
) m
left join invoicing_invoice i on i.id = case when m.invoice_id is null then m.document_id else m.invoice_id end
left join payments_payment p on p.id = m.document_id
order by m.effective_on, m.recorded_at, m.id
"""
_AGES = """
select currency,
  coalesce(sum(open_minor) filter (where due_on >= %(on)s::date), 0)::bigint,
  coalesce(sum(open_minor) filter (where due_on < %(on)s::date and due_on >= %(on)s::date - 30), 0)::bigint,
  coalesce(sum(open_minor) filter (where due_on < %(on)s::date - 30 and due_on >= %(on)s::date - 60), 0)::bigint,
  coalesce(sum(open_minor) filter (where due_on < %(on)s::date - 60), 0)::bigint
from invoicing_invoice
where vendor_id = %(vendor)s and customer_id = any(%(customers)s::uuid[]) and open_minor > 0 and kind = 'invoice'
group by currency
"""
