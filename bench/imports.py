"""Taking over a file of invoices, half of them settled, from CSV to committed books: customers, contacts, payers, documents
with their seals, lines, payments, allocations, entries, postings, the log.

- import: `import_invoices` in a process of its own, from the open file to the commit.
- Yardstick: the very rows that an import wrote, COPY into the same empty tables with their keys, indexes and triggers, in one
  transaction as superuser, the files lying ready.
- Memory: the most that the process ever held (VmHWM), for 10,000 and for 100,000 invoices.
"""

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from bench import book, house, rows
from bench.measure import Row, Turns, peak_mb, seconds_of

BASE, NAME = "bench_import_base", "bench_import"
NOW = datetime.combine(book.ON, datetime.min.time(), UTC) + timedelta(hours=10)
HEADINGS = ("number", "customer", "name", "email", "issued", "due", "amount", "currency", "settled", "work")
_TABLES = (
    "parties_payer", "parties_customer", "parties_contact", "invoicing_invoice", "invoicing_line", "payments_payment",
    "payments_allocation", "ledger_entry", "ledger_posting",
)  # fmt: skip
WRITTEN = {**dict.fromkeys(_TABLES, ""), "interactions_interaction": "channel = 'import'"}


def run(small: bool) -> Iterator[Row]:
    few, many, rounds = (1_000, 10_000, 2) if small else (10_000, 100_000, 2)
    vendor = _base()
    with tempfile.TemporaryDirectory() as folder:
        files = {count: _write(Path(folder), count) for count in (few, many)}
        _, low, _ = _import(files[few], vendor)
        turns, peaks = Turns([], []), []
        for _ in range(rounds):
            seconds, peak, added = _import(files[many], vendor)
            turns.form.append(seconds)
            peaks.append(peak)
            rows.copy_out(NAME, WRITTEN, Path(folder))
            house.copy_books(BASE, NAME)
            turns.yardstick.append(seconds_of(lambda: rows.copy_in(NAME, WRITTEN, Path(folder))))
    yield Row(
        "import", f"{added:,} invoices", f"{turns.seconds:.1f} s; {added / turns.seconds:,.0f} invoices/s",
        f"COPY of the same rows {turns.bare_seconds:.1f} s", f"{turns.ratio:.2f} ({turns.spread})", "at least 0.5",
        turns.ratio >= 0.5,
    )  # fmt: skip
    growth = max(peaks) / low - 1
    yield Row(
        "import", f"memory, {few:,} to {many:,} invoices", f"{low:.0f} to {max(peaks):.0f} MB", "", f"{growth:+.0%}",
        "20 % more at most", growth <= 0.2,
    )  # fmt: skip
    house.drop_books(BASE, NAME)


def _base() -> UUID:
    from goodterms.parties.actions import add_vendor

    house.empty_books(BASE)
    house.move_in(BASE)
    return add_vendor(
        slug="vendor", name="Vendor", currency="GBP", country="GB", timezone="Europe/London", email="office@vendor.example",
        by="operator", now=NOW,
    ).id  # fmt: skip


def _write(folder: Path, count: int) -> Path:
    """A file of so many invoices, four a customer."""
    dice, path = random.Random(book.SEED), folder / f"{count}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        for n in range(count):
            customer = dice.randrange(count // 4)
            issued = book.ON - timedelta(days=dice.randrange(40, 400))
            settled = issued + timedelta(days=dice.randrange(5, 40)) if dice.random() < 0.5 else ""
            pounds = f"{dice.randrange(1_000, 500_000) / 100:.2f}"
            file.write(
                f"I-{n},C-{customer},Firm {customer},office@firm-{customer}.example,{issued},{issued + timedelta(days=30)},"
                f"{pounds},GBP,{settled},Work of item {n}\n"
            )
    return path


def _import(path: Path, vendor: UUID) -> tuple[float, float, int]:
    """Seconds, memory and invoices of one import into empty books."""
    house.copy_books(BASE, NAME)
    house.checkpoint()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(import_file, path, vendor).result()


def import_file(path: Path, vendor: UUID) -> tuple[float, float, int]:
    house.open_house(NAME)
    from goodterms.database.isolation import acting_for
    from goodterms.imports.actions import import_invoices
    from goodterms.imports.profile import Profile

    profile = Profile(columns={name: name for name in HEADINGS})
    with acting_for([vendor]):
        pass  # the connection is there, as in a server
    began = time.perf_counter()
    with path.open("rb") as file, acting_for([vendor]):
        answer = import_invoices(
            vendor_id=vendor, file=file, name=path.name, profile=profile, by="owner", role="owner", now=NOW
        )
    return time.perf_counter() - began, peak_mb(), answer["new"]
