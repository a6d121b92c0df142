"""What is open, by age: today over 1,000,000 open invoices, and on past days over all 3,000,000; ten vendors, 5 % in parts.

- today: every vendor, one after the other, as the application's role. Yardstick: the same statement for the same vendors on
  a bare connection as superuser, past row security.
- a past day: yesterday, 150 and 420 days ago; the slowest vendor's median. No yardstick but the clock.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from bench import book, house
from bench.day import vendors
from bench.measure import Row, in_turns, median, seconds_of

NAME = "bench_aging"


def run(small: bool) -> Iterator[Row]:
    shape = book.Shape(20_000, 40_000, ledger=True) if small else book.Shape(1_000_000, 2_000_000, ledger=True)
    book.make(NAME, shape)
    house.move_in(NAME)
    named, rounds = vendors(), 2 if small else 5
    turns = in_turns(lambda: ours(named, book.ON), lambda: bare(named), rounds)
    yield Row(
        "aging", f"today, {shape.open:,} open, all {len(named)} vendors", f"{turns.seconds:.2f} s",
        f"the same SQL {turns.bare_seconds:.2f} s", f"{1 / turns.ratio:.2f} x its time", "1.5 x at most",
        1 / turns.ratio <= 1.5,
    )  # fmt: skip
    for days in (1, 150, 420):
        worst = max(past(vendor, book.ON - timedelta(days=days), rounds) for vendor in named)
        yield Row(
            "aging", f"{days} days ago, {shape.open + shape.settled:,} invoices, slowest vendor", f"{worst:.3f} s",
            "", "", "0.5 s at most", worst <= 0.5,
        )  # fmt: skip
    house.drop_books(NAME)


def ours(named: list[UUID], as_of: date) -> None:
    from goodterms.database.isolation import acting_for
    from goodterms.relationship.measures.aging import owed

    for vendor in named:
        with acting_for([vendor]):
            owed(vendor_id=vendor, as_of=as_of, today=book.ON)


def past(vendor: UUID, as_of: date, rounds: int) -> float:
    return median([seconds_of(lambda: ours([vendor], as_of)) for _ in range(rounds)])


def bare(named: list[UUID]) -> None:
    from goodterms.relationship.measures.aging import query

    with house.superuser(NAME) as rows:
        for vendor in named:
            rows.execute(query(past=False), {"vendor": vendor, "on": book.ON}).fetchall()
