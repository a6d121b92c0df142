"""Recording payments, each settling one named invoice, with journal and log: by 1 client and by 8, each a process.

- payments: `payments.actions.record` in the door's transaction, as the application's role, from the first client's start to
  the last one's end.
- Yardstick: the same clients with bare psycopg as superuser: insert into payments_payment, update of the invoice's open
  amount, commit. Neither row security nor journal, log, allocation or idempotent answer.
- statements: of one payment that settles one invoice, and of one that settles ten.

Every payment is of another customer; both sides take turns on fresh invoices, with durable commits.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from multiprocessing.connection import Connection
from statistics import quantiles
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

from bench import book, house
from bench.measure import Row, Turns

NAME = "bench_payments"
NOW = datetime.combine(book.ON, time(10), UTC)


class Due(NamedTuple):
    """An invoice to pay, all that is open of it."""

    vendor: UUID
    customer: UUID
    invoice: UUID
    minor: int
    currency: str


class Ran(NamedTuple):
    began: float
    ended: float
    each: list[float]


def run(small: bool) -> Iterator[Row]:
    each, rounds = (20, 2) if small else (250, 5)
    book.make(NAME, book.Shape(8_000 if small else 120_000, ledger=True))
    waiting = _due()
    yield _statements()
    for clients in (1, 8):
        count = each if clients > 1 else each * 2
        turns, latencies = _turns(clients, count, rounds, waiting)
        total = clients * count
        p99 = quantiles(latencies, n=100)[98] * 1000
        yield Row(
            "payments", f"{clients} client{'s' if clients > 1 else ''}",
            f"{total / turns.seconds:,.0f} payments/s, p99 {p99:.0f} ms", f"bare loop {total / turns.bare_seconds:,.0f}/s",
            f"{turns.ratio:.2f} ({turns.spread})", "at least 0.2", turns.ratio >= 0.2,
        )  # fmt: skip
    house.drop_books(NAME)


def _turns(clients: int, count: int, rounds: int, waiting: Iterator[Due]) -> tuple[Turns, list[float]]:
    turns, latencies = Turns([], []), []
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(clients)]
    processes = [context.Process(target=client, args=(far,)) for _, far in pipes]
    for process in processes:
        process.start()
    lines = [near for near, _ in pipes]
    for _ in range(rounds):
        for kind, seconds in (("bare", turns.yardstick), ("ours", turns.form)):
            house.checkpoint()
            ran = _round(lines, kind, count, waiting)
            seconds.append(max(one.ended for one in ran) - min(one.began for one in ran))
            if kind == "ours":
                latencies += [latency for one in ran for latency in one.each]
    for line, process in zip(lines, processes, strict=True):
        line.send(None)
        process.join()
    return turns, latencies


def _round(lines: Sequence[Connection], kind: str, count: int, waiting: Iterator[Due]) -> list[Ran]:
    for line in lines:
        line.send((kind, [next(waiting) for _ in range(count)]))
    return [line.recv() for line in lines]


def client(line: Any) -> None:
    """Pays what it is sent, in the way it is told, until it is sent nothing."""
    house.open_house(NAME)
    with house.superuser(NAME) as rows:
        rows.autocommit = False
        while order := line.recv():
            kind, dues = order
            pay = _bare if kind == "bare" else _ours
            pay(rows, dues[0])  # the first one prepares the statements
            each, began = [], perf_counter()
            for due in dues[1:]:
                start = perf_counter()
                pay(rows, due)
                each.append(perf_counter() - start)
            line.send(Ran(began, perf_counter(), each))


def _ours(_rows: Any, due: Due) -> None:
    record([due.invoice], due)


def record(named: Sequence[UUID], due: Due) -> None:
    from goodterms.database.isolation import acting_for
    from goodterms.payments.actions import record as record_payment
    from goodterms.values.money import Money

    with acting_for([due.vendor]):
        record_payment(
            vendor_id=due.vendor, customer_id=due.customer, amount=Money(due.minor, due.currency), received_on=book.ON,
            method="bank_transfer", idempotency_key=f"bench {named[0]}", by="owner", role="owner", now=NOW, named=named,
        )  # fmt: skip


def _bare(rows: Any, due: Due) -> None:
    from goodterms.values.keys import new_key

    rows.execute(_INSERT, [new_key(NOW), due.vendor, due.customer, due.currency, due.minor, book.ON, NOW, str(due.invoice)])
    rows.execute("update invoicing_invoice set open_minor = open_minor - %s where id = %s", [due.minor, due.invoice])
    rows.commit()


def _statements() -> Row:
    """What one payment asks of the database, with one invoice and with ten."""
    from django.db import connection

    house.move_in(NAME)
    with house.superuser(NAME) as rows:
        several = [Due(*row) for row in rows.execute(_TEN).fetchall()]
    asked: list[int] = []
    for group in (several[:1], several[1:]):
        seen: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any, seen: list[str] = seen) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            record([due.invoice for due in group], group[0]._replace(minor=sum(due.minor for due in group)))
        asked.append(len(seen))
    return Row(
        "payments", f"statements, 1 invoice and {len(several) - 1} invoices", " and ".join(map(str, asked)), "", "",
        "the same number", asked[0] == asked[1],
    )  # fmt: skip


def _due() -> Iterator[Due]:
    """One invoice a customer."""
    with house.superuser(NAME) as rows:
        found = rows.execute(_ONE_EACH).fetchall()
    return (Due(*row) for row in found)


_ONE_EACH = """
select distinct on (customer_id) vendor_id, customer_id, id, open_minor, currency from invoicing_invoice
where open_minor > 0 and customer_id <> (select customer_id from invoicing_invoice group by 1 order by count(*) desc, 1 limit 1)
order by customer_id, id
"""
_TEN = """
select vendor_id, customer_id, id, open_minor, currency from invoicing_invoice
where customer_id = (select customer_id from invoicing_invoice group by 1 order by count(*) desc, 1 limit 1) order by id
"""
_INSERT = """
insert into payments_payment
  (id, vendor_id, customer_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor,
   refunded_minor, received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer)
values (%s, %s, %s, 'bank_transfer', '', '', '', %s, %s, 0, 0, %s, %s, 'owner', %s, '\\x00', '{}')
"""
