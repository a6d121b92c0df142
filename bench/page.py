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
(`fsync` and `synchronous_commit` on). The cores were not quiet: other programs kept the load average between 2 and 9 all
through, so absolute figures are too high rather than too low, and ratios of few rounds move. Each figure stands beside a
yardstick that ran in turns with it; figures are medians, a range in brackets is that of the rounds. Memory is the most a
process ever held (VmHWM), shared libraries with it.

Make it again: `.venv/bin/python -m bench --json bench/measured.json`, and this page from it:
`.venv/bin/python -m bench.page > docs/performance.md`.
One benchmark: `.venv/bin/python -m bench day`. With `--small` it shows that it runs, not how fast. Tests guard counts
(statements of a chunk, commits of a group of letters, the index a plan uses), never times.
"""

MISSES = """
## What is missed, and what is known of it

- **Gather and decide, the whole day, memory**: the tables above are older than what was changed for them. Each page of a
  large book was read five times from 512 MB of shared buffers, which are an eighth of the memory there is now; holds,
  promises and what was said are one walk through an index each, for a chunk. Measured since, though only while other
  programs kept the load at 8 to 13 on two cores: gather and decide 5.8 times COPY out over 1,000,000 open where it was 11.5
  (8.2 in the first round after a start), and 79 MB where it was 92. Sheets of paper are set while the day is claimed since
  then: typst and the codes on a payment slip take 50 to 90 ms for each letter that goes by post, a third of the whole day
  where one in twenty does, and 10 MB.
- **Aging today**: the generated book had payments dated after its day, so ours replayed the ledger, as it must, and the
  yardstick did not. On a book without them, 100,000 open and 200,000 settled, both in turns: 1.04 times its time, where it
  was 1.83.
- **SMTP**: a group of marks takes eight statements, one after the other, for about four letters; that takes longer than the
  sink. Against a server that takes 20 ms the lanes pay.
- **Import**: measured before the words by which invoices are found were kept by triggers, which write six more rows for each
  invoice; both sides of the ratio will be slower. Not measured again yet.
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
