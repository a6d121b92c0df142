"""A billing run: schedules that fall due on one day, to numbered, taxed, posted invoices.

Each schedule is of another customer and has three lines, two at 20 % tax and one at 5 %; all are issued by themselves.

- billing: `billing.due.bill` in a process of its own, as the application's role, from the first look to the last commit, in two
  lanes, the second connection of which is opened within. All schedules agree on the same lines, so that what follows from
  them is worked out once; the second row is of schedules whose lines each have a price of their own, where nothing is shared.
- Yardstick: the very rows that a run wrote (invoices, lines, numbers and words, entries, postings, periods, papers and letters
  to be, the log), COPY into the same tables with their keys, indexes and triggers, in one transaction as superuser.
- Other programs, at the same durable server: invoices of the same three lines and taxes, each for another customer, drafted,
  numbered, taxed and posted to the ledger by their own verbs, called in a warm process without a network between. Tryton makes
  and posts all of them in one transaction and leaves printing to its queue, as ours is left to the clock. django-ledger has no
  taxes (they are items), and takes no number inside another transaction. They make fewer; what is compared is the rate.
  pip installs them, as bench/others/*.txt names them, into environments of their own under .goodterms/bench/venvs.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from bench import house, others, rows
from bench.measure import Row, Turns, median, peak_mb, seconds_of

BASE, NAME = "bench_billing_base", "bench_billing"
BEFORE, ON = datetime(2026, 10, 15, 9, tzinfo=UTC), date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
_NEW = "at >= '2026-11-01'"
OTHERS = (("Tryton 8.2.1", others.tryton, 200), ("django-ledger 0.8.5", others.django_ledger, 50))
WRITTEN = {
    "invoicing_series": "", "invoicing_invoice": "", "invoicing_line": "", "invoicing_paper": "", "invoicing_dispatch": "",
    "ledger_entry": "", "ledger_posting": "", "billing_billed": "", "interactions_interaction": _NEW,
}  # fmt: skip


def run(small: bool) -> Iterator[Row]:
    schedules, rounds = (1_000, 2) if small else (10_000, 3)
    vendor = _base(schedules)
    with tempfile.TemporaryDirectory() as folder:
        turns, peak, own = Turns([], []), 0.0, list[float]()
        for _ in range(rounds):
            house.copy_books(BASE, NAME)
            seconds, peak, issued = _in_a_process(vendor)
            turns.form.append(seconds)
            written = rows.copy_out(NAME, WRITTEN, Path(folder))
            house.copy_books(BASE, NAME)
            turns.yardstick.append(seconds_of(lambda: rows.copy_in(NAME, WRITTEN, Path(folder))))
            own.append(_each_at_its_own_price(vendor))
    yield Row(
        "billing", f"{issued:,} schedules, {written:,} rows",
        f"{turns.seconds:.1f} s; {issued / turns.seconds:,.0f} invoices/s; {peak:.0f} MB",
        f"COPY of the same rows {turns.bare_seconds:.1f} s", f"{turns.ratio:.2f} ({turns.spread})", "at least 0.3",
        turns.ratio >= 0.3,
    )  # fmt: skip
    seconds = median(own)
    yield Row(
        "billing", f"{issued:,} schedules, each line at a price of its own",
        f"{seconds:.1f} s; {issued / seconds:,.0f} invoices/s",
        f"COPY of the rows above {turns.bare_seconds:.1f} s", f"{turns.bare_seconds / seconds:.2f}", "",
    )  # fmt: skip
    house.drop_books(BASE, NAME)
    yield from _others(issued / turns.seconds, 20 if small else 200)


def _each_at_its_own_price(vendor: UUID) -> float:
    """The seconds of a run in which no two schedules agree on the same lines."""
    house.copy_books(BASE, NAME)
    with house.superuser(NAME) as tables:
        tables.execute(
            "update billing_scheduleline l set unit_price = l.unit_price + n.at / 100.0"
            " from (select id, row_number() over () as at from billing_scheduleline) n where n.id = l.id"
        )
        tables.execute("vacuum (analyze) billing_scheduleline")
    seconds, _, _ = _in_a_process(vendor)
    return seconds


def _others(ours: float, count: int) -> Iterator[Row]:
    for name, asked, aim in OTHERS:
        answer = asked(count)
        if answer.why_not:
            yield Row("billing", f"beside {name}", "", "", "", f"{aim} times its rate", note=answer.why_not)
            continue
        times = ours / answer.a_second
        yield Row(
            "billing", f"beside {name}, of which {answer.many} invoices", f"{ours:,.0f} invoices/s",
            f"{name} {answer.a_second:,.1f}/s", f"{times:,.0f} times its rate", f"at least {aim}", times >= aim,
        )  # fmt: skip


def _base(count: int) -> UUID:
    """A vendor with so many customers, each with a schedule that falls due on 1 November."""
    from goodterms.billing.actions import start_schedule
    from goodterms.database.isolation import acting_for
    from goodterms.invoicing.line import Line, Tax
    from goodterms.parties.actions import add_vendor
    from goodterms.parties.models import Customer
    from goodterms.values.keys import new_keys

    house.empty_books(BASE)
    house.move_in(BASE)
    vendor = add_vendor(
        slug="vendor", name="Vendor", currency="GBP", country="GB", timezone="Europe/London", email="office@vendor.example",
        by="operator", now=BEFORE,
    ).id  # fmt: skip
    usual, reduced = Tax("S", Decimal(20)), Tax("S", Decimal(5))
    lines = [
        Line("Retainer, {month}", Decimal(1), Decimal("1800.00"), usual, "month"),
        Line("Hosting", Decimal(3), Decimal("49.50"), usual, "server", Decimal(10)),
        Line("Heating of the studio", Decimal("112.5"), Decimal("0.31"), reduced, "kWh"),
    ]
    for begins in range(0, count, 500):
        with acting_for([vendor]):
            customers = [
                Customer(
                    id=key, vendor_id=vendor, number=f"C-{begins + n}", name=f"Firm {begins + n}", folded=f"firm {begins + n}",
                    currency="GBP", created_at=BEFORE,
                )
                for n, key in enumerate(new_keys(BEFORE, min(500, count - begins)))
            ]  # fmt: skip
            Customer.objects.bulk_create(customers)
            for customer in customers:
                start_schedule(
                    vendor_id=vendor, customer_id=customer.id, work="Retainer, {month}", rule="FREQ=MONTHLY;BYMONTHDAY=1",
                    starts_on=ON, lines=lines, automatic=True, by="owner", role="owner", now=BEFORE,
                )  # fmt: skip
    with house.superuser(BASE) as tables:
        tables.execute("vacuum (analyze)")
    return vendor


def _in_a_process(vendor: UUID) -> tuple[float, float, int]:
    house.checkpoint()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(bill_all, vendor).result()


def bill_all(vendor: UUID) -> tuple[float, float, int]:
    house.open_house(NAME)
    from goodterms.billing.due import bill
    from goodterms.database.isolation import acting_for

    with acting_for([vendor]):
        pass  # the connection is there, as in a worker
    began = time.perf_counter()
    found = bill(vendor_id=vendor, today=ON, now=NOW)
    return time.perf_counter() - began, peak_mb(), found["issued"]
