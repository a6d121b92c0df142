"""The day over a whole book: gather and decide; all of it, down to stored letters; the same day again.

Ten vendors, as many payers as a fifth of the open invoices, one in twenty held, three in four of those that were due were
reminded before. Half of the full book's invoices are settled and lie among the open ones.

- gather and decide: one process, nothing written; invoices a second, without the start of the process.
- whole: decide, bundle, claim, record, render and store, on a copy of the book, by one process and by two, each with half of
  the range of payers; the processes' own start is counted. Memory: the most that either of them held (VmHWM).
- again: the same day over the same books; it must claim nothing.

Yardstick: COPY of the same open invoices out of the table, whole rows, as superuser, to nowhere.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, time
from time import perf_counter
from typing import NamedTuple
from uuid import UUID

from bench import book, house
from bench.measure import Row, median, peak_mb, seconds_of

NOW = datetime.combine(book.ON, time(10), UTC)


class Half(NamedTuple):
    """What one process of a day came back with."""

    notices: int
    nominated: int
    peak_mb: float
    seconds: float  # without the start of the process


def run(small: bool) -> Iterator[Row]:
    for shape, rounds in _shapes(small):
        source = f"bench_day_{shape.open}"
        book.make(source, shape)
        yield _decided(source, shape, rounds)
        for processes in (1, 2):
            yield from _whole(source, shape, processes, rounds)
        house.drop_books(source, f"{source}_run")


def _shapes(small: bool) -> list[tuple[book.Shape, int]]:
    if small:
        return [(book.Shape(20_000), 2)]
    return [(book.Shape(100_000), 4), (book.Shape(1_000_000, settled=1_000_000), 2)]


def _decided(source: str, shape: book.Shape, rounds: int) -> Row:
    bare, took = [], []
    for _ in range(rounds):
        bare.append(seconds_of(lambda: copy_out(source)))
        house.checkpoint()
        took.append(_processes(decide_part, source, 1)[0].seconds)
    rate = shape.open / median(took)
    return Row(
        "day", f"gather and decide, {shape.open:,} open, 1 process", f"{rate:,.0f} invoices/s",
        f"COPY out {median(bare):.2f} s", f"{median(took) / median(bare):.1f} x its time", "at least 40,000/s", rate >= 40_000,
    )  # fmt: skip


def _whole(source: str, shape: book.Shape, processes: int, rounds: int) -> Iterator[Row]:
    name, bare, whole, again = f"{source}_run", [], [], []
    first: list[Half] = []
    second: list[Half] = []
    for _ in range(rounds):
        bare.append(seconds_of(lambda: copy_out(source)))
        house.copy_books(source, name)
        whole.append(seconds_of(lambda: first.extend(_processes(run_part, name, processes))))
        again.append(seconds_of(lambda: second.extend(_processes(run_part, name, processes))))
    seconds, times = median(whole), median(whole) / median(bare)
    one = first[-processes:]
    peak = max(half.peak_mb for half in first + second)
    what = f"{shape.open:,} open, {processes} process{'es' if processes > 1 else ''}"
    yield Row(
        "day", f"whole, {what}", f"{seconds:.1f} s; {sum(h.notices for h in one):,} letters and calls",
        f"COPY out {median(bare):.2f} s", f"{times:.1f} x its time",
        "60 s and 20 x at most" if processes > 1 and shape.open == 1_000_000 else "20 x at most",
        times <= 20 and (seconds <= 60 or processes == 1), note=f"{sum(h.nominated for h in one):,} nominated",
    )  # fmt: skip
    yield Row("day", f"memory, {what}", f"{peak:.0f} MB a process", "", "", "80 MB at most", peak <= 80)
    claimed = sum(half.notices + half.nominated for half in second)
    yield Row(
        "day", f"the same day again, {what}", f"{median(again):.1f} s; {claimed} claimed", "the first run",
        f"{median(again) / seconds:.2f} of it", "0 claimed", claimed == 0,
    )  # fmt: skip


def copy_out(name: str) -> None:
    query = "copy (select * from invoicing_invoice where open_minor > 0) to stdout"
    with house.superuser(name) as rows, rows.cursor() as cursor, cursor.copy(query) as out:
        for _ in out:
            pass


def _processes(work: Callable[[str, int, int], Half], name: str, count: int) -> list[Half]:
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(work, [name] * count, range(count), [count] * count))


def run_part(name: str, share: int, shares: int) -> Half:
    """One process of the day."""
    house.open_house(name)
    from goodterms.reminders.due import nominate

    began = perf_counter()
    outcome = nominate(vendors=vendors(), on=book.ON, now=NOW, part=(share, shares))
    return Half(outcome.notices, outcome.nominated, peak_mb(), perf_counter() - began)


def decide_part(name: str, _share: int, _shares: int) -> Half:
    """Gather and decide, and throw away what was decided."""
    house.open_house(name)
    from goodterms.reminders.due import rehearse

    began = perf_counter()
    due = sum(bool(d.notice) for d in rehearse(vendors=vendors(), start=book.ON, days=1, at=lambda _: NOW))
    return Half(due, 0, peak_mb(), perf_counter() - began)


def vendors() -> list[UUID]:
    from goodterms.parties.directory import everyone

    return [vendor.id for vendor in everyone()]
