"""Decides how docs/performance.md shows what was measured: `python -m bench.page [ROWS.json] > docs/performance.md`."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.__main__ import NAMES

MEASURED = Path(__file__).with_name("measured.json")
HEAD = """# How fast

Measured on two shared cores of a virtual machine with Python 3.11 and the embedded PostgreSQL 18, everything durable
(`fsync` and `synchronous_commit` on). The day, the rehearsal, aging, SMTP and the pages had the cores to themselves; beside the
others programs kept the load average between 2 and 9, so that absolute figures are too high rather than too low, and ratios of
few rounds move. Each figure stands beside a yardstick that ran in turns with it; figures are medians, a range in brackets is
that of the rounds. Memory is the most a process ever held (VmHWM), shared libraries with it.

Make it again: `.venv/bin/python -m bench --json bench/measured.json`, and this page from it:
`.venv/bin/python -m bench.page > docs/performance.md`.
One benchmark: `.venv/bin/python -m bench day`. With `--small` it shows that it runs, not how fast. Tests guard counts
(statements of a chunk, commits of a group of letters, the index a plan uses), never times.
"""

MISSES = """
## What is missed, and what is known of it

- **Gather and decide**: the table of the day is older than what was changed for it. Since then an open invoice is read from its
  index alone, and what its customer shares is not sent again with each: 46,614 a second over 100,000 open and 36,379 over
  1,000,000 (5.6 and 6.0 times COPY out, measured 2026-11-22 15:25 UTC on quiet cores, chunks of 250 payers).
- **Memory**: about 60 MB are Python with Django, the driver and the programs of the house, 9 MB the day's own, 7 MB holidays
  and languages. Chunks of half the size saved 3 MB and cost 8 % of the day's time, so they were left; with them it was 84 MB.
- **SMTP**: a commit that carries the marks of all lanes costs less than two of half of them (0.39 against 0.26 in turns under
  load). Eight lanes came to just under 0.7 of smtplib, and to 0.73 at best.
- **Import, payments, papers, einvoices**: measured before exchange rates, files and questions before an invoice were added.
- **Pages** (asked alone on both cores): p99 is the longest of sixty. What is over, or near it, in the
  median as well: figures (months, weeks and doubts each read tens of thousands of index entries), lists of two hundred rows
  by words or by a sum (each candidate is looked at for its sums), the rehearsal, and the page of the day, of whose 204 ms the
  database had 78 and the writing of up to 350 rows the rest.
- A condition with `coalesce()` must not be what joins two tables: row security takes it for a call that may tell what it is
  given, and no index is used. An array or a case is seen through.
"""


def main() -> None:
    kept = json.loads(Path(sys.argv[1]).read_text() if sys.argv[1:] else MEASURED.read_text())
    print(page(kept), end="")


def page(kept: dict[str, Any]) -> str:
    return HEAD + "".join(_section(name, kept[name]) for name in NAMES if name in kept) + MISSES


def _section(name: str, measured: dict[str, Any]) -> str:
    says = importlib.import_module(f"bench.{'imports' if name == 'import' else name}").__doc__ or ""
    size = ", small books" if measured["small"] else ""
    lines = [_cells(row) for row in measured["rows"]]
    table = "\n".join(["| what | measured | yardstick | ratio | aim | |", "| --- | --- | --- | --- | --- | --- |", *lines])
    return f"\n## {name}\n\n{says.strip()}\n\nMeasured {measured['on']}{size}.\n\n{table}\n"


def _cells(row: dict[str, Any]) -> str:
    verdict = {True: "met", False: "**missed**", None: ""}[row["is_met"]]
    what = f"{row['what']} ({row['note']})" if row["note"] else row["what"]
    return "| " + " | ".join((what, row["figure"], row["yardstick"], row["ratio"], row["aim"], verdict)) + " |"


if __name__ == "__main__":
    main()
