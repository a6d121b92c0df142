"""Pages for one user at a time: every page of the desk and of the portal, on a vendor with 100,000 invoices.

The vendor has 10,000 customers, 4,000 payers, 20,000 open invoices among 80,000 settled ones, with lines, payments, letters,
8,800 conversations, promises, answers about content, drafts with their files, and a log of 600,000 rows; 400 projects with
5,300 items, 1,200 schedules, 420 retainers, and the exchange rates of a year. Who asks is signed in with a second factor
(desk), proven (portal), or has a link alone; the customer, the payer, the invoice and the project are those with the most to
show. Files to download are no pages.

- answer time: Django's test client in one process, with all middleware and the database behind it, not the way through a
  web server; it reads templates and frees its start from the collector as a worker does (goodterms/wsgi.py). Pages are asked
  in turns, 60 rounds after 5 that do not count; p99 is the longest of the 60.
- Yardstick: /readyz in the same turns, which asks the database for one row.
- statements: how many one page sends to the database, here and on the same book with 2,000 invoices.
"""

import os
import time
from collections.abc import Iterator
from datetime import datetime
from datetime import time as at_time
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bench import book, house
from bench.addresses import ACCOUNT, DESK, LINKS, PORTAL, filled
from bench.measure import Row

NAME = "bench_pages"
NOW = datetime.combine(book.ON, at_time(10, 20), ZoneInfo("UTC"))
FIRST = 5  # rounds that do not count
LIMIT = 0.2
BARE = "/readyz"


class Page(NamedTuple):
    """A page by its name, who asks, and its address."""

    name: str
    client: Any
    path: str


class Measured(NamedTuple):
    """What came of a page: seconds of each answer, statements, and bytes of the last answer."""

    seconds: list[float]
    statements: int
    bytes: int


def run(small: bool) -> Iterator[Row]:
    os.environ["GOODTERMS_NOW"] = NOW.isoformat()
    few = {name: one.statements for name, one in _of_book(book.Shape(400, 1_600, True, True, 1, 2), 0).items()}
    shape = book.Shape(2_000, 8_000, True, True, 1, 2) if small else book.Shape(20_000, 80_000, True, True, 1, 2)
    found = _of_book(shape, 5 if small else 60)
    bare = median(found.pop(BARE).seconds) * 1000
    for name, one in found.items():
        usual, longest = median(one.seconds) * 1000, max(one.seconds) * 1000
        yield Row(
            "pages", name, f"{usual:.0f} ms, p99 {longest:.0f} ms", f"{BARE} {bare:.1f} ms", f"{usual / bare:.0f} x its time",
            "p99 under 200 ms", longest < LIMIT * 1000, f"{one.statements} statements, {one.bytes / 1024:.0f} kB",
        )  # fmt: skip
    odd = {name: (few[name], one.statements) for name, one in found.items() if few[name] != one.statements}
    yield Row(
        "pages", f"statements of {len(found)} pages, 2,000 and {shape.open + shape.settled:,} invoices",
        f"{len(found) - len(odd)} the same", "", "", "the same number", not odd,
        "; ".join(f"{name} {a} and {b}" for name, (a, b) in odd.items()),
    )  # fmt: skip
    house.drop_books(NAME)


def _of_book(shape: book.Shape, rounds: int) -> dict[str, Measured]:
    """By name: a new book, and all of its pages so many times after those that do not count."""
    book.make(NAME, shape)
    house.move_in(NAME)
    return measured(pages(), rounds)


def measured(asked: list[Page], rounds: int) -> dict[str, Measured]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from goodterms.wsgi import warm_up

    warm_up()
    asked = [Page(BARE, Client(), BARE), *asked]
    seconds: dict[str, list[float]] = {one.name: [] for one in asked}
    for turn in range(FIRST + rounds):
        for one in asked:
            took, _ = _ask(one)
            if turn >= FIRST:
                seconds[one.name].append(took)
    found = {}
    for one in asked:
        with CaptureQueriesContext(connection) as sent:
            _, size = _ask(one)
        found[one.name] = Measured(seconds[one.name], len(sent), size)
    return found


def _ask(page: Page) -> tuple[float, int]:
    began = time.perf_counter()
    answer = page.client.get(page.path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{page.name}: {page.path} answered {answer.status_code}")
    return took, len(answer.content)


def pages() -> list[Page]:
    """Every page, with whom and what has the most to show."""
    from django.test import Client

    given, member, payer = filled(NAME, NOW)
    asked = (
        ("desk", member, f"/at/{given['slug']}/", DESK), ("desk", member, "", ACCOUNT), ("portal", payer, "", PORTAL),
        ("portal", Client(), "", LINKS),
    )  # fmt: skip
    return [
        Page(f"{room}: {name}", client, begins + path.format(**given))
        for room, client, begins, paths in asked
        for name, path in paths.items()
    ]
