"""`goodterms aging` for a vendor with 10,000 open invoices, from a cold process: start, imports, answer. The server is up.

Beside it, where it is installed: `ledger balance` over a journal with the same 10,000 invoices, one account a customer. It
reads a text file of one book and has no server, no vendors and no rights to check, so its time is a neighbour, no yardstick.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import book, house
from bench.measure import Row, in_turns

NAME = "goodterms"  # the name that the command looks for


def run(small: bool) -> Iterator[Row]:
    book.make(NAME, book.Shape(10_000 if small else 100_000))
    rounds = 4 if small else 10
    house.move_in(NAME)
    with tempfile.TemporaryDirectory() as folder, house.superuser(NAME) as rows:
        journal, count = _journal(Path(folder) / "book.ledger", rows)
        ledger = shutil.which("ledger")
        beside = [ledger, "-f", str(journal), "balance", "Receivable"] if ledger else [sys.executable, "-c", ""]
        turns = in_turns(_aging, lambda: subprocess.run(beside, check=True, capture_output=True), rounds)
    yield Row(
        "cold", f"goodterms aging, {count:,} open invoices", f"{turns.seconds:.2f} s",
        f"ledger balance {turns.bare_seconds:.2f} s" if ledger else "ledger is not installed",
        f"{1 / turns.ratio:.1f} x its time" if ledger else "", "",
    )  # fmt: skip


def _aging() -> None:
    command = [sys.executable, "-m", "goodterms", "aging", "--vendor", "vendor-0", "--json"]
    asked = {**os.environ, "GOODTERMS_HOME": str(house.HOME), "GOODTERMS_NOW": f"{book.ON}T10:00:00+00:00"}
    subprocess.run(command, check=True, capture_output=True, env=asked)


def _journal(path: Path, rows: object) -> tuple[Path, int]:
    found = rows.execute(_OPEN).fetchall()  # type: ignore[attr-defined]
    with path.open("w") as file:
        for issued_on, number, customer, minor, currency in found:
            amount = f"{minor / 100:.2f} {currency}"
            file.write(f"{issued_on:%Y/%m/%d} {number}\n    Receivable:{customer}  {amount}\n    Sales\n\n")
    return path, len(found)


_OPEN = """
select i.issued_on, i.number, c.number, i.open_minor, i.currency from invoicing_invoice i
join parties_customer c on c.id = i.customer_id join parties_vendor v on v.id = i.vendor_id
where v.slug = 'vendor-0' and i.open_minor > 0 order by i.issued_on, i.number
"""
