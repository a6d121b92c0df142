"""A rehearsal of fourteen days over 10,000 open invoices, item by item, in the process that shows it.

Yardstick: COPY of the same open invoices out of the table, whole rows, as superuser, to nowhere.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from bench import book, house
from bench.day import copy_out, vendors
from bench.measure import Row, in_turns

NAME, OPEN, DAYS = "bench_rehearsal", 10_000, 14


def run(small: bool) -> Iterator[Row]:
    book.make(NAME, book.Shape(OPEN))
    house.move_in(NAME)
    found: list[int] = []
    turns = in_turns(lambda: found.append(rehearse()), lambda: copy_out(NAME), 2 if small else 6)
    yield Row(
        "rehearsal", f"{DAYS} days, {OPEN:,} open", f"{turns.seconds:.2f} s; {found[-1]:,} items",
        f"COPY out {turns.bare_seconds:.3f} s", f"{1 / turns.ratio:.0f} x its time", "3 s at most", turns.seconds <= 3,
    )  # fmt: skip
    house.drop_books(NAME)


def rehearse() -> int:
    from goodterms.reminders.due import rehearse as forward
    from goodterms.reminders.rules import items

    decisions = forward(vendors=vendors(), start=book.ON, days=DAYS, at=lambda on: datetime.combine(on, time(10), UTC))
    return sum(1 for decision in decisions for _ in items(decision))
